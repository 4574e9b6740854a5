//! The files of the index: bodies, their split into shards, their names, their wrapping. This is format 1.
//!
//! Terms, facets and names go in, (address, bytes) come out. A script of the theme decodes them by this text and names
//! its version; whoever changes it raises both. It must never depend on anything but what goes in: the same portal
//! gives the same bytes on every machine and with any number of cores.
//!
//! # Files
//!
//! All files lie below `search/`. The *name* of a file is its path there without `.js`: `root`, `t/<h>`, `l/<h>`,
//! `w/<h>`, `x/<h>-<k>` (k decimal, from 0), `f/<h>`, `n/<h>`. A file is, in bytes and without a line end,
//!
//! ```text
//! strangShard("NAME","DATA")
//! ```
//!
//! DATA is the raw deflate (no zlib or gzip frame) of a *body*, each byte as it is but 0, 10, 13, 34 and 92, which are
//! written `\x00`, `\n`, `\r`, `\"` and `\\`. The file is windows-1252 to a browser, which reads 27 of the bytes 128 to
//! 159 as other characters. A body begins with its capital letter and the byte 1, the version; nothing follows its end.
//!
//! # Parts of a body
//!
//! - `u8`: one byte.
//! - `v`: unsigned LEB128: seven bits a byte, the low ones first, the high bit set on all but the last; below 2^32.
//! - `s`: v length in bytes, then UTF-8.
//! - `f`: v number of bytes shared with the `f` before it *in the same column*, v length of the rest, the rest. The
//!   first of a column in a body shares none. Bytes, not characters: the cut may lie inside a character, and a bound
//!   may end inside one.
//! - `h`: 5 bytes: the first 40 bits of SHA-256(salt ‖ data), in a name as 10 small hexadecimal digits. `data` is the
//!   deflated body before wrapping. The salt is empty, or the one byte 1, 2, … while another content of this build has
//!   the name.
//! - list: v count, then the items.
//! - gaps: the first number, then each less the one before it, all `v`; numbers rise.
//! - impacts: of n records, in the order of their ids: ⌈n/2⌉ bytes, the first record's in the low four bits of the
//!   first byte, the second's in the high four; each 1 to 15; an odd end is filled with 0.
//!
//! Terms, words, keys and bounds are compared as bytes.
//!
//! # Records
//!
//! A record has an id. Undated records come first, from 0 without a gap, class by class: 0 customers, 1 departments, 2
//! people, 3 people who left, 4 plain pages (the home page and folders with a text are among them), 5 sections (goals
//! are sections); within a class by the path of their page in the site, then in the order of the page. `base` is the
//! next multiple of 4,096 (0 if there is no undated record). From `base` on, without a gap, class 6, entries, by day,
//! then by the address and anchor of the first target. The ids between are nobody's. N, for weights, is the number of
//! records: the class counts and the entries, without those unused.
//!
//! Days count from 0001-01-01, which is day 0; what is older is day 0, too.
//!
//! # R: `root`
//!
//! 1. `v` flags: 1 people are named.
//! 2. `v` the day of the build, from which ages count.
//! 3. 6 × `v` the number of records of classes 0 to 5.
//! 4. `v` base, `v` number of entries.
//! 5. days: list of (v gap, v entries): each day with entries, as the distance to the day before it in this list (the
//!    first: to day 0), with how many there are.
//! 6. kinds: list of (s id, s label, s mark), in the order of the settings.
//! 7. departments: list of (s id, s label, u8 far: 1, near: 0), in readers' order.
//! 8. choice facts: list of (s key, s label, values: list of (s id, s label)), each key once.
//! 9. five tables of shards: terms: list of (f bound, h). words: list of (f bound, h). names: list of (f bound, h).
//!    text groups: list of (u8 e, h). columns: list of (u8 column, h). The first three each have a column of `f`.
//!
//! In tables with bounds, a bound is the least string that its shard may hold, and the first is empty: a string is in
//! the shard of the last bound that is not greater, or nowhere. A table is empty if there is nothing to hold.
//!
//! # T: terms
//!
//! `t/<h>`: list of (f term, v 2 · df + 1 if a name begins with it, s parts, v length; where the length is 0: h all, v
//! length of the best), then the payloads of all terms, in that order, without anything between. A payload is the gaps
//! of df ids, then their impacts; its length is that of both in bytes. One that is longer than what T aims at (see
//! below) stands in a file L, and here stands that of the best: the 1,000 of highest (impact, id), in the order of ids.
//! Parts are those of a compound as folded, separated by one blank; else empty. A name begins with a term if that is
//! the first word of a key of N or a stem of it.
//!
//! **Filters are terms**, too: byte 1, key, byte 2, value. They have no impacts, anywhere; the length of their best is
//! 0, and no name begins with one. Their ids are those of records, their values those of section 6 to 8:
//!
//! - `customer` = id of the customer: its head, its sections and goals, its entries.
//! - `department` = id: entries: the departments that did it, also in place of unnamed people; its head and sections;
//!   people: where they work.
//! - `person` = id, only if named: entries: who did it, who is in charge while it is open; the head and sections of the
//!   person; customers: who is in charge.
//! - `goal` = `customer-id/goal-id`: the goal's section, the entries that pay into it.
//! - `kind` = id of the kind: entries.
//! - `status` = `open` or `done`: as the status byte of X.
//! - `fact:KEY` = the choice: heads and entries that have it; a customer's also on the customer's sections, goals and
//!   entries.
//!
//! # L: long lists
//!
//! `l/<h>`: v df, gaps, impacts (none for a filter): every id of a frequent term.
//!
//! # W: words
//!
//! `w/<h>`: list of (u8, rest, byte 0): words in their order. The low four bits of the u8 are the number of bytes
//! shared with the word before it in this body (0 to 15, the first 0), the high four ⌊log₂ df⌋, at most 15. Words are
//! the terms without any digit that are in two records or more, or in the title of one, or in a name that N has.
//!
//! # X: text
//!
//! Group g holds the records 256 g to 256 g + 255, in 2^e blocks: record r is item `r & (2^(8-e) - 1)` of block `(r &
//! 255) >> (8 - e)`, the file `x/<h of the group>-<block>`. e is at most 6 and the least with which the bodies of the
//! group are about 40 KiB on average. The name of a group hashes the data of its blocks, one behind the other. Blocks
//! behind the last record of a group are not written, and a group without records is e = 0 and five zero bytes.
//!
//! A block: list of records, each
//!
//! - `u8` class: 0 to 6.
//! - `v` kind + 1: position of an entry's kind in root; 0 for all others.
//! - `v` day: of an entry; 0 for all others.
//! - `u8` status: 0 nothing to say, 1 open, 2 done: of entries and goals; a goal that is no longer open is done.
//!   Entries are done that were closed, or are of a kind that is open until then.
//! - `s` title: as the page shows it.
//! - `s` path: where it stands, parts separated by ` › `: of a section its page and the headings above it; of a plain
//!   page its folders; of an entry its customers, separated by `, `; else empty.
//! - `s` meta: as shown, parts separated by ` · `: of an entry its date, sum and who did it; of a page as the note of
//!   N; of a goal its state and due date.
//! - list of (f address, s anchor, s customer): where it opens: at least one; the address of a page relative to the
//!   site's root, percent-encoded; an anchor without `#` or nothing; the id of the customer whose page it is or
//!   nothing. Addresses have a column of `f` over the whole body.
//! - `s` text: plain, blocks separated by a line feed: the body, then lines `label: value`.
//!
//! # F: columns
//!
//! `f/<h>`: value sets: list of (list of v, rising), then for each id of the block a `v`, the position of its set.
//! Block b holds the ids 65,536 b to 65,536 b + 65,535, the last one up to the last id. Column 0 is the kind (position
//! in root), 1 the status (1, 2), 2 departments (positions in root), 3 customers (ids of their heads), each as in
//! filters. Sets are numbered as they come first; an id without any has the empty set. The table in root has the blocks
//! of column 0 in order, then those of 1, 2, 3.
//!
//! # N: names
//!
//! `n/<h>`: targets: list of (u8 class, v record, s title, f address, s note), by record; keys: list of (f key, v
//! position among the targets of this body), by key, then target. A note is whom to ask, as shown: name and telephone
//! of who is in charge or leads, of a person the departments and telephone; or empty. Targets are heads. A key is
//! several folded words separated by blanks: of a title or an alias from its first, second, third and fourth word on,
//! eight words at most; of an id, a former id, a unique fact the whole. Words with joiners are there joined
//! (`re20240815`, a date or sum as its number) and, where that differs, once more in parts (`re 2024 0815`). What is
//! typed is a name if a key begins with it. A key with more than 64 targets is left out.
//!
//! # The split into shards
//!
//! Bodies of T aim at 12 KiB, of N at 6 KiB, of W at 16 KiB, all of them doubled above 65,536 records. split(prefix)
//! makes one shard of all strings with this prefix if they fit; else it groups them by their next byte (the prefix
//! itself first), glues neighbours while they fit and splits what does not. So a new word renames one shard and root,
//! and a frequent word is found by root alone: its list takes a shard for itself, not a trip for itself.

mod body;
mod file;
mod split;
mod text;

use std::borrow::Cow;
use std::cmp::Reverse;

use rayon::prelude::*;

use self::body::{Body, Column, shared};
use self::file::{Data, Deflater, Name, Names as FileNames, file};
use self::split::{Shard, split};
use super::facets::{self, Facets, choice_facts};
use super::index::{Term, Terms};
use super::names::Names;
use super::records::{Records, day_number};
use crate::document::Contact;
use crate::path::SitePath;

pub(super) use self::text::{GROUP, GroupWriter, TextGroup};

/// What the bodies of each sort of shard aim at.
const TERM_BYTES: usize = 12 * 1024;
const NAME_BYTES: usize = 6 * 1024;
const WORD_BYTES: usize = 16 * 1024;
/// With more records all of them are twice as large.
const MANY_RECORDS: usize = 65_536;
/// So many records of a frequent term are its best.
const BEST: usize = 1_000;
/// Flag: people are named.
const PEOPLE_NAMED: u32 = 1;

/// The files of an index, in the order of addresses.
pub(super) fn files(
    records: &Records<'_>,
    mut terms: Terms,
    facets: &Facets,
    names: &Names,
) -> Vec<(SitePath, Vec<u8>)> {
    let mut files = Files {
        factor: 1 + usize::from(records.undated().len() + records.entries.len() > MANY_RECORDS),
        names: FileNames::default(),
        files: Vec::new(),
    };
    let mut root = root(records);
    let groups = std::mem::take(&mut terms.groups);
    files.add_terms(&mut root, &terms, facets, names);
    files.add_words(&mut root, &terms);
    drop(terms);
    files.add_names(&mut root, records, names);
    files.add_text(&mut root, groups);
    files.add_columns(&mut root, facets);
    files
        .files
        .push(file("root", &Deflater::new().deflate(&root)));
    files.files.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    // What is alike has one name.
    files.files.dedup_by(|a, b| a.0 == b.0);
    files.files
}

/// Root up to the tables.
fn root(records: &Records<'_>) -> Body {
    let portal = records.portal;
    let settings = &portal.settings;
    let shown = |text| records.from.redacted(Cow::Borrowed(text));
    let mut body = Body::new(b'R');
    body.v(if portal.names_people() {
        PEOPLE_NAMED
    } else {
        0
    });
    body.v(day_number(portal.day));
    records.counts.iter().for_each(|count| body.count(*count));
    body.count(records.base);
    body.count(records.entries.len());
    let entries = records.entries.par_iter();
    let days: Vec<u32> = entries
        .map(|entry| day_number(portal[*entry].date))
        .collect();
    let days = days.chunk_by(|a, b| a == b);
    body.count(days.clone().count());
    let mut before = 0;
    for alike in days {
        body.v(alike[0] - before);
        body.count(alike.len());
        before = alike[0];
    }
    body.count(settings.kinds.len());
    for kind in &settings.kinds {
        body.s(&kind.name);
        body.s(&shown(kind.label.get(settings.language)));
        body.s(&kind.mark);
    }
    body.count(portal.departments().count());
    for department in portal.departments() {
        let department = &portal[department];
        body.s(&department.page.id);
        body.s(&shown(&department.page.title));
        body.u8(u8::from(department.contact == Contact::Far));
    }
    let facts = choice_facts(portal);
    body.count(facts.len());
    for fact in facts {
        body.s(fact.key);
        body.s(&shown(fact.label));
        body.count(fact.values.len());
        for value in fact.values {
            let value = shown(value);
            body.s(&value);
            body.s(&value);
        }
    }
    body
}

/// Files as they come.
struct Files {
    /// How much larger than usual shards are.
    factor: usize,
    names: FileNames,
    files: Vec<(SitePath, Vec<u8>)>,
}

/// A term with its postings as they stand in a file.
struct Encoded<'a> {
    text: &'a [u8],
    df: usize,
    parts: &'a str,
    begins_name: bool,
    payload: Payload,
}

/// Where postings stand: the bytes in the body of the term, and all of them in a file of their own if these are but the
/// best.
struct Payload {
    here: Vec<u8>,
    all: Option<Data>,
}

impl Payload {
    fn whole(postings: Body) -> Payload {
        Payload {
            here: postings.0,
            all: None,
        }
    }
}

impl Files {
    /// Writes files of one folder, in parallel; gives back their names in order.
    fn write(&mut self, folder: char, all: &[Data]) -> Vec<Name> {
        let names: Vec<Name> = all.iter().map(|data| self.names.of(data)).collect();
        let files = names.par_iter().zip(all);
        let files = files.map(|(name, data)| file(&name.path(folder), &data.bytes));
        self.files.par_extend(files);
        names
    }

    fn add_terms(&mut self, root: &mut Body, terms: &Terms, facets: &Facets, names: &Names) {
        let target = TERM_BYTES * self.factor;
        let filters = facets
            .filters
            .par_iter()
            .map_init(Deflater::new, |deflater, (text, ids)| Encoded {
                text,
                df: ids.len(),
                parts: "",
                begins_name: false,
                payload: filter_payload(ids, target, deflater),
            });
        let firsts = names.first_terms();
        let words = terms.terms.par_iter().enumerate();
        let words = words.map_init(Deflater::new, |deflater, (at, term)| Encoded {
            text: term.text.as_bytes(),
            df: term.df as usize,
            parts: &term.parts,
            begins_name: firsts.contains(&*term.text),
            payload: term_payload(terms, at, term, target, deflater),
        });
        let encoded: Vec<Encoded<'_>> = filters.chain(words).collect();
        let apart: Vec<Name> = encoded.iter().map(|term| self.write_apart(term)).collect();
        let sizes = sizes(
            &encoded,
            |term| term.text,
            |term| 6 + term.parts.len() + term.payload.here.len(),
        );
        let shards = split(&|at| encoded[at].text, &sizes, target);
        let bodies = shards
            .par_iter()
            .map_init(Deflater::new, |deflater, shard| {
                let items = shard.items.clone();
                deflater.deflate_named(&terms_body(&encoded[items.clone()], &apart[items]))
            });
        let data: Vec<Data> = bodies.collect();
        self.add_shards(root, 't', &shards, &data);
    }

    /// The name of a list that stands apart.
    fn write_apart(&mut self, term: &Encoded<'_>) -> Name {
        let all = term.payload.all.as_ref().map(std::slice::from_ref);
        all.map_or(Name::default(), |all| self.write('l', all)[0])
    }

    fn add_words(&mut self, root: &mut Body, terms: &Terms) {
        let is_word =
            |term: &&Term| (term.is_name || term.df > 1) && !term.text.contains(char::is_numeric);
        let words: Vec<&Term> = terms.terms.iter().filter(is_word).collect();
        let sizes = sizes(&words, |term| term.text.as_bytes(), |_| 0);
        let target = WORD_BYTES * self.factor;
        let shards = split(&|at| words[at].text.as_bytes(), &sizes, target);
        let bodies = shards
            .par_iter()
            .map_init(Deflater::new, |deflater, shard| {
                deflater.deflate_named(&words_body(&words[shard.items.clone()]))
            });
        let data: Vec<Data> = bodies.collect();
        self.add_shards(root, 'w', &shards, &data);
    }

    fn add_names(&mut self, root: &mut Body, records: &Records<'_>, names: &Names) {
        let keys = &names.keys;
        // The target of a key takes room, too, but once for all keys of a shard.
        let sizes = sizes(
            keys,
            |(key, _)| key.as_bytes(),
            |(_, record)| {
                let found = records.head(*record as usize);
                (found.title.len() + found.meta.len() + found.places[0].href.len()) / 4
            },
        );
        let target = NAME_BYTES * self.factor;
        let shards = split(&|at| keys[at].0.as_bytes(), &sizes, target);
        let bodies = shards
            .par_iter()
            .map_init(Deflater::new, |deflater, shard| {
                deflater.deflate_named(&names_body(records, &keys[shard.items.clone()]))
            });
        let data: Vec<Data> = bodies.collect();
        self.add_shards(root, 'n', &shards, &data);
    }

    /// A table of shards with their bounds.
    fn add_shards(&mut self, root: &mut Body, folder: char, shards: &[Shard], data: &[Data]) {
        let names = self.write(folder, data);
        let mut column = Column::default();
        root.count(shards.len());
        for (shard, name) in shards.iter().zip(names) {
            root.f(&shard.bound, &mut column);
            root.h(name);
        }
    }

    /// A block is let go once it has its file: there are as many bytes of them as of all else.
    fn add_text(&mut self, root: &mut Body, groups: Vec<TextGroup>) {
        let mut blocks: Vec<(String, Vec<u8>)> = Vec::new();
        root.count(groups.len());
        for group in groups {
            root.u8(group.e);
            if group.blocks.is_empty() {
                root.h(Name::default());
                continue;
            }
            let contents: Vec<&[u8]> = group.blocks.iter().map(Vec::as_slice).collect();
            let name = self.names.give(group.digest, &contents);
            root.h(name);
            let path = name.path('x');
            let numbered = group.blocks.into_iter().enumerate();
            blocks.extend(numbered.map(|(k, data)| (format!("{path}-{k}"), data)));
        }
        let files = blocks
            .into_par_iter()
            .map(|(path, data)| file(&path, &data));
        self.files.par_extend(files);
    }

    fn add_columns(&mut self, root: &mut Body, facets: &Facets) {
        let blocks: Vec<(u8, facets::ColumnBlock<'_>)> = (0..)
            .zip(&facets.columns)
            .flat_map(|(number, column)| column.blocks().map(move |block| (number, block)))
            .collect();
        let bodies = blocks
            .par_iter()
            .map_init(Deflater::new, |deflater, (_, block)| {
                deflater.deflate_named(&column_body(block))
            });
        let data: Vec<Data> = bodies.collect();
        let names = self.write('f', &data);
        root.count(blocks.len());
        for ((number, _), name) in blocks.iter().zip(names) {
            root.u8(*number);
            root.h(name);
        }
    }
}

/// About how many bytes each item takes behind the one before it: its string, and what else there is.
fn sizes<'i, T>(
    items: &'i [T],
    string: impl Fn(&'i T) -> &'i [u8],
    rest: impl Fn(&'i T) -> usize,
) -> Vec<usize> {
    let mut before: &[u8] = &[];
    let size = |item: &'i T| {
        let own = string(item);
        let new = own.len() - shared(before, own);
        before = own;
        3 + new + rest(item)
    };
    items.iter().map(size).collect()
}

fn filter_payload(ids: &[u32], longest: usize, deflater: &mut Deflater) -> Payload {
    let mut here = Body::default();
    here.gaps(ids.iter().copied());
    if here.0.len() <= longest {
        return Payload::whole(here);
    }
    Payload {
        here: Vec::new(),
        all: Some(deflater.deflate_named(&long_list(ids.len(), here))),
    }
}

fn term_payload(
    terms: &Terms,
    at: usize,
    term: &Term,
    longest: usize,
    deflater: &mut Deflater,
) -> Payload {
    let mut here = Body(Vec::with_capacity(2 * term.df as usize));
    let postings = terms.postings(at);
    push_postings(&mut here, postings.clone());
    if here.0.len() <= longest {
        return Payload::whole(here);
    }
    let mut best: Vec<(u32, u8)> = postings.collect();
    if best.len() > BEST {
        best.select_nth_unstable_by_key(BEST, |(id, impact)| Reverse((*impact, *id)));
        best.truncate(BEST);
    }
    best.sort_unstable();
    let mut of_best = Body::default();
    push_postings(&mut of_best, best.into_iter());
    Payload {
        here: of_best.0,
        all: Some(deflater.deflate_named(&long_list(term.df as usize, here))),
    }
}

fn long_list(df: usize, mut postings: Body) -> Body {
    let mut body = Body::new(b'L');
    body.count(df);
    body.0.append(&mut postings.0);
    body
}

fn push_postings(body: &mut Body, postings: impl Iterator<Item = (u32, u8)> + Clone) {
    body.gaps(postings.clone().map(|(id, _)| id));
    body.impacts(postings.map(|(_, impact)| impact));
}

fn terms_body(terms: &[Encoded<'_>], apart: &[Name]) -> Body {
    let mut body = Body::new(b'T');
    let mut column = Column::default();
    body.count(terms.len());
    for (term, all) in terms.iter().zip(apart) {
        body.f(term.text, &mut column);
        body.count(2 * term.df + usize::from(term.begins_name));
        body.s(term.parts);
        if term.payload.all.is_some() {
            body.count(0);
            body.h(*all);
        }
        body.count(term.payload.here.len());
    }
    for term in terms {
        body.0.extend_from_slice(&term.payload.here);
    }
    body
}

fn words_body(words: &[&Term]) -> Body {
    const MOST: usize = 15;
    let mut body = Body::new(b'W');
    let mut before: &[u8] = &[];
    body.count(words.len());
    for word in words {
        let text = word.text.as_bytes();
        let shared = shared(before, text).min(MOST);
        let frequency = (word.df.max(1).ilog2() as usize).min(MOST);
        body.u8((shared | frequency << 4) as u8);
        body.0.extend_from_slice(&text[shared..]);
        body.u8(0);
        before = text;
    }
    body
}

fn names_body(records: &Records<'_>, keys: &[(String, u32)]) -> Body {
    let mut targets: Vec<u32> = keys.iter().map(|(_, record)| *record).collect();
    targets.sort_unstable();
    targets.dedup();
    let mut body = Body::new(b'N');
    let mut column = Column::default();
    body.count(targets.len());
    for record in &targets {
        let found = records.head(*record as usize);
        body.u8(records.class(*record as usize));
        body.v(*record);
        body.s(&found.title);
        body.f(found.places[0].href.as_bytes(), &mut column);
        body.s(&found.meta);
    }
    let mut column = Column::default();
    body.count(keys.len());
    for (key, record) in keys {
        body.f(key.as_bytes(), &mut column);
        let target = targets.binary_search(record);
        body.count(target.expect("BUG: the target of each key was just put there"));
    }
    body
}

fn column_body(block: &facets::ColumnBlock<'_>) -> Body {
    let mut body = Body::new(b'F');
    body.count(block.sets.len());
    for set in &block.sets {
        body.count(set.len());
        set.iter().for_each(|value| body.v(*value));
    }
    block.numbers.iter().for_each(|number| body.v(*number));
    body
}
