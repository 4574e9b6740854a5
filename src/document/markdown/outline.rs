//! The headings of a body, as an outline without gaps and with anchors that are unique in it.

use std::collections::{HashMap, HashSet};

use super::links::Piece;
use crate::path::{Anchor, slug};

/// One heading of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its depth in the outline, from 1, never skipping one.
    pub level: u8,
    /// Where links find it.
    pub anchor: Anchor,
    /// What it says by itself, without the words of its links.
    pub text: String,
    /// All that it says.
    pub pieces: Vec<Piece>,
}

impl Heading {
    /// All that it says as far as its author wrote it out.
    pub fn label(&self) -> String {
        let words = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Link { label, .. } => label.as_deref().unwrap_or_default(),
        });
        words.collect::<String>().trim().to_owned()
    }
}

/// Ids that the templates use for the sections of their pages.
const SECTION_ANCHORS: [&str; 28] = [
    "add",
    "assessments",
    "chains",
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
    "not-reached",
    "on-this-page",
    "open",
    "pages",
    "people-data",
    "satisfaction",
    "template",
    "thanks",
    "waiting",
];

#[derive(Default)]
pub(super) struct Outline {
    headings: Vec<Heading>,
    /// The levels as written of the headings that the current one stands below.
    open: Vec<u8>,
    taken: HashSet<String>,
    /// With which number the search for a free anchor goes on, so that very many alike stay quick.
    next_numbers: HashMap<String, u32>,
}

impl Outline {
    pub(super) fn len(&self) -> usize {
        self.headings.len()
    }

    pub(super) fn push(
        &mut self,
        written_level: u8,
        id: Option<&str>,
        text: &str,
        pieces: Vec<Piece>,
    ) -> &Heading {
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
            pieces,
        });
        self.headings
            .last()
            .expect("BUG: a heading was just pushed")
    }

    /// Entries' and years' anchors start with a digit, goals' with `goal-`, lists' of customers with `for-`, templates'
    /// of new entries hold `--`, and sections' are reserved, so a heading's is none of these.
    fn unique(&mut self, slug: &str) -> Anchor {
        let base = match slug.as_bytes().first() {
            None => "section".to_owned(),
            Some(b'0'..=b'9') => format!("n-{slug}"),
            Some(_) if slug.starts_with("goal-") || slug.starts_with("for-") => format!("n-{slug}"),
            Some(_) => slug.to_owned(),
        };
        let numbered = |number: u32| match number {
            1 => base.clone(),
            _ => format!("{base}-{number}"),
        };
        let mut number = self.next_numbers.get(&base).copied().unwrap_or(1);
        let mut name = numbered(number);
        while SECTION_ANCHORS.contains(&name.as_str()) || self.taken.contains(&name) {
            number += 1;
            name = numbered(number);
        }
        self.next_numbers.insert(base.clone(), number + 1);
        self.taken.insert(name.clone());
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
            .map(|level| outline.push(level, None, "Größe", Vec::new()).level)
            .to_vec();
        assert_eq!(levels, [1, 2, 2, 1, 1, 2]);
        let anchors: Vec<&str> = outline
            .headings
            .iter()
            .map(|heading| heading.anchor.as_str())
            .collect();
        assert_eq!(anchors[..3], ["groesse", "groesse-2", "groesse-3"]);
        assert_eq!(
            outline.push(2, None, "2024", Vec::new()).anchor.as_str(),
            "n-2024"
        );
        assert_eq!(
            outline.push(2, None, "Goals", Vec::new()).anchor.as_str(),
            "goals-2"
        );
        assert_eq!(
            outline.push(2, None, "…", Vec::new()).anchor.as_str(),
            "section"
        );
    }
}
