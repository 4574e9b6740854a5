//! Who contributed what: departments and customers in one table, each mark a link to the contributions themselves.
//!
//! A page of the matrix goes in, rows of HTML come out, since a component for each of thousands of cells would take
//! longer than all other pages. A mark says when, never how much: recency invites, counts rank. Nothing here may name
//! a person or add anything up.

use std::iter::Peekable;
use std::slice::Iter;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::Viewpoint;
use super::html::{Html, push_attribute, push_link, push_text};
use super::parts::{Frame, Link, days_between};
use crate::document::Contact;
use crate::portal::{CustomerId, DepartmentId, MatrixPageId, PageId, Reach};

/// `contributions/index.html` and the pages after it.
#[derive(Clone, Debug, Serialize)]
pub struct MatrixView {
    frame: Frame,
    title: String,
    near: Vec<Link>,
    far: Vec<Link>,
    /// The rows of the table; empty where there is no table.
    html: Html,
    /// All pages, where there are several; this one has no address.
    pages: Vec<Link>,
    has_customers: bool,
}

/// One department, and the customers of the page that it reached.
struct Column<'a> {
    id: DepartmentId,
    title: &'a str,
    reaches: Peekable<Iter<'a, Reach>>,
}

/// What is at most so many days old is marked as recent.
const RECENT_DAYS: i32 = 90;
/// At least so many signs of the first and last name of a page tell where it is in the alphabet.
const SIGNS: usize = 3;

impl Viewpoint<'_> {
    /// One page of the matrix.
    pub fn matrix(&self, id: MatrixPageId) -> MatrixView {
        let portal = self.portal;
        let is_first = portal.matrix_pages().next() == Some(id);
        let departments = |contact| {
            let all = portal.departments();
            all.filter(move |department| portal[*department].contact == contact)
        };
        let (near, far) = (departments(Contact::Near), departments(Contact::Far));
        let heads = |departments: &mut dyn Iterator<Item = DepartmentId>| {
            departments
                .map(|department| self.page_link(PageId::Department(department)))
                .collect()
        };
        MatrixView {
            frame: self.frame(
                if is_first {
                    self.crumbs_home()
                } else {
                    self.crumbs_section("contributions")
                },
                None,
            ),
            title: self.word("contributors"),
            near: heads(&mut near.clone()),
            far: heads(&mut far.clone()),
            html: Html::of_escaped(self.rows_of(&portal[id].customers, near.chain(far))),
            pages: self.other_pages(id),
            has_customers: portal.customers().next().is_some(),
        }
    }

    fn rows_of(
        &self,
        customers: &[CustomerId],
        departments: impl Iterator<Item = DepartmentId>,
    ) -> String {
        let Some(first) = customers.first() else {
            return String::new();
        };
        let mut columns: Vec<Column<'_>> = departments.map(|id| self.column(id, *first)).collect();
        let mut out = String::new();
        if columns.is_empty() {
            return out;
        }
        for customer in customers {
            self.push_row(*customer, &mut columns, &mut out);
        }
        out
    }

    fn column(&self, id: DepartmentId, first: CustomerId) -> Column<'_> {
        let department = &self.portal[id];
        let before = department
            .reaches
            .partition_point(|reach| reach.customer < first);
        Column {
            id,
            title: &department.page.title,
            reaches: department.reaches[before..].iter().peekable(),
        }
    }

    /// Cells have no end tags, which HTML does without: they would be a tenth of the page.
    fn push_row(&self, id: CustomerId, columns: &mut [Column<'_>], out: &mut String) {
        let customer = &self.portal[id].page;
        out.push_str("<tr><th scope=\"row\">");
        push_link(out, &self.here.href(&customer.address));
        push_text(out, &customer.title);
        out.push_str("</a></th>");
        for column in columns {
            out.push_str("<td>");
            if let Some(reach) = column.reaches.next_if(|reach| reach.customer == id) {
                self.push_mark(reach, column, out);
            }
        }
        out.push_str("</tr>\n");
    }

    fn push_mark(&self, reach: &Reach, column: &Column<'_>, out: &mut String) {
        let date = self.portal[reach.latest].date;
        let (opening, mark) = match self.age(date) {
            Age::Recent => ("<a href=\"", "■</a>"),
            Age::LastYear => ("<a href=\"", "▌</a>"),
            Age::Earlier => ("<a class=\"earlier\" href=\"", "□</a>"),
        };
        out.push_str(opening);
        push_attribute(out, &self.href_of_reach(column.id, reach));
        out.push_str("\" aria-label=\"");
        let customer = &self.portal[reach.customer].page.title;
        let date = self.date_in_text(date);
        let values = [
            ("a", column.title),
            ("x", customer.as_str()),
            ("d", date.as_str()),
        ];
        if let Some(name) = self.words.fill("contributed_for", None, &values) {
            push_attribute(out, &name);
        }
        out.push_str("\">");
        out.push_str(mark);
    }

    fn age(&self, date: Date) -> Age {
        let today = self.portal.day;
        if days_between(date, today) <= RECENT_DAYS {
            Age::Recent
        } else if date >= today.saturating_sub(1.year()) {
            Age::LastYear
        } else {
            Age::Earlier
        }
    }

    /// All pages by where they begin and end in the alphabet; none where there is only one.
    fn other_pages(&self, id: MatrixPageId) -> Vec<Link> {
        let portal = self.portal;
        let title_of = |customer: Option<&CustomerId>| {
            customer.map_or("", |customer| portal[*customer].page.title.as_str())
        };
        let ids: Vec<MatrixPageId> = portal.matrix_pages().collect();
        let bounds = ids.iter().map(|id| {
            let customers = &portal[*id].customers;
            (title_of(customers.first()), title_of(customers.last()))
        });
        let bounds: Vec<(&str, &str)> = bounds.collect();
        let pages = ids.iter().enumerate().map(|(place, other)| {
            let (first, last) = bounds[place];
            let before = place.checked_sub(1).map_or("", |before| bounds[before].1);
            let after = bounds.get(place + 1).map_or("", |after| after.0);
            Link {
                title: format!("{} – {}", start_of(first, before), start_of(last, after)),
                href: (*other != id).then(|| self.here.href(&portal[*other].address)),
            }
        });
        let pages: Vec<Link> = pages.collect();
        if pages.len() > 1 { pages } else { Vec::new() }
    }
}

/// So much of a name as tells it from its neighbour on the next page.
fn start_of<'n>(name: &'n str, neighbour: &str) -> &'n str {
    let shared = name
        .chars()
        .zip(neighbour.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let end = name.char_indices().nth(SIGNS.max(shared + 1));
    name[..end.map_or(name.len(), |(end, _)| end)].trim_end()
}

/// How long ago a department last did something for a customer.
enum Age {
    Recent,
    LastYear,
    Earlier,
}
