//! From the bytes of a source to its text, or to one clear reason why not.
//!
//! Bytes go in; text and the offset of its first byte come out. Owns UTF-8, the byte order mark, control characters
//! and the left-overs of merges. It must never repair what it reads.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use crate::diagnostic::{Diagnostics, Place, Span};
use crate::path::SourcePath;

/// The text of a source behind its byte order mark.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// All of the text.
    pub text: &'a str,
    /// How many bytes of the file stand before it.
    pub offset: usize,
}

/// A source that could be decoded.
pub struct Decoded<'a> {
    text: Cow<'a, str>,
    offset: usize,
}

impl Decoded<'_> {
    /// The text, as all later stages read it.
    pub fn text(&self) -> Text<'_> {
        Text {
            text: &self.text,
            offset: self.offset,
        }
    }
}

/// Decodes a source, or reports why not: what would make every other message about it misleading is told alone.
pub fn decode<'a>(
    source: &SourcePath,
    bytes: &'a [u8],
    diagnostics: &mut Diagnostics,
) -> Option<Decoded<'a>> {
    let offset = if bytes.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let text = match std::str::from_utf8(&bytes[offset..]) {
        Ok(text) => text,
        Err(error) => {
            let start = error.valid_up_to();
            let length = error.error_len().unwrap_or(1);
            let place = Place::new(source, Span::at(offset, start..start + length));
            diagnostics.not_utf8(place, likely_encoding(bytes));
            return None;
        }
    };
    if let Some((at, c)) = forbidden_character(text) {
        diagnostics.control_character(
            Place::new(source, Span::at(offset, at..at + c.len_utf8())),
            c,
        );
        return None;
    }
    if let Some(range) = conflict_marker(text) {
        diagnostics.conflict_marker(Place::new(source, Span::at(offset, range)));
        return None;
    }
    Some(Decoded {
        text: with_line_feeds(text),
        offset,
    })
}

/// A lone CR becomes LF, byte for byte, so that places stay and every parser sees the same lines.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let lone = |i: usize| text.as_bytes()[i] == b'\r' && text.as_bytes().get(i + 1) != Some(&b'\n');
    if !text.contains('\r') || !(0..text.len()).any(lone) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.char_indices()
            .map(|(i, c)| if lone(i) { '\n' } else { c })
            .collect(),
    )
}

/// The first control character that is no line end or tab. All but those beyond ASCII are told by one byte.
fn forbidden_character(text: &str) -> Option<(usize, char)> {
    let suspect = |byte: u8| {
        (byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t')) || matches!(byte, 0x7f | 0xc2)
    };
    // Without a way out of the loop the compiler looks at many bytes at once.
    if !text
        .bytes()
        .fold(false, |found, byte| found | suspect(byte))
    {
        return None;
    }
    text.char_indices()
        .find(|(_, c)| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}'))
}

/// A guess that helps to choose the right menu entry in an editor.
fn likely_encoding(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16",
        _ if bytes.iter().take(200).filter(|b| **b == 0).count() > 20 => "UTF-16",
        _ => "Windows-1252",
    }
}

const MARKERS: [&str; 3] = ["<<<<<<<", "|||||||", ">>>>>>>"];

/// The first line that a merge left behind, outside of fenced code.
fn conflict_marker(text: &str) -> Option<Range<usize>> {
    let contains = |marker: &&str| memmem::find(text.as_bytes(), marker.as_bytes()).is_some();
    if !MARKERS.iter().any(contains) {
        return None;
    }
    let mut fence: Option<&str> = None;
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let content = line.trim_end();
        match (fence, fence_of(content)) {
            (None, Some(opening)) => fence = Some(opening),
            (Some(opening), Some(closing))
                if closing.starts_with(opening) && content.trim() == closing =>
            {
                fence = None;
            }
            (None, None) if is_marker(content) => return Some(start..start + content.len()),
            _ => {}
        }
        start += line.len();
    }
    None
}

fn is_marker(line: &str) -> bool {
    MARKERS
        .iter()
        .filter_map(|marker| line.strip_prefix(marker))
        .any(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The run of backticks or tildes that opens or closes fenced code.
fn fence_of(line: &str) -> Option<&str> {
    let line = line.trim_start_matches([' ', '\t', '>', '-', '*', '+', '.', ')']);
    let line =
        line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' '));
    ['`', '~'].iter().find_map(|sign| {
        let length = line.chars().take_while(|c| c == sign).count();
        let is_code_span = *sign == '`' && line[length..].contains('`');
        (length >= 3 && !is_code_span).then(|| &line[..length])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflict_markers_are_found_and_look_alikes_are_not() {
        assert_eq!(conflict_marker("a\r\n<<<<<<< HEAD\r\nb"), Some(3..15));
        assert_eq!(conflict_marker("x\n>>>>>>> topic"), Some(2..15));
        assert!(conflict_marker("Titel\n=======\n").is_none());
        assert!(conflict_marker("```\n<<<<<<< HEAD\n```\n").is_none());
        assert!(conflict_marker("<<<<<<<<<<<< art\n").is_none());
        assert!(conflict_marker("```\nx\n```\n<<<<<<< HEAD\n").is_some());
    }
}
