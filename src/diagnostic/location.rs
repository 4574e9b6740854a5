//! From byte ranges to lines and columns as people count them.
//!
//! Lines and columns count from 1, a column counts characters, a byte order mark counts nothing, and CR, LF and CRLF
//! each end a line. It must never fail, whatever the bytes.

use std::borrow::Cow;
use std::sync::Arc;

use super::Span;
use crate::path::SourcePath;

/// Where the text of a source is found again when a message about it is printed.
pub trait Texts {
    /// The bytes of a source as they were read; `None` where they cannot be had any more.
    fn bytes(&self, source: &SourcePath) -> Option<Cow<'_, [u8]>>;
}

impl<T: Texts> Texts for Arc<T> {
    fn bytes(&self, source: &SourcePath) -> Option<Cow<'_, [u8]>> {
        T::bytes(self, source)
    }
}

/// A span in the terms of an editor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The line of the first character.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// The line of the last character.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
    /// The text of the first line.
    pub text: String,
}

impl Location {
    /// Finds a span in the bytes of its file.
    pub fn of(span: Span, bytes: &[u8]) -> Location {
        let skipped = if bytes.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        let start = (span.start as usize).clamp(skipped, bytes.len().max(skipped));
        let end = (span.end as usize).clamp(start, bytes.len().max(start));
        let (line, line_start) = line_at(bytes, start, skipped);
        let (end_line, end_line_start) = line_at(bytes, end, skipped);
        let line_end = bytes[line_start.min(bytes.len())..]
            .iter()
            .position(|b| matches!(b, b'\n' | b'\r'))
            .map_or(bytes.len(), |length| line_start + length);
        Location {
            line,
            column: characters(bytes, line_start, start) + 1,
            end_line,
            end_column: characters(bytes, end_line_start, end) + 1,
            text: decode(bytes.get(line_start..line_end).unwrap_or_default()).into_owned(),
        }
    }
}

/// The number of the line in which a byte stands, and where that line starts.
fn line_at(bytes: &[u8], position: usize, skipped: usize) -> (usize, usize) {
    let (mut line, mut line_start) = (1, skipped);
    let mut i = skipped;
    while i < position.min(bytes.len()) {
        let ends_line = match bytes[i] {
            b'\n' => true,
            b'\r' => bytes.get(i + 1) != Some(&b'\n'),
            _ => false,
        };
        i += 1;
        if ends_line {
            line += 1;
            line_start = i;
        }
    }
    (line, line_start)
}

fn characters(bytes: &[u8], start: usize, end: usize) -> usize {
    decode(bytes.get(start..end).unwrap_or_default())
        .chars()
        .count()
}

fn decode(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(text: &str, start: usize) -> (usize, usize, String) {
        let location = Location::of(Span::at(0, start..start + 1), text.as_bytes());
        (location.line, location.column, location.text)
    }

    #[test]
    fn columns_count_characters_and_every_line_end_counts_once() {
        assert_eq!(location("äöü x", 7), (1, 5, "äöü x".into()));
        assert_eq!(location("a\r\nb\rc\nd", 7), (4, 1, "d".into()));
        assert_eq!(location("\u{feff}ab", 4), (1, 2, "ab".into()));
        assert_eq!(location("", 0), (1, 1, String::new()));
        assert_eq!(location("a\n", 2), (2, 1, String::new()));
    }
}
