//! Links: where each link of a body leads, and what links to a page or an entry.

use std::collections::HashMap;

use rayon::prelude::*;

use super::lookup::{Entries, Found, Names};
use super::names::{Hidden, is_to_somebody};
use super::{AttachmentId, Backlink, DocumentId, FolderId, Origin, PageId, Portal, Target};
use crate::diagnostic::{Diagnostics, Place, Span};
use crate::document::{Body, BodyLink, Content, Document, Folder, PageRole, Wanted};
use crate::path::{Anchor, CONTENT, SourcePath, slug};
use crate::source::AttachmentFile;

/// Resolves the links of every body, and turns them round into backlinks.
pub(super) fn link_bodies(
    portal: &mut Portal,
    names: &Names,
    entries: &Entries<'_>,
    attachments: &[AttachmentFile],
    diagnostics: &mut Diagnostics,
) {
    let linker = Linker::new(portal, names, entries, attachments);
    let origins: Vec<(Origin, DocumentId)> = origins(portal).collect();
    let resolved: Vec<(Vec<Target>, Diagnostics)> = origins
        .par_iter()
        .map(|(_, document)| {
            let mut said = Diagnostics::new();
            let document = &portal[*document];
            (
                document
                    .body
                    .links
                    .iter()
                    .map(|link| linker.target(document, link, &mut said))
                    .collect(),
                said,
            )
        })
        .collect();
    for ((origin, _), (targets, said)) in origins.into_iter().zip(resolved) {
        diagnostics.append(said);
        add_backlinks(portal, origin, &targets);
        match origin {
            Origin::Entry(entry) => portal.entries[entry.index()].targets = targets.into(),
            Origin::Page(page) => {
                if let Some(page) = page_mut(portal, page) {
                    page.targets = targets;
                }
            }
        }
    }
}

pub(super) fn origins(portal: &Portal) -> impl Iterator<Item = (Origin, DocumentId)> + '_ {
    let pages = std::iter::once(PageId::Home)
        .chain(portal.customers().map(PageId::Customer))
        .chain(portal.departments().map(PageId::Department))
        .chain(portal.people().map(PageId::Person))
        .chain(portal.plain_pages().map(PageId::Plain));
    let pages = pages.filter_map(|id| Some((Origin::Page(id), portal.page(id)?.document)));
    let entries = portal
        .entries()
        .filter_map(|id| Some((Origin::Entry(id), portal.document(id)?)));
    pages.chain(entries)
}

pub(super) fn page_mut(portal: &mut Portal, id: PageId) -> Option<&mut super::Page> {
    Some(match id {
        PageId::Home => portal.home.as_mut()?,
        PageId::Customer(id) => &mut portal.customers[id.index()].page,
        PageId::Department(id) => &mut portal.departments[id.index()].page,
        PageId::Person(id) => &mut portal.people[id.index()].page,
        PageId::Plain(id) => &mut portal.plain_pages[id.index()].page,
    })
}

/// The first link from each source counts; links of a page to itself, and of an entry to its own customer, do not. A
/// link to an entry is one to the customer whose page it stands on.
fn add_backlinks(portal: &mut Portal, from: Origin, targets: &[Target]) {
    if matches!(from, Origin::Page(page) if !portal.has_page(page)) {
        return;
    }
    for (link, target) in (0u32..).zip(targets) {
        let page = match target {
            Target::Page(page, _) => Some(*page),
            Target::Entry(entry, _) => portal[*entry]
                .customers
                .first()
                .copied()
                .map(PageId::Customer),
            _ => None,
        };
        let Some(page) = page.filter(|page| !is_at_home(portal, from, *page)) else {
            continue;
        };
        // The links of one origin come one after the other.
        if let Some(page) = page_mut(portal, page)
            && page.backlinks.last().is_none_or(|last| last.from != from)
        {
            page.backlinks.push(Backlink { from, link });
        }
    }
}

fn is_at_home(portal: &Portal, from: Origin, page: PageId) -> bool {
    match (from, page) {
        (Origin::Page(from), page) => from == page,
        (Origin::Entry(entry), PageId::Customer(customer)) => {
            portal[entry].customers.contains(&customer)
        }
        (Origin::Entry(_), _) => false,
    }
}

struct Linker<'a> {
    portal: &'a Portal,
    names: &'a Names,
    entries: &'a Entries<'a>,
    hidden: Hidden,
    /// What each document became, by its position.
    origins: Vec<Option<Origin>>,
    folders: HashMap<&'a str, FolderId>,
    attachments: HashMap<&'a str, AttachmentId>,
    attachment_names: Vec<&'a str>,
}

impl<'a> Linker<'a> {
    fn new(
        portal: &'a Portal,
        names: &'a Names,
        entries: &'a Entries<'a>,
        attachments: &'a [AttachmentFile],
    ) -> Self {
        let mut by_document = vec![None; portal.documents.len()];
        for (origin, document) in origins(portal) {
            by_document[document.index()] = Some(origin);
        }
        let paths = attachments.iter().map(|file| file.path.as_str());
        Linker {
            portal,
            names,
            entries,
            hidden: Hidden::of(portal),
            origins: by_document,
            folders: portal
                .folders()
                .map(|id| (portal[id].path.as_str(), id))
                .collect(),
            attachments: paths.zip(AttachmentId::all(attachments.len())).collect(),
            attachment_names: attachments
                .iter()
                .map(|file| file.path.file_name())
                .collect(),
        }
    }

    /// What the source at a path became; documents are in the order of paths.
    fn at_path(&self, path: &SourcePath) -> Option<Origin> {
        let documents = &self.portal.documents;
        let position = documents
            .binary_search_by(|document| document.source.cmp(path))
            .ok()?;
        self.origins[position]
    }

    /// Whether the source at a path is an entry after the day of the portal.
    fn is_later(&self, path: &SourcePath) -> bool {
        let documents = &self.portal.documents;
        let position = documents.binary_search_by(|document| document.source.cmp(path));
        let document = position.ok().map(|position| &documents[position]);
        document.is_some_and(|document| match &document.content {
            Content::Entry(entry) => entry.date.value > self.portal.day,
            Content::Page(_) => false,
        })
    }

    /// Where a link leads; what is missing must not be named either, if somebody was meant who is not.
    fn target(
        &self,
        document: &Document,
        link: &BodyLink,
        diagnostics: &mut Diagnostics,
    ) -> Target {
        match self.found(document, link, diagnostics) {
            Target::Missing => self
                .somebody_meant(document, &link.wanted)
                .unwrap_or(Target::Missing),
            target => target,
        }
    }

    /// Somebody who is not named and whom a link to nothing was meant for.
    fn somebody_meant(&self, document: &Document, wanted: &Wanted) -> Option<Target> {
        let (written, file) = match wanted {
            Wanted::Wiki { name, .. } | Wanted::Here(name) => (name, None),
            Wanted::Relative { path, .. } | Wanted::Image(path) => {
                (path, document.source.join(path))
            }
            Wanted::External(_) => return None,
        };
        let person = self.hidden.meant_by(written);
        if let Some(person) = person.or_else(|| self.hidden.named_in(written)) {
            return Some(Target::Page(PageId::Person(person), None));
        }
        file.and_then(|file| self.portal.instead_of_file(&file))
            .or_else(|| {
                let is_to_somebody = !self.portal.names_people() && is_to_somebody(written);
                is_to_somebody.then_some(Target::Somebody)
            })
    }

    fn found(&self, document: &Document, link: &BodyLink, diagnostics: &mut Diagnostics) -> Target {
        match &link.wanted {
            Wanted::Wiki { name, heading } => {
                let target = self.wiki(document, name, link.span, diagnostics);
                self.at_heading(document, target, heading.as_deref(), link.span, diagnostics)
            }
            Wanted::Relative { path, heading } => {
                let target = self.relative(document, path, link.span, diagnostics);
                self.at_heading(document, target, heading.as_deref(), link.span, diagnostics)
            }
            Wanted::Here(heading) => match heading_of(&document.body, heading) {
                Some(position) => Target::Here(position),
                None if document.body.was_titled(heading) => self.itself(document),
                None => {
                    let place = Place::new(&document.source, link.span);
                    let known = document
                        .body
                        .headings
                        .iter()
                        .map(|heading| heading.text.as_str());
                    diagnostics.broken_anchor(place, heading, document.source.as_str(), known);
                    Target::Missing
                }
            },
            Wanted::Image(path) => self.file(document, path, link.span, diagnostics),
            Wanted::External(_) => Target::Missing,
        }
    }

    /// The page or entry that a document became.
    fn itself(&self, document: &Document) -> Target {
        self.at_path(&document.source)
            .map_or(Target::Missing, top_of)
    }

    fn wiki(
        &self,
        document: &Document,
        name: &str,
        span: Span,
        diagnostics: &mut Diagnostics,
    ) -> Target {
        if name.is_empty() {
            diagnostics.empty_link(Place::new(&document.source, span));
            return Target::Missing;
        }
        match self.names.pages(name) {
            [page] => Target::Page(*page, None),
            [] => self.wiki_entry(document, name, span, diagnostics),
            pages => {
                let candidates: Vec<String> = pages
                    .iter()
                    .map(|page| format!("[[{}]]", full_name(self.portal, *page)))
                    .collect();
                diagnostics.ambiguous_link(Place::new(&document.source, span), name, &candidates);
                Target::Missing
            }
        }
    }

    fn wiki_entry(
        &self,
        document: &Document,
        name: &str,
        span: Span,
        diagnostics: &mut Diagnostics,
    ) -> Target {
        let own_folder = match &document.content {
            Content::Entry(entry) => Some(entry.folder.clone()),
            Content::Page(page) => match page.role {
                PageRole::Customer { .. } => Some(Folder::Customer(page.id.clone())),
                PageRole::Department { .. } => Some(Folder::Department(page.id.clone())),
                _ => None,
            },
        };
        let found = self.entries.find(self.portal, own_folder.as_ref(), name);
        if let Some(found) = found {
            return entry_target(found);
        }
        if let Some(folder) = self.folders.get(name) {
            return Target::Folder(*folder);
        }
        let place = Place::new(&document.source, span);
        match self.entries.with_stem(name).as_slice() {
            [entry] => entry_target(*entry),
            [] => {
                let known = known(self.portal, self.entries, name);
                diagnostics.broken_link(place, name, known.iter().map(String::as_str));
                Target::Missing
            }
            entries => {
                let full = |found: &Found| {
                    let written = self.portal.written(found.entry()?)?;
                    let kind = match written.folder {
                        Folder::Customer(_) => "customers",
                        Folder::Department(_) => "departments",
                    };
                    Some(format!(
                        "[[{kind}/{}/{}]]",
                        written.folder.id(),
                        written.stem
                    ))
                };
                let candidates: Vec<String> = entries.iter().filter_map(full).take(10).collect();
                diagnostics.ambiguous_link(place, name, &candidates);
                Target::Missing
            }
        }
    }

    fn relative(
        &self,
        document: &Document,
        path: &str,
        span: Span,
        diagnostics: &mut Diagnostics,
    ) -> Target {
        if path.starts_with("www.") {
            diagnostics.web_address(Place::new(&document.source, span), path);
            return Target::Missing;
        }
        if path.is_empty() {
            diagnostics.empty_link(Place::new(&document.source, span));
            return Target::Missing;
        }
        if !path.ends_with(".md") && !path.ends_with('/') && !is_folder_name(path) {
            return self.file(document, path, span, diagnostics);
        }
        let joined = document.source.join(path);
        if let Some(origin) = joined.as_ref().and_then(|source| self.at_path(source)) {
            return top_of(origin);
        }
        if joined.as_ref().is_some_and(|source| self.is_later(source)) {
            return Target::Later;
        }
        if let Some(target) = joined.as_ref().and_then(|source| self.folder(source)) {
            return target;
        }
        let known: Vec<String> = self.beside(document, path);
        let known = known.iter().map(String::as_str);
        diagnostics.broken_link(Place::new(&document.source, span), path, known);
        Target::Missing
    }

    /// The sources in the folder that a link names, as the link would name them.
    fn beside(&self, document: &Document, path: &str) -> Vec<String> {
        let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(inside) = document.source.join(&format!("{folder}/x")) else {
            return Vec::new();
        };
        let prefix = inside.as_str().trim_end_matches('x');
        let paths = self
            .portal
            .documents
            .iter()
            .map(|document| document.source.as_str());
        let names = paths.filter_map(|path| path.strip_prefix(prefix));
        let slash = if folder.is_empty() { "" } else { "/" };
        names
            .filter(|name| !name.contains('/'))
            .map(|name| format!("{folder}{slash}{name}"))
            .collect()
    }

    /// A link to a folder leads to its index.
    fn folder(&self, path: &SourcePath) -> Option<Target> {
        let index = path.join(&format!("{}/index.md", path.file_name()))?;
        match self.at_path(&index) {
            Some(Origin::Page(page)) => Some(Target::Page(page, None)),
            _ => Some(Target::Folder(*self.folders.get(path.below_content()?)?)),
        }
    }

    fn file(
        &self,
        document: &Document,
        path: &str,
        span: Span,
        diagnostics: &mut Diagnostics,
    ) -> Target {
        let joined = document
            .source
            .join(path)
            .filter(|source| source.as_str().starts_with(CONTENT));
        let found = joined.and_then(|source| {
            let attachment = self.attachments.get(source.as_str()).copied()?;
            let instead = self.portal.instead_of_file(&source);
            Some(instead.unwrap_or(Target::Attachment(attachment)))
        });
        match found {
            Some(target) => target,
            None => {
                let place = Place::new(&document.source, span);
                diagnostics.missing_attachment(place, path, self.attachment_names.iter().copied());
                Target::Missing
            }
        }
    }

    fn at_heading(
        &self,
        document: &Document,
        target: Target,
        heading: Option<&str>,
        span: Span,
        diagnostics: &mut Diagnostics,
    ) -> Target {
        let Some(wanted) = heading else { return target };
        let (body, title) = match &target {
            Target::Page(page, _) => match self.portal.page(*page) {
                Some(page) => (self.portal.body(page.document), page.title.as_str()),
                None => return target,
            },
            Target::Entry(entry, _) => match self.portal.entry_body(*entry) {
                Some(body) => (body, self.portal.title(*entry)),
                None => return target,
            },
            _ => return target,
        };
        let position = heading_of(body, wanted);
        if position.is_none() && !body.was_titled(wanted) {
            let known = body.headings.iter().map(|heading| heading.text.as_str());
            diagnostics.broken_anchor(Place::new(&document.source, span), wanted, title, known);
        }
        match target {
            Target::Page(page, _) => Target::Page(page, position),
            Target::Entry(entry, _) => Target::Entry(entry, position),
            other => other,
        }
    }
}

/// What a missing page may have been meant to be: ids and titles, or the entries of the folder that it names.
pub(super) fn known(portal: &Portal, entries: &Entries<'_>, wanted: &str) -> Vec<String> {
    if let Some((folder, _)) = wanted.rsplit_once('/') {
        let id = folder.rsplit('/').next().unwrap_or(folder);
        let stems = entries.near(id).into_iter();
        return stems.map(|stem| format!("{folder}/{stem}")).collect();
    }
    let pages = origins(portal).filter_map(|(origin, _)| match origin {
        Origin::Page(page) => portal.page(page),
        Origin::Entry(_) => None,
    });
    pages
        .flat_map(|page| [page.id.clone(), page.title.clone()])
        .collect()
}

/// The name of a page that no other page shares.
pub(super) fn full_name(portal: &Portal, page: PageId) -> String {
    let id = portal.page(page).map_or("", |page| &page.id);
    match page {
        PageId::Customer(_) => format!("customers/{id}"),
        PageId::Department(_) => format!("departments/{id}"),
        PageId::Person(_) => format!("people/{id}"),
        PageId::Plain(_) | PageId::Home => id.to_owned(),
    }
}

/// A link to an entry as a whole.
fn entry_target(found: Found) -> Target {
    found
        .entry()
        .map_or(Target::Later, |entry| Target::Entry(entry, None))
}

/// A link to a page or an entry as a whole.
fn top_of(origin: Origin) -> Target {
    match origin {
        Origin::Page(page) => Target::Page(page, None),
        Origin::Entry(entry) => Target::Entry(entry, None),
    }
}

/// A path whose last part has no ending names a folder.
fn is_folder_name(path: &str) -> bool {
    !path.rsplit('/').next().unwrap_or(path).contains('.') || path.ends_with("..") || path == "."
}

/// The heading that a fragment means: its anchor, or its text as written.
fn heading_of(body: &Body, wanted: &str) -> Option<usize> {
    let anchor = Anchor::of_text(wanted);
    let wanted = slug(wanted);
    let means = |text: &str| !wanted.is_empty() && slug(text) == wanted;
    let headings = || body.headings.iter();
    headings()
        .position(|heading| heading.anchor == anchor)
        .or_else(|| headings().position(|heading| means(&heading.text) || means(&heading.label())))
}
