//! The index of all customers.

use jiff::civil::Date;
use serde::Serialize;

use super::Viewpoint;
use super::filter::FilterGroup;
use super::html::Links;
use super::parts::{Frame, Link};
use crate::portal::{CustomerId, PageId};
use crate::settings::{FactDefinition, FactId, FactScope, FactType};
use crate::value::FactValue;

/// `customers/index.html`.
#[derive(Clone, Debug, Serialize)]
pub struct CustomersView {
    frame: Frame,
    title: String,
    count: String,
    with_owner: bool,
    fact_labels: Vec<String>,
    filters: Vec<ColumnFilter>,
    rows: Vec<CustomerRow>,
}

/// What one column can be filtered by.
#[derive(Clone, Debug, Serialize)]
struct ColumnFilter {
    /// Counted from 0.
    column: usize,
    group: FilterGroup,
}

#[derive(Clone, Debug, Serialize)]
struct CustomerRow {
    title: String,
    href: String,
    owner_html: Links,
    open_loops: String,
    last_touch: Cell,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<String>,
    facts: Vec<Cell>,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Cell {
    values_html: Links,
    /// What the cell is sorted by, where its text does not sort by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    sort: Option<String>,
}

/// More columns of facts do not fit on a screen; the customer's page has them all.
const MOST_FACTS: usize = 4;
/// Name, loops, last touch, score; and who is in charge, where people are named.
const COLUMNS_BEFORE_FACTS: usize = 4;

impl Viewpoint<'_> {
    /// All customers.
    pub fn customers(&self) -> CustomersView {
        let portal = self.portal;
        let language = portal.settings.language;
        CustomersView {
            frame: self.frame(self.crumbs_home(), None),
            title: self.word("customers"),
            count: self.count(portal.customers().count()),
            with_owner: portal.names_people(),
            fact_labels: self
                .index_facts()
                .into_iter()
                .map(|(_, fact)| fact.label.get(language).to_owned())
                .collect(),
            filters: self.column_filters(),
            rows: portal
                .customers()
                .map(|customer| self.customer_row(customer))
                .collect(),
        }
    }

    /// Who is in charge, and the facts with choices.
    fn column_filters(&self) -> Vec<ColumnFilter> {
        let with_owner = self.portal.names_people();
        let owner = with_owner.then(|| ColumnFilter {
            column: 1,
            group: self.owner_filter(),
        });
        let first_fact = COLUMNS_BEFORE_FACTS + usize::from(with_owner);
        let facts = (first_fact..).zip(self.index_facts());
        let facts = facts.filter_map(|(column, (id, fact))| {
            let group = self.choice_filter(id, fact)?;
            Some(ColumnFilter { column, group })
        });
        facts.chain(owner).collect()
    }

    /// Values as a table writes them: dates in figures.
    fn cell(&self, fact: &FactDefinition, value: &FactValue<PageId>) -> Cell {
        let sort = match value {
            FactValue::Date(date) => return self.date_cell(*date),
            FactValue::Number(number) => Some(number.to_string()),
            FactValue::Money(money) => Some(money.minor.to_string()),
            FactValue::Text(text) => fact.position_of(text).map(|position| position.to_string()),
            _ => None,
        };
        Cell {
            values_html: self.values(value).into_iter().collect(),
            sort,
        }
    }

    fn date_cell(&self, date: Date) -> Cell {
        let title = self.date_in_table(date);
        Cell {
            values_html: Links::from_iter([Link { title, href: None }]),
            sort: Some(date.to_string()),
        }
    }

    /// The facts that fit into a table: the first ones of the schema that are told in a word.
    fn index_facts(&self) -> Vec<(FactId, &FactDefinition)> {
        let short = |(_, fact): &(FactId, &FactDefinition)| {
            let long = [FactType::Phone, FactType::Email, FactType::Url];
            !fact.list && !long.contains(&fact.value_type)
        };
        let facts = self.portal.settings.schema.of(FactScope::Customer);
        facts.filter(short).take(MOST_FACTS).collect()
    }

    fn customer_row(&self, id: CustomerId) -> CustomerRow {
        let portal = self.portal;
        let customer = &portal[id];
        let open_loops = customer
            .entries
            .iter()
            .filter(|entry| portal[**entry].open)
            .count();
        let newest_first = || customer.entries.iter().rev().copied();
        let last_touch = newest_first().find(|entry| portal.kind(*entry).touch);
        let link = self.page_link(PageId::Customer(id));
        CustomerRow {
            title: link.title,
            href: link.href.unwrap_or_default(),
            owner_html: customer
                .owner
                .map(|owner| self.person_with_phone(owner).into_iter().collect())
                .unwrap_or_default(),
            open_loops: if open_loops == 0 {
                String::new()
            } else {
                self.count(open_loops)
            },
            last_touch: last_touch
                .map(|entry| self.date_cell(portal[entry].date))
                .unwrap_or_default(),
            score: newest_first()
                .find_map(|entry| portal[entry].score)
                .map(|score| score.to_string()),
            facts: self
                .index_facts()
                .into_iter()
                .map(|(id, definition)| {
                    let found = customer.page.facts.iter().find(|fact| fact.id == id);
                    found
                        .map(|fact| self.cell(definition, &fact.value))
                        .unwrap_or_default()
                })
                .collect(),
        }
    }
}
