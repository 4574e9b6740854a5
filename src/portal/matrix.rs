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

fn pages(customers: impl Iterator<Item = CustomerId>, weights: &[usize]) -> Vec<Vec<CustomerId>> {
    let mut pages = vec![Vec::new()];
    let mut together = 0;
    for customer in customers {
        let page = pages.last_mut().expect("BUG: there is one page at least");
        let own = weights[customer.index()];
        if page.len() == MOST_CUSTOMERS || (together + own > MOST_BYTES && !page.is_empty()) {
            pages.push(vec![customer]);
            together = own;
        } else {
            page.push(customer);
            together += own;
        }
    }
    pages
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
        assert_eq!(sizes(&[0; 1001]), [500, 500, 1]);
        assert_eq!(sizes(&[2_000; 200]), [140, 60]);
        assert_eq!(sizes(&[500_000, 500_000, 1]), [1, 1, 1]);
    }
}
