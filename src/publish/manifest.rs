//! The list that a site carries of its own files: by it strang knows a directory as its own and a file as undamaged.
//!
//! Prints of files go in, a text of sorted lines comes out, and back. No time, no host, nothing that differs between
//! two builds of the same. It must never touch the disk.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use blake3::Hash;

/// The file that lists a site.
pub(super) const MANIFEST: &str = ".strang";
/// The file that lists what a site keeps of the one before it.
pub(super) const CARRIED: &str = ".strang-carried";

/// With what the list of every release of strang begins.
pub(super) const OWN: &str = "strang ";
const HEAD: &str = "strang 2\n";

/// What is known of a file without having it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    hash: Hash,
    /// In bytes.
    pub(super) size: u64,
}

impl Print {
    pub(super) fn of(bytes: &[u8]) -> Print {
        Print {
            hash: blake3::hash(bytes),
            size: bytes.len() as u64,
        }
    }
}

/// Files by their paths, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) files: BTreeMap<Box<str>, Print>,
}

impl Manifest {
    /// Reads what [`Manifest::text`] wrote; `None` is a list of another release, or a damaged one.
    pub(super) fn parse(text: &[u8]) -> Option<Manifest> {
        let text = std::str::from_utf8(text).ok()?.strip_prefix(HEAD)?;
        let files = text.lines().map(|line| {
            let mut parts = line.splitn(3, ' ');
            let hash = Hash::from_hex(parts.next()?).ok()?;
            let size = parts.next()?.parse().ok()?;
            Some((parts.next()?.into(), Print { hash, size }))
        });
        let files = files.collect::<Option<_>>()?;
        text.ends_with('\n').then_some(Manifest { files })
    }

    /// A line for each file: its BLAKE3 hash, its size, its path.
    pub(super) fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (path, print) in &self.files {
            let _ = writeln!(text, "{} {} {path}", print.hash.to_hex(), print.size);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written_and_half_a_list_is_none() {
        let mut manifest = Manifest::default();
        for path in ["Plan Süd.pdf", "a/b.html"] {
            manifest
                .files
                .insert(path.into(), Print::of(path.as_bytes()));
        }
        let text = manifest.text();
        assert_eq!(Manifest::parse(text.as_bytes()), Some(manifest));
        for end in 0..text.len() - 1 {
            let half = Manifest::parse(&text.as_bytes()[..end]);
            assert!(half.is_none_or(|half| half.files.len() < 2), "{end}");
        }
        assert_eq!(Manifest::parse(b"strang 1\na.html\n"), None);
    }
}
