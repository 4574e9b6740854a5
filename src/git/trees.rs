//! What commits did to the files of a portal, by comparing trees in process, on all cores.
//!
//! The commits of a log go in; of each comes out what `git diff-tree --name-status -z` would print of the portal's
//! sources, or nothing where git has to say it: where trees cannot be read, and where a file may be another that was
//! renamed and rewritten at once. This file must never guess, or go on without an end.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::time::Instant;

use rayon::prelude::*;

use super::log::{Commit, is_source};
use super::objects::{Id, Objects, Reader, Tree};

/// So many bytes of trees are remembered by all cores together.
const ROOM: usize = 64 << 20;
/// Fewer commits than these are not worth the start of another core.
const FEWEST: usize = 256;
/// A longer path, in bytes, is left to git; so is with it what would be nested without end.
const LONGEST_PATH: usize = 1024;
/// So many files and folders are compared by one core; a history of more is left to git.
const MOST_FILES: usize = 2 << 20;

/// What became of which sources, as git would print it.
pub(super) type Told = Option<Box<[u8]>>;

/// Compares the trees of all commits with those of their parents, in the order of the commits.
pub(super) fn compare(
    commits: &[Commit],
    portal: &[u8],
    objects: &Objects,
    until: Instant,
) -> Vec<Told> {
    let trees = commits.iter().map(|commit| (&*commit.id, commit.tree));
    let trees: HashMap<&str, Option<Id>> = trees.collect();
    let cores = rayon::current_num_threads().min(commits.len() / FEWEST + 1);
    let runs = commits.par_chunks(commits.len().div_ceil(cores).max(1));
    let told = runs.map(|run| {
        // The tree of a commit's parent is mostly that of the next commit, so each core reads most trees once.
        let mut comparison = Comparison {
            reader: Reader::new(objects, ROOM / cores),
            portal,
            until,
            files: MOST_FILES,
        };
        let told = run.iter().map(|commit| {
            let before = match (commit.is_merge, &commit.parent) {
                (true, _) => return Some(Box::default()),
                (false, None) => None,
                (false, Some(parent)) => Some((*trees.get(&**parent)?)?),
            };
            comparison.told(before, commit.tree?)
        });
        told.collect::<Vec<Told>>()
    });
    told.flatten_iter().collect()
}

/// How far a core has come.
struct Comparison<'a> {
    reader: Reader<'a>,
    portal: &'a [u8],
    /// Nothing is compared any more after this moment.
    until: Instant,
    /// So many files and folders more may be compared.
    files: usize,
}

/// What differs between two trees of the portal. Of files that are in both, only sources count.
#[derive(Default)]
struct Difference {
    changed: Vec<Box<[u8]>>,
    added: Vec<Named>,
    deleted: Vec<Named>,
}

/// A file of one tree.
struct Named {
    path: Box<[u8]>,
    mode: u32,
    id: Id,
}

impl Comparison<'_> {
    fn told(&mut self, before: Option<Id>, after: Id) -> Told {
        let before = match before {
            Some(before) => self.portal_of(before)?,
            None => None,
        };
        let after = self.portal_of(after)?;
        let mut difference = Difference::default();
        self.compare(before, after, &mut Vec::new(), &mut difference)?;
        difference.told()
    }

    /// The tree of the portal's folder in that of the whole repository, if it has one.
    fn portal_of(&mut self, root: Id) -> Option<Option<Id>> {
        let mut at = root;
        let names = self.portal.split(|byte| *byte == b'/');
        for name in names.filter(|name| !name.is_empty()) {
            let tree = self.reader.tree(&at)?;
            let mut rest = &tree[..];
            at = loop {
                match Entry::next(&mut rest)? {
                    Some(entry) if entry.name == name && entry.is_folder() => break entry.id,
                    Some(_) => {}
                    None => return Some(None),
                }
            };
        }
        Some(Some(at))
    }

    fn compare(
        &mut self,
        before: Option<Id>,
        after: Option<Id>,
        path: &mut Vec<u8>,
        difference: &mut Difference,
    ) -> Option<()> {
        if before == after {
            return Some(());
        }
        self.files = self.files.checked_sub(1)?;
        if Instant::now() > self.until {
            return None;
        }
        let (before, after) = (self.read(before)?, self.read(after)?);
        let mut pairs = Pairs {
            before: &before,
            after: &after,
            same: 0,
        };
        while let Some((before, after)) = pairs.next()? {
            if before == after {
                continue;
            }
            let length = path.len();
            path.extend_from_slice(before.or(after)?.name);
            if path.len() > LONGEST_PATH {
                return None;
            }
            let folder =
                |entry: Option<Entry<'_>>| entry.filter(Entry::is_folder).map(|entry| entry.id);
            match (folder(before), folder(after)) {
                (None, None) => self.note(before, after, path, difference)?,
                (before, after) => {
                    path.push(b'/');
                    self.compare(before, after, path, difference)?;
                }
            }
            path.truncate(length);
        }
        Some(())
    }

    fn read(&mut self, tree: Option<Id>) -> Option<Tree> {
        match tree {
            Some(tree) => self.reader.tree(&tree),
            None => Some(Tree::default()),
        }
    }

    fn note(
        &mut self,
        before: Option<Entry<'_>>,
        after: Option<Entry<'_>>,
        path: &[u8],
        difference: &mut Difference,
    ) -> Option<()> {
        self.files = self.files.checked_sub(1)?;
        let named = |entry: Entry<'_>| Named {
            path: path.into(),
            mode: entry.mode,
            id: entry.id,
        };
        match (before, after) {
            (Some(before), None) => difference.deleted.push(named(before)),
            (None, Some(after)) => difference.added.push(named(after)),
            (Some(_), Some(_)) if is_source(path) => difference.changed.push(path.into()),
            _ => {}
        }
        Some(())
    }
}

impl Difference {
    fn told(&self) -> Told {
        let renames = self.renames()?;
        let mut told = Vec::new();
        let mut tell = |words: &[&[u8]]| {
            for word in words {
                told.extend_from_slice(word);
                told.push(0);
            }
        };
        for path in &self.changed {
            tell(&[b"M", path]);
        }
        for file in &self.added {
            match renames.get(&file.id) {
                Some(old) if is_source(&file.path) => tell(&[b"R100", &old.path, &file.path]),
                Some(old) if is_source(&old.path) => tell(&[b"D", &old.path]),
                None if is_source(&file.path) => tell(&[b"A", &file.path]),
                _ => {}
            }
        }
        for file in self.deleted.iter().filter(|file| is_source(&file.path)) {
            if !renames.contains_key(&file.id) {
                tell(&[b"D", &file.path]);
            }
        }
        Some(told.into())
    }

    /// What files that were added were called before, by their content. Git is the judge where that is not plain.
    fn renames(&self) -> Option<HashMap<&Id, &Named>> {
        let mut renames = HashMap::new();
        if self.deleted.is_empty() || !self.added.iter().any(|file| is_source(&file.path)) {
            return Some(renames);
        }
        let deleted: HashMap<&Id, &Named> =
            self.deleted.iter().map(|file| (&file.id, file)).collect();
        let mut unmatched = 0;
        for file in &self.added {
            match deleted.get(&file.id) {
                Some(old) if old.mode == file.mode => drop(renames.insert(&file.id, *old)),
                Some(_) => return None,
                None => unmatched += usize::from(is_source(&file.path)),
            }
        }
        let matched = self.added.iter().map(|file| &file.id);
        let matched = matched.filter(|id| renames.contains_key(*id)).count();
        let is_plain = deleted.len() == self.deleted.len() && matched == renames.len();
        let is_settled = unmatched == 0 || renames.len() == self.deleted.len();
        (is_plain && is_settled).then_some(renames)
    }
}

/// One line of a tree.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry<'a> {
    mode: u32,
    name: &'a [u8],
    id: Id,
}

impl<'a> Entry<'a> {
    const FOLDER: u32 = 0o040_000;

    /// The entry that a tree begins with, taken off it; nothing where it is not written as a tree is.
    fn next(tree: &mut &'a [u8]) -> Option<Option<Entry<'a>>> {
        if tree.is_empty() {
            return Some(None);
        }
        let (head, rest) = tree.split_at_checked(memchr::memchr(0, tree)?)?;
        let (id, rest) = rest[1..].split_first_chunk()?;
        let space = head.iter().position(|byte| *byte == b' ')?;
        let digits = head[..space].iter();
        let mode = digits.fold(0, |mode: u32, digit| mode << 3 | u32::from(digit & 7));
        let name = Some(&head[space + 1..]).filter(|name| !name.is_empty())?;
        *tree = rest;
        Some(Some(Entry {
            mode: plain(mode),
            name,
            id: *id,
        }))
    }

    fn is_folder(&self) -> bool {
        self.mode == Entry::FOLDER
    }

    /// Trees are sorted as if the names of folders ended with a slash.
    fn order(&self, other: &Entry<'a>) -> Ordering {
        let length = self.name.len().min(other.name.len());
        let rest = |entry: &Entry<'a>| {
            let slash = entry.is_folder().then_some(b'/');
            entry.name[length..].iter().copied().chain(slash)
        };
        let order = self.name[..length].cmp(&other.name[..length]);
        order.then_with(|| rest(self).cmp(rest(other)))
    }
}

/// Git knows files, files that can be run, links, folders and submodules.
fn plain(mode: u32) -> u32 {
    match mode >> 12 {
        0o10 if mode & 0o100 == 0 => 0o100_644,
        0o10 => 0o100_755,
        0o12 => 0o120_000,
        0o04 => Entry::FOLDER,
        _ => 0o160_000,
    }
}

/// Goes through two trees side by side, past what they have in common.
struct Pairs<'a> {
    before: &'a [u8],
    after: &'a [u8],
    /// Both are known to go on with so many bytes that are the same.
    same: usize,
}

type Pair<'a> = (Option<Entry<'a>>, Option<Entry<'a>>);

impl<'a> Pairs<'a> {
    /// The entries of the next name that at least one of them has; few of them are the same.
    fn next(&mut self) -> Option<Option<Pair<'a>>> {
        if self.same == 0 {
            self.same = same_bytes(self.before, self.after);
            self.skip(last_entry(&self.before[..self.same]));
        }
        let (mut before, mut after) = (self.before, self.after);
        let pair = (Entry::next(&mut before)?, Entry::next(&mut after)?);
        let order = match &pair {
            (None, None) => return Some(None),
            (Some(old), Some(new)) => old.order(new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        };
        if pair.0 == pair.1 && self.before.len() - before.len() <= self.same {
            self.skip(self.before.len() - before.len());
            return Some(Some(pair));
        }
        self.same = 0;
        if order.is_le() {
            self.before = before;
        }
        if order.is_ge() {
            self.after = after;
        }
        let (old, new) = pair;
        Some(Some((
            old.filter(|_| order.is_le()),
            new.filter(|_| order.is_ge()),
        )))
    }

    fn skip(&mut self, same: usize) {
        self.before = &self.before[same..];
        self.after = &self.after[same..];
        self.same -= same;
    }
}

/// So many bytes are compared at once.
const CHUNK: usize = 256;

/// How many bytes are the same from the beginning.
fn same_bytes(before: &[u8], after: &[u8]) -> usize {
    let chunks = before.chunks_exact(CHUNK).zip(after.chunks_exact(CHUNK));
    let same = CHUNK * chunks.take_while(|(before, after)| before == after).count();
    let bytes = before[same..].iter().zip(&after[same..]);
    same + bytes.take_while(|(before, after)| before == after).count()
}

/// Where some entry ends, the last that is easily found. It begins with a mode; a name may hold the like of one, but
/// ends where its entry does. An id that holds one by chance is awaited longer than there will be portals.
fn last_entry(tree: &[u8]) -> usize {
    let spaces = memchr::memrchr_iter(b' ', tree);
    let modes = spaces.filter(|space| {
        [&b"40000"[..], b"100644"]
            .iter()
            .any(|mode| tree[..*space].ends_with(mode))
    });
    let ends = modes
        .filter_map(|mode| Some(mode + memchr::memchr(0, &tree[mode..])? + 1 + size_of::<Id>()));
    ends.into_iter().find(|end| *end <= tree.len()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: &str, name: &str, id: u8) -> Vec<u8> {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[id; 20]].concat()
    }

    /// The names that differ, with what they are called on both sides.
    fn pairs(before: &[u8], after: &[u8]) -> Option<Vec<(String, String)>> {
        let mut pairs = Pairs {
            before,
            after,
            same: 0,
        };
        let mut found = Vec::new();
        while let Some((before, after)) = pairs.next()? {
            let name = |entry: Option<Entry<'_>>| {
                let name = entry.map(|entry| String::from_utf8_lossy(entry.name).into_owned());
                name.unwrap_or_default()
            };
            if before != after {
                found.push((name(before), name(after)));
            }
        }
        Some(found)
    }

    #[test]
    fn only_what_differs_is_met() {
        let names = ["100644 a", "a 40000 b", "b", "c100755 100644 d", "d"];
        let tree = |ids: [u8; 5]| {
            let entries = names.iter().zip(ids);
            let entries = entries.map(|(name, id)| entry("100644", name, id));
            entries.collect::<Vec<_>>().concat()
        };
        let before = tree([0; 5]);
        assert_eq!(pairs(&before, &before), Some(Vec::new()));
        for changed in 0..5 {
            for id in [1, b' ', b'4'] {
                let mut ids = [0; 5];
                ids[changed] = id;
                let name = names[changed].to_owned();
                let met = pairs(&before, &tree(ids));
                assert_eq!(met, Some(vec![(name.clone(), name)]));
            }
        }
    }

    #[test]
    fn a_folder_is_sorted_as_if_a_slash_ended_its_name() {
        let before = [entry("100644", "a.md", 0), entry("100644", "b", 0)].concat();
        let after = [entry("100644", "a.md", 0), entry("40000", "a", 0)].concat();
        let met = pairs(&before, &after).unwrap();
        let expected = [("", "a"), ("b", "")];
        let expected = expected.map(|(before, after)| (before.to_owned(), after.to_owned()));
        assert_eq!(met, expected);
    }

    #[test]
    fn bytes_that_are_no_tree_are_refused() {
        let tree = [entry("100644", "a", 7), entry("40000", "b", 8)].concat();
        for end in (1..tree.len()).filter(|end| *end != 29) {
            assert_eq!(pairs(&tree[..end], b""), None);
            assert_eq!(pairs(b"", &tree[..end]), None);
        }
        assert_eq!(pairs(&entry("100644", "", 0), b""), None);
        let noise: Vec<u8> = (0..9_999_u32)
            .map(|seed| b"\0\0 100644 40000 abc"[seed.wrapping_mul(2_654_435_761) as usize % 19])
            .collect();
        for at in 0..9_000 {
            let _ = pairs(&noise[at..at + 200], &noise[at..at + 100]);
            let _ = pairs(&noise[at..at + 200], &noise[9_000 - at..9_999 - at]);
        }
    }
}
