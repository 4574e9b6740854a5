//! Where front matter ends and the body begins.

use memchr::memchr2;

use crate::diagnostic::{Diagnostics, Place, Span};
use crate::path::SourcePath;
use crate::text::Text;

/// Above this many bytes front matter is refused.
pub(super) const LARGEST_FRONT_MATTER: usize = 64 * 1024;

/// A source in its two parts.
pub(super) struct Split<'a> {
    /// The first fence, which stands for what is missing; empty where there is none.
    pub opening: Span,
    /// The TOML between the two `+++` lines, if there is any.
    pub front: Option<Text<'a>>,
    /// The Markdown after it.
    pub body: Text<'a>,
}

/// Splits a source; `None` where the front matter is begun but cannot be told from the body, which is reported.
pub(super) fn split<'a>(
    source: &SourcePath,
    text: Text<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Split<'a>> {
    let mut lines = Lines {
        text: text.text,
        position: 0,
    };
    let (start, first) = lines.next().unwrap_or((0, ""));
    let place = |start: usize, length: usize| {
        Place::new(source, Span::at(text.offset, start..start + length))
    };
    if first.trim_end() == "---" {
        diagnostics.front_matter_yaml(place(start, 3));
        return None;
    }
    if first.trim().is_empty() && text.text.trim_start().starts_with("+++") {
        diagnostics.front_matter_late(place(0, 0));
        return None;
    }
    if first
        .strip_prefix("+++")
        .is_some_and(|rest| rest.starts_with(char::is_whitespace) && !rest.trim().is_empty())
    {
        diagnostics.fence_not_alone(place(0, first.len()));
        return None;
    }
    if first.trim_end() != "+++" {
        return Some(Split {
            opening: Span::at(text.offset, 0..0),
            front: None,
            body: text,
        });
    }
    let front_start = lines.position;
    while let Some((start, line)) = lines.next() {
        if line.trim_end() == "+++" {
            if start - front_start > LARGEST_FRONT_MATTER {
                diagnostics.front_matter_too_big(place(0, 3), LARGEST_FRONT_MATTER);
                return None;
            }
            return Some(Split {
                opening: Span::at(text.offset, 0..3),
                front: Some(part(text, front_start, start)),
                body: part(text, lines.position, text.text.len()),
            });
        }
    }
    diagnostics.front_matter_open(place(0, 3));
    None
}

fn part(text: Text<'_>, start: usize, end: usize) -> Text<'_> {
    Text {
        text: &text.text[start..end],
        offset: text.offset + start,
    }
}

/// The lines of a text with their starts; LF, CRLF and CR each end one.
struct Lines<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.position;
        let rest = &self.text[start..];
        if rest.is_empty() {
            return None;
        }
        let length = memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let ending = match &rest.as_bytes()[length..] {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
        self.position = start + length + ending;
        Some((start, &rest[..length]))
    }
}
