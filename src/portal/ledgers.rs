//! Ledgers: from rows as written to entries, each event once however often it was exported.
//!
//! A file exported again, or overlapping with another export, brings rows that are already there. Within one file every
//! row counts, unless it repeats a document number with all that it says; of rows without a number as many count as the
//! file has that holds most of them. Where the same document says something else in a later file, that is what counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use rayon::prelude::*;
use thin_vec::ThinVec;

use super::lookup::Names;
use super::{
    AsOf, CustomerId, DepartmentId, Entry, EntryHome, EntrySource, Fact, LedgerFile, LedgerFileId,
    PageId, PersonId, Portal,
};
use crate::diagnostic::{Diagnostics, Place};
use crate::document::ledger::{LedgerDocument, WrittenRow};
use crate::document::{PageKind, WrittenFact, WrittenPage};
use crate::path::{SourcePath, fold};
use crate::settings::{CustomerKey, LedgerId};
use crate::value::FactValue;

/// So many places of a mistake that many rows make are named.
const PLACES_NAMED: usize = 3;

/// So many files are turned into entries before what they said is let go: a portal may have ten thousand of them.
const FILES_AT_ONCE: usize = 64;

/// The entries of all ledgers. The files come in the order of ledgers, then of paths.
pub(super) fn rows(
    portal: &mut Portal,
    names: &Names,
    documents: Vec<LedgerDocument>,
    as_of: AsOf,
    diagnostics: &mut Diagnostics,
) -> Vec<Entry> {
    portal.ledger_files = documents
        .iter()
        .map(|document| LedgerFile {
            source: document.source.clone(),
            ledger: document.ledger,
        })
        .collect();
    let portal = &*portal;
    let ledgers: BTreeSet<LedgerId> = documents.iter().map(|document| document.ledger).collect();
    let keys: BTreeMap<LedgerId, Option<CustomerKeys>> = ledgers
        .into_iter()
        .map(|ledger| (ledger, customer_keys(portal, ledger, diagnostics)))
        .collect();
    let mut rows = Rows::with_capacity(documents.iter().map(|document| document.rows.len()).sum());
    let mut files = LedgerFileId::all(documents.len()).zip(documents);
    loop {
        let some: Vec<(LedgerFileId, LedgerDocument)> =
            files.by_ref().take(FILES_AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        let read: Vec<(Rows, Diagnostics)> = some
            .into_par_iter()
            .map(|(id, document)| {
                let mut said = Diagnostics::new();
                let source = document.source.clone();
                let keys = keys[&document.ledger].as_ref();
                let mut file = FileReader::new(portal, names, id, &document, keys);
                let rows = file.read(document, as_of.day());
                file.tell(&source, as_of, &mut said);
                (rows, said)
            })
            .collect();
        for (of_file, said) in read {
            rows.append(of_file);
            diagnostics.append(said);
        }
    }
    rows.each_event_once(portal)
}

/// By what the rows of a ledger name customers, if not by id.
type CustomerKeys = HashMap<String, CustomerId>;

/// Two customers with one key would make every such row a guess, so that is told even where the schema does not ask.
fn customer_keys(
    portal: &Portal,
    ledger: LedgerId,
    diagnostics: &mut Diagnostics,
) -> Option<CustomerKeys> {
    let ledger = portal.settings.ledger(ledger);
    let CustomerKey::Fact(wanted) = ledger.customer.as_ref()?.key else {
        return None;
    };
    let definition = portal.settings.schema.fact(wanted);
    let mut keys = CustomerKeys::new();
    for customer in portal.customers() {
        let document = &portal[portal[customer].page.document];
        for fact in document.facts.iter().filter(|fact| fact.id == wanted) {
            let values = match &fact.value.value {
                FactValue::List(values) => values.as_slice(),
                value => std::slice::from_ref(value),
            };
            for value in values {
                let text = value.as_written(&|page| page.id.value.clone());
                let known = *keys.entry(fold(&text)).or_insert(customer);
                let is_told = definition.unique && !definition.list;
                if known != customer && !is_told {
                    let place = Place::new(&document.source, fact.value.span);
                    let other = &portal[portal[known].page.document].source;
                    diagnostics.duplicate_fact(place, &definition.name, &text, other);
                }
            }
        }
    }
    Some(keys)
}

/// Rows that became entries, and what tells whether two are the same event.
struct Rows {
    entries: Vec<Entry>,
    /// For each entry what stands for all that its row says.
    fingerprints: Vec<u64>,
}

impl Rows {
    fn with_capacity(rows: usize) -> Rows {
        Rows {
            entries: Vec::with_capacity(rows),
            fingerprints: Vec::with_capacity(rows),
        }
    }

    fn push(&mut self, entry: Entry, fingerprint: u64) {
        self.entries.push(entry);
        self.fingerprints.push(fingerprint);
    }

    fn append(&mut self, mut other: Rows) {
        self.entries.append(&mut other.entries);
        self.fingerprints.append(&mut other.fingerprints);
    }

    /// What one document of another system says on one day; rows without a number have no document in common.
    fn document<'a>(&'a self, portal: &Portal, row: usize) -> impl Ord + use<'a> {
        let entry = &self.entries[row];
        let number = entry.number.as_deref();
        let ledger = portal[self.file(row)].ledger;
        (
            ledger,
            entry.customers[0],
            entry.kind.index(),
            entry.date,
            number,
        )
    }

    fn file(&self, row: usize) -> LedgerFileId {
        match self.entries[row].source {
            EntrySource::Row(file, _) => file,
            EntrySource::Document(_) => unreachable!("BUG: a ledger holds rows"),
        }
    }

    fn each_event_once(self, portal: &Portal) -> Vec<Entry> {
        let document = |row: usize| self.document(portal, row);
        let key = |row: usize| {
            (
                document(row),
                self.fingerprints[row],
                self.entries[row].source,
            )
        };
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.par_sort_unstable_by(|a, b| key(*a).cmp(&key(*b)));
        let mut is_kept = vec![false; self.entries.len()];
        for of_document in order.chunk_by(|a, b| document(*a) == document(*b)) {
            if let [row] = of_document {
                is_kept[*row] = true;
                continue;
            }
            let replacing = self.replacing(of_document);
            for alike in of_document.chunk_by(|a, b| self.fingerprints[*a] == self.fingerprints[*b])
            {
                for row in &alike[..self.events(alike, replacing)] {
                    is_kept[*row] = true;
                }
            }
        }
        let mut is_kept = is_kept.into_iter();
        let mut entries = self.entries;
        entries.retain(|_| is_kept.next().unwrap_or(true));
        entries
    }

    /// The file whose rows of a document replace all others: the latest one, unless it holds fewer of them than
    /// another. Such a file ends in the midst of a document.
    fn replacing(&self, of_document: &[usize]) -> Option<LedgerFileId> {
        let mut said: BTreeMap<LedgerFileId, BTreeSet<u64>> = BTreeMap::new();
        for row in of_document {
            let of_file = said.entry(self.file(*row)).or_default();
            of_file.insert(self.fingerprints[*row]);
        }
        let most = said.values().map(BTreeSet::len).max();
        let (latest, rows) = said.last_key_value()?;
        (Some(rows.len()) == most).then_some(*latest)
    }

    /// How many events rows are that say the same.
    fn events(&self, alike: &[usize], replacing: Option<LedgerFileId>) -> usize {
        let mut of_files = alike.chunk_by(|a, b| self.file(*a) == self.file(*b));
        if self.entries[alike[0]].number.is_none() {
            return of_files.map(<[usize]>::len).max().unwrap_or(0);
        }
        let is_kept = |file| replacing.is_none_or(|replacing| replacing == file);
        usize::from(of_files.any(|rows| is_kept(self.file(rows[0]))))
    }
}

/// What the names in one file mean.
struct Meanings {
    customers: Vec<Option<CustomerId>>,
    people: Vec<Option<PersonId>>,
    departments: Vec<Option<DepartmentId>>,
}

impl Meanings {
    fn of(document: &LedgerDocument, names: &Names, keys: Option<&CustomerKeys>) -> Meanings {
        let all = || document.names();
        Meanings {
            customers: all()
                .map(|name| match keys {
                    Some(keys) => keys.get(&fold(name)).copied(),
                    None => names.customer_called(name),
                })
                .collect(),
            people: all().map(|name| names.person_called(name)).collect(),
            departments: all().map(|name| names.department_called(name)).collect(),
        }
    }
}

/// Rows that name what nobody knows.
#[derive(Default)]
struct Unknown {
    count: usize,
    last: Option<u32>,
    first: Vec<(u32, String)>,
}

impl Unknown {
    /// A row counts once, however many names it holds.
    fn add(&mut self, row: &WrittenRow, name: &str) {
        if self.last != Some(row.line) {
            self.count += 1;
            self.last = Some(row.line);
        }
        if self.first.len() < PLACES_NAMED {
            self.first.push((row.line, name.to_owned()));
        }
    }

    fn tell(&self, at: Place, what: &str, diagnostics: &mut Diagnostics) {
        if self.count > 0 {
            let first: Vec<(u32, &str)> = self
                .first
                .iter()
                .map(|(line, name)| (*line, name.as_str()))
                .collect();
            diagnostics.ledger_unknown(at, what, self.count, &first);
        }
    }
}

/// Turns the rows of one file into candidates.
struct FileReader<'a> {
    portal: &'a Portal,
    names: &'a Names,
    id: LedgerFileId,
    home: Option<EntryHome>,
    meanings: Meanings,
    unknown_customers: Unknown,
    unknown_people: Unknown,
    unknown_departments: Unknown,
    later: Unknown,
}

impl<'a> FileReader<'a> {
    fn new(
        portal: &'a Portal,
        names: &'a Names,
        id: LedgerFileId,
        document: &LedgerDocument,
        keys: Option<&CustomerKeys>,
    ) -> Self {
        FileReader {
            portal,
            names,
            id,
            home: document
                .folder
                .as_ref()
                .and_then(|folder| names.home(folder)),
            meanings: Meanings::of(document, names, keys),
            unknown_customers: Unknown::default(),
            unknown_people: Unknown::default(),
            unknown_departments: Unknown::default(),
            later: Unknown::default(),
        }
    }

    fn read(&mut self, mut document: LedgerDocument, day: Date) -> Rows {
        let written = std::mem::take(&mut document.rows);
        let mut rows = Rows::with_capacity(written.len());
        for row in written {
            // Rows that are not there yet are left out with all other entries, so that what names them knows of them.
            if row.date > day {
                self.later.add(&row, "");
            }
            let fingerprint = row.fingerprint;
            if let Some(entry) = self.entry(row, &document) {
                rows.push(entry, fingerprint);
            }
        }
        rows
    }

    fn tell(&self, source: &SourcePath, as_of: AsOf, diagnostics: &mut Diagnostics) {
        let place = || Place::start_of(source);
        self.unknown_customers
            .tell(place(), "customer", diagnostics);
        self.unknown_people.tell(place(), "person", diagnostics);
        self.unknown_departments
            .tell(place(), "department", diagnostics);
        if let (AsOf::Today(_), Some((line, _))) = (as_of, self.later.first.first()) {
            diagnostics.ledger_future(place(), self.later.count, *line);
        }
    }

    fn entry(&mut self, row: WrittenRow, document: &LedgerDocument) -> Option<Entry> {
        let customer = self.customer(&row, document)?;
        let by = self.people(&row, document);
        let mut departments = self.departments(&row, document);
        if row.departments.is_empty() {
            let of_people = by
                .iter()
                .flat_map(|person| self.portal.departments_on(*person, row.date));
            departments = of_people.collect();
        }
        if let (true, Some(EntryHome::Department(home))) = (departments.is_empty(), self.home) {
            departments.push(home);
        }
        departments.sort();
        departments.dedup();
        let facts = row
            .facts
            .iter()
            .filter_map(|fact| self.fact(&row, fact))
            .collect();
        Some(Entry {
            source: EntrySource::Row(self.id, row.line),
            home: self.home.unwrap_or(EntryHome::Ledgers),
            kind: row.kind,
            date: row.date,
            title: row.title,
            customers: ThinVec::from([customer]),
            departments,
            by,
            goals: ThinVec::new(),
            enables: ThinVec::new(),
            enabled_by: ThinVec::new(),
            closes: ThinVec::new(),
            closed_by: ThinVec::new(),
            open: false,
            owner: None,
            due: None,
            amount: row.amount,
            number: row.number,
            order: row.order,
            pays: None,
            paid_by: ThinVec::new(),
            score: None,
            facts,
            targets: ThinVec::new(),
        })
    }

    /// The customer that the row names, else the one in whose folder the file lies.
    fn customer(&mut self, row: &WrittenRow, document: &LedgerDocument) -> Option<CustomerId> {
        match (row.customer, self.home) {
            (Some(name), _) => {
                let found = self.meanings.customers[name.index()];
                if found.is_none() {
                    self.unknown_customers.add(row, document.name(name));
                }
                found
            }
            (None, Some(EntryHome::Customer(home))) => Some(home),
            (None, _) => {
                self.unknown_customers.add(row, "");
                None
            }
        }
    }

    fn people(&mut self, row: &WrittenRow, document: &LedgerDocument) -> ThinVec<PersonId> {
        let mut people = ThinVec::new();
        for name in &row.by {
            match self.meanings.people[name.index()] {
                Some(person) => people.push(person),
                None => self.unknown_people.add(row, document.name(*name)),
            }
        }
        people.sort();
        people.dedup();
        people
    }

    fn departments(
        &mut self,
        row: &WrittenRow,
        document: &LedgerDocument,
    ) -> ThinVec<DepartmentId> {
        let mut departments = ThinVec::new();
        for name in &row.departments {
            match self.meanings.departments[name.index()] {
                Some(department) => departments.push(department),
                None => self.unknown_departments.add(row, document.name(*name)),
            }
        }
        departments
    }

    /// A fact with the page that it names; one that names nothing known drops out.
    fn fact(&mut self, row: &WrittenRow, fact: &WrittenFact) -> Option<Fact> {
        let mut unknown: Vec<WrittenPage> = Vec::new();
        let names = self.names;
        let value = fact.value.value.resolve(&mut |page: &WrittenPage| {
            let name = &page.id.value;
            let found = match page.kind {
                PageKind::Customer => names.customer_called(name).map(PageId::Customer),
                PageKind::Department => names.department_called(name).map(PageId::Department),
                PageKind::Person => names.person_called(name).map(PageId::Person),
                PageKind::Plain => None,
            };
            if found.is_none() {
                unknown.push(page.clone());
            }
            found
        });
        for page in unknown {
            let of_kind = match page.kind {
                PageKind::Customer | PageKind::Plain => &mut self.unknown_customers,
                PageKind::Department => &mut self.unknown_departments,
                PageKind::Person => &mut self.unknown_people,
            };
            of_kind.add(row, &page.id.value);
        }
        Some(Fact {
            id: fact.id,
            value: value?,
        })
    }
}
