//! Everything in the order of time, month by month.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Viewpoint;
use super::parts::{EntryView, Frame, Line, Link};
use crate::path::Anchor;
use crate::portal::{EntryId, Month, MonthId};
use crate::settings::KindId;
use crate::value::month_name;

/// `timeline/index.html`.
#[derive(Clone, Debug, Serialize)]
pub struct TimelineView {
    frame: Frame,
    title: String,
    years: Vec<TimelineYear>,
}

#[derive(Clone, Debug, Serialize)]
struct TimelineYear {
    id: String,
    title: String,
    months: Vec<TimelineMonth>,
}

#[derive(Clone, Debug, Serialize)]
struct TimelineMonth {
    title: String,
    href: String,
    count: usize,
    done: usize,
}

/// `timeline/<year>-<month>.html`.
#[derive(Clone, Debug, Serialize)]
pub struct MonthView {
    frame: Frame,
    title: String,
    count: usize,
    done: usize,
    previous: Option<Link>,
    next: Option<Link>,
    days: Vec<Day>,
}

#[derive(Clone, Debug, Serialize)]
struct Day {
    id: String,
    title: String,
    /// In a month in which so much happened that it can only be skimmed.
    lines: Vec<Line>,
    /// Rows of ledgers in a month of which nobody could read all.
    rows: Vec<RowCount>,
    entries: Vec<EntryView>,
}

/// How many rows of ledgers are of one kind.
#[derive(Clone, Debug, Serialize)]
struct RowCount {
    kind: String,
    label: String,
    count: usize,
}

/// How an entry is told on the page of its month.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Telling {
    InFull,
    InLine,
    Counted,
}

/// In a month with more entries, those that stand in full on a customer's page are told in one line each.
const MOST_IN_FULL: usize = 60;
/// In a month with more entries, rows of ledgers are counted: each stands on its customer's page.
const MOST_ROWS: usize = 1000;

impl Viewpoint<'_> {
    /// All months in which something happened.
    pub fn timeline(&self) -> TimelineView {
        let months: Vec<&Month> = self
            .portal
            .months()
            .rev()
            .map(|id| &self.portal[id])
            .collect();
        let years = months
            .chunk_by(|a, b| a.first_day.year() == b.first_day.year())
            .map(|months| {
                let year = months[0].first_day.year().to_string();
                TimelineYear {
                    id: year.clone(),
                    title: year,
                    months: months
                        .iter()
                        .map(|month| self.timeline_month(month))
                        .collect(),
                }
            });
        TimelineView {
            years: years.collect(),
            frame: self.frame(self.crumbs_home(), None),
            title: self.word("timeline"),
        }
    }

    fn timeline_month(&self, month: &Month) -> TimelineMonth {
        TimelineMonth {
            title: month_name(month.first_day.month(), self.portal.settings.language).to_owned(),
            href: self.here.href(&month.address),
            count: month.entries.len(),
            done: self.done(&month.entries),
        }
    }

    fn done(&self, entries: &[EntryId]) -> usize {
        entries
            .iter()
            .filter(|entry| self.portal.kind(**entry).for_customer)
            .count()
    }

    /// Everything that happened in one month.
    pub fn month(&self, id: MonthId) -> MonthView {
        let month = &self.portal[id];
        let date = |entry: EntryId| self.portal[entry].date;
        let newest_first: Vec<EntryId> = month.entries.iter().rev().copied().collect();
        let days = newest_first
            .chunk_by(|a, b| date(*a) == date(*b))
            .map(|entries| self.day(id, entries));
        MonthView {
            days: days.collect(),
            frame: self.frame(self.crumbs_section("timeline"), None),
            title: self.month_title(month),
            count: month.entries.len(),
            done: self.done(&month.entries),
            previous: self.portal.month_before(id).map(|id| self.month_link(id)),
            next: self.portal.month_after(id).map(|id| self.month_link(id)),
        }
    }

    fn day(&self, id: MonthId, entries: &[EntryId]) -> Day {
        let month = &self.portal[id];
        let told = |wanted: Telling| {
            let entries = entries.iter().copied();
            entries.filter(move |entry| self.telling(month, *entry) == wanted)
        };
        let date = self.portal[entries[0]].date;
        Day {
            id: format!("d{}", date.day()),
            title: self.date_under_year(date),
            lines: told(Telling::InLine)
                .map(|entry| self.line(entry))
                .collect(),
            rows: self.count_rows(told(Telling::Counted)),
            entries: told(Telling::InFull)
                .map(|entry| self.month_entry(entry, self.portal.month_anchor(id, entry)))
                .collect(),
        }
    }

    /// What stands on no other page is always told in full.
    fn telling(&self, month: &Month, entry: EntryId) -> Telling {
        let is_row = self.portal.is_row(entry);
        if is_row && month.entries.len() > MOST_ROWS {
            return Telling::Counted;
        }
        let is_long = is_row || month.entries.len() > MOST_IN_FULL;
        if is_long && !self.portal[entry].customers.is_empty() {
            return Telling::InLine;
        }
        Telling::InFull
    }

    /// How many of some entries are of each kind, in the order of kinds.
    fn count_rows(&self, entries: impl Iterator<Item = EntryId>) -> Vec<RowCount> {
        let mut counts: BTreeMap<KindId, usize> = BTreeMap::new();
        for entry in entries {
            *counts.entry(self.portal[entry].kind).or_default() += 1;
        }
        let settings = &self.portal.settings;
        let counts = counts.into_iter().map(|(kind, count)| {
            let kind = settings.kind(kind);
            RowCount {
                kind: kind.name.clone(),
                label: kind.label.get(settings.language).to_owned(),
                count,
            }
        });
        counts.collect()
    }

    fn month_title(&self, month: &Month) -> String {
        let name = month_name(month.first_day.month(), self.portal.settings.language);
        format!("{name} {}", month.first_day.year())
    }

    fn month_link(&self, id: MonthId) -> Link {
        let month = &self.portal[id];
        Link {
            title: self.month_title(month),
            href: Some(self.here.href(&month.address)),
        }
    }

    fn month_entry(&self, id: EntryId, anchor: &Anchor) -> EntryView {
        let at_home = self.portal[id].customers.is_empty();
        EntryView {
            href: (!at_home).then(|| self.entry_href(id)),
            customers_html: self.customers_of(id),
            ..self.entry(id, anchor)
        }
    }
}
