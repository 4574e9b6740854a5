//! Ledgers: which CSV files are read as entries, and what their columns mean.

use glob::{MatchOptions, Pattern};
use jiff::civil::Date;

use super::{FactId, FactScope, Kind, KindId, SETTINGS_FILE, Schema, built_in_keys};
use crate::diagnostic::{Diagnostics, Place, Spanned};
use crate::path::SourcePath;
use crate::table::{Item, Table};
use crate::value::{DecimalSign, parse_date};

/// An index into [`super::Settings::ledgers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerId(u16);

impl LedgerId {
    /// The position in the list of ledgers.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The ids of all ledgers of a list, in its order.
    pub fn all(ledgers: &[Ledger]) -> impl Iterator<Item = LedgerId> + use<> {
        (0..ledgers.len()).map(|i| {
            LedgerId(u16::try_from(i).expect("BUG: the number of ledgers is checked when read"))
        })
    }
}

/// One export of another system: files of one form, each row an entry.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// What readers see.
    pub label: super::Label,
    /// The files, below `content/`, and where that is said.
    files: Spanned<Pattern>,
    /// Whether the settings say enough to read them; if not, that was told.
    pub is_complete: bool,
    /// The kind of rows that have no column for it.
    pub kind: Option<KindId>,
    /// In which bytes its characters are written.
    pub encoding: Encoding,
    /// What stands between two cells; found by itself where it is not set.
    pub delimiter: Option<u8>,
    /// What stands before the cents; where it is not set, sums hold digits and at most one point.
    pub decimal: Option<DecimalSign>,
    /// How dates are written, in the manner of `strftime`.
    pub date_format: String,
    /// How the customer of a row is found; rows in a customer's own folder need none.
    pub customer: Option<CustomerColumn>,
    /// What the columns mean, by their titles.
    pub columns: Vec<Column>,
    /// The facts among them.
    pub facts: Vec<FactColumn>,
}

/// In which bytes characters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or UTF-16 where a byte order mark says so.
    Utf8,
    /// UTF-16 with the low byte first.
    Utf16Le,
    /// UTF-16 with the high byte first.
    Utf16Be,
    /// What Windows programs of western Europe write; a byte order mark still says otherwise.
    Windows1252,
}

/// The column that says to which customer a row belongs.
#[derive(Clone, Debug)]
pub struct CustomerColumn {
    /// The title of the column.
    pub title: String,
    /// What of the customer stands in it.
    pub key: CustomerKey,
}

/// By what a customer is known to another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerKey {
    /// The customer's id.
    Id,
    /// A fact of the customer, such as the number in the accounting system.
    Fact(FactId),
}

/// One column with a meaning.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its title in the first row.
    pub title: String,
    /// What it holds.
    pub meaning: Meaning,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// When it happened.
    Date,
    /// What sort of event it is, by name or label.
    Kind,
    /// What happened.
    Title,
    /// A sum.
    Amount,
    /// The number of the document.
    Number,
    /// The number of the order that is paid.
    Order,
    /// Who did it: ids or names, separated by commas.
    By,
    /// Which departments did it: ids or names, separated by commas.
    Departments,
    /// A fact of the schema, by the position in [`Ledger::facts`].
    Fact(usize),
}

/// A column with a fact: kinds may have different facts of one name.
#[derive(Clone, Debug)]
pub struct FactColumn {
    of_kinds: Vec<(KindId, FactId)>,
}

impl FactColumn {
    /// All facts that may stand in the column.
    pub fn facts(&self) -> impl Iterator<Item = FactId> {
        self.of_kinds.iter().map(|(_, fact)| *fact)
    }

    /// The fact that a row of a kind has in the column; other rows have nothing there.
    pub fn of(&self, kind: KindId) -> Option<FactId> {
        let of_kind = self.of_kinds.iter().find(|(known, _)| *known == kind);
        of_kind.map(|(_, fact)| *fact)
    }
}

/// How days are written where the settings say nothing.
const ISO_DATE: &str = "%Y-%m-%d";

const MEANINGS: [(&str, Meaning); 8] = [
    ("date", Meaning::Date),
    ("kind", Meaning::Kind),
    ("title", Meaning::Title),
    ("amount", Meaning::Amount),
    ("number", Meaning::Number),
    ("order", Meaning::Order),
    ("by", Meaning::By),
    ("departments", Meaning::Departments),
];

const ENCODINGS: [(&str, Encoding); 4] = [
    ("utf-8", Encoding::Utf8),
    ("utf-16le", Encoding::Utf16Le),
    ("utf-16be", Encoding::Utf16Be),
    ("windows-1252", Encoding::Windows1252),
];

impl Ledger {
    /// Whether a file is a part of this ledger.
    pub fn covers(&self, source: &SourcePath) -> bool {
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::new()
        };
        source
            .below_content()
            .is_some_and(|below| self.files.value.matches_with(below, options))
    }

    /// The day that a cell names.
    pub fn day(&self, cell: &str) -> Option<Date> {
        if self.date_format == ISO_DATE {
            return parse_date(cell);
        }
        // `24` is no year that anybody means where four digits are expected.
        let day = Date::strptime(&self.date_format, cell).ok();
        day.filter(|day| day.year() >= 1000)
    }

    /// Where the settings say which files belong to the ledger.
    pub fn place(&self) -> Place {
        Place::new(&SourcePath::new(SETTINGS_FILE), self.files.span)
    }
}

/// Reads the tables `[ledgers.NAME]`.
pub(super) fn read(
    table: Option<Table<'_>>,
    schema: &Schema,
    kinds: &[Kind],
    diagnostics: &mut Diagnostics,
) -> Vec<Ledger> {
    let mut ledgers = Vec::new();
    for (name, item) in table.map(|mut table| table.take_all()).unwrap_or_default() {
        let Some(table) = item.table(diagnostics) else {
            continue;
        };
        let place = Place {
            span: name.span,
            ..item.place()
        };
        if ledgers.len() == usize::from(u16::MAX) {
            diagnostics.bad_setting(place, "a portal has at most 65,535 ledgers", "");
            break;
        }
        // What is not read as it was meant would make every row a second mistake.
        let mut said = Diagnostics::new();
        let mut ledger = read_ledger(&name, place, table, schema, kinds, &mut said);
        if let Some(ledger) = &mut ledger {
            ledger.is_complete &= said.is_empty();
        }
        diagnostics.append(said);
        ledgers.extend(ledger);
    }
    ledgers
}

fn read_ledger(
    name: &Spanned<&str>,
    place: Place,
    mut table: Table<'_>,
    schema: &Schema,
    kinds: &[Kind],
    diagnostics: &mut Diagnostics,
) -> Option<Ledger> {
    let label = super::Label::read(&mut table, &super::Label::same(name.value), diagnostics);
    let files = table.take("files");
    if files.is_none() {
        diagnostics.missing_key(place.clone(), "files", "files = \"ledgers/*.csv\"");
    }
    let files = files.and_then(|item| read_files(&item, diagnostics));
    let kind = table
        .take("kind")
        .and_then(|item| read_kind(&item, kinds, diagnostics));
    let encoding = table.choice("encoding", &ENCODINGS, diagnostics);
    let delimiter = table.choice(
        "delimiter",
        &[(";", b';'), (",", b','), ("\t", b'\t'), ("|", b'|')],
        diagnostics,
    );
    let signs = [(".", DecimalSign::Point), (",", DecimalSign::Comma)];
    let decimal = table.choice("decimal", &signs, diagnostics);
    let date_format = table
        .take("date_format")
        .and_then(|item| read_date_format(&item, diagnostics));
    let customer = table
        .table("customer", diagnostics)
        .and_then(|table| read_customer(table, schema, diagnostics));
    let (columns, facts) = match table.table("columns", diagnostics) {
        Some(table) => read_columns(table, kind, schema, kinds, diagnostics),
        None => (Vec::new(), Vec::new()),
    };
    if let Some(kind) = kind {
        for (id, fact) in schema.of(FactScope::Entry(kind)) {
            if fact.required && !facts.iter().any(|column| column.of(kind) == Some(id)) {
                let message = format!("rows of this kind need the fact `{}`", fact.name);
                let hint = format!("name its column: columns = {{ {} = \"…\", … }}", fact.name);
                diagnostics.bad_setting(place.clone(), &message, &hint);
            }
        }
    }
    table.finish(diagnostics);
    let has = |meaning| {
        columns
            .iter()
            .any(|column: &Column| column.meaning == meaning)
    };
    let names_columns = has(Meaning::Date) && has(Meaning::Title);
    if !names_columns {
        let message = "a ledger says which columns hold the date and the title of a row";
        let hint = "such as columns = { date = \"Belegdatum\", title = \"Text\" }, the titles of the first row";
        diagnostics.bad_setting(place.clone(), message, hint);
    }
    if names_columns && kind.is_none() && !has(Meaning::Kind) {
        let message = "a ledger says of which kind its rows are";
        let hint = "add a line `kind = \"payment\"`, or name a column: columns = { kind = \"Belegart\", … }";
        diagnostics.bad_setting(place, message, hint);
    }
    Some(Ledger {
        label,
        files: files?,
        is_complete: true,
        kind,
        encoding: encoding.map_or(Encoding::Utf8, |encoding| encoding.value),
        delimiter: delimiter.map(|delimiter| delimiter.value),
        decimal: decimal.map(|decimal| decimal.value),
        date_format: date_format.unwrap_or_else(|| ISO_DATE.to_owned()),
        customer,
        columns,
        facts,
    })
}

fn read_files(item: &Item<'_>, diagnostics: &mut Diagnostics) -> Option<Spanned<Pattern>> {
    let text = item.text(diagnostics)?.value;
    let hint = "such as \"ledgers/rechnungen*.csv\" or \"customers/*/auftraege.csv\"";
    if !text.to_lowercase().ends_with(".csv") {
        diagnostics.bad_setting(
            item.place(),
            "`files` names CSV files below `content/`",
            hint,
        );
        return None;
    }
    match Pattern::new(&text) {
        Ok(pattern) => Some(Spanned::new(pattern, item.span())),
        Err(error) => {
            let message = format!("this is no pattern of file names: {}", error.msg);
            diagnostics.bad_setting(item.place(), &message, hint);
            None
        }
    }
}

fn read_kind(item: &Item<'_>, kinds: &[Kind], diagnostics: &mut Diagnostics) -> Option<KindId> {
    let name = item.text(diagnostics)?.value;
    let kind = KindId::all(kinds).find(|id| kinds[id.index()].name == name);
    if kind.is_none() {
        diagnostics.unknown_kind(item.place(), &name, kinds);
    }
    kind
}

/// A format must be able to write a day and to read the same day again.
fn read_date_format(item: &Item<'_>, diagnostics: &mut Diagnostics) -> Option<String> {
    let format = item.text(diagnostics)?.value;
    let day = jiff::civil::Date::constant(2031, 12, 28);
    let written = jiff::fmt::strtime::format(&format, day);
    let read = written.and_then(|text| jiff::civil::Date::strptime(&format, text));
    if read.is_ok_and(|read| read == day) {
        return Some(format);
    }
    let message = format!("`{format}` does not tell day, month and year");
    let hint = "such as \"%d.%m.%Y\" for 05.03.2026 or \"%Y-%m-%d\" for 2026-03-05";
    diagnostics.bad_setting(item.place(), &message, hint);
    None
}

fn read_customer(
    mut table: Table<'_>,
    schema: &Schema,
    diagnostics: &mut Diagnostics,
) -> Option<CustomerColumn> {
    let place = table.place();
    let column = table.text("column", diagnostics);
    let fact = table.take("fact");
    table.finish(diagnostics);
    if column.is_none() {
        diagnostics.missing_key(place, "column", "column = \"Debitor\"");
    }
    let key = match fact {
        None => CustomerKey::Id,
        Some(item) => {
            let name = item.text(diagnostics)?.value;
            let known = || schema.of(FactScope::Customer);
            let Some((id, _)) = known().find(|(_, fact)| fact.name == name) else {
                let known: Vec<&str> = known().map(|(_, fact)| fact.name.as_str()).collect();
                diagnostics.wrong_choice(item.place(), "fact", &name, &known);
                return None;
            };
            CustomerKey::Fact(id)
        }
    };
    Some(CustomerColumn {
        title: column?.value,
        key,
    })
}

/// The keys are those of an entry's front matter, the values titles of columns.
fn read_columns(
    mut table: Table<'_>,
    kind: Option<KindId>,
    schema: &Schema,
    kinds: &[Kind],
    diagnostics: &mut Diagnostics,
) -> (Vec<Column>, Vec<FactColumn>) {
    let of_rows: Vec<KindId> = kind.map_or_else(|| KindId::all(kinds).collect(), |kind| vec![kind]);
    let named = |name: &str| -> Vec<(KindId, FactId)> {
        let of_kinds = of_rows.iter().filter_map(|kind| {
            let mut facts = schema.of(FactScope::Entry(*kind));
            let (id, _) = facts.find(|(_, fact)| fact.name == name)?;
            Some((*kind, id))
        });
        of_kinds.collect()
    };
    let mut facts: Vec<FactColumn> = Vec::new();
    let mut columns = Vec::new();
    for (key, item) in table.take_all() {
        let built_in = MEANINGS.iter().find(|(name, _)| *name == key.value);
        let of_kinds = named(key.value);
        let meaning = match built_in {
            Some((_, meaning)) => Some(*meaning),
            None if of_kinds.is_empty() => None,
            None => {
                facts.push(FactColumn { of_kinds });
                Some(Meaning::Fact(facts.len() - 1))
            }
        };
        let Some(meaning) = meaning else {
            let mut known: Vec<&str> = MEANINGS.iter().map(|(name, _)| *name).collect();
            let of_kinds = of_rows
                .iter()
                .flat_map(|kind| schema.of(FactScope::Entry(*kind)));
            known.extend(of_kinds.map(|(_, fact)| fact.name.as_str()));
            known.dedup();
            let place = Place {
                span: key.span,
                ..item.place()
            };
            if built_in_keys(FactScope::AnyEntry).contains(&key.value) {
                let message = format!("`{}` cannot come from a ledger", key.value);
                diagnostics.bad_setting(place, &message, "write an entry of its own for it");
            } else {
                diagnostics.unknown_key(place, key.value, &known);
            }
            continue;
        };
        if let Some(title) = item.text(diagnostics) {
            columns.push(Column {
                title: title.value,
                meaning,
            });
        }
    }
    (columns, facts)
}
