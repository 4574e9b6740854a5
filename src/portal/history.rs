//! Entries: in the order of time, joined with whom they concern and with each other.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;
use thin_vec::ThinVec;

use super::lookup::{Entries, Names};
use super::{
    Anchors, AsOf, CustomerId, DocumentId, Entry, EntryHome, EntryId, EntrySource, GoalId, Month,
    MonthId, Portal, month_address, orders, pages, years,
};
use crate::diagnostic::{Diagnostics, Place, Spanned};
use crate::document::{Content, Document, EntryContent, EntryStatus, Folder};
use crate::path::{Anchor, SourcePath, fingerprint, slug};

/// So many documents are handed to a core at once.
const DOCUMENTS_AT_ONCE: usize = 1024;

/// The entries that have a file of their own, whom they name resolved.
pub(super) fn documents(
    portal: &Portal,
    names: &Names,
    as_of: AsOf,
    diagnostics: &mut Diagnostics,
) -> Vec<Entry> {
    let resolve = |(at, document): (usize, &Arc<Document>)| {
        let mut said = Diagnostics::new();
        let Content::Entry(content) = &document.content else {
            return (None, said);
        };
        let id = DocumentId::at(at);
        let entry = resolve(portal, names, id, document, content, &mut said);
        if let (AsOf::Today(today), Some(entry)) = (as_of, &entry)
            && entry.date > today
        {
            let place = Place::new(&document.source, content.date.span);
            said.future_date(place, &entry.date.to_string());
        }
        (entry, said)
    };
    // Entries are large: each is made where it stays.
    let (mut entries, mut said) = (Vec::new(), Vec::new());
    let documents = portal.documents.par_iter().enumerate();
    documents
        .with_min_len(DOCUMENTS_AT_ONCE)
        .map(resolve)
        .unzip_into_vecs(&mut entries, &mut said);
    said.into_iter().for_each(|said| diagnostics.append(said));
    #[expect(
        clippy::filter_map_identity,
        reason = "unlike `flatten` it works in place"
    )]
    entries.into_iter().filter_map(|entry| entry).collect()
}

/// Gives every entry its place and joins it with people, departments, customers and other entries. What lies after the
/// day of the portal is left out.
pub(super) fn add<'a>(
    portal: &mut Portal,
    documents: &'a [Arc<Document>],
    names: &'a Names,
    mut entries: Vec<Entry>,
    diagnostics: &mut Diagnostics,
) -> Entries<'a> {
    sort(&mut entries);
    let later = entries.split_off(entries.partition_point(|entry| entry.date <= portal.day));
    portal.entries = entries;
    hand_out(portal);
    let entries = Entries::of(portal, documents, names, later, diagnostics);
    connect_entries(portal, &entries, diagnostics);
    orders::connect(portal, &entries.later, diagnostics);
    years::add(portal);
    portal.months = months(portal);
    portal.loops = loops(portal);
    hand_out_loops(portal);
    entries
}

/// By date, title and source. Entries are large, so only their places are sorted, and each is moved once.
fn sort(entries: &mut [Entry]) {
    let mut places: Vec<(Date, u32)> = (0..)
        .zip(&*entries)
        .map(|(at, entry)| (entry.date, at))
        .collect();
    places.par_sort_unstable();
    let key = |place: &(Date, u32)| {
        let entry = &entries[place.1 as usize];
        (&*entry.title, entry.source)
    };
    let mut days: Vec<&mut [(Date, u32)]> = places.chunk_by_mut(|a, b| a.0 == b.0).collect();
    days.par_iter_mut()
        .for_each(|day| day.sort_unstable_by(|a, b| key(a).cmp(&key(b))));
    let places = places.into_iter().map(|(_, at)| at as usize);
    put_in_order(entries, places.collect());
}

/// Moves to each place what is at the one that is named for it; each is named once.
fn put_in_order<T>(items: &mut [T], mut from: Vec<usize>) {
    for start in 0..from.len() {
        // What is in the way goes where the next one came from, until that is where it began.
        let mut at = start;
        loop {
            let next = mem::replace(&mut from[at], at);
            if next == start {
                break;
            }
            items.swap(at, next);
            at = next;
        }
    }
}

/// Lists each entry with the customers, departments and people that it concerns.
fn hand_out(portal: &mut Portal) {
    for (entry, id) in portal
        .entries
        .iter()
        .zip(EntryId::all(portal.entries.len()))
    {
        for customer in &entry.customers {
            portal.customers[customer.index()].entries.push(id);
        }
        for department in &entry.departments {
            portal.departments[department.index()].entries.push(id);
        }
        for person in &entry.by {
            portal.people[person.index()].entries.push(id);
        }
    }
}

fn loops(portal: &Portal) -> Vec<EntryId> {
    let mut loops: Vec<EntryId> = portal.entries().filter(|id| portal[*id].open).collect();
    loops.sort_by_key(|id| {
        let late = portal[*id].due.filter(|due| *due < portal.day);
        (late.is_none(), late, *id)
    });
    loops
}

/// Lists each loop with who is in charge.
fn hand_out_loops(portal: &mut Portal) {
    for id in &portal.loops {
        if let Some(owner) = portal.entries[id.index()].owner {
            portal.people[owner.index()].loops.push(*id);
        }
    }
}

fn months(portal: &Portal) -> Vec<Month> {
    let entries: Vec<EntryId> = portal.entries().collect();
    entries
        .chunk_by(|a, b| portal[*a].date.first_of_month() == portal[*b].date.first_of_month())
        .map(|entries| Month {
            first_day: portal[entries[0]].date.first_of_month(),
            address: month_address(portal[entries[0]].date),
            entries: entries.to_vec(),
            anchors: Anchors::default(),
        })
        .collect()
}

fn resolve(
    portal: &Portal,
    names: &Names,
    id: DocumentId,
    document: &Document,
    content: &EntryContent,
    diagnostics: &mut Diagnostics,
) -> Option<Entry> {
    let home = home(names, &content.folder, diagnostics)?;
    let day = content.date.value;
    let mut by: ThinVec<_> = content
        .by
        .iter()
        .filter_map(|id| names.person(document, id, diagnostics))
        .collect();
    let mut departments: ThinVec<_> = content
        .departments
        .iter()
        .filter_map(|id| names.department(document, id, diagnostics))
        .collect();
    if content.departments.is_empty() {
        departments = by
            .iter()
            .flat_map(|person| portal.departments_on(*person, day))
            .collect();
        if let (true, EntryHome::Department(department)) = (departments.is_empty(), home) {
            departments.push(department);
        }
    }
    sort_and_dedup(&mut by);
    sort_and_dedup(&mut departments);
    let customers = customers(names, document, content, home, diagnostics);
    let goals = goals(portal, document, content, &customers, diagnostics);
    let kind = portal.settings.kind(content.kind);
    Some(Entry {
        source: EntrySource::Document(id),
        home,
        kind: content.kind,
        date: day,
        title: content.title.clone(),
        departments,
        by,
        goals,
        enables: ThinVec::new(),
        enabled_by: ThinVec::new(),
        closes: ThinVec::new(),
        closed_by: ThinVec::new(),
        open: content
            .status
            .map_or(kind.open, |status| status == EntryStatus::Open),
        owner: content
            .owner
            .as_ref()
            .and_then(|owner| names.person(document, owner, diagnostics)),
        due: content.due.as_ref().map(|due| due.value),
        amount: content.amount,
        number: content.number.as_deref().map(Into::into),
        order: content
            .order
            .as_ref()
            .map(|order| order.value.as_str().into()),
        pays: None,
        paid_by: ThinVec::new(),
        score: content.score,
        customers,
        facts: pages::facts(names, document, diagnostics).into(),
        targets: ThinVec::new(),
    })
}

fn sort_and_dedup<T: Ord>(list: &mut ThinVec<T>) {
    list.sort();
    list.dedup();
}

/// The customer or department in whose folder the entry lies, which must have a page. That is told at the folder, so
/// that all of its entries say it once.
fn home(names: &Names, folder: &Folder, diagnostics: &mut Diagnostics) -> Option<EntryHome> {
    let home = names.home(folder);
    if home.is_none() {
        diagnostics.folder_without_page(Place::start_of(&SourcePath::new(folder.path())));
    }
    home
}

fn customers(
    names: &Names,
    document: &Document,
    content: &EntryContent,
    home: EntryHome,
    diagnostics: &mut Diagnostics,
) -> ThinVec<CustomerId> {
    let mut customers: ThinVec<_> = content
        .customers
        .iter()
        .filter_map(|id| names.customer(document, id, diagnostics))
        .collect();
    sort_and_dedup(&mut customers);
    if let EntryHome::Customer(own) = home {
        customers.retain(|customer| *customer != own);
        customers.insert(0, own);
    }
    customers
}

fn goals(
    portal: &Portal,
    document: &Document,
    content: &EntryContent,
    customers: &[CustomerId],
    diagnostics: &mut Diagnostics,
) -> ThinVec<GoalId> {
    let known: Vec<GoalId> = customers
        .iter()
        .flat_map(|customer| portal[*customer].goals.iter().copied())
        .collect();
    let mut goals = ThinVec::new();
    for written in &content.goals {
        let before = goals.len();
        goals.extend(
            known
                .iter()
                .copied()
                .filter(|goal| portal[*goal].id == written.value),
        );
        if goals.len() == before {
            let place = Place::new(&document.source, written.span);
            let ids: Vec<&str> = known.iter().map(|goal| portal[*goal].id.as_str()).collect();
            diagnostics.unknown_goal(place, &written.value, &ids);
        }
    }
    sort_and_dedup(&mut goals);
    goals
}

impl Portal {
    /// The place of an entry on one of its customers' pages, or on that of its year.
    pub(super) fn customer_anchor(&self, customer: CustomerId, entry: EntryId) -> &Anchor {
        self[customer].anchors.of(entry, || {
            let entries = self[customer].entries.iter().copied();
            anchors(entries, |entry| customer_anchor(self, customer, entry))
        })
    }

    /// The place on a month's page of an entry that has a file of its own.
    pub fn month_anchor(&self, month: MonthId, entry: EntryId) -> &Anchor {
        self[month].anchors.of(entry, || {
            let entries = self[month].entries.iter().copied();
            let written = entries.filter_map(|entry| Some((entry, self.written(entry)?)));
            let written: BTreeMap<EntryId, &EntryContent> = written.collect();
            anchors(written.keys().copied(), |entry| {
                let EntryContent { stem, folder, .. } = written[&entry];
                format!("{}-{stem}", folder.id())
            })
        })
    }
}

/// One anchor for each entry; where two would share one, the later ones are numbered.
fn anchors(
    entries: impl Iterator<Item = EntryId>,
    name: impl Fn(EntryId) -> String,
) -> (Vec<EntryId>, Vec<Anchor>) {
    let mut taken: HashMap<String, usize> = HashMap::new();
    let anchors = entries.map(|entry| {
        let name = slug(&name(entry));
        let mut free = name.clone();
        // The next free number is remembered: a ledger may hold ten thousand rows that say the same.
        while taken.contains_key(&free) {
            let number = taken.entry(name.clone()).or_insert(1);
            *number += 1;
            free = format!("{name}-{number}");
        }
        taken.insert(free.clone(), 1);
        (entry, Anchor::of_text(&free))
    });
    anchors.unzip()
}

/// Starts with the date, so that it is never the anchor of a heading; from another's folder, ends with its id.
fn customer_anchor(portal: &Portal, customer: CustomerId, entry: EntryId) -> String {
    let Some(EntryContent { stem, folder, .. }) = portal.written(entry) else {
        return row_anchor(&portal[entry]);
    };
    let day = portal[entry].date.to_string();
    let dated = if stem.starts_with(&day) {
        stem.to_string()
    } else {
        format!("{day}-{stem}")
    };
    if portal[entry].home == EntryHome::Customer(customer) {
        dated
    } else {
        format!("{dated}-{}", folder.id())
    }
}

/// The date and the number of a row; without a number, what it says stands in for one, so that rows which are exported
/// before it later change nothing.
fn row_anchor(entry: &Entry) -> String {
    let number = entry.number.as_deref().map(slug).unwrap_or_default();
    if !number.is_empty() {
        return format!("{}-{number}", entry.date);
    }
    let amount = entry.amount.map(|amount| amount.to_string());
    let said = [&*entry.title, amount.as_deref().unwrap_or_default()];
    format!("{}-{:06x}", entry.date, fingerprint(&said) & 0xff_ffff)
}

fn connect_entries(portal: &mut Portal, entries: &Entries<'_>, diagnostics: &mut Diagnostics) {
    let find = |document: DocumentId,
                folder: &Folder,
                written: &[Spanned<String>],
                diagnostics: &mut Diagnostics| {
        let mut found = ThinVec::new();
        for reference in written {
            match entries.find(portal, Some(folder), &reference.value) {
                Some(reference) => found.extend(reference.entry()),
                None => {
                    let place = Place::new(&portal[document].source, reference.span);
                    diagnostics.unknown_entry(
                        place,
                        &reference.value,
                        entries.near(folder.id()).into_iter(),
                    );
                }
            }
        }
        sort_and_dedup(&mut found);
        found
    };
    let connections: Vec<_> = portal
        .entries()
        .filter_map(|id| {
            let document = portal.document(id)?;
            let content = portal.written(id)?;
            if content.enables.is_empty() && content.closes.is_empty() {
                return None;
            }
            let enables = find(document, &content.folder, &content.enables, diagnostics);
            let closes = find(document, &content.folder, &content.closes, diagnostics);
            Some((id, enables, closes))
        })
        .collect();
    for (id, enables, closes) in connections {
        for enabled in &enables {
            portal.entries[enabled.index()].enabled_by.push(id);
        }
        for closed in &closes {
            portal.entries[closed.index()].closed_by.push(id);
            portal.entries[closed.index()].open = false;
        }
        let entry = &mut portal.entries[id.index()];
        (entry.enables, entry.closes) = (enables, closes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_goes_to_its_place() {
        for from in [
            vec![],
            vec![0],
            vec![1, 0],
            vec![2, 0, 1],
            vec![3, 1, 0, 2, 5, 4],
        ] {
            let mut items: Vec<usize> = (0..from.len()).collect();
            put_in_order(&mut items, from.clone());
            assert_eq!(items, from);
        }
    }
}
