//! Pages: where each is, and whom its front matter names.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use icu_collator::CollatorBorrowed;

use super::lookup::Names;
use super::{
    Anchors, Customer, CustomerId, Department, DepartmentId, DocumentId, Fact, FolderId,
    Membership, Page, PageId, Person, PersonId, PlainFolder, PlainId, PlainPage, Portal,
};
use crate::diagnostic::{Diagnostics, Place};
use crate::document::{Content, Document, PageKind, PageRole, Role, WrittenPage};
use crate::path::{CONTENT, SitePath, SourcePath, fold};

/// Gives every page its place: one vector a kind, in the order for readers.
pub(super) fn add(portal: &mut Portal, diagnostics: &mut Diagnostics) {
    let documents = Arc::clone(&portal.documents);
    let mut addresses: HashMap<SitePath, DocumentId> = HashMap::new();
    for (document, id) in documents.iter().zip(DocumentId::all(documents.len())) {
        let Content::Page(content) = &document.content else {
            continue;
        };
        let address = address(&content.role, &content.id);
        if let Some(other) = addresses.get(&address) {
            let place = Place::start_of(&document.source);
            diagnostics.address_clash(place, address.as_str(), &documents[other.index()].source);
            continue;
        }
        addresses.insert(address.clone(), id);
        push(portal, id, document, address);
    }
    let collator = portal.settings.language.collator();
    portal
        .customers
        .sort_by(|a, b| by_title(&collator, &a.page, &b.page));
    portal
        .departments
        .sort_by(|a, b| by_title(&collator, &a.page, &b.page));
    portal
        .people
        .sort_by(|a, b| by_title(&collator, &a.page, &b.page));
    add_folders(portal, &collator);
}

fn by_title(collator: &CollatorBorrowed<'_>, a: &Page, b: &Page) -> std::cmp::Ordering {
    collator
        .compare(&a.title, &b.title)
        .then_with(|| a.id.cmp(&b.id))
}

fn address(role: &PageRole, id: &str) -> SitePath {
    SitePath::new(match role {
        PageRole::Home => "index.html".to_owned(),
        PageRole::Customer { .. } => format!("customers/{id}.html"),
        PageRole::Department { .. } => format!("departments/{id}.html"),
        PageRole::Person { .. } => format!("people/{id}.html"),
        PageRole::Plain => format!("{id}.html"),
    })
}

fn push(portal: &mut Portal, id: DocumentId, document: &Document, address: SitePath) {
    let Content::Page(content) = &document.content else {
        return;
    };
    let mut page = Page {
        document: id,
        id: content.id.clone(),
        title: content.title.value.clone(),
        aliases: content
            .aliases
            .iter()
            .map(|alias| alias.value.clone())
            .collect(),
        address,
        facts: Vec::new(),
        targets: Vec::new(),
        backlinks: Vec::new(),
    };
    match &content.role {
        PageRole::Home => {
            // Its front matter need not say again what the portal is called.
            if page.title.is_empty() {
                page.title.clone_from(&portal.settings.title);
            }
            portal.home = Some(page);
        }
        PageRole::Customer { .. } => {
            portal.customers.push(Customer {
                page,
                owner: None,
                goals: Vec::new(),
                entries: Vec::new(),
                anchors: Anchors::default(),
                year_pages: Vec::new(),
            });
        }
        PageRole::Department {
            contact, promise, ..
        } => portal.departments.push(Department {
            page,
            contact: *contact,
            lead: None,
            promise: promise.clone(),
            entries: Vec::new(),
            assessments: Vec::new(),
            reaches: Vec::new(),
            apart: Vec::new(),
        }),
        PageRole::Person {
            emails,
            left,
            shown_as,
            ..
        } => portal.people.push(Person {
            page,
            memberships: Vec::new(),
            emails: emails.clone(),
            left: left.as_ref().map(|left| left.value),
            shown_as: *shown_as,
            entries: Vec::new(),
            loops: Vec::new(),
        }),
        PageRole::Plain => portal.plain_pages.push(PlainPage { page, folder: None }),
    }
}

/// Every folder on the way to a plain page gets a listing, whether or not it has a text of its own.
fn add_folders(portal: &mut Portal, collator: &CollatorBorrowed<'_>) {
    let mut paths: BTreeMap<String, FolderId> = BTreeMap::new();
    for plain in &portal.plain_pages {
        let mut path = plain.page.id.as_str();
        while let Some((folder, _)) = path.rsplit_once('/') {
            paths.insert(folder.to_owned(), FolderId::at(0));
            path = folder;
        }
    }
    for (i, id) in paths.values_mut().enumerate() {
        *id = FolderId::at(i);
    }
    let parent_of = |path: &str| {
        path.rsplit_once('/')
            .and_then(|(parent, _)| paths.get(parent).copied())
    };
    portal.folders = paths
        .keys()
        .map(|path| PlainFolder {
            title: path.rsplit('/').next().unwrap_or(path).replace('-', " "),
            address: SitePath::new(format!("{path}/index.html")),
            parent: parent_of(path),
            path: path.clone(),
            text: None,
            pages: Vec::new(),
            folders: Vec::new(),
        })
        .collect();
    for (i, plain) in portal.plain_pages.iter_mut().enumerate() {
        plain.folder = parent_of(&plain.page.id);
        let Some(folder) = plain.folder else { continue };
        let folder = &mut portal.folders[folder.index()];
        if plain.page.id.ends_with("/index") {
            folder.title.clone_from(&plain.page.title);
            folder.text = Some(PlainId::at(i));
        } else {
            folder.pages.push(PlainId::at(i));
        }
    }
    for id in FolderId::all(portal.folders.len()) {
        if let Some(parent) = portal[id].parent {
            portal.folders[parent.index()].folders.push(id);
        }
    }
    for id in FolderId::all(portal.folders.len()) {
        let mut pages = std::mem::take(&mut portal.folders[id.index()].pages);
        pages.sort_by(|a, b| by_title(collator, &portal[*a].page, &portal[*b].page));
        let mut folders = std::mem::take(&mut portal.folders[id.index()].folders);
        folders.sort_by(|a, b| {
            collator
                .compare(&portal[*a].title, &portal[*b].title)
                .then(a.cmp(b))
        });
        let folder = &mut portal.folders[id.index()];
        (folder.pages, folder.folders) = (pages, folders);
    }
}

/// Former ids keep their addresses, unless a living page has taken one.
pub(super) fn add_moved(portal: &mut Portal, diagnostics: &mut Diagnostics) {
    let living: HashMap<SitePath, PageId> = every_page(portal)
        .map(|id| (portal.address(id), id))
        .collect();
    let folders: Vec<&SitePath> = portal
        .folders
        .iter()
        .map(|folder| &folder.address)
        .collect();
    let mut moved: BTreeMap<SitePath, (String, PageId)> = BTreeMap::new();
    for id in every_page(portal) {
        let Some(page) = portal.page(id) else {
            continue;
        };
        let content = portal.page_content(page.document);
        for former in &content.former_ids {
            let address = address(&content.role, &former.value);
            let place = Place::new(&portal[page.document].source, former.span);
            let taken = living.get(&address).copied();
            let taken = taken.or_else(|| moved.get(&address).map(|(_, page)| *page));
            if let Some(other) = taken.and_then(|other| portal.page(other)) {
                let other = &portal[other.document].source;
                diagnostics.address_clash(place, address.as_str(), other);
            } else if folders.contains(&&address) || !could_have_been(&content.role, &address) {
                diagnostics.reserved_address(place, address.as_str());
            } else {
                moved.insert(address, (former.value.clone(), id));
            }
        }
    }
    portal.moved = moved;
}

/// Whether a page of this kind may ever have had an address: the rules for sources hold for former ids, too.
fn could_have_been(role: &PageRole, address: &SitePath) -> bool {
    let stem = address.as_str().trim_end_matches(".html");
    let source = SourcePath::new(format!("{CONTENT}/{stem}.md"));
    let kind = match role {
        PageRole::Home => return false,
        PageRole::Customer { .. } => PageKind::Customer,
        PageRole::Department { .. } => PageKind::Department,
        PageRole::Person { .. } => PageKind::Person,
        PageRole::Plain => PageKind::Plain,
    };
    let role = Role::of(&source, &mut Diagnostics::new());
    matches!(role, Some(Role::Page(Some(found), _)) if found == kind)
}

fn every_page(portal: &Portal) -> impl Iterator<Item = PageId> + use<> {
    portal
        .customers()
        .map(PageId::Customer)
        .chain(portal.departments().map(PageId::Department))
        .chain(portal.people().map(PageId::Person))
        .chain(portal.plain_pages().map(PageId::Plain))
}

/// Resolves whom the front matter of pages names: owners, leads, memberships, facts.
pub(super) fn connect(portal: &mut Portal, names: &Names, diagnostics: &mut Diagnostics) {
    let documents = Arc::clone(&portal.documents);
    for id in CustomerId::all(portal.customers.len()) {
        let document = &documents[portal[id].page.document.index()];
        if let PageRole::Customer {
            owner: Some(owner), ..
        } = role(document)
        {
            portal.customers[id.index()].owner = names.person(document, owner, diagnostics);
        }
        portal.customers[id.index()].page.facts = facts(names, document, diagnostics);
    }
    for id in DepartmentId::all(portal.departments.len()) {
        let document = &documents[portal[id].page.document.index()];
        if let PageRole::Department {
            lead: Some(lead), ..
        } = role(document)
        {
            portal.departments[id.index()].lead = names.person(document, lead, diagnostics);
        }
        portal.departments[id.index()].page.facts = facts(names, document, diagnostics);
    }
    for id in PersonId::all(portal.people.len()) {
        let document = &documents[portal[id].page.document.index()];
        portal.people[id.index()].memberships = memberships(names, document, diagnostics);
        portal.people[id.index()].page.facts = facts(names, document, diagnostics);
    }
    for i in 0..portal.plain_pages.len() {
        let document = &documents[portal.plain_pages[i].page.document.index()];
        portal.plain_pages[i].page.facts = facts(names, document, diagnostics);
    }
    check_unique_facts(portal, diagnostics);
}

fn role(document: &Document) -> &PageRole {
    match &document.content {
        Content::Page(content) => &content.role,
        Content::Entry(_) => unreachable!("BUG: a page's document is a page"),
    }
}

fn memberships(
    names: &Names,
    document: &Document,
    diagnostics: &mut Diagnostics,
) -> Vec<Membership> {
    let PageRole::Person { memberships, .. } = role(document) else {
        return Vec::new();
    };
    memberships
        .iter()
        .filter_map(|written| {
            let department = names.department(document, &written.department, diagnostics)?;
            Some(Membership {
                department,
                from: written.from,
                until: written.until,
            })
        })
        .collect()
}

/// The facts of a document with the pages they name.
pub(super) fn facts(
    names: &Names,
    document: &Document,
    diagnostics: &mut Diagnostics,
) -> Vec<Fact> {
    let mut resolve = |written: &WrittenPage| names.page(document, written, diagnostics);
    document
        .facts
        .iter()
        .filter_map(|fact| {
            Some(Fact {
                id: fact.id,
                value: fact.value.value.resolve(&mut resolve)?,
            })
        })
        .collect()
}

/// No two pages may share the value of a unique fact.
fn check_unique_facts(portal: &Portal, diagnostics: &mut Diagnostics) {
    let mut seen: HashMap<(usize, String), DocumentId> = HashMap::new();
    for (id, document) in DocumentId::all(portal.documents.len()).zip(&*portal.documents) {
        for fact in &document.facts {
            let definition = portal.settings.schema.fact(fact.id);
            if !definition.unique {
                continue;
            }
            let text = fact.value.value.as_written(&|page| page.id.value.clone());
            match seen.get(&(fact.id.index(), fold(&text))) {
                Some(other) => {
                    let place = Place::new(&document.source, fact.value.span);
                    diagnostics.duplicate_fact(
                        place,
                        &definition.name,
                        &text,
                        &portal[*other].source,
                    );
                }
                None => {
                    seen.insert((fact.id.index(), fold(&text)), id);
                }
            }
        }
    }
}
