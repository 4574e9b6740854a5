//! The files of a search index, read as the format says, by code that shares nothing with what writes them.
//!
//! A built portal goes in, an [`Index`] comes out; whatever the files do not keep of the format is a panic that says
//! where.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use strang::pipeline::Built;
use zlib_rs::{Inflate, InflateFlush, Status};

/// All that the files say.
#[derive(Debug, Default)]
pub struct Index {
    /// The bodies as they were before they were deflated, by name.
    pub bodies: BTreeMap<String, Vec<u8>>,
    pub flags: u32,
    pub day: u32,
    pub counts: Vec<u32>,
    pub base: u32,
    pub entries: u32,
    pub days: Vec<(u32, u32)>,
    pub kinds: Vec<[String; 3]>,
    pub departments: Vec<(String, String, u8)>,
    pub facts: Vec<(String, Vec<String>)>,
    pub terms: BTreeMap<Vec<u8>, Term>,
    pub words: BTreeMap<Vec<u8>, u8>,
    pub names: Vec<(String, Target)>,
    pub records: BTreeMap<u32, Record>,
    /// The values of each id in each of the four columns.
    pub columns: [Vec<Vec<u32>>; 4],
}

#[derive(Debug, Default)]
pub struct Term {
    pub parts: String,
    pub begins_name: bool,
    /// Ids with impacts; those of a filter are 0.
    pub postings: BTreeMap<u32, u8>,
}

#[derive(Clone, Debug)]
pub struct Target {
    pub class: u8,
    pub record: u32,
    pub title: String,
    pub address: String,
    pub note: String,
}

#[derive(Debug)]
pub struct Record {
    pub class: u8,
    pub kind: u32,
    pub day: u32,
    pub status: u8,
    pub title: String,
    pub path: String,
    pub meta: String,
    /// Address, anchor, customer.
    pub places: Vec<[String; 3]>,
    pub text: String,
}

/// Bounds with names, or numbers with names, of one table of the root.
type Table<K> = Vec<(K, String)>;

/// The body of a file, and the call around it.
fn body(name: &str, file: &[u8]) -> Vec<u8> {
    let start = format!("strangShard(\"{name}\",\"");
    let data = file.strip_prefix(start.as_bytes());
    let data = data.and_then(|data| data.strip_suffix(b"\")"));
    let data = data.unwrap_or_else(|| panic!("{name} is no call of strangShard"));
    let mut bytes = Vec::new();
    let mut rest = data.iter();
    while let Some(byte) = rest.next() {
        assert!(!b"\0\r\n\"".contains(byte), "{name} would be no script");
        match byte {
            b'\\' => bytes.push(match rest.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(sign @ (b'"' | b'\\')) => *sign,
                Some(b'x') if rest.as_slice().starts_with(b"00") => {
                    rest.nth(1);
                    0
                }
                other => panic!("{name} escapes {other:?}"),
            }),
            _ => bytes.push(*byte),
        }
    }
    let mut body = vec![0; 1 << 20];
    let mut stream = Inflate::new(false, 15);
    let status = stream.decompress(&bytes, &mut body, InflateFlush::Finish);
    assert_eq!(status, Ok(Status::StreamEnd), "{name} does not inflate");
    assert_eq!(stream.total_in(), bytes.len() as u64, "{name} is too long");
    body.truncate(usize::try_from(stream.total_out()).unwrap());
    body
}

/// The bodies of all files by their names.
fn bodies<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> BTreeMap<String, Vec<u8>> {
    let bodies = files.map(|(address, bytes)| {
        let name = address.strip_prefix("search/").unwrap();
        let name = name.strip_suffix(".js").unwrap();
        (name.to_owned(), body(name, bytes))
    });
    bodies.collect()
}

/// Where a body is read.
struct Reader<'a> {
    name: &'a str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> &'a [u8] {
        assert!(count <= self.rest.len(), "{} ends too early", self.name);
        let (bytes, rest) = self.rest.split_at(count);
        self.rest = rest;
        bytes
    }

    fn u8(&mut self) -> u8 {
        self.bytes(1)[0]
    }

    fn v(&mut self) -> u32 {
        let mut number = 0;
        for place in 0.. {
            let byte = self.u8();
            number |= u32::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                break;
            }
        }
        number
    }

    fn s(&mut self) -> String {
        let length = self.v() as usize;
        String::from_utf8(self.bytes(length).to_vec()).unwrap()
    }

    fn f(&mut self, column: &mut Vec<u8>) -> Vec<u8> {
        let shared = self.v() as usize;
        let length = self.v() as usize;
        assert!(shared <= column.len(), "{} shares too much", self.name);
        column.truncate(shared);
        column.extend_from_slice(self.bytes(length));
        column.clone()
    }

    fn h(&mut self) -> String {
        self.bytes(5).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.v();
        (0..count).map(|_| item(self)).collect()
    }

    fn gaps(&mut self, count: u32) -> Vec<u32> {
        let mut last = 0;
        let mut next = |reader: &mut Self, first: bool| {
            let gap = reader.v();
            assert!(first || gap > 0, "{}: an id comes twice", reader.name);
            last += gap;
            last
        };
        (0..count).map(|i| next(self, i == 0)).collect()
    }

    fn impacts(&mut self, count: u32) -> Vec<u8> {
        let bytes = self.bytes((count as usize).div_ceil(2));
        let halves = bytes.iter().flat_map(|byte| [byte & 15, byte >> 4]);
        let impacts: Vec<u8> = halves.take(count as usize).collect();
        assert!(!impacts.contains(&0), "{}: an impact is 0", self.name);
        impacts
    }

    fn end(&self) {
        assert!(self.rest.is_empty(), "{} goes on behind its end", self.name);
    }
}

impl Index {
    /// Reads the files of a site.
    pub fn read(built: &Built) -> Index {
        let files = built.site.index().iter();
        Index::of(files.map(|(address, bytes)| (address.as_str(), &**bytes)))
    }

    /// Reads all files: none may be missing, none may be there that nothing names.
    pub fn of<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Index {
        let mut index = Index {
            bodies: bodies(files),
            ..Index::default()
        };
        let bodies = std::mem::take(&mut index.bodies);
        let mut named = BTreeSet::from(["root".to_owned()]);
        let mut files = Files {
            bodies: &bodies,
            named: &mut named,
        };
        let mut root = files.open("root", b'R');
        index.read_head(&mut root);
        let (mut t, mut w, mut n) = (Vec::new(), Vec::new(), Vec::new());
        let terms: Table<Vec<u8>> = root.list(|root| (root.f(&mut t), root.h()));
        let words: Table<Vec<u8>> = root.list(|root| (root.f(&mut w), root.h()));
        let names: Table<Vec<u8>> = root.list(|root| (root.f(&mut n), root.h()));
        let groups: Table<u8> = root.list(|root| (root.u8(), root.h()));
        let columns: Table<u8> = root.list(|root| (root.u8(), root.h()));
        root.end();
        index.read_terms(&mut files, &terms);
        index.read_words(&mut files, &words);
        index.read_names(&mut files, &names);
        index.read_text(&mut files, &groups);
        index.read_columns(&mut files, &columns);
        let unnamed: Vec<&String> = bodies
            .keys()
            .filter(|name| !named.contains(*name))
            .collect();
        assert!(unnamed.is_empty(), "nothing names {unnamed:?}");
        index.bodies = bodies;
        index
    }

    fn read_head(&mut self, root: &mut Reader<'_>) {
        self.flags = root.v();
        self.day = root.v();
        self.counts = (0..6).map(|_| root.v()).collect();
        self.base = root.v();
        self.entries = root.v();
        let mut day = 0;
        self.days = root.list(|root| {
            day += root.v();
            (day, root.v())
        });
        self.kinds = root.list(|root| [root.s(), root.s(), root.s()]);
        self.departments = root.list(|root| (root.s(), root.s(), root.u8()));
        self.facts = root.list(|root| {
            let key = root.s();
            root.s();
            let values = root.list(|root| {
                root.s();
                root.s()
            });
            (key, values)
        });
    }

    fn read_terms(&mut self, files: &mut Files<'_>, shards: &Table<Vec<u8>>) {
        for (at, (bound, h)) in shards.iter().enumerate() {
            let mut reader = files.open(&format!("t/{h}"), b'T');
            let mut column = Vec::new();
            let heads = reader.list(|reader| {
                let term = reader.f(&mut column);
                assert_in_shard(&term, at, bound, shards);
                let (sign, parts, length) = (reader.v(), reader.s(), reader.v());
                let apart = (length == 0).then(|| (reader.h(), reader.v()));
                (term, sign, parts, length, apart)
            });
            for (term, sign, parts, length, apart) in heads {
                let is_filter = term[0] == 1;
                let (df, begins_name) = (sign / 2, sign % 2 == 1);
                let mut here = |count, length| {
                    let before = reader.rest.len();
                    let list = postings(&mut reader, count, is_filter);
                    assert_eq!(before - reader.rest.len(), length as usize);
                    list
                };
                let (ids, impacts) = match apart {
                    None => here(df, length),
                    Some((all, 0)) => files.long_list(&all, df, is_filter),
                    Some((all, length)) => {
                        let best = here(1000, length);
                        let all = files.long_list(&all, df, is_filter);
                        assert_best(&best, &all);
                        all
                    }
                };
                let postings = ids.into_iter().zip(impacts).collect();
                let term_of = Term {
                    parts,
                    begins_name,
                    postings,
                };
                let known = self.terms.insert(term, term_of);
                assert!(known.is_none(), "a term is there twice");
            }
            reader.end();
        }
    }

    fn read_words(&mut self, files: &mut Files<'_>, shards: &Table<Vec<u8>>) {
        for (at, (bound, h)) in shards.iter().enumerate() {
            let mut reader = files.open(&format!("w/{h}"), b'W');
            let mut word: Vec<u8> = Vec::new();
            let words = reader.list(|reader| {
                let head = reader.u8();
                word.truncate(usize::from(head & 15));
                let end = reader.rest.iter().position(|byte| *byte == 0).unwrap();
                word.extend_from_slice(reader.bytes(end));
                reader.u8();
                assert_in_shard(&word, at, bound, shards);
                (word.clone(), head >> 4)
            });
            self.words.extend(words);
            reader.end();
        }
    }

    fn read_names(&mut self, files: &mut Files<'_>, shards: &Table<Vec<u8>>) {
        for (at, (bound, h)) in shards.iter().enumerate() {
            let mut reader = files.open(&format!("n/{h}"), b'N');
            let mut column = Vec::new();
            let targets = reader.list(|reader| Target {
                class: reader.u8(),
                record: reader.v(),
                title: reader.s(),
                address: String::from_utf8(reader.f(&mut column)).unwrap(),
                note: reader.s(),
            });
            let mut column = Vec::new();
            let keys = reader.list(|reader| {
                let key = reader.f(&mut column);
                assert_in_shard(&key, at, bound, shards);
                let target = targets[reader.v() as usize].clone();
                (String::from_utf8(key).unwrap(), target)
            });
            self.names.extend(keys);
            reader.end();
        }
    }

    fn read_text(&mut self, files: &mut Files<'_>, groups: &Table<u8>) {
        for (g, (e, h)) in (0..).zip(groups) {
            if h == "0000000000" {
                assert_eq!(*e, 0, "a group without records is one block");
                continue;
            }
            let in_block = 256 >> e;
            for block in 0..1 << e {
                let name = format!("x/{h}-{block}");
                if block > 0 && !files.bodies.contains_key(&name) {
                    break;
                }
                let mut reader = files.open(&name, b'X');
                let mut column = Vec::new();
                let records = reader.list(|reader| record(reader, &mut column));
                assert!(records.len() <= in_block as usize);
                self.records
                    .extend((g * 256 + block * in_block..).zip(records));
                reader.end();
            }
        }
    }

    fn read_columns(&mut self, files: &mut Files<'_>, blocks: &Table<u8>) {
        let end = self.base + self.entries;
        for (number, h) in blocks {
            let mut reader = files.open(&format!("f/{h}"), b'F');
            let sets = reader.list(|reader| reader.list(Reader::v));
            let column = &mut self.columns[usize::from(*number)];
            let count = (end as usize - column.len()).min(65_536);
            column.extend((0..count).map(|_| sets[reader.v() as usize].clone()));
            reader.end();
        }
        for column in &self.columns {
            assert_eq!(
                column.len(),
                end as usize,
                "a column has a value for each id"
            );
        }
    }

    /// All that the index says, for people.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for (id, record) in &self.records {
            let _ = writeln!(out, "{id} {}", record.print(self));
        }
        let _ = writeln!(out);
        for (
            term,
            Term {
                parts, postings, ..
            },
        ) in &self.terms
        {
            let term = String::from_utf8_lossy(term)
                .replace('\u{1}', "[")
                .replace('\u{2}', "=");
            let parts = if parts.is_empty() {
                String::new()
            } else {
                format!(" ({parts})")
            };
            let postings = postings.iter().map(|(id, impact)| match impact {
                0 => format!(" {id}"),
                _ => format!(" {id}:{impact}"),
            });
            let _ = writeln!(out, "{term}{parts}{}", postings.collect::<String>());
        }
        let _ = writeln!(out);
        for (key, target) in &self.names {
            let _ = writeln!(
                out,
                "{key} → {} {} {} {} | {}",
                target.class, target.record, target.title, target.address, target.note
            );
        }
        let words = self
            .words
            .iter()
            .map(|(word, frequency)| format!("{}:{frequency}", String::from_utf8_lossy(word)));
        let _ = writeln!(out, "\n{}", words.collect::<Vec<_>>().join(" "));
        out
    }
}

impl Record {
    fn print(&self, index: &Index) -> String {
        let kind = self
            .kind
            .checked_sub(1)
            .map(|kind| &index.kinds[kind as usize][0]);
        let places = self
            .places
            .iter()
            .map(|[address, anchor, customer]| format!("{address}#{anchor} {customer}"));
        let parts = [
            format!("{} {}", self.class, kind.map_or("", |kind| kind)),
            format!("{} {}", self.day, self.status),
            self.title.clone(),
            self.path.clone(),
            self.meta.clone(),
            places.collect::<Vec<_>>().join(", "),
            self.text.replace('\n', " ⏎ "),
        ];
        parts.map(|part| part.trim().to_owned()).join(" | ")
    }
}

/// Files as they are asked for.
struct Files<'a> {
    bodies: &'a BTreeMap<String, Vec<u8>>,
    named: &'a mut BTreeSet<String>,
}

impl<'a> Files<'a> {
    fn open(&mut self, name: &str, letter: u8) -> Reader<'a> {
        let Some((name, body)) = self.bodies.get_key_value(name) else {
            panic!("{name} is missing");
        };
        self.named.insert(name.clone());
        assert_eq!(body[..2], [letter, 1], "{name} begins otherwise");
        Reader {
            name,
            rest: &body[2..],
        }
    }

    fn long_list(&mut self, all: &str, df: u32, is_filter: bool) -> (Vec<u32>, Vec<u8>) {
        let mut reader = self.open(&format!("l/{all}"), b'L');
        let count = reader.v();
        let list = postings(&mut reader, count, is_filter);
        reader.end();
        assert_eq!(list.0.len(), df as usize);
        list
    }
}

/// The best of a long list are those of the highest impact, then of the highest id.
fn assert_best(best: &(Vec<u32>, Vec<u8>), all: &(Vec<u32>, Vec<u8>)) {
    let of = |(ids, impacts): &(Vec<u32>, Vec<u8>)| -> Vec<(u8, u32)> {
        impacts.iter().copied().zip(ids.iter().copied()).collect()
    };
    let mut expected = of(all);
    expected.sort_unstable_by(|a, b| b.cmp(a));
    expected.truncate(1000);
    expected.sort_unstable_by_key(|(_, id)| *id);
    assert_eq!(of(best), expected, "the best are not the best");
}

fn postings(reader: &mut Reader<'_>, count: u32, is_filter: bool) -> (Vec<u32>, Vec<u8>) {
    let ids = reader.gaps(count);
    let impacts = if is_filter {
        vec![0; count as usize]
    } else {
        reader.impacts(count)
    };
    (ids, impacts)
}

fn record(reader: &mut Reader<'_>, column: &mut Vec<u8>) -> Record {
    Record {
        class: reader.u8(),
        kind: reader.v(),
        day: reader.v(),
        status: reader.u8(),
        title: reader.s(),
        path: reader.s(),
        meta: reader.s(),
        places: reader.list(|reader| {
            let address = String::from_utf8(reader.f(column)).unwrap();
            [address, reader.s(), reader.s()]
        }),
        text: reader.s(),
    }
}

/// A string is in the shard of the last bound that is not greater.
fn assert_in_shard(string: &[u8], at: usize, bound: &[u8], shards: &Table<Vec<u8>>) {
    let next = shards.get(at + 1).map(|(bound, _)| bound.as_slice());
    let name = String::from_utf8_lossy(string);
    assert!(at > 0 || bound.is_empty(), "the first bound is not empty");
    assert!(bound <= string, "{name} stands before its shard");
    assert!(
        next.is_none_or(|next| string < next),
        "{name} stands behind its shard"
    );
}
