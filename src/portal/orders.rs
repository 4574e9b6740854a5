//! Orders by their numbers, and the payments that name them.
//!
//! The number must be that of an order of one of the customers whom the payment concerns.

use std::collections::BTreeMap;

use super::lookup::Found;
use super::numbers::{Numbers, plain};
use super::{CustomerId, Entry, EntryId, EntrySource, LedgerFileId, Portal};
use crate::diagnostic::{Diagnostics, Place};

/// The one kind of entry that can be paid.
const ORDER: &str = "order";

/// Among so many orders of a customer, the newest ones, the number is looked for that may be meant.
const MOST_NEAR: usize = 1000;

/// In so many rows of a ledger the lines are told that name an order nobody knows.
const LINES_TOLD: usize = 3;

/// Joins every entry that names an order with that order.
pub(super) fn connect(portal: &mut Portal, later: &[Entry], diagnostics: &mut Diagnostics) {
    if portal.entries.iter().all(|entry| entry.order.is_none()) {
        return;
    }
    let orders = Orders::of(portal, later);
    let mut unknown = Unknown::default();
    let mut paid: Vec<(EntryId, EntryId)> = Vec::new();
    for id in portal.entries() {
        let Some(number) = portal[id].order.as_deref() else {
            continue;
        };
        match orders.find(&portal[id].customers, number) {
            Some(Found::Entry(order)) if order != id => paid.push((id, order)),
            Some(_) => {}
            None if plain(number).is_empty() => {}
            None => unknown.add(portal, &orders, id, diagnostics),
        }
    }
    unknown.report(portal, diagnostics);
    for (payment, order) in paid {
        portal.entries[payment.index()].pays = Some(order);
        portal.entries[order.index()].paid_by.push(payment);
    }
}

/// The orders of all customers; of two with one number the first counts.
struct Orders(Numbers);

impl Orders {
    fn of(portal: &Portal, later: &[Entry]) -> Orders {
        let kind = portal.settings.kind_named(ORDER);
        Orders(Numbers::of(portal, later, |entry| Some(entry.kind) == kind))
    }

    fn find(&self, customers: &[CustomerId], number: &str) -> Option<Found> {
        let mut found = customers.iter().flat_map(|id| self.0.find(*id, number));
        found.next()
    }

    /// The newest orders of some customers.
    fn newest(&self, customers: &[CustomerId]) -> Vec<EntryId> {
        let orders = customers.iter().flat_map(|id| self.0.of_customer(*id));
        let mut orders: Vec<EntryId> = orders.filter_map(Found::entry).collect();
        orders.sort_unstable_by(|a, b| b.cmp(a));
        orders.truncate(MOST_NEAR);
        orders
    }
}

/// What is to be said of ledgers: once for each file, however many of its rows it is.
#[derive(Default)]
struct Unknown {
    /// The lines of the first few rows, and how many rows there are.
    rows: BTreeMap<LedgerFileId, (Vec<(u32, EntryId)>, usize)>,
}

impl Unknown {
    fn add(
        &mut self,
        portal: &Portal,
        orders: &Orders,
        id: EntryId,
        diagnostics: &mut Diagnostics,
    ) {
        match portal[id].source {
            EntrySource::Document(_) => tell(portal, orders, id, diagnostics),
            EntrySource::Row(file, line) => {
                let (first, count) = self.rows.entry(file).or_default();
                *count += 1;
                first.push((line, id));
                // Entries come in the order of time, so the first lines of the file may come last.
                first.sort_unstable();
                first.truncate(LINES_TOLD);
            }
        }
    }

    fn report(self, portal: &Portal, diagnostics: &mut Diagnostics) {
        for (file, (first, count)) in self.rows {
            let number = |id: EntryId| portal[id].order.as_deref().unwrap_or_default();
            let first: Vec<(u32, &str)> = first
                .into_iter()
                .map(|(line, id)| (line, number(id)))
                .collect();
            diagnostics.unknown_orders(Place::start_of(&portal[file].source), count, &first);
        }
    }
}

fn tell(portal: &Portal, orders: &Orders, id: EntryId, diagnostics: &mut Diagnostics) {
    let (Some(document), Some(written)) = (portal.document(id), portal.written(id)) else {
        return;
    };
    let Some(order) = &written.order else { return };
    let place = Place::new(&portal[document].source, order.span);
    match portal[id].customers.as_slice() {
        [] if written.customers.is_empty() => {
            diagnostics.order_without_customer(place, &order.value);
        }
        // Whoever named only customers that do not exist has been told that.
        [] => {}
        customers => {
            let known = orders.newest(customers);
            let known = known
                .iter()
                .filter_map(|order| portal[*order].number.as_deref());
            diagnostics.unknown_order(place, &order.value, known);
        }
    }
}
