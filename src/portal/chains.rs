//! Chains: which customers the work of a department reaches, by itself or over what it made possible.
//!
//! Linked entries go in. Each department gets the customers it reached, with the shortest way to each over `enables`,
//! and what it did that reaches nobody yet. Found in time that grows with what is enabled and without recursion, since
//! a chain may be as long as the portal; circles do no harm. It must never ask who did something: people have no
//! chains, and where no contributions are shown, nobody has.

use std::collections::HashMap;

use rayon::prelude::*;

use super::{CustomerId, DepartmentId, Entry, EntryId, Portal};

/// How the work of a department reached a customer.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The customer.
    pub customer: CustomerId,
    /// The newest of what the department did that reached the customer in any way.
    pub latest: EntryId,
    /// Whether some of it names the customer itself.
    pub direct: bool,
    /// Whether the department's own page tells it; the customer's page tells all.
    pub is_told: bool,
    /// The shortest way over what others did, of several the newest: what the department did, what that made possible,
    /// and so on to the first that names the customer. Empty where there is none that could be told in a sentence.
    pub chain: Vec<EntryId>,
}

/// The page of a department tells what it did for so many customers, those whom it reached last: a page of more nobody
/// reads, and a telephone does not open.
const MOST_TOLD: usize = 200;
/// A longer chain is no sentence.
const LONGEST: usize = 12;

/// Entries that were followed, each with the one that led to it; `None` for those where it began.
type Ways = HashMap<EntryId, Option<EntryId>>;

/// Gives every department what its work reached.
pub(super) fn add(portal: &mut Portal) {
    if !portal.shows_contributions() {
        return;
    }
    let to_customers = leading_to_customers(portal);
    let departments: Vec<DepartmentId> = portal.departments().collect();
    let found: Vec<_> = departments
        .into_par_iter()
        .map(|id| (reaches(portal, id), apart(portal, id, &to_customers)))
        .collect();
    for (department, (reaches, apart)) in portal.departments.iter_mut().zip(found) {
        (department.reaches, department.apart) = (reaches, apart);
    }
}

/// The customers that a department reached, in the order of titles.
fn reaches(portal: &Portal, id: DepartmentId) -> Vec<Reach> {
    let mut reaches: Vec<Option<Reach>> = vec![None; portal.customers.len()];
    let mut reach = |customer: CustomerId, latest: EntryId, direct: bool| {
        let reach = reaches[customer.index()].get_or_insert(Reach {
            customer,
            latest,
            direct,
            is_told: true,
            chain: Vec::new(),
        });
        reach.latest = reach.latest.max(latest);
    };
    let newest_first = || contributions(portal, id);
    for entry in newest_first() {
        let customers = portal[entry].customers.iter();
        customers.for_each(|customer| reach(*customer, entry, true));
    }
    let starts = || newest_first().filter(|entry| !portal[*entry].enables.is_empty());
    let mut ways = Ways::new();
    for start in starts() {
        for entry in follow(portal, Some(start), enables, &mut ways) {
            let customers = portal[entry].customers.iter();
            customers.for_each(|customer| reach(*customer, start, false));
        }
    }
    let mut ways = Ways::new();
    for end in follow(portal, starts(), enables, &mut ways) {
        if ways[&end].is_none() {
            continue;
        }
        for customer in &portal[end].customers {
            let reach = reaches[customer.index()].as_mut();
            if let Some(reach) = reach.filter(|reach| reach.chain.is_empty()) {
                reach.chain = way_to(end, &ways);
            }
        }
    }
    let mut reaches: Vec<Reach> = reaches.into_iter().flatten().collect();
    tell_newest(&mut reaches);
    reaches
}

/// Leaves those untold that were longest ago.
fn tell_newest(reaches: &mut [Reach]) {
    if reaches.len() <= MOST_TOLD {
        return;
    }
    let mut newest_first: Vec<&mut Reach> = reaches.iter_mut().collect();
    newest_first.sort_unstable_by_key(|reach| std::cmp::Reverse((reach.latest, reach.customer)));
    let others = newest_first.into_iter().skip(MOST_TOLD);
    others.for_each(|reach| reach.is_told = false);
}

/// The way that led to an entry, from where it began; empty if it is too long to be told.
fn way_to(end: EntryId, ways: &Ways) -> Vec<EntryId> {
    let back = std::iter::successors(Some(end), |entry| ways[entry]);
    let mut way: Vec<EntryId> = back.take(LONGEST + 1).collect();
    if way.len() > LONGEST {
        return Vec::new();
    }
    way.reverse();
    way
}

/// What a department did that reaches no customer, the newest first. What a ledger says of it does not count.
fn apart(portal: &Portal, id: DepartmentId, to_customers: &Ways) -> Vec<EntryId> {
    let is_apart = |id: &EntryId| {
        portal[*id].customers.is_empty() && !portal.is_row(*id) && !to_customers.contains_key(id)
    };
    contributions(portal, id).filter(is_apart).collect()
}

/// What a department did, the newest first.
fn contributions(portal: &Portal, id: DepartmentId) -> impl Iterator<Item = EntryId> {
    let entries = portal[id].entries.iter().rev().copied();
    entries.filter(|entry| portal.is_contribution(*entry))
}

/// Everything that made possible what names a customer, by itself or by way of others.
fn leading_to_customers(portal: &Portal) -> Ways {
    let ends = portal.entries().filter(|id| {
        let entry = &portal[*id];
        !entry.enabled_by.is_empty() && !entry.customers.is_empty()
    });
    let mut ways = Ways::new();
    follow(portal, ends, enabled_by, &mut ways);
    ways
}

fn enables(entry: &Entry) -> &[EntryId] {
    &entry.enables
}

fn enabled_by(entry: &Entry) -> &[EntryId] {
    &entry.enabled_by
}

/// Follows where entries lead, the nearest first and none that has been followed before; gives back all that are new.
fn follow(
    portal: &Portal,
    from: impl IntoIterator<Item = EntryId>,
    lead_to: fn(&Entry) -> &[EntryId],
    ways: &mut Ways,
) -> Vec<EntryId> {
    let from = from.into_iter();
    let mut found: Vec<EntryId> = from
        .filter(|start| {
            let is_new = !ways.contains_key(start);
            ways.entry(*start).or_insert(None);
            is_new
        })
        .collect();
    let mut followed = 0;
    while let Some(id) = found.get(followed).copied() {
        for next in lead_to(&portal[id]) {
            ways.entry(*next).or_insert_with(|| {
                found.push(*next);
                Some(id)
            });
        }
        followed += 1;
    }
    found
}
