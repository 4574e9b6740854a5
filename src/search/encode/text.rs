//! X: the text of records, group by group.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::body::{Body, Column};
use super::file::Deflater;
use crate::portal::Portal;
use crate::search::records::{Records, day_number};
use crate::view::{Found, FoundStatus};

/// So many records make a group.
pub(in crate::search) const GROUP: usize = 256;
/// A group has at most two to the power of this blocks.
const MOST_SPLIT: u8 = 6;
/// What a group holds is this much for each block, at most.
const BLOCK_BYTES: usize = 40 * 1024;

/// The blocks of a group, deflated, and the hash of all of them.
pub(in crate::search) struct TextGroup {
    pub(super) e: u8,
    pub(super) blocks: Vec<Vec<u8>>,
    pub(super) digest: [u8; 32],
}

/// Takes the records of a group, in the order of ids.
pub(in crate::search) struct GroupWriter<'a> {
    portal: &'a Portal,
    deflater: Deflater,
    /// The records, one behind the other.
    written: Body,
    records: Vec<Written>,
    places: Vec<Place>,
    /// The block that is made of some of them.
    block: Body,
}

/// Where a record is among those that are written. Its addresses depend on the one before it in its block, so they are
/// left out until the blocks are known.
struct Written {
    before: Range<usize>,
    places: Range<usize>,
    after: Range<usize>,
}

/// Where the address of a place is written, and what follows it.
struct Place {
    address: Range<usize>,
    rest: Range<usize>,
}

impl<'a> GroupWriter<'a> {
    pub(in crate::search) fn new(records: &Records<'a>) -> GroupWriter<'a> {
        GroupWriter {
            portal: records.portal,
            deflater: Deflater::new(),
            written: Body::default(),
            records: Vec::with_capacity(GROUP),
            places: Vec::with_capacity(GROUP),
            block: Body::default(),
        }
    }

    pub(in crate::search) fn add(&mut self, class: u8, found: &Found<'_>) {
        let before = self.write(|body, _| push_before(body, class, found));
        let places = self.places.len();
        for place in &found.places {
            let address = self.write(|body, _| body.0.extend_from_slice(place.href.as_bytes()));
            let rest = self.write(|body, portal| {
                body.s(&place.anchor);
                body.s(place.customer.map_or("", |id| &portal[id].page.id));
            });
            self.places.push(Place { address, rest });
        }
        let after = self.write(|body, _| body.s(&found.text));
        self.records.push(Written {
            before,
            places: places..self.places.len(),
            after,
        });
    }

    fn write(&mut self, write: impl FnOnce(&mut Body, &Portal)) -> Range<usize> {
        let start = self.written.0.len();
        write(&mut self.written, self.portal);
        start..self.written.0.len()
    }

    pub(in crate::search) fn finish(&mut self) -> TextGroup {
        let size = self.written.0.len();
        let e = (0..MOST_SPLIT)
            .find(|e| size >> e <= BLOCK_BYTES)
            .unwrap_or(MOST_SPLIT);
        let mut blocks = Vec::with_capacity(1 << e);
        let mut hash = Sha256::new();
        for records in self.records.chunks(GROUP >> e) {
            self.block.start(b'X');
            push_block(&mut self.block, &self.written.0, records, &self.places);
            let block = self.deflater.deflate(&self.block);
            hash.update(&block);
            blocks.push(block);
        }
        self.written.0.clear();
        self.records.clear();
        self.places.clear();
        TextGroup {
            e,
            blocks,
            digest: hash.finalize().into(),
        }
    }
}

fn push_block(body: &mut Body, written: &[u8], records: &[Written], places: &[Place]) {
    let mut column = Column::default();
    body.count(records.len());
    for record in records {
        body.0.extend_from_slice(&written[record.before.clone()]);
        body.count(record.places.len());
        for place in &places[record.places.clone()] {
            body.f(&written[place.address.clone()], &mut column);
            body.0.extend_from_slice(&written[place.rest.clone()]);
        }
        body.0.extend_from_slice(&written[record.after.clone()]);
    }
}

/// What of a record stands before its places.
fn push_before(body: &mut Body, class: u8, found: &Found<'_>) {
    body.u8(class);
    let (kind, day) = match found.entry {
        Some((kind, date)) => (kind.index() + 1, day_number(date)),
        None => (0, 0),
    };
    body.count(kind);
    body.v(day);
    body.u8(match found.status {
        FoundStatus::Silent => 0,
        FoundStatus::Open => 1,
        FoundStatus::Done => 2,
    });
    body.s(&found.title);
    body.s(&found.path);
    body.s(&found.meta);
}
