//! Entries: in the order of time, joined with whom they concern and with each other.

use std::collections::HashMap;

use super::resolve::Names;
use super::{
    CustomerId, DocumentId, Entry, EntryHome, EntryId, GoalId, Month, Portal, month_address, pages,
};
use crate::diagnostic::{Diagnostics, Place, Spanned};
use crate::document::{Content, Document, EntryContent, EntryStatus, Folder};
use crate::path::Anchor;

/// Gives every entry its place and joins it with people, departments, customers, goals and other entries.
pub(super) fn add(portal: &mut Portal, names: &Names, diagnostics: &mut Diagnostics) {
    let documents = portal.documents.clone();
    let mut stems: HashMap<(&Folder, &str), DocumentId> = HashMap::new();
    for (id, document) in DocumentId::all(documents.len()).zip(&documents) {
        let Content::Entry(content) = &document.content else {
            continue;
        };
        if let Some(other) = stems.insert((&content.folder, &content.stem), id) {
            let place = Place::start_of(&document.source);
            diagnostics.duplicate_id(
                place,
                "entry",
                &content.stem,
                &documents[other.index()].source,
            );
            continue;
        }
        if let Some(entry) = resolve(portal, names, id, document, content, diagnostics) {
            portal.entries.push(entry);
        }
    }
    let written = |entry: &Entry| match &documents[entry.document.index()].content {
        Content::Entry(content) => content,
        Content::Page(_) => unreachable!("BUG: an entry's document is an entry"),
    };
    portal.entries.sort_by(|a, b| {
        (a.date, &written(a).title, a.document).cmp(&(b.date, &written(b).title, b.document))
    });
    connect_entries(portal, diagnostics);
    for id in portal.entries() {
        let Entry {
            customers,
            departments,
            by,
            ..
        } = portal[id].clone();
        customers
            .iter()
            .for_each(|customer| portal.customers[customer.index()].entries.push(id));
        departments
            .iter()
            .for_each(|department| portal.departments[department.index()].entries.push(id));
        by.iter()
            .for_each(|person| portal.people[person.index()].entries.push(id));
    }
    portal.months = months(portal);
}

fn months(portal: &Portal) -> Vec<Month> {
    let entries: Vec<EntryId> = portal.entries().collect();
    entries
        .chunk_by(|a, b| portal[*a].date.first_of_month() == portal[*b].date.first_of_month())
        .map(|entries| Month {
            first_day: portal[entries[0]].date.first_of_month(),
            address: month_address(portal[entries[0]].date),
            entries: entries.to_vec(),
        })
        .collect()
}

fn resolve(
    portal: &Portal,
    names: &Names,
    id: DocumentId,
    document: &Document,
    content: &EntryContent,
    diagnostics: &mut Diagnostics,
) -> Option<Entry> {
    let home = home(names, document, &content.folder, diagnostics)?;
    let day = content.date.value;
    let mut by: Vec<_> = content
        .by
        .iter()
        .filter_map(|id| names.person(document, id, diagnostics))
        .collect();
    let mut departments: Vec<_> = content
        .departments
        .iter()
        .filter_map(|id| names.department(document, id, diagnostics))
        .collect();
    if content.departments.is_empty() {
        departments = by
            .iter()
            .flat_map(|person| portal.departments_on(*person, day))
            .collect();
        if let (true, EntryHome::Department(department)) = (departments.is_empty(), home) {
            departments.push(department);
        }
    }
    sort_and_dedup(&mut by);
    sort_and_dedup(&mut departments);
    let customers = customers(names, document, content, home, diagnostics);
    let goals = goals(portal, document, content, &customers, diagnostics);
    let kind = portal.settings.kind(content.kind);
    Some(Entry {
        document: id,
        home,
        kind: content.kind,
        date: day,
        departments,
        by,
        goals,
        enables: Vec::new(),
        enabled_by: Vec::new(),
        closes: Vec::new(),
        closed_by: Vec::new(),
        open: content
            .status
            .map_or(kind.open, |status| status == EntryStatus::Open),
        owner: content
            .owner
            .as_ref()
            .and_then(|owner| names.person(document, owner, diagnostics)),
        due: content.due.as_ref().map(|due| due.value),
        anchor: anchor(content, &customers, home),
        customers,
        facts: pages::facts(names, document, diagnostics),
        targets: Vec::new(),
        backlinks: Vec::new(),
    })
}

fn sort_and_dedup<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

/// The customer or department in whose folder the entry lies, which must have a page.
fn home(
    names: &Names,
    document: &Document,
    folder: &Folder,
    diagnostics: &mut Diagnostics,
) -> Option<EntryHome> {
    let id = Spanned::new(folder.id().to_owned(), crate::diagnostic::Span::default());
    match folder {
        Folder::Customer(_) => names
            .customer(document, &id, diagnostics)
            .map(EntryHome::Customer),
        Folder::Department(_) => names
            .department(document, &id, diagnostics)
            .map(EntryHome::Department),
    }
}

fn customers(
    names: &Names,
    document: &Document,
    content: &EntryContent,
    home: EntryHome,
    diagnostics: &mut Diagnostics,
) -> Vec<CustomerId> {
    let mut customers: Vec<_> = content
        .customers
        .iter()
        .filter_map(|id| names.customer(document, id, diagnostics))
        .collect();
    sort_and_dedup(&mut customers);
    if let EntryHome::Customer(own) = home {
        customers.retain(|customer| *customer != own);
        customers.insert(0, own);
    }
    customers
}

fn goals(
    portal: &Portal,
    document: &Document,
    content: &EntryContent,
    customers: &[CustomerId],
    diagnostics: &mut Diagnostics,
) -> Vec<GoalId> {
    let known: Vec<GoalId> = customers
        .iter()
        .flat_map(|customer| portal[*customer].goals.iter().copied())
        .collect();
    let mut goals = Vec::new();
    for written in &content.goals {
        let before = goals.len();
        goals.extend(
            known
                .iter()
                .filter(|goal| portal[**goal].id == written.value),
        );
        if goals.len() == before {
            let place = Place::new(&document.source, written.span);
            diagnostics.unknown_goal(
                place,
                &written.value,
                known.iter().map(|goal| portal[*goal].id.as_str()),
            );
        }
    }
    sort_and_dedup(&mut goals);
    goals
}

/// Starts with the date, so that it is never the anchor of a heading; from a department's folder, ends with its id.
fn anchor(content: &EntryContent, customers: &[CustomerId], home: EntryHome) -> Anchor {
    let day = content.date.value.to_string();
    let dated = if content.stem.starts_with(&day) {
        content.stem.clone()
    } else {
        format!("{day}-{}", content.stem)
    };
    let at_home = matches!((customers.first(), home), (Some(first), EntryHome::Customer(own)) if *first == own);
    Anchor::of_text(&if at_home {
        dated
    } else {
        format!("{dated}-{}", content.folder.id())
    })
}

fn connect_entries(portal: &mut Portal, diagnostics: &mut Diagnostics) {
    let entries = Entries::of(portal);
    let find =
        |id: EntryId, written: &[Spanned<String>], diagnostics: &mut Diagnostics| -> Vec<EntryId> {
            let folder = portal.written(id).folder.id();
            let mut found = Vec::new();
            for reference in written {
                match entries.find(folder, &reference.value) {
                    Some(entry) => found.push(entry),
                    None => {
                        let place = Place::new(&portal[portal[id].document].source, reference.span);
                        diagnostics.unknown_entry(
                            place,
                            &reference.value,
                            entries.near(folder).iter().map(String::as_str),
                        );
                    }
                }
            }
            sort_and_dedup(&mut found);
            found
        };
    let connections: Vec<_> = portal
        .entries()
        .filter(|id| {
            !portal.written(*id).enables.is_empty() || !portal.written(*id).closes.is_empty()
        })
        .map(|id| {
            let written = portal.written(id);
            (
                id,
                find(id, &written.enables, diagnostics),
                find(id, &written.closes, diagnostics),
            )
        })
        .collect();
    for (id, enables, closes) in connections {
        for enabled in &enables {
            portal.entries[enabled.index()].enabled_by.push(id);
        }
        for closed in &closes {
            portal.entries[closed.index()].closed_by.push(id);
            portal.entries[closed.index()].open = false;
        }
        let entry = &mut portal.entries[id.index()];
        (entry.enables, entry.closes) = (enables, closes);
    }
}

/// Finds entries by how other sources name them.
pub(super) struct Entries {
    by_folder: HashMap<String, HashMap<String, EntryId>>,
}

impl Entries {
    pub(super) fn of(portal: &Portal) -> Entries {
        let mut by_folder: HashMap<String, HashMap<String, EntryId>> = HashMap::new();
        for id in portal.entries() {
            let written = portal.written(id);
            let folder = match &written.folder {
                Folder::Customer(folder) => format!("customers/{folder}"),
                Folder::Department(folder) => format!("departments/{folder}"),
            };
            by_folder
                .entry(folder)
                .or_default()
                .insert(written.stem.clone(), id);
        }
        Entries { by_folder }
    }

    /// `stem` in the same folder, `folder-id/stem`, or with the kind of folder before it.
    pub(super) fn find(&self, own_folder: &str, reference: &str) -> Option<EntryId> {
        match reference.rsplit_once('/') {
            None => self.in_folder(own_folder, reference),
            Some((folder, stem)) => self.in_folder(folder, stem),
        }
    }

    fn in_folder(&self, folder: &str, stem: &str) -> Option<EntryId> {
        if let Some(entries) = self.by_folder.get(folder) {
            return entries.get(stem).copied();
        }
        ["customers", "departments"].iter().find_map(|kind| {
            self.by_folder
                .get(&format!("{kind}/{folder}"))?
                .get(stem)
                .copied()
        })
    }

    /// How the entries of one folder may be named, for a hint.
    pub(super) fn near(&self, folder: &str) -> Vec<String> {
        let mut near: Vec<String> = ["customers", "departments"]
            .iter()
            .filter_map(|kind| self.by_folder.get(&format!("{kind}/{folder}")))
            .flat_map(|entries| entries.keys().cloned())
            .collect();
        near.sort_unstable();
        near
    }
}
