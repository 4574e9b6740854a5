//! What does not fit together although each source by itself is right: dates, people and customers across files.
//!
//! A linked portal goes in, nothing but diagnostics come out. Each entry is looked at once, beside what it names. Rows
//! of ledgers have no places to tell anything at and are left alone. It must never change the portal.

use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;

use super::circles::Circles;
use super::lookup::{Entries, Names};
use super::{Customer, CustomerId, Entry, EntryHome, EntryId, PersonId, Portal};
use crate::diagnostic::{Diagnostics, Place, Span, Spanned};
use crate::document::{Content, Document, EntryContent, UNDATED};
use crate::settings::{FactId, FactScope};
use crate::value::FactValue;

/// Says what does not fit together.
pub(super) fn check(
    portal: &Portal,
    names: &Names,
    entries: &Entries<'_>,
    diagnostics: &mut Diagnostics,
) {
    let checker = Checker {
        portal,
        names,
        entries,
        circles: Circles::of(portal),
        since_until: since_until(portal),
    };
    checker.circles(diagnostics);
    let said = (0..portal.entries.len())
        .into_par_iter()
        .fold(Diagnostics::new, |mut said, position| {
            checker.entry(EntryId::at(position), &mut said);
            said
        })
        .reduce(Diagnostics::new, |mut said, more| {
            said.append(more);
            said
        });
    diagnostics.append(said);
}

/// So many entries of one day and title an entry is compared with.
const LOOKED_BACK: usize = 50;

/// The first and the last day on which somebody was a customer, as far as facts say.
type SinceUntil = (Option<Date>, Option<Date>);

/// These days of every customer; nothing where the schema has no such facts.
fn since_until(portal: &Portal) -> Vec<SinceUntil> {
    let fact = |name: &str| {
        let mut facts = portal.settings.schema.of(FactScope::Customer);
        facts.find(|(_, fact)| fact.name == name).map(|(id, _)| id)
    };
    let facts = (fact("since"), fact("until"));
    if facts == (None, None) {
        return Vec::new();
    }
    let date = |customer: &Customer, fact: Option<FactId>| {
        let mut facts = customer.page.facts.iter();
        match facts.find(|other| Some(other.id) == fact)?.value {
            FactValue::Date(date) => Some(date),
            _ => None,
        }
    };
    let customers = portal.customers.iter();
    customers
        .map(|customer| (date(customer, facts.0), date(customer, facts.1)))
        .collect()
}

struct Checker<'a> {
    portal: &'a Portal,
    names: &'a Names,
    entries: &'a Entries<'a>,
    circles: Circles,
    since_until: Vec<SinceUntil>,
}

/// An entry as it is linked and as its author wrote it. There are many and most are right, so what was written is
/// looked at only for the place of what is wrong.
struct Checked<'a> {
    id: EntryId,
    linked: &'a Entry,
    document: &'a Arc<Document>,
}

impl<'a> Checked<'a> {
    fn written(&self) -> &'a EntryContent {
        match &self.document.content {
            Content::Entry(content) => content,
            Content::Page(_) => unreachable!("BUG: an entry's document is an entry"),
        }
    }

    fn at(&self, span: Span) -> Place {
        Place::new(&self.document.source, span)
    }
}

impl<'a> Checker<'a> {
    fn entry(&self, id: EntryId, diagnostics: &mut Diagnostics) {
        let Some(entry) = self.checked(id) else {
            return;
        };
        if let Some(original) = self.original(&entry) {
            // Whatever else is wrong with a copy is told at the original, or gone with the copy.
            let place = Place::start_of(&entry.document.source);
            diagnostics.copied_entry(place, &original.document.source);
            return;
        }
        if entry.linked.date != UNDATED {
            self.dates(&entry, diagnostics);
            self.people(&entry, diagnostics);
        }
        self.enables(&entry, diagnostics);
        self.closes(&entry, diagnostics);
    }

    fn checked(&self, id: EntryId) -> Option<Checked<'a>> {
        Some(Checked {
            id,
            linked: &self.portal[id],
            document: &self.portal[self.portal.document(id)?],
        })
    }

    /// The entry of the same folder that says the same under another name. Entries are sorted by date and title, so it
    /// stands not far before.
    fn original(&self, entry: &Checked<'_>) -> Option<Checked<'a>> {
        let own = entry.linked;
        let before = (0..entry.id.index()).rev().take(LOOKED_BACK);
        let mut alike = before
            .map(EntryId::at)
            .take_while(|id| {
                self.portal[*id].date == own.date && self.portal[*id].title == own.title
            })
            .filter_map(|id| self.checked(id));
        alike.find(|other| is_copy(entry, other))
    }

    fn dates(&self, entry: &Checked<'_>, diagnostics: &mut Diagnostics) {
        let day = entry.linked.date;
        if entry.linked.due.is_some_and(|due| due < day)
            && let Some(due) = &entry.written().due
        {
            diagnostics.due_before_date(entry.at(due.span), day);
        }
        if self.since_until.is_empty() {
            return;
        }
        for customer in &entry.linked.customers {
            let (since, until) = self.since_until[customer.index()];
            let title = &self.portal[*customer].page.title;
            if let Some(since) = since.filter(|since| day < *since) {
                diagnostics.before_since(self.place_of(entry, *customer), day, title, since);
            } else if let Some(until) = until.filter(|until| *until < day) {
                diagnostics.after_until(self.place_of(entry, *customer), day, title, until);
            }
        }
    }

    /// Where an entry names a customer; for that of its own folder, where it says when it happened.
    fn place_of(&self, entry: &Checked<'_>, customer: CustomerId) -> Place {
        let written = entry.written();
        if entry.linked.home == EntryHome::Customer(customer) {
            return entry.at(written.date.span);
        }
        let mut names = written.customers.iter();
        let name = names.find(|name| self.names.customer_with_id(&name.value) == Some(customer));
        entry.at(name.map_or(written.date.span, |name| name.span))
    }

    /// Thanks may go to people who have left; whoever looks after what is open must still be there today.
    fn people(&self, entry: &Checked<'_>, diagnostics: &mut Diagnostics) {
        let linked = entry.linked;
        let left_before = |person: PersonId, day: Date| {
            let left = self.portal[person].left;
            left.filter(|left| *left < day)
        };
        let gone = |by: &PersonId| left_before(*by, linked.date).is_some();
        if linked.by.iter().any(gone) && self.portal.kind(entry.id).name != "thanks" {
            for name in &entry.written().by {
                let person = self.names.person_with_id(&name.value);
                if let Some(left) = person.and_then(|person| left_before(person, linked.date)) {
                    diagnostics.did_it_after_leaving(entry.at(name.span), &name.value, left);
                }
            }
        }
        if let Some(owner) = linked.owner.filter(|_| linked.open)
            && let Some(left) = left_before(owner, self.portal.day)
            && let Some(name) = &entry.written().owner
        {
            diagnostics.owner_has_left(entry.at(name.span), &name.value, left);
        }
    }

    /// What a circle says is not said again of its steps.
    fn enables(&self, entry: &Checked<'_>, diagnostics: &mut Diagnostics) {
        let cause = entry.linked.date;
        let is_wrong = |enabled: &EntryId| {
            let effect = self.portal[*enabled].date;
            UNDATED < effect && effect < cause && !self.circles.join(entry.id, *enabled)
        };
        if !entry.linked.enables.iter().any(is_wrong) {
            return;
        }
        for (span, enabled) in self.named(entry, &entry.written().enables) {
            if is_wrong(&enabled) {
                let effect = self.portal[enabled].date;
                diagnostics.effect_before_cause(entry.at(span), effect, cause);
            }
        }
    }

    /// At most one thing of each entry that is closed: where the wrong one is named, all of them may be true.
    fn closes(&self, entry: &Checked<'_>, diagnostics: &mut Diagnostics) {
        let closing = entry.linked;
        let is_first = |id: &EntryId| self.first_to_close(&self.portal[*id]) == Some(entry.id);
        if closing.closes.iter().all(is_first) {
            return;
        }
        for (span, id) in self.named(entry, &entry.written().closes) {
            let closed = &self.portal[id];
            if is_too_early(closing, closed) {
                diagnostics.closed_before_opened(entry.at(span), closed.date, closing.date);
            } else if are_strangers(closing, closed) {
                let customer = &self.portal[closed.customers[0]].page.title;
                diagnostics.closes_elsewhere(entry.at(span), customer);
            } else if let Some(first) = self.first_to_close(closed).filter(|id| *id != entry.id)
                && let Some(first) = self.checked(first)
            {
                diagnostics.closed_twice(entry.at(span), &first.document.source);
            }
        }
    }

    /// The first entry that may well have closed another one.
    fn first_to_close(&self, closed: &Entry) -> Option<EntryId> {
        let mut closed_by = closed.closed_by.iter().copied();
        closed_by.find(|id| {
            let closing = &self.portal[*id];
            !is_too_early(closing, closed) && !are_strangers(closing, closed)
        })
    }

    /// The entries that an entry names, each with its place.
    fn named(
        &self,
        entry: &Checked<'_>,
        written: &'a [Spanned<String>],
    ) -> impl Iterator<Item = (Span, EntryId)> {
        let folder = &entry.written().folder;
        written.iter().filter_map(move |reference| {
            let found = self
                .entries
                .find(self.portal, Some(folder), &reference.value)?;
            Some((reference.span, found.entry()?))
        })
    }

    /// Tells each circle once, where it leads back to its earliest entry.
    fn circles(&self, diagnostics: &mut Diagnostics) {
        for chain in &self.circles.chains {
            let chain: Vec<Checked<'_>> = chain.iter().filter_map(|id| self.checked(*id)).collect();
            let ([first, ..], [.., last]) = (chain.as_slice(), chain.as_slice()) else {
                continue;
            };
            let mut named = self.named(last, &last.written().enables);
            let back = named.find(|(_, id)| *id == first.id);
            let place = last.at(back.map(|(span, _)| span).unwrap_or_default());
            if chain.len() == 1 {
                diagnostics.enables_itself(place);
                continue;
            }
            let names: Vec<String> = chain.iter().map(|entry| name(entry.written())).collect();
            diagnostics.enables_circle(place, &names);
        }
    }
}

/// Whether two entries of one folder differ in nothing but their names.
fn is_copy(entry: &Checked<'_>, other: &Checked<'_>) -> bool {
    let (one, two) = (entry.written(), other.written());
    let renamed = || EntryContent {
        stem: one.stem.clone(),
        ..two.clone()
    };
    one.folder == two.folder
        && one.stem != two.stem
        && entry.document.body == other.document.body
        && entry.document.facts == other.document.facts
        && *one == renamed()
}

fn is_too_early(closing: &Entry, closed: &Entry) -> bool {
    UNDATED < closing.date && closing.date < closed.date
}

/// Whether two entries were each for somebody, and for nobody together.
fn are_strangers(one: &Entry, other: &Entry) -> bool {
    let shared = |customer| other.customers.contains(customer);
    !one.customers.is_empty() && !other.customers.is_empty() && !one.customers.iter().any(shared)
}

/// An entry as other sources name it.
fn name(entry: &EntryContent) -> String {
    format!("{}/{}", entry.folder.id(), entry.stem)
}
