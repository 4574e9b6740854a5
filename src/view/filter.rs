//! Forms that narrow a list down: the history of a customer, the index of customers.
//!
//! The ids of what occurs in a list go in, groups of choices come out, beside a history as HTML. The script of the
//! theme does the narrowing and tells from links and classes what an entry or a row is, so this must never add anything
//! to a list itself. A person stands here only where the list names them, and nothing is counted beside anybody.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Viewpoint;
use super::html::{Html, push_attribute, push_text};
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

/// Choices of one sort beside a history, each with its box: the customers of a portal have a hundred thousand of them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct HistoryFilter {
    name: &'static str,
    label: String,
    choices_html: Html,
}

/// So few entries are read faster than filtered.
const FEW_ENTRIES: usize = 3;

impl Viewpoint<'_> {
    /// What the history of a customer can be filtered by, the same on all pages it stands on: kinds, departments,
    /// people; nothing where it is short.
    pub(super) fn history_filter(&self, customer: CustomerId) -> Vec<HistoryFilter> {
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
        let kinds = kinds.map(|kind| (&*kind.name, kind.label.get(settings.language)));
        let mut groups = vec![self.boxes("kind", "kind", kinds, push_kind)];
        if self.portal.shows_contributions() {
            let who: BTreeSet<PageId> = entries
                .iter()
                .flat_map(|entry| self.by_pages(*entry))
                .collect();
            let (people, departments): (Vec<PageId>, Vec<PageId>) = who
                .into_iter()
                .partition(|page| matches!(page, PageId::Person(_)));
            let named = |pages: Vec<PageId>| {
                let pages = pages.into_iter().filter_map(|id| self.portal.page(id));
                pages.map(|page| (&*page.id, &*page.title))
            };
            groups.push(self.boxes("dept", "department", named(departments), push_page));
            groups.push(self.boxes("person", "person", named(people), push_page));
        }
        groups.retain(|group| !group.choices_html.is_empty());
        groups
    }

    /// A box for each value with its title.
    fn boxes<'t>(
        &self,
        name: &'static str,
        word: &str,
        choices: impl Iterator<Item = (&'t str, &'t str)>,
        push: fn(&mut String, &str, &str),
    ) -> HistoryFilter {
        let mut html = String::new();
        choices.for_each(|(value, title)| push(&mut html, value, title));
        HistoryFilter {
            name,
            label: self.word(word),
            choices_html: Html::of_escaped(html),
        }
    }

    /// By whom customers are looked after: people as they may be shown.
    pub(super) fn owner_filter(&self) -> FilterGroup {
        let portal = self.portal;
        let owners: BTreeSet<PageId> = portal
            .customers()
            .filter_map(|customer| portal.shown(portal[customer].owner?, portal.day).page())
            .collect();
        let owners = owners.into_iter().filter_map(|id| portal.page(id));
        let choices = owners.map(|page| FilterChoice {
            value: page.id.clone(),
            title: page.title.clone(),
        });
        FilterGroup {
            name: "owner".to_owned(),
            label: self.word("in_charge"),
            choices: choices.collect(),
        }
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
}

fn push_kind(out: &mut String, name: &str, label: &str) {
    out.push_str("\n<label class=\"kind-");
    push_attribute(out, name);
    out.push_str("\"><input type=\"checkbox\" value=\"");
    push_attribute(out, name);
    out.push_str("\"> <span class=\"kind\">");
    push_text(out, label);
    out.push_str("</span></label>");
}

/// Pages are chosen by their ids, which links to them end in.
fn push_page(out: &mut String, id: &str, title: &str) {
    out.push_str("\n<label><input type=\"checkbox\" value=\"");
    push_attribute(out, id);
    out.push_str("\"> <span>");
    push_text(out, title);
    out.push_str("</span></label>");
}
