//! What holds for who contributed what on every site: each mark of the matrix follows from entries, and nothing is
//! counted.
//!
//! The bytes of a site or its portal go in; marks come out, to be compared, and faults. What a department reached is
//! worked out anew here in the plainest way, entry by entry, however long that takes.

use std::collections::BTreeSet;

use jiff::ToSpan;
use scraper::{ElementRef, Selector};
use strang::portal::{CustomerId, EntryId, Portal};
use strang::value::{DateStyle, format_date};

use crate::site_check::{self, Site};

/// A department and a customer by the addresses of their pages, the mark, and when: as the name of the link says.
pub type Mark = (String, String, &'static str, String);

const MARKS: [&str; 3] = ["■", "▌", "□"];

/// The marks that the pages of the matrix show.
pub fn marks(site: &Site) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::new();
    for (address, page) in site_check::pages(site) {
        if !address.starts_with("contributions/") {
            continue;
        }
        let heads = select(page.root_element(), ".matrix th[scope=col] > a").into_iter();
        let departments: Vec<String> = heads.map(|head| target(address, head)).collect();
        for row in select(page.root_element(), ".matrix tbody tr") {
            let customer = target(address, select(row, "th > a")[0]);
            let cells = select(row, "td");
            assert_eq!(cells.len(), departments.len());
            for (department, cell) in departments.iter().zip(cells) {
                for link in select(cell, "a") {
                    let text: String = link.text().collect();
                    let mark = MARKS.into_iter().find(|mark| *mark == text).unwrap();
                    let name = link.attr("aria-label").unwrap().to_owned();
                    marks.insert((department.clone(), customer.clone(), mark, name));
                }
            }
        }
    }
    marks
}

fn select<'a>(within: ElementRef<'a>, wanted: &str) -> Vec<ElementRef<'a>> {
    let wanted = Selector::parse(wanted).unwrap();
    within.select(&wanted).collect()
}

/// Where a link leads.
fn target(address: &str, link: ElementRef<'_>) -> String {
    site_check::resolve(address, link.attr("href").unwrap()).unwrap()
}

/// The marks that follow from the entries of a portal.
pub fn wanted(portal: &Portal) -> BTreeSet<Mark> {
    let language = portal.settings.language;
    let [between, latest] = match language.code() {
        "de" => ["für", "zuletzt"],
        _ => ["for", "latest"],
    };
    let mut marks = BTreeSet::new();
    for department in portal.departments() {
        let reached: Vec<_> = portal[department]
            .entries
            .iter()
            .filter(|entry| is_done(portal, **entry))
            .map(|entry| (*entry, reached(portal, *entry)))
            .collect();
        for customer in portal.customers() {
            let newest = reached
                .iter()
                .rev()
                .find(|(_, reached)| reached.contains(&customer));
            let Some((entry, _)) = newest else { continue };
            let date = portal[*entry].date;
            let mark = if (portal.day - date).get_days() <= 90 {
                MARKS[0]
            } else if date >= portal.day.checked_sub(1.year()).unwrap() {
                MARKS[1]
            } else {
                MARKS[2]
            };
            let (department, customer) = (&portal[department].page, &portal[customer].page);
            let date = format_date(date, DateStyle::Text, language);
            let name = format!(
                "{} {between} {}, {latest} {date}",
                department.title, customer.title
            );
            let address = |page: &strang::portal::Page| page.address.as_str().to_owned();
            marks.insert((address(department), address(customer), mark, name));
        }
    }
    marks
}

/// Neither thanks for something done before nor a promise to do something.
fn is_done(portal: &Portal, entry: EntryId) -> bool {
    let kind = portal.kind(entry);
    kind.name != "thanks" && !(kind.for_customer && portal[entry].open)
}

/// The customers that an entry names, or that what it made possible does.
fn reached(portal: &Portal, entry: EntryId) -> BTreeSet<CustomerId> {
    let mut found = BTreeSet::from([entry]);
    let mut waiting = vec![entry];
    while let Some(next) = waiting.pop() {
        let enabled = portal[next].enables.iter().copied();
        waiting.extend(enabled.filter(|enabled| found.insert(*enabled)));
    }
    let customers = found
        .into_iter()
        .flat_map(|entry| portal[entry].customers.iter().copied());
    customers.collect()
}

/// Digits where a number could only be how much somebody did: in cells of the matrix and in headings of our own; and
/// people in the matrix.
pub fn counts(site: &Site) -> Vec<String> {
    let mut faults = Vec::new();
    for (address, page) in site_check::pages(site) {
        let ours = match address.split('/').next() {
            Some("contributions") => ".matrix td, .matrix thead tr:first-child th, .legend b",
            Some("people" | "departments") => {
                "main > section > h2, main > section > details > summary"
            }
            _ => continue,
        };
        for element in select(page.root_element(), ours) {
            let text: String = element.text().collect();
            let is_group = !select(element, "h3").is_empty();
            if !is_group && text.contains(|c: char| c.is_ascii_digit()) {
                faults.push(format!("{address}: {text}"));
            }
        }
        if address.starts_with("contributions/") {
            let people = select(page.root_element(), "main a[href*='people/']").into_iter();
            faults.extend(people.map(|link| format!("{address}: {}", link.html())));
        }
    }
    faults
}
