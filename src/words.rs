//! The words of the interface: one list for each language, built in and overridden key by key.
//!
//! The text of word lists goes in, [`Words`] come out. It must never hold a word itself: those stand in
//! `themes/<name>/i18n/`.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use crate::diagnostic::{Diagnostics, Place};
use crate::path::SourcePath;
use crate::table::{Item, Table, Toml};
use crate::value::{Language, format_count};

/// The words of one language.
#[derive(Clone, Debug)]
pub struct Words {
    language: Language,
    words: HashMap<String, Word, FxBuildHasher>,
}

/// A word or sentence; counted ones differ between one and more.
#[derive(Clone, Debug)]
struct Word {
    one: Sentence,
    other: Sentence,
}

/// A sentence, cut at its placeholders once, since pages fill in a hundred thousand of them.
#[derive(Clone, Debug, PartialEq)]
struct Sentence {
    written: String,
    parts: Vec<Part>,
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    /// The name between braces.
    Placeholder(String),
}

impl Words {
    /// No words yet.
    pub fn new(language: Language) -> Words {
        Words {
            language,
            words: HashMap::default(),
        }
    }

    /// Takes in a word list; a word that is already there is replaced.
    pub fn add(
        &mut self,
        source: &SourcePath,
        text: &str,
        offset: usize,
        diagnostics: &mut Diagnostics,
    ) {
        let toml = Toml::parse(source, text, offset, diagnostics);
        for (key, item) in toml.root().take_all() {
            if let Some(word) = read_word(&item, diagnostics) {
                self.words.insert(key.value.to_owned(), word);
            }
        }
    }

    /// A word without placeholders; a key that nobody has given words for reads as itself.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.get(key).map_or(key, |word| &word.other.written)
    }

    /// The words that are the same for any count, with nothing to fill in, by their keys.
    pub fn fixed(&self) -> impl Iterator<Item = (&str, &str)> {
        let same = self.words.iter().filter(|(_, word)| word.one == word.other);
        let fixed = same.filter(|(_, word)| word.other.is_fixed());
        fixed.map(|(key, word)| (key.as_str(), word.other.written.as_str()))
    }

    /// A word as a script fills it in itself: for one and for any other count.
    pub fn forms<'a>(&'a self, key: &'a str) -> Vec<&'a str> {
        self.words.get(key).map_or(vec![key, key], |word| {
            vec![&word.one.written, &word.other.written]
        })
    }

    /// A sentence with its placeholders filled in; `None` where nobody has given words for the key.
    pub fn fill(&self, key: &str, count: Option<usize>, values: &[(&str, &str)]) -> Option<String> {
        let word = self.words.get(key)?;
        let sentence = if count == Some(1) {
            &word.one
        } else {
            &word.other
        };
        let mut out = String::with_capacity(sentence.written.len() + 16);
        for part in &sentence.parts {
            let name = match part {
                Part::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Part::Placeholder(name) => name.as_str(),
            };
            let value = values.iter().find(|(placeholder, _)| *placeholder == name);
            match (name, count, value) {
                ("n", Some(count), _) => out.push_str(&format_count(count, self.language)),
                (_, _, Some((_, value))) => out.push_str(value),
                _ => {
                    out.push('{');
                    out.push_str(name);
                    out.push('}');
                }
            }
        }
        Some(out)
    }
}

impl Sentence {
    fn new(written: String) -> Sentence {
        let mut parts = Vec::new();
        let mut rest = written.as_str();
        while let Some((text, behind)) = rest.split_once('{')
            && let Some((name, behind)) = behind.split_once('}')
        {
            parts.push(Part::Text(text.to_owned()));
            parts.push(Part::Placeholder(name.to_owned()));
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        Sentence { written, parts }
    }

    /// Whether there is nothing to fill in.
    fn is_fixed(&self) -> bool {
        matches!(&*self.parts, [Part::Text(_)])
    }
}

fn read_word(item: &Item<'_>, diagnostics: &mut Diagnostics) -> Option<Word> {
    if !item.is_table() {
        let text = Sentence::new(item.text(diagnostics)?.value);
        return Some(Word {
            one: text.clone(),
            other: text,
        });
    }
    let mut table: Table<'_> = item.table(diagnostics)?;
    let place: Place = table.place();
    let one = table.text("one", diagnostics).map(|text| text.value);
    let other = table.text("other", diagnostics).map(|text| text.value);
    table.finish(diagnostics);
    match (one, other) {
        (Some(one), Some(other)) => Some(Word {
            one: Sentence::new(one),
            other: Sentence::new(other),
        }),
        _ => {
            diagnostics.bad_words(place, "a counted word needs `one` and `other`");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_and_fill_in() {
        let mut words = Words::new(Language::De);
        let text = "entries = { one = \"1 Eintrag\", other = \"{n} Einträge\" }\nby = \"von {x}\"";
        let mut diagnostics = Diagnostics::new();
        words.add(&SourcePath::new("de.toml"), text, 0, &mut diagnostics);
        assert!(diagnostics.is_empty());
        assert_eq!(
            words.fill("entries", Some(1), &[]).as_deref(),
            Some("1 Eintrag")
        );
        assert_eq!(
            words.fill("entries", Some(12000), &[]).as_deref(),
            Some("12\u{202f}000 Einträge")
        );
        assert_eq!(
            words.fill("by", None, &[("x", "{n}")]).as_deref(),
            Some("von {n}")
        );
        assert_eq!(words.fill("missing", None, &[]), None);
        let odd = |text: &str| Sentence::new(text.to_owned()).parts.len();
        assert_eq!(odd("a {b"), 1);
        assert_eq!(odd("a} b"), 1);
        assert_eq!(odd("{a} {b}"), 5);
    }
}
