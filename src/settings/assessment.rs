//! The ten questions that a department asks itself once a year: their keys, and the portal's own wording of them.

use std::collections::BTreeMap;

use super::Label;
use crate::diagnostic::Diagnostics;
use crate::table::Table;

/// One side of working for customers, which one question is about; in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Knowing what customers want to reach.
    Goals,
    /// Answering while it still helps.
    Answers,
    /// Complaints as a gift.
    Complaints,
    /// Keeping promises.
    Promises,
    /// Knowledge that others find.
    Knowledge,
    /// Knowing whom one's work serves.
    Purpose,
    /// Being free to help at once.
    Freedom,
    /// Handing over so that nobody tells it twice.
    Handovers,
    /// Learning from what one is told.
    Learning,
    /// Thanks for quiet work.
    Recognition,
}

impl Aspect {
    /// All of them with their keys in front matter and settings.
    pub const ALL: [(&'static str, Aspect); 10] = [
        ("goals", Aspect::Goals),
        ("answers", Aspect::Answers),
        ("complaints", Aspect::Complaints),
        ("promises", Aspect::Promises),
        ("knowledge", Aspect::Knowledge),
        ("purpose", Aspect::Purpose),
        ("freedom", Aspect::Freedom),
        ("handovers", Aspect::Handovers),
        ("learning", Aspect::Learning),
        ("recognition", Aspect::Recognition),
    ];

    /// The key in front matter and settings.
    pub fn key(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// Reads `[assessment.questions]`; what it leaves out is asked in the words of the theme.
pub(super) fn read(mut table: Table<'_>, diagnostics: &mut Diagnostics) -> BTreeMap<Aspect, Label> {
    let mut own = BTreeMap::new();
    if let Some(mut questions) = table.table("questions", diagnostics) {
        for (key, aspect) in Aspect::ALL {
            let label = questions
                .take(key)
                .and_then(|item| Label::of(&item, diagnostics));
            own.extend(label.map(|label| (aspect, label)));
        }
        questions.finish(diagnostics);
    }
    table.finish(diagnostics);
    own
}

#[cfg(test)]
mod tests {
    use super::Aspect;

    #[test]
    fn every_aspect_has_its_own_key() {
        for (key, aspect) in Aspect::ALL {
            assert_eq!(aspect.key(), key);
        }
    }
}
