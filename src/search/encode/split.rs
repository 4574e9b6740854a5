//! The split of sorted strings into shards, such that a new string changes one of them.

use std::ops::Range;

/// Neighbours that make a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// The least string that it may hold.
    pub(super) bound: Vec<u8>,
    /// Which strings it holds.
    pub(super) items: Range<usize>,
}

/// Splits strings in their order, each of which takes so many bytes.
pub(super) fn split<'s>(
    strings: &(impl Fn(usize) -> &'s [u8] + ?Sized),
    sizes: &[usize],
    target: usize,
) -> Vec<Shard> {
    let mut ends = Vec::with_capacity(sizes.len() + 1);
    ends.push(0);
    for size in sizes {
        ends.push(ends[ends.len() - 1] + size);
    }
    let mut splitter = Splitter {
        strings,
        ends,
        target,
        shards: Vec::new(),
    };
    if !sizes.is_empty() {
        splitter.split(0..sizes.len(), 0);
        splitter.shards[0].bound.clear();
    }
    splitter.shards
}

struct Splitter<'a, F: ?Sized> {
    strings: &'a F,
    /// Where each string ends, in bytes.
    ends: Vec<usize>,
    target: usize,
    shards: Vec<Shard>,
}

impl<'s, F: Fn(usize) -> &'s [u8] + ?Sized> Splitter<'_, F> {
    fn size(&self, items: &Range<usize>) -> usize {
        self.ends[items.end] - self.ends[items.start]
    }

    /// Splits strings that begin with the same bytes, so many.
    fn split(&mut self, items: Range<usize>, prefix: usize) {
        if self.size(&items) <= self.target {
            return self.push(items, prefix);
        }
        let mut glued: Option<(Range<usize>, usize)> = None;
        let mut start = items.start;
        while start < items.end {
            let end = self.group_end(start, items.end, prefix);
            let bound = (self.strings)(start).len().min(prefix + 1);
            let together = glued.as_ref().map_or(start, |(items, _)| items.start)..end;
            if self.size(&together) <= self.target {
                glued = Some((together, glued.map_or(bound, |(_, bound)| bound)));
            } else {
                if let Some((items, bound)) = glued.take() {
                    self.push(items, bound);
                }
                if bound == prefix || self.size(&(start..end)) <= self.target {
                    glued = Some((start..end, bound));
                } else {
                    self.split(start..end, prefix + 1);
                }
            }
            start = end;
        }
        if let Some((items, bound)) = glued {
            self.push(items, bound);
        }
    }

    /// The end of the strings whose next byte is the same, or that have none.
    fn group_end(&self, start: usize, end: usize, prefix: usize) -> usize {
        let next = |at: usize| (self.strings)(at).get(prefix);
        let byte = next(start);
        (start..end).find(|at| next(*at) != byte).unwrap_or(end)
    }

    fn push(&mut self, items: Range<usize>, bound: usize) {
        let bound = (self.strings)(items.start)[..bound].to_vec();
        self.shards.push(Shard { bound, items });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shards(strings: &[&str], target: usize) -> Vec<(String, Range<usize>)> {
        let sizes: Vec<usize> = strings.iter().map(|string| string.len()).collect();
        let split = split(&|at: usize| strings[at].as_bytes(), &sizes, target);
        split
            .into_iter()
            .map(|shard| (String::from_utf8(shard.bound).unwrap(), shard.items))
            .collect()
    }

    fn shard(bound: &str, items: Range<usize>) -> (String, Range<usize>) {
        (bound.to_owned(), items)
    }

    #[test]
    fn what_fits_is_one_shard() {
        assert_eq!(shards(&["a", "b"], 2), [shard("", 0..2)]);
        assert_eq!(shards(&[], 2), []);
    }

    #[test]
    fn neighbours_are_glued_and_crowds_split() {
        let strings = ["a", "b", "b", "ca", "cab", "cb", "d"];
        assert_eq!(
            shards(&strings, 3),
            [
                shard("", 0..3),
                shard("ca", 3..4),
                shard("cab", 4..5),
                shard("cb", 5..6),
                shard("d", 6..7)
            ]
        );
    }

    #[test]
    fn what_cannot_be_split_stays_together() {
        assert_eq!(
            shards(&["aa", "aa", "ab"], 3),
            [shard("", 0..2), shard("ab", 2..3)]
        );
    }
}
