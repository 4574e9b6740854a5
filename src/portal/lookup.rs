//! The tables by which things are found: pages and entries by the names that sources give them.
//!
//! An id beats the last part of a plain page's path, which beats a title; a title or alias matches without regard to
//! case or Unicode form, and a former id still names its page. What fits several pages is handed out as such: nothing
//! is guessed here.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::numbers::Numbers;
use super::{
    CustomerId, DepartmentId, DocumentId, Entry, EntryHome, EntryId, EntrySource, PageId, PersonId,
    Portal,
};
use crate::diagnostic::{Diagnostics, Place, Spanned};
use crate::document::{Content, Document, EntryContent, Folder, PageKind, WrittenPage};
use crate::path::fold;

/// Everything by which a page may be called.
pub(super) struct Names {
    customers: HashMap<String, CustomerId>,
    departments: HashMap<String, DepartmentId>,
    people: HashMap<String, PersonId>,
    ids: HashMap<String, Vec<PageId>>,
    short_ids: HashMap<String, Vec<PageId>>,
    titles: HashMap<String, Vec<PageId>>,
    former_ids: HashMap<String, Vec<PageId>>,
}

impl Names {
    pub(super) fn of(portal: &Portal) -> Names {
        let mut names = Names {
            customers: HashMap::new(),
            departments: HashMap::new(),
            people: HashMap::new(),
            ids: HashMap::new(),
            short_ids: HashMap::new(),
            titles: HashMap::new(),
            former_ids: HashMap::new(),
        };
        for id in portal.customers() {
            names.add(portal, PageId::Customer(id), "customers/");
            names.customers.insert(portal[id].page.id.clone(), id);
        }
        for id in portal.departments() {
            names.add(portal, PageId::Department(id), "departments/");
            names.departments.insert(portal[id].page.id.clone(), id);
        }
        for id in portal.people() {
            names.add(portal, PageId::Person(id), "people/");
            names.people.insert(portal[id].page.id.clone(), id);
        }
        for id in portal.plain_pages() {
            names.add(portal, PageId::Plain(id), "");
        }
        names.add_former();
        names
    }

    fn add(&mut self, portal: &Portal, id: PageId, folder: &str) {
        let Some(page) = portal.page(id) else { return };
        push(&mut self.ids, page.id.clone(), id);
        if !folder.is_empty() {
            push(&mut self.ids, format!("{folder}{}", page.id), id);
        }
        let short = page.id.strip_suffix("/index").unwrap_or(&page.id);
        push(&mut self.short_ids, short.to_owned(), id);
        if let Some((_, last)) = short.rsplit_once('/') {
            push(&mut self.short_ids, last.to_owned(), id);
        }
        for title in std::iter::once(&page.title).chain(&page.aliases) {
            push(&mut self.titles, fold(title), id);
        }
        for former in &portal.page_content(page.document).former_ids {
            push(&mut self.former_ids, former.value.clone(), id);
            push(
                &mut self.former_ids,
                format!("{folder}{}", former.value),
                id,
            );
        }
    }

    /// The pages that a name may mean, by the strongest way in which it means any.
    pub(super) fn pages(&self, name: &str) -> &[PageId] {
        self.ids
            .get(name)
            .or_else(|| self.short_ids.get(name))
            .or_else(|| self.titles.get(&fold(name)))
            .or_else(|| self.former_ids.get(name))
            .map_or(&[], Vec::as_slice)
    }

    /// A former id names its page wherever no living one does.
    fn add_former(&mut self) {
        for (id, pages) in &self.former_ids {
            for page in pages {
                let id = id.clone();
                match page {
                    PageId::Customer(page) => {
                        self.customers.entry(id).or_insert(*page);
                    }
                    PageId::Department(page) => {
                        self.departments.entry(id).or_insert(*page);
                    }
                    PageId::Person(page) => {
                        self.people.entry(id).or_insert(*page);
                    }
                    PageId::Plain(_) | PageId::Home => {}
                }
            }
        }
    }

    /// The pages of one kind that an id may mean, else those that a title may.
    pub(super) fn of_kind(&self, kind: PageKind, name: &str) -> Vec<PageId> {
        let id = match kind {
            PageKind::Customer => self.customers.get(name).copied().map(PageId::Customer),
            PageKind::Department => self.departments.get(name).copied().map(PageId::Department),
            PageKind::Person => self.people.get(name).copied().map(PageId::Person),
            PageKind::Plain => None,
        };
        if let Some(id) = id {
            return vec![id];
        }
        let titled = self.titles.get(&fold(name)).into_iter().flatten().copied();
        titled.filter(|page| page.kind() == Some(kind)).collect()
    }

    /// The page of a kind that an id names.
    pub(super) fn page(
        &self,
        document: &Document,
        written: &WrittenPage,
        diagnostics: &mut Diagnostics,
    ) -> Option<PageId> {
        let id = &written.id;
        match written.kind {
            PageKind::Customer => self
                .customer(document, id, diagnostics)
                .map(PageId::Customer),
            PageKind::Department => self
                .department(document, id, diagnostics)
                .map(PageId::Department),
            PageKind::Person => self.person(document, id, diagnostics).map(PageId::Person),
            PageKind::Plain => None,
        }
    }

    /// The customer or department whose folder it is.
    pub(super) fn home(&self, folder: &Folder) -> Option<EntryHome> {
        match folder {
            Folder::Customer(id) => self.customers.get(id).copied().map(EntryHome::Customer),
            Folder::Department(id) => self.departments.get(id).copied().map(EntryHome::Department),
        }
    }

    /// The customer with this id or name; other systems know no ids.
    pub(super) fn customer_called(&self, name: &str) -> Option<CustomerId> {
        let by_id = self.customers.get(name).copied();
        by_id.or_else(|| {
            self.titled(name, |page| match page {
                PageId::Customer(id) => Some(id),
                _ => None,
            })
        })
    }

    /// The department with this id or name.
    pub(super) fn department_called(&self, name: &str) -> Option<DepartmentId> {
        let by_id = self.departments.get(name).copied();
        by_id.or_else(|| {
            self.titled(name, |page| match page {
                PageId::Department(id) => Some(id),
                _ => None,
            })
        })
    }

    /// The person with this id or name.
    pub(super) fn person_called(&self, name: &str) -> Option<PersonId> {
        let by_id = self.people.get(name).copied();
        by_id.or_else(|| {
            self.titled(name, |page| match page {
                PageId::Person(id) => Some(id),
                _ => None,
            })
        })
    }

    /// The one page of a kind with this title or alias.
    fn titled<T>(&self, title: &str, kind: impl Fn(PageId) -> Option<T>) -> Option<T> {
        let pages = self.titles.get(&fold(title))?;
        let mut found = pages.iter().filter_map(|page| kind(*page));
        found.next().filter(|_| found.next().is_none())
    }

    pub(super) fn customer(
        &self,
        document: &Document,
        id: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<CustomerId> {
        let found = self.customers.get(&id.value).copied();
        if found.is_none() {
            let place = Place::new(&document.source, id.span);
            diagnostics.unknown_customer(place, &id.value, ids(&self.customers));
        }
        found
    }

    /// The customer whom an id names, if it names one.
    pub(super) fn customer_with_id(&self, id: &str) -> Option<CustomerId> {
        self.customers.get(id).copied()
    }

    pub(super) fn department(
        &self,
        document: &Document,
        id: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<DepartmentId> {
        let found = self.departments.get(&id.value).copied();
        if found.is_none() {
            let place = Place::new(&document.source, id.span);
            diagnostics.unknown_department(place, &id.value, ids(&self.departments));
        }
        found
    }

    /// The person whom an id names, if it names one.
    pub(super) fn person_with_id(&self, id: &str) -> Option<PersonId> {
        self.people.get(id).copied()
    }

    pub(super) fn person(
        &self,
        document: &Document,
        id: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<PersonId> {
        let found = self.people.get(&id.value).copied();
        if found.is_none() {
            let place = Place::new(&document.source, id.span);
            diagnostics.unknown_person(place, &id.value, ids(&self.people));
        }
        found
    }
}

fn ids<T>(pages: &HashMap<String, T>) -> impl Iterator<Item = &str> {
    pages.keys().map(String::as_str)
}

fn push(map: &mut HashMap<String, Vec<PageId>>, name: String, id: PageId) {
    let pages = map.entry(name).or_default();
    if !pages.contains(&id) {
        pages.push(id);
    }
}

/// Finds entries by how other sources name them.
pub(super) struct Entries<'a> {
    names: &'a Names,
    /// How many entries the portal has.
    there: usize,
    /// The entries that are not in the portal yet.
    pub(super) later: Vec<Entry>,
    /// Made when the first reference is no name of a file.
    numbers: OnceLock<Numbers>,
    /// By folder and stem: those that have files of their own.
    files: Vec<File<'a>>,
    /// Places in `files` by stem, made when the first stem is named without its folder.
    stems: OnceLock<Vec<u32>>,
}

/// An entry that has a file of its own.
struct File<'a> {
    content: &'a EntryContent,
    document: DocumentId,
    /// Where it is among all entries, in the order of time.
    rank: u32,
}

impl File<'_> {
    fn key(&self) -> (&Folder, &str) {
        (&self.content.folder, &self.content.stem)
    }
}

/// What an entry's name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Found {
    /// An entry of the portal.
    Entry(EntryId),
    /// One that lies after the day of the portal, so that it is not there yet.
    Later,
}

impl Found {
    /// The entry, if it is there yet.
    pub(super) fn entry(self) -> Option<EntryId> {
        match self {
            Found::Entry(entry) => Some(entry),
            Found::Later => None,
        }
    }
}

impl<'a> Entries<'a> {
    /// Two files of one folder with one stem are reported, the second one is not found. `later` are the entries that
    /// are not in the portal yet.
    pub(super) fn of(
        portal: &Portal,
        documents: &'a [Arc<Document>],
        names: &'a Names,
        later: Vec<Entry>,
        diagnostics: &mut Diagnostics,
    ) -> Entries<'a> {
        let mut ranks: Vec<Option<u32>> = vec![None; documents.len()];
        for (rank, entry) in (0..).zip(portal.entries.iter().chain(&later)) {
            if let EntrySource::Document(document) = entry.source {
                ranks[document.index()] = Some(rank);
            }
        }
        // Documents are in the order of paths, which nearly is the one wanted.
        let places = DocumentId::all(documents.len()).zip(documents).zip(ranks);
        let mut files: Vec<File<'a>> = places
            .filter_map(|((document, written), rank)| match &written.content {
                Content::Entry(content) => Some(File {
                    content,
                    document,
                    rank: rank?,
                }),
                Content::Page(_) => None,
            })
            .collect();
        files.par_sort_by(|a, b| (a.key(), a.rank).cmp(&(b.key(), b.rank)));
        files.dedup_by(|file, first| {
            let is_double = file.key() == first.key();
            if is_double {
                let place = Place::start_of(&documents[file.document.index()].source);
                let other = &documents[first.document.index()].source;
                diagnostics.duplicate_id(place, "entry", &file.content.stem, other);
            }
            is_double
        });
        Entries {
            names,
            there: portal.entries.len(),
            later,
            numbers: OnceLock::new(),
            files,
            stems: OnceLock::new(),
        }
    }

    /// `stem` in the same folder, `folder-id/stem`, or with the kind of folder before it. Where no file is called so,
    /// an entry of the customer with that number is meant: rows of ledgers have no other name.
    pub(super) fn find(
        &self,
        portal: &Portal,
        own_folder: Option<&Folder>,
        reference: &str,
    ) -> Option<Found> {
        let named = || {
            let (folder, stem) = reference.rsplit_once('/')?;
            self.in_folders(folders_called(folder).iter(), stem)
        };
        let own = || self.in_folders(own_folder.into_iter(), reference);
        named()
            .or_else(own)
            .or_else(|| self.numbered(portal, own_folder.into_iter(), reference))
            .or_else(|| {
                // A number may hold `/` itself.
                let (folder, number) = match reference.strip_prefix("customers/") {
                    Some(rest) => rest.split_once('/')?,
                    None => reference.split_once('/')?,
                };
                self.numbered(portal, folders_called(folder).iter(), number)
            })
    }

    /// The one entry that carries a number, of the first customer among some folders.
    fn numbered<'b>(
        &self,
        portal: &Portal,
        mut folders: impl Iterator<Item = &'b Folder>,
        number: &str,
    ) -> Option<Found> {
        let customer = folders.find_map(|folder| match self.names.home(folder) {
            Some(EntryHome::Customer(customer)) => Some(customer),
            _ => None,
        })?;
        let numbers = self
            .numbers
            .get_or_init(|| Numbers::of(portal, &self.later, |_| true));
        let mut found = numbers.find(customer, number);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    fn in_folders<'b>(
        &self,
        mut folders: impl Iterator<Item = &'b Folder>,
        stem: &str,
    ) -> Option<Found> {
        folders.find_map(|folder| {
            let wanted = (folder, stem);
            let at = self.files.binary_search_by(|file| file.key().cmp(&wanted));
            at.ok().map(|at| self.found(&self.files[at]))
        })
    }

    fn found(&self, file: &File<'_>) -> Found {
        match file.rank as usize {
            rank if rank < self.there => Found::Entry(EntryId::at(rank)),
            _ => Found::Later,
        }
    }

    /// How the entries of one folder may be named, for a hint.
    pub(super) fn near(&self, folder: &str) -> Vec<&'a str> {
        let mut near: Vec<&str> = folders_called(folder)
            .iter()
            .flat_map(|wanted| {
                let folder = |file: &File<'a>| &file.content.folder;
                let start = self.files.partition_point(|file| folder(file) < wanted);
                let length = self.files[start..].partition_point(|file| folder(file) == wanted);
                self.files[start..start + length].iter()
            })
            .map(|file| &*file.content.stem)
            .collect();
        near.sort_unstable();
        near
    }

    /// Every entry with this stem, in whichever folder, in the order of time.
    pub(super) fn with_stem(&self, stem: &str) -> Vec<Found> {
        let stem_of = |at: u32| &*self.files[at as usize].content.stem;
        let stems = self.stems.get_or_init(|| {
            let count = u32::try_from(self.files.len()).expect("BUG: fewer than 4 billion entries");
            let mut stems: Vec<u32> = (0..count).collect();
            // On one core: others that wait for this may be what a second one would take up.
            stems.sort_unstable_by_key(|at| stem_of(*at));
            stems
        });
        let start = stems.partition_point(|at| stem_of(*at) < stem);
        let alike = stems[start..].iter().take_while(|at| stem_of(**at) == stem);
        let alike = alike.map(|at| self.found(&self.files[*at as usize]));
        let mut found: Vec<Found> = alike.collect();
        found.sort_unstable();
        found
    }
}

/// The folders that may be meant by an id, or by one with the kind of folder before it.
fn folders_called(name: &str) -> Vec<Folder> {
    match name.split_once('/') {
        Some(("customers", id)) => vec![Folder::Customer(id.to_owned())],
        Some(("departments", id)) => vec![Folder::Department(id.to_owned())],
        _ => vec![
            Folder::Customer(name.to_owned()),
            Folder::Department(name.to_owned()),
        ],
    }
}
