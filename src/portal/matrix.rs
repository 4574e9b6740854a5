//! The pages of the matrix: which customers stand together where everybody's contributions are seen at once.
//!
//! Departments with what they reached go in. A page holds customers in the order of titles, as many as stay light
//! together, however many departments there are. It must never decide what a mark looks like.

use super::{CustomerId, Page, Portal};
use crate::path::SitePath;

/// Some customers of the matrix, with all departments.
#[derive(Clone, Debug)]
pub struct MatrixPage {
    /// Where it is in the site.
    pub address: SitePath,
    /// The customers, in the order of titles.
    pub customers: Vec<CustomerId>,
}

/// More rows on a page nobody reads.
const MOST_CUSTOMERS: usize = 500;
/// About so many bytes of rows a page holds, so that it stays below 300 KB.
const MOST_BYTES: usize = 280_000;
/// What a row, an empty cell and a mark take beside the names in them: a mark is a link that says what it leads to.
const ROW: usize = 70;
const CELL: usize = 4;
const MARK: usize = 110;

/// Lays out the pages, one at least; where no contributions are shown, none.
pub(super) fn add(portal: &mut Portal) {
    if !portal.shows_contributions() {
        return;
    }
    portal.matrix_pages = (1..)
        .zip(pages(portal.customers(), &weights(portal)))
        .map(|(number, customers)| MatrixPage {
            address: address(number),
            customers,
        })
        .collect();
}

/// How many bytes the row of each customer takes.
fn weights(portal: &Portal) -> Vec<usize> {
    let names = |page: &Page| page.id.len() + bytes_in_markup(&page.title);
    let blank = ROW + CELL * portal.departments.len();
    let customers = portal.customers.iter();
    let mut weights: Vec<usize> = customers
        .map(|customer| blank + names(&customer.page))
        .collect();
    for department in &portal.departments {
        for reach in &department.reaches {
            let both = names(&department.page) + names(&portal[reach.customer].page);
            weights[reach.customer.index()] += MARK + both;
        }
    }
    weights
}

/// An upper bound: signs that mean something in HTML are written out there.
fn bytes_in_markup(text: &str) -> usize {
    let signs = text
        .bytes()
        .filter(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"'));
    text.len() + signs.count() * "&quot;".len()
}

/// As few pages as hold all customers; where it can be done, none is much smaller than the others.
fn pages(
    mut customers: impl Iterator<Item = CustomerId>,
    weights: &[usize],
) -> Vec<Vec<CustomerId>> {
    let fewest = lengths(weights, MOST_CUSTOMERS, MOST_BYTES);
    let heaviest = weights.iter().max().copied().unwrap_or_default();
    let even = lengths(
        weights,
        weights.len().div_ceil(fewest.len()),
        MOST_BYTES.min(weights.iter().sum::<usize>().div_ceil(fewest.len()) + heaviest),
    );
    let lengths = if even.len() == fewest.len() {
        even
    } else {
        fewest
    };
    let lengths = lengths.into_iter();
    lengths
        .map(|length| customers.by_ref().take(length).collect())
        .collect()
}

/// How many customers stand on each page, where a page holds at most so many of at most so many bytes; one stands alone
/// that is heavier.
fn lengths(weights: &[usize], most_customers: usize, most_bytes: usize) -> Vec<usize> {
    let mut lengths = vec![0];
    let mut together = 0;
    for weight in weights {
        let length = lengths.last_mut().expect("BUG: there is one page at least");
        if *length == most_customers || (together + weight > most_bytes && *length > 0) {
            lengths.push(1);
            together = *weight;
        } else {
            *length += 1;
            together += weight;
        }
    }
    lengths
}

fn address(number: usize) -> SitePath {
    SitePath::new(match number {
        1 => "contributions/index.html".to_owned(),
        _ => format!("contributions/{number}.html"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(weights: &[usize]) -> Vec<usize> {
        let pages = pages(CustomerId::all(weights.len()), weights);
        pages.iter().map(Vec::len).collect()
    }

    #[test]
    fn a_page_ends_where_it_would_grow_too_long_or_too_heavy() {
        assert_eq!(sizes(&[]), [0]);
        assert_eq!(sizes(&[0; 1001]), [334, 334, 333]);
        assert_eq!(sizes(&[2_000; 200]), [100, 100]);
        assert_eq!(sizes(&[100_000, 100_000, 150_000, 200_000]), [2, 1, 1]);
        assert_eq!(sizes(&[500_000, 500_000, 1]), [1, 1, 1]);
    }
}
