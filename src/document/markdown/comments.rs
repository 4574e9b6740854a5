//! Comments: notes between editors, which reach no output.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Stands in for each byte of a comment, so that places stay; no source may contain it.
pub(super) const HIDDEN: char = '\u{1}';

/// The text with its comments hidden, and where one begins that is never closed and therefore hides the rest. In code
/// there are no comments.
pub(super) fn hide(text: &str, options: Options) -> (Cow<'_, str>, Option<usize>) {
    if !text.contains("<!--") {
        return (Cow::Borrowed(text), None);
    }
    let mut open = None;
    let code = code_ranges(text, options);
    let mut hidden = String::with_capacity(text.len());
    while let Some(start) = next_comment(text, hidden.len(), &code) {
        let length = text[start + 4..].find("-->").map(|length| 4 + length + 3);
        if length.is_none() {
            open = Some(start);
        }
        let end = length.map_or(text.len(), |length| start + length);
        hidden.push_str(&text[hidden.len()..start]);
        for byte in text[start..end].bytes() {
            hidden.push(if matches!(byte, b'\n' | b'\r') {
                char::from(byte)
            } else {
                HIDDEN
            });
        }
    }
    hidden.push_str(&text[hidden.len()..]);
    (Cow::Owned(hidden), open)
}

fn code_ranges(text: &str, options: Options) -> Vec<Range<usize>> {
    Parser::new_ext(text, options)
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(_))))
        .map(|(_, range)| range)
        .collect()
}

fn next_comment(text: &str, from: usize, code: &[Range<usize>]) -> Option<usize> {
    let mut from = from;
    loop {
        let start = from + text[from..].find("<!--")?;
        match code.iter().find(|range| range.contains(&start)) {
            Some(range) => from = range.end,
            None => return Some(start),
        }
    }
}

/// What is left of a text for readers.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.contains(HIDDEN) {
        Cow::Owned(text.replace(HIDDEN, ""))
    } else {
        Cow::Borrowed(text)
    }
}
