//! The headings of a body, as an outline without gaps and with anchors that are unique in it.

use std::collections::HashSet;

use crate::path::{Anchor, slug};

/// One heading of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its depth in the outline, from 1, never skipping one.
    pub level: u8,
    /// Where links find it.
    pub anchor: Anchor,
    /// Its plain text.
    pub text: String,
}

/// Ids that the templates use for the sections of their pages.
const SECTION_ANCHORS: [&str; 22] = [
    "closed",
    "contributions",
    "contributors",
    "facts",
    "far",
    "folders",
    "former",
    "goals",
    "history",
    "linked-from",
    "main",
    "menu",
    "near",
    "needing",
    "new",
    "nobody",
    "on-this-page",
    "open",
    "pages",
    "satisfaction",
    "thanks",
    "waiting",
];

#[derive(Default)]
pub(super) struct Outline {
    headings: Vec<Heading>,
    /// The levels as written of the headings that the current one stands below.
    open: Vec<u8>,
    taken: HashSet<String>,
}

impl Outline {
    pub(super) fn len(&self) -> usize {
        self.headings.len()
    }

    pub(super) fn push(&mut self, written_level: u8, id: Option<&str>, text: &str) -> &Heading {
        while self
            .open
            .last()
            .is_some_and(|level| *level >= written_level)
        {
            self.open.pop();
        }
        self.open.push(written_level);
        let level = u8::try_from(self.open.len()).unwrap_or(6);
        let anchor = self.unique(&slug(id.unwrap_or(text)));
        self.headings.push(Heading {
            level,
            anchor,
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        });
        self.headings
            .last()
            .expect("BUG: a heading was just pushed")
    }

    /// Entries' and years' anchors start with a digit, goals' with `goal-`, and sections' are reserved, so a heading's
    /// is none of these.
    fn unique(&mut self, slug: &str) -> Anchor {
        let base = match slug.as_bytes().first() {
            None => "section".to_owned(),
            Some(b'0'..=b'9') => format!("n-{slug}"),
            Some(_) if slug.starts_with("goal-") => format!("n-{slug}"),
            Some(_) => slug.to_owned(),
        };
        let mut name = base.clone();
        let mut number = 2;
        while SECTION_ANCHORS.contains(&name.as_str()) || !self.taken.insert(name.clone()) {
            name = format!("{base}-{number}");
            number += 1;
        }
        Anchor::of_text(&name)
    }

    pub(super) fn into_headings(self) -> Vec<Heading> {
        self.headings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_have_no_gaps_and_anchors_are_unique() {
        let mut outline = Outline::default();
        let levels: Vec<u8> = [2, 4, 3, 2, 1, 3]
            .map(|level| outline.push(level, None, "Größe").level)
            .to_vec();
        assert_eq!(levels, [1, 2, 2, 1, 1, 2]);
        let anchors: Vec<&str> = outline
            .headings
            .iter()
            .map(|heading| heading.anchor.as_str())
            .collect();
        assert_eq!(anchors[..3], ["groesse", "groesse-2", "groesse-3"]);
        assert_eq!(outline.push(2, None, "2024").anchor.as_str(), "n-2024");
        assert_eq!(outline.push(2, None, "Goals").anchor.as_str(), "goals-2");
        assert_eq!(outline.push(2, None, "…").anchor.as_str(), "section");
    }
}
