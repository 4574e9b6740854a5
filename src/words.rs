//! The words of the interface: one list for each language, built in and overridden key by key.
//!
//! The text of word lists goes in, [`Words`] come out. It must never hold a word itself: those stand in
//! `themes/<name>/i18n/`.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostics, Place};
use crate::path::SourcePath;
use crate::table::{Item, Table, Toml};
use crate::value::{Language, format_count};

/// The words of one language.
#[derive(Clone, Debug)]
pub struct Words {
    language: Language,
    words: BTreeMap<String, Word>,
}

/// A word or sentence; counted ones differ between one and more.
#[derive(Clone, Debug)]
struct Word {
    one: String,
    other: String,
}

impl Words {
    /// No words yet.
    pub fn new(language: Language) -> Words {
        Words {
            language,
            words: BTreeMap::new(),
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
        self.words.get(key).map_or(key, |word| word.other.as_str())
    }

    /// The words that are the same for any count, with nothing to fill in, by their keys.
    pub fn fixed(&self) -> impl Iterator<Item = (&str, &str)> {
        let same = self.words.iter().filter(|(_, word)| word.one == word.other);
        let words = same.map(|(key, word)| (key.as_str(), word.other.as_str()));
        words.filter(|(_, word)| !word.contains('{'))
    }

    /// A word as a script fills it in itself: for one and for any other count.
    pub fn forms<'a>(&'a self, key: &'a str) -> Vec<&'a str> {
        self.words
            .get(key)
            .map_or(vec![key, key], |word| vec![&word.one, &word.other])
    }

    /// A sentence with its placeholders filled in; `None` where nobody has given words for the key.
    pub fn fill(&self, key: &str, count: Option<usize>, values: &[(&str, &str)]) -> Option<String> {
        let word = self.words.get(key)?;
        let template = if count == Some(1) {
            &word.one
        } else {
            &word.other
        };
        if !template.contains('{') {
            return Some(template.clone());
        }
        let mut out = String::with_capacity(template.len() + 16);
        let mut rest = template.as_str();
        while let Some(start) = rest.find('{') {
            let end = rest[start..]
                .find('}')
                .map_or(rest.len(), |end| start + end + 1);
            let name = rest[start..end].trim_matches(['{', '}']);
            out.push_str(&rest[..start]);
            match (
                name,
                count,
                values.iter().find(|(placeholder, _)| *placeholder == name),
            ) {
                ("n", Some(count), _) => out.push_str(&format_count(count, self.language)),
                (_, _, Some((_, value))) => out.push_str(value),
                _ => out.push_str(&rest[start..end]),
            }
            rest = &rest[end..];
        }
        out.push_str(rest);
        Some(out)
    }
}

fn read_word(item: &Item<'_>, diagnostics: &mut Diagnostics) -> Option<Word> {
    if !item.is_table() {
        let text = item.text(diagnostics)?.value;
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
        (Some(one), Some(other)) => Some(Word { one, other }),
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
    }
}
