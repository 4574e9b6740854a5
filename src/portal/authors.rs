//! Who wrote the sources: git's authors, matched to people by their mail addresses.
//!
//! An address that no person has is nobody, and so is one that several have: neither it nor a name that git knows goes
//! any further. Doing and typing stay apart: what is said here is never a contribution.

use std::collections::HashMap;

use jiff::civil::Date;
use thin_vec::ThinVec;

use super::{DocumentId, EntryId, PageId, PersonId, Portal};
use crate::document::Content;
use crate::git::{AuthorId, Authorship};

/// Who wrote one source, as far as they are people of the portal.
#[derive(Clone, Debug, Default)]
pub(super) struct Writers {
    /// When an entry was brought in and by whom, in the order of names; pages have their keepers.
    first: Option<(Date, ThinVec<PersonId>)>,
    /// Of a page, who has worked on it lately, the latest first.
    lately: ThinVec<PersonId>,
}

/// A page names at most so many as its keepers.
const MOST_KEEPERS: usize = 3;

/// Matches the authors of each source to people.
pub(super) fn add(portal: &mut Portal, authorship: &Authorship) {
    let people = people(portal, authorship);
    if people.iter().all(Option::is_none) {
        return;
    }
    let known = |authors: &[AuthorId]| {
        let mut known = ThinVec::new();
        for person in authors.iter().filter_map(|author| people[author.index()]) {
            if !known.contains(&person) {
                known.push(person);
            }
        }
        known
    };
    let writers = portal.documents.iter().map(|document| {
        let Some(authors) = authorship.of(&document.source) else {
            return Writers::default();
        };
        let is_page = matches!(document.content, Content::Page(_));
        if is_page {
            Writers {
                first: None,
                lately: known(&authors.lately),
            }
        } else {
            Writers {
                first: authors.first.as_ref().map(|(day, by)| (*day, known(by))),
                lately: ThinVec::new(),
            }
        }
    });
    portal.writers = writers.collect();
}

/// The person of each author.
fn people(portal: &Portal, authorship: &Authorship) -> Vec<Option<PersonId>> {
    let mut by_mail: HashMap<String, Option<PersonId>> = HashMap::new();
    for person in portal.people() {
        for mail in &portal[person].emails {
            by_mail
                .entry(mail.to_lowercase())
                .and_modify(|known| *known = known.filter(|known| *known == person))
                .or_insert(Some(person));
        }
    }
    let mails = authorship.mails();
    mails
        .map(|mail| by_mail.get(mail).copied().flatten())
        .collect()
}

impl Portal {
    /// Who recorded an entry, as they may be shown.
    pub fn recorders(&self, entry: EntryId) -> Vec<PageId> {
        let writers = self
            .document(entry)
            .and_then(|document| self.writers_of(document));
        let Some((day, people)) = writers.and_then(|writers| writers.first.as_ref()) else {
            return Vec::new();
        };
        in_readers_order(
            people
                .iter()
                .filter_map(|person| self.shown(*person, *day).page()),
        )
    }

    /// The last few who worked on a page and are still there, as they may be shown.
    pub fn keepers(&self, page: PageId) -> Vec<PageId> {
        let writers = self
            .page(page)
            .and_then(|page| self.writers_of(page.document));
        let people = writers.map(|writers| &*writers.lately).unwrap_or_default();
        let still_there = people.iter().filter(|person| {
            let left = self[**person].left;
            left.is_none_or(|left| self.day < left)
        });
        let mut keepers: Vec<PageId> = Vec::new();
        for keeper in still_there.filter_map(|person| self.shown(*person, self.day).page()) {
            if !keepers.contains(&keeper) {
                keepers.push(keeper);
            }
        }
        keepers.truncate(MOST_KEEPERS);
        in_readers_order(keepers.into_iter())
    }

    fn writers_of(&self, document: DocumentId) -> Option<&Writers> {
        self.writers.get(document.index())
    }
}

/// People by name, then departments by title: not who did more or did it later, nor who is called what where names stay
/// unsaid.
fn in_readers_order(pages: impl Iterator<Item = PageId>) -> Vec<PageId> {
    let mut pages: Vec<PageId> = pages.collect();
    pages.sort_unstable_by_key(|page| (!matches!(page, PageId::Person(_)), *page));
    pages.dedup();
    pages
}
