//! Records: what one result shows, in the order of their ids.
//!
//! The portal as seen from its root goes in. Undated records are told once and kept, since a page gives several;
//! entries are told when they are asked for.

use jiff::civil::Date;
use rayon::prelude::*;

use crate::portal::{CustomerId, EntryId, PageId, Portal};
use crate::view::{Found, Viewpoint};

/// Undated classes: customers, departments, people, people who left, plain pages, sections.
pub(super) const CLASSES: usize = 6;
/// The class of entries.
pub(super) const ENTRY: u8 = 6;
/// Entries begin at a multiple of this.
const BASE: usize = 4096;

/// All records of a portal.
pub(super) struct Records<'a> {
    pub(super) from: Viewpoint<'a>,
    pub(super) portal: &'a Portal,
    /// The pages of the heads, in the order of ids.
    pub(super) heads: Vec<PageId>,
    /// The undated records as they were told: of each head's page the head, then its sections.
    pages: Vec<Vec<Found<'a>>>,
    /// The sections in the order of ids: their page, and which of its records they are.
    sections: Vec<(usize, usize)>,
    /// How many records each undated class has.
    pub(super) counts: [usize; CLASSES],
    /// The id of the first entry.
    pub(super) base: usize,
    /// The entries, in the order of ids.
    pub(super) entries: Vec<EntryId>,
    /// The id of each customer's head.
    customers: Vec<u32>,
}

impl<'a> Records<'a> {
    pub(super) fn new(portal: &'a Portal, from: Viewpoint<'a>) -> Records<'a> {
        let ((heads, mut counts, pages), entries) =
            rayon::join(|| undated(portal, from), || entries(portal));
        let sections = sections(portal, &heads, &pages);
        counts[CLASSES - 1] = sections.len();
        let mut customers = vec![0; portal.customers().count()];
        for (id, head) in heads.iter().enumerate() {
            if let PageId::Customer(customer) = head {
                customers[customer.index()] = id_of(id);
            }
        }
        Records {
            from,
            portal,
            base: (heads.len() + sections.len()).next_multiple_of(BASE),
            heads,
            pages,
            sections,
            counts,
            entries,
            customers,
        }
    }

    /// The first id that no record has.
    pub(super) fn end(&self) -> usize {
        self.base + self.entries.len()
    }

    /// The undated records, in the order of ids: heads first.
    pub(super) fn undated(&self) -> impl ExactSizeIterator<Item = &Found<'a>> {
        (0..self.heads.len() + self.sections.len()).map(|id| self.told(id))
    }

    /// An undated record.
    fn told(&self, id: usize) -> &Found<'a> {
        match id.checked_sub(self.heads.len()) {
            None => self.head(id),
            Some(section) => {
                let (page, at) = self.sections[section];
                &self.pages[page][at]
            }
        }
    }

    pub(super) fn head(&self, id: usize) -> &Found<'a> {
        &self.pages[id][0]
    }

    pub(super) fn class(&self, id: usize) -> u8 {
        let mut first = 0;
        for (class, count) in (0..).zip(self.counts) {
            first += count;
            if id < first {
                return class;
            }
        }
        ENTRY
    }

    /// Calls with each record of some ids; `room` is for telling entries.
    pub(super) fn each(
        &self,
        ids: std::ops::Range<usize>,
        mut with: impl FnMut(usize, u8, &Found<'a>),
    ) {
        let mut room = Found::default();
        let undated = self.undated().len();
        for id in ids {
            if id < undated {
                with(id, self.class(id), self.told(id));
            } else if let Some(entry) = id
                .checked_sub(self.base)
                .and_then(|at| self.entries.get(at))
            {
                self.from.found_entry(*entry, &mut room);
                self.from.redact(&mut room);
                with(id, ENTRY, &room);
            }
        }
    }

    pub(super) fn head_of_customer(&self, customer: CustomerId) -> u32 {
        self.customers[customer.index()]
    }
}

/// An id as the index holds it.
pub(super) fn id_of(position: usize) -> u32 {
    u32::try_from(position).expect("BUG: a portal has fewer than 4 billion records")
}

/// Days from 0001-01-01.
pub(super) fn day_number(date: Date) -> u32 {
    let days = (date - Date::constant(1, 1, 1)).get_days();
    u32::try_from(days).unwrap_or(0)
}

/// The heads, how many each class has of them, and what their pages say.
fn undated<'a>(
    portal: &'a Portal,
    from: Viewpoint<'a>,
) -> (Vec<PageId>, [usize; CLASSES], Vec<Vec<Found<'a>>>) {
    let (left, there): (Vec<_>, Vec<_>) = portal
        .shown_people()
        .partition(|person| from.has_left(*person));
    let people = |people: Vec<_>| people.into_iter().map(PageId::Person).collect();
    let home = portal.home().map(|_| PageId::Home);
    let mut classes: [Vec<PageId>; CLASSES - 1] = [
        portal.customers().map(PageId::Customer).collect(),
        portal.departments().map(PageId::Department).collect(),
        people(there),
        people(left),
        home.into_iter()
            .chain(portal.plain_pages().map(PageId::Plain))
            .collect(),
    ];
    let mut counts = [0; CLASSES];
    for (class, count) in classes.iter_mut().zip(&mut counts) {
        class.sort_by_cached_key(|page| portal.address(*page));
        *count = class.len();
    }
    let heads = classes.concat();
    let pages = heads
        .par_iter()
        .map(|page| {
            let mut found = from.found_page(*page);
            found.iter_mut().for_each(|found| from.redact(found));
            found
        })
        .collect();
    (heads, counts, pages)
}

/// Where the sections are, by the address of their page.
fn sections(portal: &Portal, heads: &[PageId], pages: &[Vec<Found<'_>>]) -> Vec<(usize, usize)> {
    let mut with_sections: Vec<usize> = (0..pages.len())
        .filter(|page| pages[*page].len() > 1)
        .collect();
    with_sections.sort_by_cached_key(|page| portal.address(heads[*page]));
    with_sections
        .into_iter()
        .flat_map(|page| (1..pages[page].len()).map(move |at| (page, at)))
        .collect()
}

/// Entries by day, as the portal has them, then by where they stand first.
fn entries(portal: &Portal) -> Vec<EntryId> {
    let mut entries: Vec<(Date, EntryId)> = portal
        .entries()
        .map(|entry| (portal[entry].date, entry))
        .collect();
    let days: Vec<_> = entries.chunk_by_mut(|a, b| a.0 == b.0).collect();
    days.into_par_iter()
        .for_each(|day| day.sort_by_cached_key(|(_, entry)| portal.entry_address(*entry)));
    entries.into_iter().map(|(_, entry)| entry).collect()
}
