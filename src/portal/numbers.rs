//! Entries by their numbers, customer by customer.
//!
//! A number is compared as people spell it: case, blanks, `-`, `/` and `.` do not count. It names an entry within one
//! customer, since two customers may well use one number.

use super::lookup::Found;
use super::{CustomerId, Entry, EntryId, Portal};
use crate::path::fold;

/// The entries that have a number, by customer, number and time.
pub(super) struct Numbers(Vec<(CustomerId, Box<str>, Found)>);

impl Numbers {
    /// Those of the portal, and those that are `later` than its day, as far as they fit.
    pub(super) fn of(portal: &Portal, later: &[Entry], fits: impl Fn(&Entry) -> bool) -> Numbers {
        let there = portal
            .entries
            .iter()
            .zip(EntryId::all(portal.entries.len()))
            .map(|(entry, id)| (entry, Found::Entry(id)));
        let later = later.iter().map(|entry| (entry, Found::Later));
        let mut numbers = Vec::new();
        for (entry, found) in there.chain(later).filter(|(entry, _)| fits(entry)) {
            let number = entry.number.as_deref().map(plain).unwrap_or_default();
            if !number.is_empty() {
                let customers = entry.customers.iter();
                numbers.extend(customers.map(|id| (*id, number.as_str().into(), found)));
            }
        }
        numbers.sort_unstable();
        Numbers(numbers)
    }

    /// What carries a number with a customer, in the order of time.
    pub(super) fn find(&self, customer: CustomerId, number: &str) -> impl Iterator<Item = Found> {
        let wanted = plain(number);
        let start = self
            .0
            .partition_point(|(id, number, _)| (*id, &**number) < (customer, &*wanted));
        let alike = self.0[start..]
            .iter()
            .take_while(move |(id, number, _)| *id == customer && **number == *wanted);
        alike.map(|(_, _, found)| *found)
    }

    /// All entries of a customer that have a number.
    pub(super) fn of_customer(&self, customer: CustomerId) -> impl Iterator<Item = Found> {
        let start = self.0.partition_point(|(id, ..)| *id < customer);
        let end = self.0.partition_point(|(id, ..)| *id <= customer);
        self.0[start..end].iter().map(|(_, _, found)| *found)
    }
}

/// The form in which two numbers are compared.
pub(super) fn plain(number: &str) -> String {
    let counts = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '/' | '.');
    let number: String = number.chars().filter(counts).collect();
    if number.is_ascii() {
        number.to_ascii_lowercase()
    } else {
        fold(&number)
    }
}
