//! X: the text of records, group by group.

use super::body::{Body, Column};
use super::file::{Data, Deflater};
use crate::portal::Portal;
use crate::search::facets::positions;
use crate::search::records::{Records, day_number};
use crate::view::{Found, FoundStatus};

/// So many records make a group.
pub(in crate::search) const GROUP: usize = 256;
/// A group has at most two to the power of this blocks.
const MOST_SPLIT: u8 = 6;
/// The bodies of a group are this large on average, at most.
const BLOCK_BYTES: usize = 12 * 1024;

/// The blocks of a group, deflated.
pub(in crate::search) struct TextGroup {
    pub(super) e: u8,
    pub(super) blocks: Vec<Data>,
}

/// Takes the records of a group, in the order of ids.
pub(in crate::search) struct GroupWriter<'a> {
    portal: &'a Portal,
    deflater: Deflater,
    records: Vec<Written>,
}

/// A record but for its addresses, which depend on the one before it in its block.
struct Written {
    before: Body,
    places: Vec<(String, String, String)>,
    after: Body,
}

impl<'a> GroupWriter<'a> {
    pub(in crate::search) fn new(records: &Records<'a>) -> GroupWriter<'a> {
        GroupWriter {
            portal: records.portal,
            deflater: Deflater::new(),
            records: Vec::with_capacity(GROUP),
        }
    }

    pub(in crate::search) fn add(&mut self, class: u8, found: &Found<'_>) {
        let portal = self.portal;
        let mut before = Body::default();
        before.u8(class);
        let (kind, day) = match found.entry {
            Some((kind, date)) => (kind.index() + 1, day_number(date)),
            None => (0, 0),
        };
        before.count(kind);
        before.v(day);
        before.u8(match found.status {
            FoundStatus::Silent => 0,
            FoundStatus::Open => 1,
            FoundStatus::Done => 2,
        });
        before.s(&found.title);
        before.s(&found.path);
        before.s(&found.meta);
        let mut after = Body::default();
        after.count(found.values.departments.len());
        positions(&found.values.departments).for_each(|position| after.v(position));
        after.count(found.values.people.len());
        for person in &found.values.people {
            after.s(&portal[*person].page.id);
        }
        after.s(&found.text);
        let places = found.places.iter().map(|place| {
            let customer = place.customer.map(|customer| &portal[customer].page.id);
            let customer = customer.cloned().unwrap_or_default();
            (place.href.clone(), place.anchor.to_string(), customer)
        });
        let places = places.collect();
        self.records.push(Written {
            before,
            places,
            after,
        });
    }

    pub(in crate::search) fn finish(&mut self) -> TextGroup {
        let size: usize = self.records.iter().map(Written::size).sum();
        let e = (0..MOST_SPLIT)
            .find(|e| size >> e <= BLOCK_BYTES)
            .unwrap_or(MOST_SPLIT);
        let blocks = self.records.chunks(GROUP >> e);
        let blocks = blocks.map(|records| self.deflater.deflate(&block(records)));
        let blocks = blocks.collect();
        self.records.clear();
        TextGroup { e, blocks }
    }
}

impl Written {
    /// About how many bytes it takes.
    fn size(&self) -> usize {
        let places = self.places.iter();
        let places =
            places.map(|(href, anchor, customer)| href.len() + anchor.len() + customer.len());
        self.before.0.len() + places.sum::<usize>() + self.after.0.len()
    }
}

fn block(records: &[Written]) -> Body {
    let mut body = Body::new(b'X');
    let mut column = Column::default();
    body.count(records.len());
    for record in records {
        body.0.extend_from_slice(&record.before.0);
        body.count(record.places.len());
        for (href, anchor, customer) in &record.places {
            body.f(href.as_bytes(), &mut column);
            body.s(anchor);
            body.s(customer);
        }
        body.0.extend_from_slice(&record.after.0);
    }
    body
}
