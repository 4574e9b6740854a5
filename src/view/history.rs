//! The history of a customer: every entry once, in its year, with where it comes from; years at a glance in a bar.
//!
//! Owns the section of a customer's page and the pages of older years, which a long history moves to.

use serde::Serialize;

use super::Viewpoint;
use super::drawing::{self, Strokes, Tally};
use super::filter::HistoryFilter;
use super::parts::{EntryView, Frame, Link};
use crate::portal::{CustomerId, EntryHome, EntryId, PageId};

/// The section of a customer's page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct HistoryView {
    bar: Vec<BarYear>,
    /// The years that stand on the page, the newest first.
    years: Vec<Year>,
    /// The years that have pages of their own, the newest first.
    older: Vec<OlderYear>,
}

/// `customers/<id>/<year>.html`.
#[derive(Clone, Debug, Serialize)]
pub struct CustomerYearView {
    frame: Frame,
    title: String,
    customer: Link,
    bar: Vec<BarYear>,
    filter: Vec<HistoryFilter>,
    year: Year,
    previous: Option<Link>,
    next: Option<Link>,
}

/// A year of the bar; one in which nothing happened keeps its place.
#[derive(Clone, Debug, Serialize)]
struct BarYear {
    title: String,
    href: Option<String>,
    current: bool,
    /// How much happened in it, in words.
    count: String,
    drawing: Option<Strokes>,
}

/// A year with all its entries.
#[derive(Clone, Debug, Serialize)]
struct Year {
    id: String,
    open: bool,
    sums: String,
    entries: Vec<EntryView>,
}

/// A year that stands elsewhere.
#[derive(Clone, Debug, Serialize)]
struct OlderYear {
    id: String,
    href: String,
    sums: String,
}

/// The newest years are unfolded until this many entries show.
const UNFOLDED_ENTRIES: usize = 30;
/// So many of the other customers whom an entry names, too, are named: an entry may be for thousands.
const ALSO_FOR: usize = 10;
/// As few entries are a plain list; a bar would say nothing more.
const LEAST_IN_A_BAR: usize = 4;
/// A longer silence takes one place in the bar, so that a mistyped year does not fill the page.
const LONGEST_SILENCE: i16 = 10;

impl Viewpoint<'_> {
    /// What happened, as far as it stands on the customer's own page.
    pub(super) fn history(&self, id: CustomerId) -> HistoryView {
        let this_year = self.portal.day.year();
        let years: Vec<_> = self.portal.years(id).collect();
        let (older, here) = years.split_at(self.portal[id].year_pages.len());
        let mut shown = 0;
        let here = here.iter().rev().map(|(year, entries)| {
            let open = shown < UNFOLDED_ENTRIES || *year >= this_year - 1;
            shown += entries.len();
            Year {
                open,
                ..self.year(id, *year, entries)
            }
        });
        HistoryView {
            years: here.collect(),
            bar: self.bar(id, &years),
            older: older
                .iter()
                .rev()
                .map(|(year, entries)| OlderYear {
                    id: year.to_string(),
                    href: self.year_href(id, *year),
                    sums: self.sums(entries),
                })
                .collect(),
        }
    }

    /// The page of one of a customer's older years.
    pub fn customer_year(&self, id: CustomerId, year: i16) -> CustomerYearView {
        let from = Viewpoint {
            on_customer: Some(id),
            ..*self
        };
        from.year_page(id, year)
    }

    fn year_page(&self, id: CustomerId, year: i16) -> CustomerYearView {
        let years: Vec<_> = self.portal.years(id).collect();
        let at = years.binary_search_by_key(&year, |(year, _)| *year);
        let at = at.expect("BUG: a year has a page because something happened in it");
        let link = |(year, _): &(i16, &[EntryId])| Link {
            title: year.to_string(),
            href: Some(self.year_href(id, *year)),
        };
        let customer = self.page_link(PageId::Customer(id));
        let mut crumbs = self.crumbs_section("customers");
        crumbs.push(customer.clone());
        CustomerYearView {
            frame: self.frame(crumbs, None),
            title: format!("{} {year}", customer.title),
            customer,
            bar: self.bar(id, &years),
            filter: self.history_filter(id),
            year: self.year(id, year, years[at].1),
            previous: years[..at].last().map(link),
            next: years.get(at + 1).map(link),
        }
    }

    fn year(&self, customer: CustomerId, year: i16, entries: &[EntryId]) -> Year {
        Year {
            id: year.to_string(),
            open: true,
            sums: self.sums(entries),
            entries: entries
                .iter()
                .rev()
                .map(|entry| self.history_entry(customer, *entry))
                .collect(),
        }
    }

    /// To a year on this page, on the customer's, or on its own.
    fn year_href(&self, customer: CustomerId, year: i16) -> String {
        let address = self.portal.address_of_year(customer, year);
        if address == self.here {
            return format!("#{year}");
        }
        let href = self.here.href(address);
        if *address == self.portal[customer].page.address {
            format!("{href}#{year}")
        } else {
            href
        }
    }

    /// How much happened in a year, in words.
    fn sums(&self, entries: &[EntryId]) -> String {
        let count =
            |fits: &dyn Fn(EntryId) -> bool| entries.iter().filter(|entry| fits(**entry)).count();
        let mut sums = self.counted("entries", entries.len());
        for (key, count) in [
            (
                "done_count",
                count(&|entry| self.portal.kind(entry).for_customer),
            ),
            ("complaints", count(&|entry| self.is_complaint(entry))),
        ] {
            if count > 0 {
                sums = format!("{sums}, {}", self.counted(key, count));
            }
        }
        sums
    }

    fn is_complaint(&self, entry: EntryId) -> bool {
        self.portal.kind(entry).name == "complaint"
    }

    /// Every year from the first to the last, all in one scale.
    fn bar(&self, id: CustomerId, years: &[(i16, &[EntryId])]) -> Vec<BarYear> {
        if self.portal[id].entries.len() < LEAST_IN_A_BAR {
            return Vec::new();
        }
        let months: Vec<[Tally; 12]> = years
            .iter()
            .map(|(_, entries)| self.months_of(entries))
            .collect();
        let scale = drawing::scale(months.iter().flatten());
        let mut bar = Vec::new();
        let mut expected = years.first().map_or(0, |(year, _)| *year);
        for ((year, entries), months) in years.iter().zip(&months) {
            bar.extend(silence(expected, *year));
            expected = *year + 1;
            let href = self.year_href(id, *year);
            bar.push(BarYear {
                title: year.to_string(),
                current: self.portal.address_of_year(id, *year) == self.here
                    && *self.here != self.portal[id].page.address,
                href: Some(href),
                count: self.counted("entries", entries.len()),
                drawing: Some(drawing::strokes(months, scale)),
            });
        }
        bar
    }

    fn months_of(&self, entries: &[EntryId]) -> [Tally; 12] {
        let mut months = [Tally::default(); 12];
        for entry in entries {
            let month = usize::try_from(self.portal[*entry].date.month() - 1).unwrap_or(0);
            let tally = &mut months[month];
            if self.portal.kind(*entry).for_customer {
                tally.done += 1;
            } else {
                tally.other += 1;
            }
            tally.complaints += usize::from(self.is_complaint(*entry));
        }
        months
    }

    /// An entry in full with where it comes from, if that is not the customer's own folder, and for whom else it is.
    fn history_entry(&self, customer: CustomerId, id: EntryId) -> EntryView {
        let entry = &self.portal[id];
        let home = match entry.home {
            EntryHome::Customer(home) if home != customer => Some(PageId::Customer(home)),
            EntryHome::Department(department) => Some(PageId::Department(department)),
            EntryHome::Customer(_) | EntryHome::Ledgers => None,
        };
        let elsewhere =
            |other: &&CustomerId| **other != customer && home != Some(PageId::Customer(**other));
        let mut others = entry.customers.iter().filter(elsewhere);
        let named = others.by_ref().take(ALSO_FOR);
        let mut also_for = self.links_to(named.map(|other| PageId::Customer(*other)));
        if others.next().is_some() {
            also_for.push(&Link {
                title: self.word("and_others"),
                href: None,
            });
        }
        EntryView {
            date: Some(self.date_under_year(entry.date)),
            noted_at: home.map(|home| self.page_link(home)),
            also_for_html: also_for,
            ..self.entry(id, self.portal.entry_address_at(id, customer).1)
        }
    }
}

/// The empty years before one, each in its place unless they are too many.
fn silence(from: i16, before: i16) -> Vec<BarYear> {
    let empty = |title: String| BarYear {
        title,
        href: None,
        current: false,
        count: String::new(),
        drawing: None,
    };
    if before - from > LONGEST_SILENCE {
        return vec![empty(format!("{from}–{}", before - 1))];
    }
    (from..before).map(|year| empty(year.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_silence_takes_one_place() {
        let titles = |from, before| -> Vec<String> {
            silence(from, before)
                .into_iter()
                .map(|year| year.title)
                .collect()
        };
        assert_eq!(titles(2020, 2020), [""; 0]);
        assert_eq!(titles(2020, 2022), ["2020", "2021"]);
        assert_eq!(titles(1203, 2023), ["1203–2022"]);
    }
}
