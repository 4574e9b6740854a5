//! The trees in a repository's object database: a reader of packs and loose objects, whose bytes nobody has checked.
//!
//! An id goes in, the bytes of a tree come out, or nothing where it is not there, not whole or not written as most
//! repositories are; then git itself must be asked. This file must never write, follow an alternate database or trust
//! a length.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use zlib_rs::{Inflate, InflateFlush, Status};

/// What an object is called.
pub(super) type Id = [u8; 20];
/// The entries of a folder, one behind the other.
pub(super) type Tree = Rc<Vec<u8>>;

/// No tree is read that is larger, in bytes; half a million files in one folder are smaller.
const LARGEST: usize = 32 << 20;
/// No index of a pack is read that is larger, in bytes: it would be one of ten million objects.
const LARGEST_INDEX: u64 = 320 << 20;
/// No object is told by way of more others; git itself makes no longer chains.
const LONGEST_CHAIN: usize = 4096;
/// So much of a pack is read at once, in bytes.
const AT_ONCE: usize = 8 << 10;
/// A tree that is larger, in bytes, is one that nearly each commit alters.
const LARGE: usize = 8 << 10;

/// Where all objects of a repository lie.
pub(super) struct Objects {
    folder: PathBuf,
    packs: Vec<Pack>,
}

impl Objects {
    /// Opens a database; what cannot be opened is not there.
    pub(super) fn open(folder: &Path) -> Objects {
        let files = fs::read_dir(folder.join("pack")).into_iter().flatten();
        let paths = files.filter_map(|file| Some(file.ok()?.path()));
        let indexes = paths.filter(|path| path.extension().is_some_and(|ending| ending == "idx"));
        Objects {
            folder: folder.to_owned(),
            packs: indexes.filter_map(|index| Pack::open(&index)).collect(),
        }
    }

    fn place_of(&self, id: &Id) -> Place {
        let packs = self.packs.iter().enumerate();
        let mut packed = packs.filter_map(|(pack, file)| Some(Place::Packed(pack, file.find(id)?)));
        packed.next().unwrap_or(Place::Loose(*id))
    }

    fn loose(&self, id: &Id) -> Option<Vec<u8>> {
        let name = id.iter().fold(String::new(), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        });
        let path = self.folder.join(&name[..2]).join(&name[2..]);
        read_file(&path, LARGEST as u64)
    }
}

/// Many objects in one file, and the index of where each begins.
struct Pack {
    index: Vec<u8>,
    file: File,
}

impl Pack {
    /// What stands before the table of counts, by first bytes of ids.
    const HEAD: &[u8] = b"\xfftOc\0\0\0\x02";
    const IDS: usize = Pack::HEAD.len() + 256 * 4;

    fn open(index: &Path) -> Option<Pack> {
        let pack = index.with_extension("pack");
        fs::metadata(&pack).ok().filter(fs::Metadata::is_file)?;
        let pack = Pack {
            index: read_file(index, LARGEST_INDEX)?,
            file: File::open(pack).ok()?,
        };
        pack.index.starts_with(Pack::HEAD).then_some(pack)
    }

    /// Where an object begins.
    fn find(&self, id: &Id) -> Option<u64> {
        let first = usize::from(id[0]);
        let mut low = match first {
            0 => 0,
            _ => self.count(first - 1)?,
        };
        let mut high = self.count(first)?;
        while low < high {
            let middle = low.midpoint(high);
            let at = Pack::IDS + middle * id.len();
            let found = self.index.get(at..at + id.len())?;
            match found.cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.offset(middle),
            }
        }
        None
    }

    /// How many ids begin with a byte that is not larger.
    fn count(&self, first: usize) -> Option<usize> {
        let count = self.number(Pack::HEAD.len() + first * 4)?;
        usize::try_from(count).ok()
    }

    /// Offsets stand behind the ids and their checksums; those beyond 2 GB in a table of their own.
    fn offset(&self, object: usize) -> Option<u64> {
        let all = self.count(255)?;
        let offsets = Pack::IDS + all * (size_of::<Id>() + 4);
        let offset = self.number(offsets + object * 4)?;
        if offset >> 31 == 0 {
            return Some(u64::from(offset));
        }
        let far = usize::try_from(offset & (u32::MAX >> 1)).ok()?;
        let at = offsets + all * 4 + far * 8;
        let (high, low) = (self.number(at)?, self.number(at + 4)?);
        Some(u64::from(high) << 32 | u64::from(low))
    }

    fn number(&self, at: usize) -> Option<u32> {
        let bytes = self.index.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    }
}

fn read_file(path: &Path, largest: u64) -> Option<Vec<u8>> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(largest + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= largest).then_some(bytes)
}

/// Where one object lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// In which pack, and from which byte on.
    Packed(usize, u64),
    Loose(Id),
}

/// Reads one tree after the other, and remembers those that others are told by.
pub(super) struct Reader<'a> {
    objects: &'a Objects,
    inflater: Inflate,
    window: Window,
    /// Large trees are asked for again at once or never, small ones after many others.
    large: Kept,
    small: Kept,
    /// What a large tree stood in that is forgotten.
    spare: Vec<u8>,
}

impl<'a> Reader<'a> {
    /// A reader that remembers so many bytes of trees.
    pub(super) fn new(objects: &'a Objects, room: usize) -> Reader<'a> {
        Reader {
            objects,
            inflater: Inflate::new(true, 15),
            window: Window::default(),
            large: Kept::new(room / 4),
            small: Kept::new(room - room / 4),
            spare: Vec::new(),
        }
    }

    /// The bytes of a tree.
    pub(super) fn tree(&mut self, id: &Id) -> Option<Tree> {
        let place = self.objects.place_of(id);
        if let Some(kept) = self.kept(place) {
            return Some(kept);
        }
        match place {
            Place::Packed(..) => self.unpack(place),
            Place::Loose(id) => {
                let tree = Rc::new(self.loose(&id)?);
                self.keep(place, &tree);
                Some(tree)
            }
        }
    }

    /// An object that has a file of its own: its kind, its length and a zero stand before it.
    fn loose(&mut self, id: &Id) -> Option<Vec<u8>> {
        let compressed = self.objects.loose(id)?;
        let mut head = [0; Head::LONGEST];
        self.inflater.reset(true);
        let begun = self
            .inflater
            .decompress(&compressed, &mut head, InflateFlush::NoFlush);
        begun.ok()?;
        let end = memchr::memchr(0, &head)?;
        let length = str::from_utf8(head[..end].strip_prefix(b"tree ")?).ok()?;
        let length: usize = length.parse().ok().filter(|length| *length <= LARGEST)?;
        let object = inflate(&mut self.inflater, &compressed, end + 1 + length)?;
        Some(object[end + 1..].to_vec())
    }

    /// Most objects of a pack are told as what differs from another.
    fn unpack(&mut self, wanted: Place) -> Option<Tree> {
        let mut place = wanted;
        let mut deltas = Vec::new();
        let mut length = 0;
        let mut tree = loop {
            if let Some(kept) = self.kept(place) {
                break kept;
            }
            let packed = self.packed(place)?;
            length += packed.bytes.len();
            if length > LARGEST || deltas.len() > LONGEST_CHAIN {
                return None;
            }
            let Some(base) = packed.base else {
                let tree = Rc::new(packed.bytes);
                self.keep(place, &tree);
                break tree;
            };
            deltas.push((place, packed.bytes));
            place = base;
        };
        for (place, delta) in deltas.into_iter().rev() {
            tree = Rc::new(apply(&tree, &delta, &mut self.spare)?);
            self.keep(place, &tree);
        }
        Some(tree)
    }

    fn packed(&mut self, place: Place) -> Option<Packed> {
        let Place::Packed(number, offset) = place else {
            return None;
        };
        let pack = &self.objects.packs[number];
        let head = Head::read(self.window.at(number, pack, offset, Head::LONGEST), offset)?;
        let base = match head.base {
            Base::Nothing => None,
            Base::At(offset) => Some(Place::Packed(number, offset)),
            Base::Called(id) => Some(Place::Packed(number, pack.find(&id)?)),
        };
        let offset = offset.checked_add(head.length)?;
        // What cannot be compressed grows by less.
        let longest = head.size + head.size / 128 + 64;
        let compressed = self.window.at(number, pack, offset, longest);
        let bytes = inflate(&mut self.inflater, compressed, head.size)?;
        Some(Packed { base, bytes })
    }

    fn kept(&self, place: Place) -> Option<Tree> {
        let kept = self.small.trees.get(&place);
        kept.or_else(|| self.large.trees.get(&place)).map(Rc::clone)
    }

    fn keep(&mut self, place: Place, tree: &Tree) {
        match tree.len() {
            0..LARGE => drop(self.small.keep(place, tree)),
            _ => {
                let forgotten = self.large.keep(place, tree);
                self.spare = forgotten.and_then(Rc::into_inner).unwrap_or_default();
            }
        }
    }
}

/// The bytes of a tree, or how they differ from those of a base.
struct Packed {
    base: Option<Place>,
    bytes: Vec<u8>,
}

/// What stands before an object in a pack.
struct Head {
    /// How many bytes it has itself.
    length: u64,
    /// How many bytes follow it, once they are inflated.
    size: usize,
    base: Base,
}

/// What an object is told as a difference from.
enum Base {
    Nothing,
    At(u64),
    Called(Id),
}

impl Head {
    const LONGEST: usize = 32;

    fn read(bytes: &[u8], offset: u64) -> Option<Head> {
        let mut rest = bytes.get(..Head::LONGEST.min(bytes.len()))?.iter();
        let mut byte = *rest.next()?;
        let kind = byte >> 4 & 7;
        let mut size = usize::from(byte & 15);
        let mut shift = 4;
        while byte & 128 != 0 {
            byte = *rest.next()?;
            size |= usize::from(byte & 127) << shift;
            shift += 7;
            if size > LARGEST {
                return None;
            }
        }
        let base = match kind {
            2 => Base::Nothing,
            6 => {
                let mut byte = *rest.next()?;
                let mut distance = u64::from(byte & 127);
                while byte & 128 != 0 {
                    byte = *rest.next()?;
                    distance = (distance + 1).checked_mul(128)? | u64::from(byte & 127);
                }
                Base::At(offset.checked_sub(distance)?)
            }
            7 => {
                let (id, behind) = rest.as_slice().split_first_chunk()?;
                rest = behind.iter();
                Base::Called(*id)
            }
            _ => return None,
        };
        Some(Head {
            length: (bytes.len().min(Head::LONGEST) - rest.len()) as u64,
            size,
            base,
        })
    }
}

/// The part of a pack that was read last.
#[derive(Default)]
struct Window {
    pack: usize,
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// So many bytes of a pack, or fewer where it ends.
    fn at(&mut self, number: usize, pack: &Pack, offset: u64, wanted: usize) -> &[u8] {
        let known = offset
            .checked_sub(self.start)
            .filter(|_| self.pack == number);
        let known = known.and_then(|known| usize::try_from(known).ok());
        if let Some(known) = known.filter(|known| known + wanted <= self.bytes.len()) {
            return &self.bytes[known..];
        }
        self.pack = number;
        self.start = offset;
        self.bytes.resize(wanted.max(AT_ONCE), 0);
        let mut length = 0;
        while let Ok(more @ 1..) = pack
            .file
            .read_at(&mut self.bytes[length..], offset + length as u64)
        {
            length += more;
        }
        self.bytes.truncate(length);
        &self.bytes
    }
}

/// The trees that were read last, as many as there is room for.
struct Kept {
    trees: HashMap<Place, Tree>,
    order: VecDeque<Place>,
    room: usize,
}

impl Kept {
    fn new(room: usize) -> Kept {
        Kept {
            trees: HashMap::new(),
            order: VecDeque::new(),
            room,
        }
    }

    /// Gives one that there was no room for any more.
    fn keep(&mut self, place: Place, tree: &Tree) -> Option<Tree> {
        let mut forgotten = None;
        while self.room < tree.len()
            && let Some(oldest) = self.order.pop_front()
        {
            forgotten = self.trees.remove(&oldest);
            self.room += forgotten.as_ref().map_or(0, |tree| tree.len());
        }
        if self.room >= tree.len() {
            self.room -= tree.len();
            self.order.push_back(place);
            self.trees.insert(place, Rc::clone(tree));
        }
        forgotten
    }
}

fn inflate(inflater: &mut Inflate, compressed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; size];
    let flush = InflateFlush::Finish;
    inflater.reset(true);
    let status = inflater.decompress(compressed, &mut bytes, flush);
    let is_whole = status == Ok(Status::StreamEnd) && inflater.total_out() == size as u64;
    is_whole.then_some(bytes)
}

/// Copies and inserts as a delta says: first the lengths of both sides, then what to take from where.
fn apply(base: &[u8], delta: &[u8], spare: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut rest = delta.iter();
    if length(&mut rest)? != base.len() {
        return None;
    }
    let size = length(&mut rest).filter(|size| *size <= LARGEST)?;
    let mut tree = match size {
        0..LARGE => Vec::new(),
        _ => std::mem::take(spare),
    };
    tree.clear();
    tree.reserve_exact(size);
    while let Some(&order) = rest.next() {
        let part = if order & 128 == 0 {
            let (part, behind) = rest.as_slice().split_at_checked(usize::from(order))?;
            rest = behind.iter();
            part
        } else {
            let from = number(&mut rest, order & 15, 4)?;
            let length = match number(&mut rest, order >> 4 & 7, 3)? {
                0 => 0x10000,
                length => length,
            };
            base.get(from..from.checked_add(length)?)?
        };
        if order == 0 || part.len() > size - tree.len() {
            return None;
        }
        tree.extend_from_slice(part);
    }
    (tree.len() == size).then_some(tree)
}

fn length(rest: &mut std::slice::Iter<'_, u8>) -> Option<usize> {
    let mut length = 0;
    for shift in [0, 7, 14, 21, 28] {
        let byte = *rest.next()?;
        length |= usize::from(byte & 127) << shift;
        if byte & 128 == 0 {
            return Some(length);
        }
    }
    None
}

/// A number of up to so many bytes, the lowest first, of which only those are there whose bit is set.
fn number(rest: &mut std::slice::Iter<'_, u8>, which: u8, most: usize) -> Option<usize> {
    let mut number = 0;
    for place in (0..most).filter(|place| which >> place & 1 == 1) {
        number |= usize::from(*rest.next()?) << (8 * place);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_copies_and_inserts() {
        let base = b"one two three";
        let delta = [13, 9, 0x91, 4, 4, 3, b'a', b'n', b'd', 0x90, 2];
        let told = apply(base, &delta, &mut Vec::new()).unwrap();
        assert_eq!(told, b"two andon");
        for end in 0..delta.len() {
            assert_eq!(apply(base, &delta[..end], &mut Vec::new()), None);
        }
        assert_eq!(apply(&base[1..], &delta, &mut Vec::new()), None);
        let beyond = [13, 9, 0x91, 5, 9];
        assert_eq!(apply(base, &beyond, &mut Vec::new()), None);
        assert_eq!(apply(base, &[13, 1, 0], &mut Vec::new()), None);
    }

    #[test]
    fn bytes_that_are_no_objects_are_refused() {
        let mut bytes: Vec<u8> = Vec::new();
        for seed in 0..20_000_u32 {
            bytes.push((seed.wrapping_mul(2_654_435_761) >> 23).to_le_bytes()[0]);
        }
        let folder = tempfile::tempdir().unwrap();
        let pack = folder.path().join("pack");
        fs::create_dir(&pack).unwrap();
        let index = [Pack::HEAD, &bytes].concat();
        fs::write(pack.join("pack-a.idx"), &index).unwrap();
        fs::write(pack.join("pack-a.pack"), &bytes).unwrap();
        fs::write(pack.join("pack-b.idx"), &index[..900]).unwrap();
        fs::write(pack.join("pack-b.pack"), b"").unwrap();
        let objects = Objects::open(folder.path());
        assert_eq!(objects.packs.len(), 2);
        let mut reader = Reader::new(&objects, 1 << 20);
        for at in 0..bytes.len() - 32 {
            let _ = Head::read(&bytes[at..], at as u64);
            let _ = apply(&bytes, &bytes[at..at + 32], &mut Vec::new());
            let id = bytes[at..].first_chunk().unwrap();
            assert!(reader.tree(id).is_none());
            assert!(reader.unpack(Place::Packed(0, at as u64)).is_none());
        }
    }
}
