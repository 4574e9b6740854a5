//! Files: what deflates a body, names its data and wraps it for `fetch` and for `<script>`.

use std::collections::HashMap;

use libdeflater::{CompressionLvl, Compressor};
use sha2::{Digest, Sha256};

use super::body::Body;
use crate::path::SitePath;

/// A name: the first 40 bits of a hash. All zeros name nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::search) struct Name(pub(super) [u8; 5]);

/// A deflated body with its hash.
pub(super) struct Data {
    pub(super) bytes: Vec<u8>,
    pub(super) digest: [u8; 32],
}

/// The names that are given, each to one content.
#[derive(Default)]
pub(super) struct Names(HashMap<Name, [u8; 32]>);

/// Deflates one body after the other in the same room.
pub(in crate::search) struct Deflater {
    compressor: Compressor,
    room: Vec<u8>,
}

/// The second level takes a thirtieth more work of the whole build, for files that are smaller by a twentieth.
const LEVEL: i32 = 1;

impl Name {
    /// The name of contents, other than those of all names that are taken.
    fn of(digest: [u8; 32]) -> Name {
        let [a, b, c, d, e, ..] = digest;
        Name([a, b, c, d, e])
    }

    fn hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The path below `search/` of a file of this name.
    pub(super) fn path(self, folder: char) -> String {
        format!("{folder}/{}", self.hex())
    }
}

impl Deflater {
    pub(in crate::search) fn new() -> Deflater {
        let level = CompressionLvl::new(LEVEL).expect("BUG: the library knows this level");
        Deflater {
            compressor: Compressor::new(level),
            room: Vec::new(),
        }
    }

    pub(super) fn deflate_named(&mut self, body: &Body) -> Data {
        let bytes = self.deflate(body);
        let digest = Sha256::digest(&bytes).into();
        Data { bytes, digest }
    }

    /// A deflated body that gets no name of its own.
    pub(super) fn deflate(&mut self, body: &Body) -> Vec<u8> {
        let bound = self.compressor.deflate_compress_bound(body.0.len());
        self.room.resize(bound.max(self.room.len()), 0);
        let length = self.compressor.deflate_compress(&body.0, &mut self.room);
        let length = length.expect("BUG: there is room for what deflates worst");
        self.room[..length].to_vec()
    }
}

impl Names {
    /// A name that no other content has; `content` is hashed again where the first name is taken.
    pub(super) fn give(&mut self, digest: [u8; 32], content: &[&[u8]]) -> Name {
        let mut name = Name::of(digest);
        let mut salt = 0;
        while name == Name::default() || self.0.get(&name).is_some_and(|other| *other != digest) {
            salt += 1;
            let mut hash = Sha256::new();
            hash.update([salt]);
            content.iter().for_each(|part| hash.update(part));
            name = Name::of(hash.finalize().into());
        }
        self.0.insert(name, digest);
        name
    }

    pub(super) fn of(&mut self, data: &Data) -> Name {
        self.give(data.digest, &[&data.bytes])
    }
}

/// The file of a path below `search/`, around a deflated body.
pub(super) fn file(path: &str, data: &[u8]) -> (SitePath, Vec<u8>) {
    let mut file = Vec::with_capacity(data.len() + data.len() / 32 + 64);
    file.extend_from_slice(b"strangShard(\"");
    file.extend_from_slice(path.as_bytes());
    file.extend_from_slice(b"\",\"");
    let is_special = |byte: &u8| matches!(byte, 0 | b'\n' | b'\r' | b'"' | b'\\');
    let mut rest = data;
    while let Some(at) = rest.iter().position(is_special) {
        file.extend_from_slice(&rest[..at]);
        file.extend_from_slice(match rest[at] {
            0 => b"\\x00",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'"' => b"\\\"",
            _ => b"\\\\",
        });
        rest = &rest[at + 1..];
    }
    file.extend_from_slice(rest);
    file.extend_from_slice(b"\")");
    (SitePath::new(format!("search/{path}.js")), file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_calls_with_one_byte_a_character() {
        let (address, bytes) = file("t/00", b"\0\n\r\"\\\x80a");
        assert_eq!(address.as_str(), "search/t/00.js");
        assert_eq!(bytes, b"strangShard(\"t/00\",\"\\x00\\n\\r\\\"\\\\\x80a\")");
    }

    #[test]
    fn two_contents_never_share_a_name() {
        let mut names = Names::default();
        let digest = |last| {
            let mut digest = [7; 32];
            digest[31] = last;
            digest
        };
        let first = names.give(digest(1), &[b"a"]);
        assert_eq!(first, Name([7; 5]));
        assert_eq!(names.give(digest(1), &[b"a"]), first);
        let salted = Name::of(Sha256::digest(b"\x01b").into());
        assert_eq!(names.give(digest(2), &[b"b"]), salted);
    }
}
