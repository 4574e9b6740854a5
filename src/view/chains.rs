//! Chains as sentences: how the work of a department reaches customers, what of it reaches nobody yet, and whom not.
//!
//! The id of a department goes in, its chains come out, the newest first, each step with a link. It must never name a
//! person: a chain leads from department to department.

use std::cmp::Reverse;

use serde::Serialize;

use super::Viewpoint;
use super::parts::{CustomerContributions, Link, UNFOLDED_CONTRIBUTIONS};
use crate::portal::{CustomerId, DepartmentId, EntryId, PageId, Reach};

/// How the work of a department reaches customers.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ChainsView {
    newest: Vec<ChainView>,
    others: Vec<ChainView>,
    apart: Vec<ApartView>,
}

/// One chain: what was done, what that made possible, for whom.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ChainView {
    steps: Vec<Step>,
    customers: Vec<Link>,
    more_customers: bool,
}

/// One entry of a chain. Only the first says when; each says who, where that is somebody else than before.
#[derive(Clone, Debug, Serialize)]
struct Step {
    departments: Vec<Link>,
    title: String,
    href: String,
    date: Option<String>,
}

/// Work that reaches no customer yet, with the form in which that can be said.
#[derive(Clone, Debug, Serialize)]
struct ApartView {
    title: String,
    href: String,
    date: String,
    edit: Option<String>,
}

/// The customers whom a department has not reached yet.
#[derive(Clone, Debug, Serialize)]
pub(super) struct NotReached {
    customers: Vec<Link>,
    /// Where all of them are seen, if these are not all.
    all: Option<String>,
}

/// So many chains stand at the top; others are folded away.
const SHOWN: usize = 5;
/// And of those, so many.
const FOLDED: usize = 45;
/// A sentence ends with at most so many customers.
const NAMED_CUSTOMERS: usize = 3;
/// So much work that reaches nobody yet is asked about.
const ASKED_ABOUT: usize = 5;
/// More names are no list; the matrix shows them all.
const NOT_REACHED: usize = 200;

/// A way to customers: entries, and those whom the last one names.
type Way<'a> = (&'a [EntryId], Vec<CustomerId>);

impl Viewpoint<'_> {
    /// The newest chains of a department over the work of others; where there are none, the newest of its own work.
    pub(super) fn chains(&self, id: DepartmentId) -> ChainsView {
        let department = &self.portal[id];
        let mut ways = ways_over_others(&department.reaches);
        if ways.is_empty() {
            ways = ways_of_its_own(&department.reaches);
            ways.truncate(SHOWN);
        }
        let mut chains = ways.into_iter().take(SHOWN + FOLDED);
        let mut chain = |(steps, customers): Way<'_>| self.chain(id, steps, &customers);
        ChainsView {
            newest: chains.by_ref().take(SHOWN).map(&mut chain).collect(),
            others: chains.map(chain).collect(),
            apart: department
                .apart
                .iter()
                .take(ASKED_ABOUT)
                .map(|entry| self.apart(*entry))
                .collect(),
        }
    }

    /// What a department did for customers whom none of its own entries names.
    pub(super) fn reached_over_others(
        &self,
        id: DepartmentId,
    ) -> impl Iterator<Item = CustomerContributions> {
        let reaches = &self.portal[id].reaches;
        let few = reaches.len() <= UNFOLDED_CONTRIBUTIONS;
        let told = reaches.iter().filter(|reach| reach.is_told);
        told.filter(|reach| !reach.direct).map(move |reach| {
            let is_told = reach.chain.first() == Some(&reach.latest);
            let chain =
                (!reach.chain.is_empty()).then(|| self.chain(id, &reach.chain, &[reach.customer]));
            CustomerContributions {
                customer: Some(reach.customer),
                id: self.contributions_anchor(reach.customer),
                title: self.portal[reach.customer].page.title.clone(),
                about_html: self.link_to_all_about(reach.customer),
                latest: self.latest_on(reach.latest),
                open: few,
                lines: (!is_told)
                    .then(|| self.bare_line(reach.latest))
                    .into_iter()
                    .collect(),
                ledgers: String::new(),
                chain,
            }
        })
    }

    /// The customers whom a department has not reached, in the order of titles; `None` where it reached all.
    pub(super) fn not_reached(&self, id: DepartmentId) -> Option<NotReached> {
        let mut reached = self.portal[id]
            .reaches
            .iter()
            .map(|reach| reach.customer)
            .peekable();
        let mut others = self
            .portal
            .customers()
            .filter(|customer| reached.next_if_eq(customer).is_none());
        let customers: Vec<Link> = others
            .by_ref()
            .take(NOT_REACHED)
            .map(|customer| self.page_link(PageId::Customer(customer)))
            .collect();
        let all = others.next().map(|_| self.href("contributions/index.html"));
        (!customers.is_empty()).then_some(NotReached { customers, all })
    }

    /// Where the customers are seen whom a department reached and its page does not tell; `None` where it tells all.
    pub(super) fn untold(&self, id: DepartmentId) -> Option<String> {
        let mut reaches = self.portal[id].reaches.iter();
        let is_any_untold = reaches.any(|reach| !reach.is_told);
        is_any_untold.then(|| self.href("contributions/index.html"))
    }

    /// How the work of a department reached a customer.
    pub(super) fn reach(&self, id: DepartmentId, customer: CustomerId) -> Option<&Reach> {
        let reaches = &self.portal[id].reaches;
        let place = reaches.binary_search_by_key(&customer, |reach| reach.customer);
        place.ok().map(|place| &reaches[place])
    }

    /// What a department did for a customer, on its own page; or else the newest of it, where that stands in full.
    pub(super) fn href_of_reach(&self, id: DepartmentId, reach: &Reach) -> String {
        if !reach.is_told {
            return self.entry_href(reach.latest);
        }
        let page = self.here.href(&self.portal[id].page.address);
        format!("{page}#{}", self.contributions_anchor(reach.customer))
    }

    /// How the work of a department reached a customer whom none of its own entries names.
    pub(super) fn chain_to(&self, id: DepartmentId, customer: CustomerId) -> Option<ChainView> {
        let reach = self.reach(id, customer)?;
        let way = if reach.chain.is_empty() {
            std::slice::from_ref(&reach.latest)
        } else {
            &reach.chain
        };
        (!reach.direct).then(|| self.chain(id, way, &[customer]))
    }

    fn chain(&self, id: DepartmentId, steps: &[EntryId], customers: &[CustomerId]) -> ChainView {
        let own = Link {
            title: self.portal[id].page.title.clone(),
            href: None,
        };
        let mut before = &[id][..];
        let steps = steps.iter().enumerate().map(|(i, entry)| {
            let departments = &self.portal[*entry].departments[..];
            let departments = if i == 0 {
                vec![own.clone()]
            } else if departments == before {
                Vec::new()
            } else {
                before = departments;
                self.department_links(departments)
            };
            Step {
                departments,
                title: self.portal.title(*entry).to_owned(),
                href: self.entry_href(*entry),
                date: (i == 0).then(|| self.date_in_table(self.portal[*entry].date)),
            }
        });
        ChainView {
            steps: steps.collect(),
            customers: self.customer_links(&customers[..customers.len().min(NAMED_CUSTOMERS)]),
            more_customers: customers.len() > NAMED_CUSTOMERS,
        }
    }

    fn department_links(&self, departments: &[DepartmentId]) -> Vec<Link> {
        let departments = departments.iter();
        departments
            .map(|department| self.page_link(PageId::Department(*department)))
            .collect()
    }

    fn apart(&self, id: EntryId) -> ApartView {
        let forge = self.portal.settings.forge.as_ref();
        let source = self.portal.document(id);
        let source = source.map(|document| &self.portal[document].source);
        ApartView {
            title: self.portal.title(id).to_owned(),
            href: self.entry_href(id),
            date: self.date_in_table(self.portal[id].date),
            edit: source.and_then(|source| Some(forge?.edit(source.as_str()))),
        }
    }
}

/// The chains that lead over the work of others, the newest first.
fn ways_over_others(reaches: &[Reach]) -> Vec<Way<'_>> {
    let chains = reaches.iter().filter(|reach| !reach.chain.is_empty());
    joined(chains.map(|reach| (reach.chain.as_slice(), reach.customer)))
}

/// The newest of its own work for each customer, the newest first.
fn ways_of_its_own(reaches: &[Reach]) -> Vec<Way<'_>> {
    let own = reaches.iter().filter(|reach| reach.direct);
    joined(own.map(|reach| (std::slice::from_ref(&reach.latest), reach.customer)))
}

/// Ways of the same entries are one, to several customers.
fn joined<'a>(ways: impl Iterator<Item = (&'a [EntryId], CustomerId)>) -> Vec<Way<'a>> {
    let mut ways: Vec<_> = ways.collect();
    ways.sort_by_key(|(entries, customer)| (Reverse(entries.first()), *entries, *customer));
    let same = ways.chunk_by(|a, b| a.0 == b.0);
    same.map(|ways| {
        (
            ways[0].0,
            ways.iter().map(|(_, customer)| *customer).collect(),
        )
    })
    .collect()
}
