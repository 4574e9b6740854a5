//! What links want, as written.

use std::borrow::Cow;

use crate::diagnostic::Span;
use crate::path::percent_decode;

/// A link or image of a body that leads to something of the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyLink {
    /// What it wants.
    pub wanted: Wanted,
    /// Where it stands.
    pub span: Span,
    /// The sentence around it, for the page that it leads to.
    pub sentence: Vec<Piece>,
}

impl BodyLink {
    pub(super) fn new(wanted: Wanted, span: Span) -> Self {
        Self {
            wanted,
            span,
            sentence: Vec::new(),
        }
    }
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Plain text.
    Text(String),
    /// A link of the same body; without a label it shows the title of what it leads to.
    Link {
        /// The index of the link in its body.
        link: u32,
        /// The text that the author gave it.
        label: Option<String>,
    },
}

/// What a link wants, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `[[name#heading]]`.
    Wiki {
        /// An id, title or alias.
        name: String,
        /// The heading on that page.
        heading: Option<String>,
    },
    /// A path relative to the source, decoded.
    Relative {
        /// The path.
        path: String,
        /// The heading on that page.
        heading: Option<String>,
    },
    /// A heading on the same page.
    Here(String),
    /// A picture by its path relative to the source, decoded.
    Image(String),
    /// An address outside the portal with a scheme that pages may use.
    External(String),
}

impl Wanted {
    /// What stands between `[[` and `|` or `]]`.
    pub(super) fn wiki(text: &str) -> Wanted {
        // In a table the `|` before a label is written `\\|`.
        let text = text.strip_suffix('\\').unwrap_or(text);
        let (name, heading) = match text.split_once('#') {
            Some((name, heading)) => (name.trim(), Some(heading.trim().to_owned())),
            None => (text.trim(), None),
        };
        let heading = heading.filter(|heading| !heading.is_empty());
        match heading {
            Some(heading) if name.is_empty() => Wanted::Here(heading),
            heading => Wanted::Wiki {
                name: name.to_owned(),
                heading,
            },
        }
    }

    /// What stands in the parentheses of a link; the error is the scheme that no page may use.
    pub(super) fn of_address(address: &str) -> Result<Wanted, String> {
        if let Some(scheme) = scheme(address) {
            return if matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel") {
                Ok(Wanted::External(address.trim().to_owned()))
            } else {
                Err(scheme)
            };
        }
        if address.starts_with("//") || address.starts_with('\\') {
            return Err("//".to_owned());
        }
        let (path, heading) = match address.split_once('#') {
            Some((path, heading)) => (path, Some(decoded(heading))),
            None => (address, None),
        };
        let path = path.split('?').next().unwrap_or_default();
        Ok(match heading {
            Some(heading) if path.is_empty() => Wanted::Here(heading),
            heading => Wanted::Relative {
                path: decoded(path),
                heading,
            },
        })
    }

    pub(super) fn image(address: &str) -> Wanted {
        Wanted::Image(decoded(
            address.split(['?', '#']).next().unwrap_or_default(),
        ))
    }
}

fn decoded(text: &str) -> String {
    percent_decode(text).map_or_else(|| text.to_owned(), Cow::into_owned)
}

/// The scheme as a browser reads it: blanks and control characters do not count, nor does case or encoding.
fn scheme(address: &str) -> Option<String> {
    let decoded = decoded(address);
    let head = decoded.split(['/', '?', '#']).next().unwrap_or_default();
    let (scheme, _) = head.split_once(':')?;
    Some(
        scheme
            .chars()
            .filter(|c| !c.is_whitespace() && !c.is_control())
            .collect::<String>()
            .to_ascii_lowercase(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_schemes_pass() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            "java\tscript:x",
            "\u{1}javascript:x",
            "java%73cript:x",
            "//evil",
            "data:x",
            "file:x",
        ] {
            assert!(Wanted::of_address(bad).is_err(), "{bad}");
        }
        for good in [
            "https://x.example/a:b",
            "mailto:a@b.example",
            "tel:+49",
            "HTTP://x.example",
        ] {
            assert!(
                matches!(Wanted::of_address(good), Ok(Wanted::External(_))),
                "{good}"
            );
        }
        assert_eq!(
            Wanted::of_address("../a%20b.md#Ziel%20A"),
            Ok(Wanted::Relative {
                path: "../a b.md".into(),
                heading: Some("Ziel A".into())
            })
        );
        assert_eq!(
            Wanted::wiki(" Müller # Ziele "),
            Wanted::Wiki {
                name: "Müller".into(),
                heading: Some("Ziele".into())
            }
        );
    }
}
