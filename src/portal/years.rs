//! Years: which years of a customer stand on pages of their own.
//!
//! A customer's page holds the newest years, as many as stay light together; each older one moves to a page of its own.
//! Whatever links to an entry asks [`Portal::entry_address_at`], which knows the page of its year.

use super::{CustomerId, EntryId, Portal};
use crate::path::{Anchor, SitePath};

/// A year of a customer's history that has a page of its own.
#[derive(Clone, Debug)]
pub struct YearPage {
    /// Which year.
    pub year: i16,
    /// Where its page is in the site.
    pub address: SitePath,
}

/// A customer's page that would hold more entries keeps only its newest years.
const MOST_ON_ONE_PAGE: usize = 300;

/// Gives every older year of a long history its page.
pub(super) fn add(portal: &mut Portal) {
    for id in portal.customers() {
        if portal[id].entries.len() > MOST_ON_ONE_PAGE {
            portal.customers[id.index()].year_pages = year_pages(portal, id);
        }
    }
}

fn year_pages(portal: &Portal, id: CustomerId) -> Vec<YearPage> {
    let years: Vec<(i16, usize)> = portal
        .years(id)
        .map(|(year, entries)| (year, entries.len()))
        .collect();
    let folder = portal[id].page.address.as_str();
    let folder = folder.strip_suffix(".html").unwrap_or(folder);
    years[..years.len() - newest(&years)]
        .iter()
        .map(|(year, _)| YearPage {
            year: *year,
            address: SitePath::new(format!("{folder}/{year}.html")),
        })
        .collect()
}

/// How many of the last years make a page together, given how much happened in each; the newest does whatever it holds.
fn newest(years: &[(i16, usize)]) -> usize {
    let mut together = 0;
    let fitting = years.iter().rev().take_while(|(_, count)| {
        together += count;
        together <= MOST_ON_ONE_PAGE
    });
    fitting.count().max(1)
}

impl Portal {
    /// The years in which something happened for a customer, the oldest first, each with its entries.
    pub fn years(&self, id: CustomerId) -> impl Iterator<Item = (i16, &[EntryId])> {
        let year = |entry: &EntryId| self[*entry].date.year();
        self[id]
            .entries
            .chunk_by(move |a, b| year(a) == year(b))
            .map(move |entries| (year(&entries[0]), entries))
    }

    /// The page on which a year of a customer stands.
    pub fn address_of_year(&self, id: CustomerId, year: i16) -> &SitePath {
        let customer = &self[id];
        let page = customer
            .year_pages
            .binary_search_by_key(&year, |page| page.year);
        page.map_or(&customer.page.address, |at| {
            &customer.year_pages[at].address
        })
    }

    /// Where an entry stands on the pages of one of its customers.
    pub fn entry_address_at(&self, entry: EntryId, customer: CustomerId) -> (&SitePath, &Anchor) {
        (
            self.address_of_year(customer, self[entry].date.year()),
            self.customer_anchor(customer, entry),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_the_newest_years_that_fit_and_one_at_least() {
        assert_eq!(newest(&[(2021, 1), (2023, 150), (2024, 150)]), 2);
        assert_eq!(newest(&[(2021, 1), (2023, 151), (2024, 150)]), 1);
        assert_eq!(newest(&[(2023, 1), (2024, 301)]), 1);
        assert_eq!(newest(&[(2024, 1)]), 1);
        // A small year before a large one does not slip in.
        assert_eq!(newest(&[(2021, 1), (2022, 400), (2024, 10)]), 1);
    }
}
