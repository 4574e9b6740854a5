//! Compressed twins of files, for servers that send them as they are: `index.html.gz`.
//!
//! Bytes go in, the same bytes come out on every machine. It must never put a name, a time or anything else of this
//! machine into them, nor touch the disk.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

/// The endings of files that are text.
const TEXTS: [&str; 8] = ["css", "csv", "html", "js", "json", "svg", "txt", "xml"];
/// What the path of a twin ends with.
pub(super) const ENDING: &str = ".gz";
/// Higher ones take longer for less than a hundredth.
const LEVEL: u32 = 6;

/// Whether a file is worth the try.
pub(super) fn is_text(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default();
    TEXTS.iter().any(|text| ending.eq_ignore_ascii_case(text))
}

/// The path of a file's twin.
pub(super) fn twin(path: &str) -> String {
    format!("{path}{ENDING}")
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let room = Vec::with_capacity(bytes.len() / 4);
    let mut encoder = GzBuilder::new().write(room, Compression::new(LEVEL));
    let done = encoder.write_all(bytes).and_then(|()| encoder.finish());
    done.expect("BUG: memory takes all that is written")
}
