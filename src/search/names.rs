//! Names: by what is typed, the very page that is meant.

use std::collections::HashSet;

use super::analyze::{Analyzer, english_stem, german_stem};
use super::records::{Records, id_of};
use crate::portal::{Page, PageId};
use crate::settings::Settings;
use crate::value::FactValue;
use crate::view::Found;

/// Keys of pages with the ids of their records.
pub(super) struct Names {
    /// By key, then by record.
    pub(super) keys: Vec<(String, u32)>,
}

/// Longer titles are cut; a title is found from each of so many words on, since surnames stand far behind.
const MOST_WORDS: usize = 8;
/// What more pages are called is no name.
const MOST_TARGETS: usize = 64;

impl Names {
    pub(super) fn of(records: &Records<'_>) -> Names {
        let portal = records.portal;
        let mut analyzer = Analyzer::default();
        let mut keys: Vec<(String, u32)> = Vec::new();
        for (record, head) in records.heads.iter().enumerate() {
            let found = records.head(record);
            let mut add = |key: String| {
                if !key.is_empty() {
                    keys.push((key, id_of(record)));
                }
            };
            let page = portal.page(*head);
            for title in titles(found, page) {
                let title = records.from.redacted(title.into());
                for words in spellings(&mut analyzer, &title) {
                    for first in 0..words.len().min(MOST_WORDS) {
                        let end = words.len().min(first + MOST_WORDS);
                        add(words[first..end].join(" "));
                    }
                }
            }
            let Some(page) = page.filter(|_| *head != PageId::Home) else {
                continue;
            };
            let whole = [page.id.as_str()]
                .into_iter()
                .chain(portal.former_ids(page))
                .chain(unique_facts(&portal.settings, page));
            let says_nobody = |name: &&str| records.from.redacted((*name).into()) == *name;
            for name in whole.filter(says_nobody) {
                spellings(&mut analyzer, name)
                    .into_iter()
                    .for_each(|words| add(words.join(" ")));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let few = |same: &&[(String, u32)]| same.len() <= MOST_TARGETS;
        let named = keys.chunk_by(|a, b| a.0 == b.0).filter(few);
        Names {
            keys: named.flatten().cloned().collect(),
        }
    }

    /// The terms that names begin with: the first words of all keys, and the stems of these.
    pub(super) fn first_terms(&self) -> HashSet<&str> {
        let first = self.keys.iter().map(|(key, _)| match key.split_once(' ') {
            Some((first, _)) => first,
            None => key,
        });
        first
            .flat_map(|word| [word, german_stem(word), english_stem(word)])
            .collect()
    }
}

fn titles<'a>(found: &'a Found<'_>, page: Option<&'a Page>) -> impl Iterator<Item = &'a str> {
    let aliases = page.map(|page| page.aliases.as_slice()).unwrap_or_default();
    [&*found.title]
        .into_iter()
        .chain(aliases.iter().map(String::as_str))
}

/// The words of a name, joined as written; and in parts, where that differs.
fn spellings(analyzer: &mut Analyzer, name: &str) -> Vec<Vec<String>> {
    let joined = analyzer.joined(name);
    let analysis = analyzer.analyze(name, crate::value::Language::De);
    let parts: Vec<String> = analysis.words().map(|(word, _)| word.to_owned()).collect();
    let mut spellings = vec![joined, parts];
    spellings.dedup();
    spellings
}

fn unique_facts<'a>(settings: &'a Settings, page: &'a Page) -> impl Iterator<Item = &'a str> {
    page.facts.iter().filter_map(|fact| match &fact.value {
        FactValue::Text(text) if settings.schema.fact(fact.id).unique => Some(text.as_str()),
        _ => None,
    })
}
