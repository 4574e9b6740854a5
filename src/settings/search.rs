//! The search: whether there is one, what weighs how much, and which words are compounds.

use thin_vec::ThinVec;

use crate::diagnostic::{Diagnostics, Place, Spanned};
use crate::table::Table;

/// What `[search]` decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Whether the site has an index.
    pub enabled: bool,
    /// What a word is worth by where it stands.
    pub weights: Weights,
    /// Words that are never taken apart.
    pub compounds_never: Vec<String>,
    /// Words that are always taken apart where a `+` stands.
    pub compounds_always: Vec<String>,
}

/// How much a word counts in each place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// An id, a number, another name.
    pub id: f64,
    /// The title.
    pub title: f64,
    /// A name in an entry, and its kind.
    pub name: f64,
    /// The headings above a section.
    pub path: f64,
    /// The title of a section's page.
    pub page: f64,
    /// A fact.
    pub fact: f64,
    /// The text.
    pub text: f64,
}

/// The heaviest weight.
const HEAVIEST: i64 = 100;

impl Default for Search {
    fn default() -> Self {
        Search {
            enabled: true,
            weights: Weights::default(),
            compounds_never: Vec::new(),
            compounds_always: Vec::new(),
        }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            id: 8.0,
            title: 6.0,
            name: 3.0,
            path: 3.0,
            page: 2.0,
            fact: 1.5,
            text: 1.0,
        }
    }
}

/// Reads `[search]`.
pub(super) fn read(mut table: Table<'_>, diagnostics: &mut Diagnostics) -> Search {
    let mut search = Search::default();
    if let Some(enabled) = table.bool("enabled", diagnostics) {
        search.enabled = enabled;
    }
    let at = table.place();
    let words =
        |words: ThinVec<Spanned<String>>| words.into_iter().map(|word| word.value).collect();
    search.compounds_never = words(table.texts("compounds_never", diagnostics));
    let mut always = table.texts("compounds_always", diagnostics);
    always.retain(|word| is_split(word, &at, diagnostics));
    search.compounds_always = words(always);
    if let Some(weights) = table.table("weights", diagnostics) {
        read_weights(weights, &mut search.weights, diagnostics);
    }
    table.finish(diagnostics);
    search
}

fn is_split(word: &Spanned<String>, at: &Place, diagnostics: &mut Diagnostics) -> bool {
    let parts = word.value.split('+');
    let is_split =
        word.value.contains('+') && parts.into_iter().all(|part| !part.trim().is_empty());
    if !is_split {
        let at = Place {
            span: word.span,
            ..at.clone()
        };
        let message = "a word that is always taken apart says where";
        diagnostics.bad_setting(at, message, "put a `+` between its parts: \"kraft+werk\"");
    }
    is_split
}

fn read_weights(mut table: Table<'_>, weights: &mut Weights, diagnostics: &mut Diagnostics) {
    let fields: [(&'static str, &mut f64); 7] = [
        ("id", &mut weights.id),
        ("title", &mut weights.title),
        ("name", &mut weights.name),
        ("path", &mut weights.path),
        ("page", &mut weights.page),
        ("fact", &mut weights.fact),
        ("text", &mut weights.text),
    ];
    for (key, weight) in fields {
        let Some(item) = table.take(key) else {
            continue;
        };
        let hundredths = item.number(diagnostics).map(|number| {
            number
                .to_scale(2)
                .filter(|n| (0..=HEAVIEST * 100).contains(n))
        });
        match hundredths {
            Some(Some(hundredths)) => {
                *weight = f64::from(u32::try_from(hundredths).unwrap_or(0)) / 100.0;
            }
            Some(None) => {
                let message = "a weight is a number from 0 to 100 with two decimals at most";
                diagnostics.bad_setting(item.place(), message, "such as title = 6");
            }
            None => {}
        }
    }
    table.finish(diagnostics);
}
