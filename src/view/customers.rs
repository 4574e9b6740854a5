//! The index of all customers.

use serde::Serialize;

use super::Viewpoint;
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
    rows: Vec<CustomerRow>,
}

#[derive(Clone, Debug, Serialize)]
struct CustomerRow {
    title: String,
    href: String,
    owner: Vec<Link>,
    open_loops: String,
    last_touch: String,
    score: Option<String>,
    facts: Vec<Vec<Link>>,
}

/// More columns of facts do not fit on a screen; the customer's page has them all.
const MOST_FACTS: usize = 4;

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
            rows: portal
                .customers()
                .map(|customer| self.customer_row(customer))
                .collect(),
        }
    }

    /// Values as a table writes them: dates in figures.
    fn values_in_table(&self, value: &FactValue<PageId>) -> Vec<Link> {
        match value {
            FactValue::Date(date) => vec![Link {
                title: self.date_in_table(*date),
                href: None,
            }],
            value => self.values(value),
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
        let past = || {
            customer
                .entries
                .iter()
                .rev()
                .copied()
                .filter(|entry| portal[*entry].date <= portal.day)
        };
        let last_touch = past().find(|entry| portal.kind(*entry).touch);
        let link = self.page_link(PageId::Customer(id));
        CustomerRow {
            title: link.title,
            href: link.href.unwrap_or_default(),
            owner: customer
                .owner
                .map(|owner| self.person_with_phone(owner))
                .unwrap_or_default(),
            open_loops: if open_loops == 0 {
                String::new()
            } else {
                self.count(open_loops)
            },
            last_touch: last_touch
                .map(|entry| self.date_in_table(portal[entry].date))
                .unwrap_or_default(),
            score: past()
                .find_map(|entry| portal[entry].score)
                .map(|score| score.to_string()),
            facts: self
                .index_facts()
                .into_iter()
                .map(|(fact, _)| {
                    let found = customer.page.facts.iter().find(|known| known.id == fact);
                    found
                        .map(|fact| self.values_in_table(&fact.value))
                        .unwrap_or_default()
                })
                .collect(),
        }
    }
}
