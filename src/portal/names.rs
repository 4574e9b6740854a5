//! What the site may show of a person: the name, or the department in its stead.
//!
//! The one way from a person to something shown. Whatever names people asks here, so that a portal that shows
//! departments only, and a person who is to be shown as one, hold everywhere at once.

use std::collections::HashMap;

use jiff::civil::Date;

use super::links::{origins, page_mut};
use super::{DepartmentId, Origin, PageId, PersonId, PlainId, Portal, Target};
use crate::document::{Piece, ShownAs};
use crate::path::{SourcePath, fold, slug};
use crate::settings::PeopleMode;

/// The folder of people's pages, and of files that tell of them, below `content/`.
const PEOPLE: &str = "people/";

/// What is shown in a person's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// The person.
    Person(PersonId),
    /// The department where the person works.
    Department(DepartmentId),
    /// Nothing: the person has no department.
    Nobody,
}

impl Shown {
    /// The page that may be linked.
    pub fn page(self) -> Option<PageId> {
        match self {
            Shown::Person(person) => Some(PageId::Person(person)),
            Shown::Department(department) => Some(PageId::Department(department)),
            Shown::Nobody => None,
        }
    }
}

impl Portal {
    /// Whether the site names people at all.
    pub fn names_people(&self) -> bool {
        self.settings.people == PeopleMode::Named
    }

    /// Whether the site has views of who contributed what, beyond what each entry says of itself.
    pub fn shows_contributions(&self) -> bool {
        self.settings.people != PeopleMode::Off
    }

    /// What is shown in a person's place, for something that happened on a day.
    pub fn shown(&self, person: PersonId, day: Date) -> Shown {
        if self.is_named(person) {
            return Shown::Person(person);
        }
        self.departments_on(person, day)
            .next()
            .map_or(Shown::Nobody, Shown::Department)
    }

    /// Whether the site names this person and gives them a page.
    pub fn is_named(&self, person: PersonId) -> bool {
        self.names_people() && self[person].shown_as == ShownAs::Name
    }

    /// Whether a page is in the site.
    pub fn has_page(&self, page: PageId) -> bool {
        match page {
            PageId::Person(person) => self.is_named(person),
            _ => true,
        }
    }

    /// The people who have a page of their own.
    pub fn shown_people(&self) -> impl Iterator<Item = PersonId> + '_ {
        self.people().filter(|person| self.is_named(*person))
    }

    /// What is shown instead of whom or what a link leads to, if that must not be named.
    pub fn shown_instead(&self, target: &Target) -> Option<Shown> {
        match target {
            Target::Page(PageId::Person(person), _) if !self.is_named(*person) => {
                Some(self.shown(*person, self.day))
            }
            Target::Somebody => Some(Shown::Nobody),
            _ => None,
        }
    }

    /// Where a link to a file of the folder of people leads instead, if the file tells of somebody who is not named.
    pub(super) fn instead_of_file(&self, file: &SourcePath) -> Option<Target> {
        let name = slug(file.below_content()?.strip_prefix(PEOPLE)?);
        let is_of = |person: &PersonId| {
            let rest = name.strip_prefix(&self[*person].page.id);
            rest.is_some_and(|rest| rest.starts_with('-'))
        };
        let of = self.people().filter(is_of);
        match of.max_by_key(|person| self[*person].page.id.len()) {
            Some(person) if self.is_named(person) => None,
            Some(person) => Some(Target::Page(PageId::Person(person), None)),
            None => (!self.names_people()).then_some(Target::Somebody),
        }
    }

    /// The departments a person worked in on a day; if none is known for that day, all that are known.
    pub fn departments_on(
        &self,
        person: PersonId,
        day: Date,
    ) -> impl Iterator<Item = DepartmentId> + '_ {
        let memberships = &self[person].memberships;
        let known = memberships.iter().any(|membership| membership.covers(day));
        memberships
            .iter()
            .filter(move |membership| !known || membership.covers(day))
            .map(|membership| membership.department)
    }
}

/// What the people are called who are not named.
#[derive(Clone, Debug)]
pub(super) struct Hidden {
    called: HashMap<String, PersonId>,
    /// Their full names as parts of addresses have them.
    in_addresses: Vec<(String, PersonId)>,
}

impl Hidden {
    pub(super) fn of(portal: &Portal) -> Hidden {
        let mut called = HashMap::new();
        let mut in_addresses = Vec::new();
        for person in portal.people().filter(|person| !portal.is_named(*person)) {
            let page = &portal[person].page;
            let former = portal.page_content(page.document).former_ids.iter();
            let names = [&page.id, &page.title].into_iter().chain(&page.aliases);
            for name in names.chain(former.map(|id| &id.value)) {
                called.entry(fold(name)).or_insert(person);
            }
            let words = as_words(&page.title);
            in_addresses.extend((words != NO_WORDS).then_some((words, person)));
        }
        Hidden {
            called,
            in_addresses,
        }
    }

    /// Whom somebody had in mind who wrote this: one of the parts of the path, with an ending or without, is what a
    /// person is called.
    pub(super) fn meant_by(&self, written: &str) -> Option<PersonId> {
        if self.called.is_empty() {
            return None;
        }
        let is_called = |part: &str| self.called.get(&fold(part)).copied();
        parts(written).find_map(|part| {
            let without_ending = part.rsplit_once('.').map(|(stem, _)| stem);
            is_called(part).or_else(|| is_called(without_ending?))
        })
    }

    /// Whose full name stands in this among other words.
    pub(super) fn named_in(&self, written: &str) -> Option<PersonId> {
        let words = as_words(written);
        let mut names = self.in_addresses.iter();
        let found = names.find(|(name, _)| words.contains(name))?;
        Some(found.1)
    }
}

/// Whether a path as written leads into a folder of people, wherever that lies.
pub(super) fn is_to_somebody(written: &str) -> bool {
    let mut parts = parts(written);
    parts.any(|part| fold(part) == PEOPLE.trim_end_matches('/')) && parts.next().is_some()
}

/// A name of letters that no address has.
const NO_WORDS: &str = "--";

/// The words of a text as addresses have them, each between hyphens.
fn as_words(text: &str) -> String {
    format!("-{}-", slug(text))
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\\'])
        .filter(|part| !part.trim().is_empty())
}

/// Pages whose heading became their title, and names somebody who is not named: there the department stands, too.
pub(super) fn retitle(portal: &mut Portal) {
    let pages = origins(portal).filter_map(|(origin, _)| match origin {
        Origin::Page(page) if portal.has_page(page) => {
            Some((page, title_without_names(portal, page)?))
        }
        _ => None,
    });
    let titles: Vec<(PageId, String)> = pages.collect();
    for (id, title) in titles {
        if let PageId::Plain(plain) = id {
            retitle_folder(portal, plain, &title);
        }
        if let Some(page) = page_mut(portal, id) {
            page.title = title;
        }
    }
}

/// The title of a page that was a heading with a link to somebody who is not named.
fn title_without_names(portal: &Portal, page: PageId) -> Option<String> {
    let page = portal.page(page)?;
    let heading = portal.body(page.document).title()?;
    let shown_instead = |link: u32| portal.shown_instead(&page.targets[link as usize]);
    let mut title = String::new();
    let mut is_named = true;
    for piece in &heading.pieces {
        match piece {
            Piece::Text(text) => title.push_str(text),
            Piece::Link { link, label } => match shown_instead(*link) {
                None => title.push_str(label.as_deref().unwrap_or_default()),
                Some(shown) => {
                    is_named = false;
                    let shown = shown.page().and_then(|page| portal.page(page));
                    title.push_str(shown.map_or("…", |page| &page.title));
                }
            },
        }
    }
    (!is_named).then(|| title.trim().to_owned())
}

fn retitle_folder(portal: &mut Portal, text: PlainId, title: &str) {
    let folder = portal[text]
        .folder
        .filter(|folder| portal[*folder].text == Some(text));
    if let Some(folder) = folder {
        title.clone_into(&mut portal.folders[folder.index()].title);
    }
}
