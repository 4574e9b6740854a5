//! Forms that narrow a list down: the history of a customer, the index of customers.
//!
//! The ids of what occurs in a list go in, groups of choices come out. The script of the theme does the narrowing and
//! tells from links and classes what an entry or a row is, so this must never add anything to a list itself. A person
//! stands here only where the list names them, and nothing is counted beside anybody.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Viewpoint;
use crate::portal::{CustomerId, PageId};
use crate::settings::{FactDefinition, FactId, FactType};
use crate::value::FactValue;

/// Choices of one sort, of which a reader wants any.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FilterGroup {
    /// How the address of a filtered page calls it.
    name: String,
    label: String,
    choices: Vec<FilterChoice>,
}

#[derive(Clone, Debug, Serialize)]
struct FilterChoice {
    value: String,
    title: String,
}

/// So few entries are read faster than filtered.
const FEW_ENTRIES: usize = 3;

impl Viewpoint<'_> {
    /// What the history of a customer can be filtered by, the same on all pages it stands on: kinds, departments,
    /// people; nothing where it is short.
    pub(super) fn history_filter(&self, customer: CustomerId) -> Vec<FilterGroup> {
        let entries = &self.portal[customer].entries;
        if entries.len() <= FEW_ENTRIES {
            return Vec::new();
        }
        let settings = &self.portal.settings;
        let kinds: BTreeSet<_> = entries
            .iter()
            .map(|entry| self.portal[*entry].kind)
            .collect();
        let kinds = kinds.into_iter().map(|kind| settings.kind(kind));
        let kinds = kinds.map(|kind| FilterChoice {
            value: kind.name.clone(),
            title: kind.label.get(settings.language).to_owned(),
        });
        let mut groups = vec![self.group("kind", "kind", kinds.collect())];
        if self.portal.shows_contributions() {
            let who: BTreeSet<PageId> = entries
                .iter()
                .flat_map(|entry| self.by_pages(*entry))
                .collect();
            let (people, departments) = who
                .into_iter()
                .partition(|page| matches!(page, PageId::Person(_)));
            groups.push(self.group("dept", "department", self.page_choices(departments)));
            groups.push(self.group("person", "person", self.page_choices(people)));
        }
        groups.retain(|group| !group.choices.is_empty());
        groups
    }

    /// By whom customers are looked after: people as they may be shown.
    pub(super) fn owner_filter(&self) -> FilterGroup {
        let portal = self.portal;
        let owners: BTreeSet<PageId> = portal
            .customers()
            .filter_map(|customer| portal.shown(portal[customer].owner?, portal.day).page())
            .collect();
        let owners = owners.into_iter().collect();
        self.group("owner", "in_charge", self.page_choices(owners))
    }

    /// The choices of a fact that some customer has, in the order of the schema; `None` for facts of other types.
    pub(super) fn choice_filter(&self, id: FactId, fact: &FactDefinition) -> Option<FilterGroup> {
        let FactType::Choice(choices) = &fact.value_type else {
            return None;
        };
        let chosen: BTreeSet<&str> = self
            .portal
            .customers()
            .flat_map(|customer| &self.portal[customer].page.facts)
            .filter(|known| known.id == id)
            .filter_map(|known| match &known.value {
                FactValue::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let choices = choices
            .iter()
            .filter(|choice| chosen.contains(choice.as_str()));
        let choices = choices.map(|choice| FilterChoice {
            value: choice.clone(),
            title: choice.clone(),
        });
        Some(FilterGroup {
            name: fact.name.clone(),
            label: fact.label.get(self.portal.settings.language).to_owned(),
            choices: choices.collect(),
        })
    }

    fn group(&self, name: &str, word: &str, choices: Vec<FilterChoice>) -> FilterGroup {
        FilterGroup {
            name: name.to_owned(),
            label: self.word(word),
            choices,
        }
    }

    /// Pages by their ids, which links to them end in.
    fn page_choices(&self, pages: Vec<PageId>) -> Vec<FilterChoice> {
        let pages = pages.into_iter().filter_map(|id| self.portal.page(id));
        pages
            .map(|page| FilterChoice {
                value: page.id.clone(),
                title: page.title.clone(),
            })
            .collect()
    }
}
