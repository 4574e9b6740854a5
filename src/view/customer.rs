//! A customer's page: what was heard, done and promised, goals, scores, the whole history, who contributed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Viewpoint;
use super::add::AddView;
use super::chains::ChainView;
use super::filter::HistoryFilter;
use super::goals::GoalView;
use super::history::HistoryView;
use super::html::{DatedLinks, Html, Links};
use super::parts::{BacklinkView, FactView, Frame, Line, Link};
use super::satisfaction::SatisfactionView;
use crate::document::{Contact, Folder, GoalStatus};
use crate::portal::{CustomerId, DepartmentId, EntryId, GoalId, PageId};
use crate::settings::FactScope;

/// `customers/<id>.html`.
#[derive(Clone, Debug, Serialize)]
pub struct CustomerView {
    frame: Frame,
    title: String,
    add: AddView,
    facts: Vec<FactView>,
    latest: [Latest; 3],
    html: Html,
    goals: Vec<GoalView>,
    satisfaction: SatisfactionView,
    filter: Vec<HistoryFilter>,
    history: HistoryView,
    near: Vec<Contributor>,
    far: Vec<Contributor>,
    backlinks: Vec<BacklinkView>,
}

/// One of the three lines under the title.
#[derive(Clone, Debug, Serialize)]
struct Latest {
    what: &'static str,
    line: Option<Line>,
}

#[derive(Clone, Debug, Serialize)]
struct Contributor {
    department_html: Links,
    /// The newest of what it did.
    links_html: DatedLinks,
    /// To where the history shows all of it, if there is more.
    #[serde(skip_serializing_if = "Links::is_empty")]
    all_html: Links,
    /// The way over the work of others, where nothing of its own names the customer.
    chain: Option<ChainView>,
}

/// So many contributions of a department are listed; the history has them all.
const LISTED_CONTRIBUTIONS: usize = 5;

impl Viewpoint<'_> {
    /// The page of one customer.
    pub fn customer(&self, id: CustomerId) -> CustomerView {
        Viewpoint {
            on_customer: Some(id),
            ..*self
        }
        .customer_page(id)
    }

    fn customer_page(&self, id: CustomerId) -> CustomerView {
        let portal = self.portal;
        let customer = &portal[id];
        let frame = self.frame(self.crumbs_section("customers"), Some(PageId::Customer(id)));
        let facts = self.customer_facts(id, frame.edit.as_ref());
        let mut goals: Vec<GoalId> = customer.goals.clone();
        goals.sort_by_key(|goal| {
            let goal = &portal[*goal];
            let rank = match goal.status {
                GoalStatus::Open => 0,
                GoalStatus::Reached => 1,
                GoalStatus::Missed => 2,
                GoalStatus::Dropped => 3,
            };
            (rank, goal.due.is_none(), goal.due)
        });
        CustomerView {
            frame,
            title: customer.page.title.clone(),
            add: self.add(&Folder::Customer(customer.page.id.clone())),
            facts,
            latest: self.latest(id),
            html: self.page_text(&customer.page),
            goals: goals.into_iter().map(|goal| self.goal(goal)).collect(),
            satisfaction: self.satisfaction(id),
            filter: self.history_filter(id),
            history: self.history(id),
            near: self.contributors(id, Contact::Near),
            far: self.contributors(id, Contact::Far),
            backlinks: self.backlinks(&customer.page.backlinks),
        }
    }

    pub(super) fn customer_facts(&self, id: CustomerId, edit: Option<&String>) -> Vec<FactView> {
        let customer = &self.portal[id];
        let owner = customer
            .owner
            .map(|owner| self.person_with_phone(owner))
            .filter(|links| !links.is_empty());
        let owner = owner.map(|values| FactView {
            label: self.word("in_charge"),
            values,
            edit: None,
        });
        let aliases: Vec<Link> = customer
            .page
            .aliases
            .iter()
            .map(|alias| Link {
                title: alias.clone(),
                href: None,
            })
            .collect();
        let aliases = (!aliases.is_empty()).then(|| FactView {
            label: self.word("also_known_as"),
            values: aliases,
            edit: None,
        });
        let schema = self.facts(FactScope::Customer, &customer.page.facts, edit);
        owner.into_iter().chain(schema).chain(aliases).collect()
    }

    /// Last heard, last done, next promised.
    fn latest(&self, id: CustomerId) -> [Latest; 3] {
        let portal = self.portal;
        let entries = &portal[id].entries;
        let last = |fits: &dyn Fn(EntryId) -> bool| {
            let entry = entries.iter().rev().copied().find(|entry| fits(*entry));
            entry.map(|entry| self.line_of_customer(entry))
        };
        let open = entries.iter().copied().filter(|entry| portal[*entry].open);
        let promised =
            open.min_by_key(|entry| (portal[*entry].due.is_none(), portal[*entry].due, *entry));
        [
            Latest {
                what: "last_heard",
                line: last(&|entry| portal.kind(entry).touch),
            },
            Latest {
                what: "last_done",
                line: last(&|entry| portal.kind(entry).for_customer),
            },
            Latest {
                what: "next_promised",
                line: promised.map(|entry| self.promised_line(entry)),
            },
        ]
    }

    /// The date of a promise is the day it is due.
    fn promised_line(&self, id: EntryId) -> Line {
        let line = self.waiting_line(id);
        let date = self.portal[id]
            .due
            .map(|due| self.date_in_table(due))
            .unwrap_or_default();
        Line {
            customers_html: Links::default(),
            date,
            due: line.due.clone().filter(|due| due.state == Some("late")),
            ..line
        }
    }

    /// The departments of one kind that did something for a customer, each with what it did, newest first, or with the
    /// way over the work of others.
    fn contributors(&self, id: CustomerId, contact: Contact) -> Vec<Contributor> {
        let portal = self.portal;
        if !portal.shows_contributions() {
            return Vec::new();
        }
        let mut by_department: BTreeMap<DepartmentId, Vec<EntryId>> = BTreeMap::new();
        for entry in portal[id].entries.iter().rev() {
            for department in &portal[*entry].departments {
                if portal[*department].contact == contact && portal.is_contribution(*entry) {
                    by_department.entry(*department).or_default().push(*entry);
                }
            }
        }
        let departments = portal.departments();
        departments
            .filter(|department| portal[*department].contact == contact)
            .filter_map(|department| match by_department.get(&department) {
                Some(entries) => Some(self.contributor(department, entries)),
                None => self.contributor_over_others(department, id),
            })
            .collect()
    }

    fn contributor_over_others(
        &self,
        department: DepartmentId,
        customer: CustomerId,
    ) -> Option<Contributor> {
        Some(Contributor {
            chain: Some(self.chain_to(department, customer)?),
            department_html: self.links_to([PageId::Department(department)]),
            links_html: DatedLinks::default(),
            all_html: Links::default(),
        })
    }

    /// One department with what it did, newest first. Rows of ledgers are too many and too much alike to be listed.
    fn contributor(&self, department: DepartmentId, entries: &[EntryId]) -> Contributor {
        let written = || entries.iter().filter(|entry| !self.portal.is_row(**entry));
        let mut links = DatedLinks::default();
        for entry in written().take(LISTED_CONTRIBUTIONS) {
            let date = self.date_in_table(self.portal[*entry].date);
            links.push(&self.entry_link(*entry), &date);
        }
        let is_all = entries.len() <= LISTED_CONTRIBUTIONS && written().count() == entries.len();
        let page = &self.portal[department].page;
        let all = (!is_all).then(|| Link {
            title: self.sentence_of("all_in_history", ("x", &page.title)),
            href: Some(format!("#f=dept:{}", page.id)),
        });
        Contributor {
            department_html: self.links_to([PageId::Department(department)]),
            links_html: links,
            all_html: all.into_iter().collect(),
            chain: None,
        }
    }
}
