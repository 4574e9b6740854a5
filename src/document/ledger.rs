//! Ledgers: CSV exports of other systems, each row an entry.
//!
//! One file goes in as a stream, its rows come out, typed, whom they name as written. Names that stand in many rows are
//! kept once. A row that cannot be read is told and left out, the others are read on. It must never look at another
//! file: whether a row stands in two exports is settled when documents are linked.

mod cells;

use std::collections::HashMap;
use std::io::Read;

use jiff::civil::Date;
use thin_vec::ThinVec;

use super::{Folder, Role, WrittenFact, facts};
use crate::diagnostic::{Diagnostics, Location, Place, Spanned};
use crate::path::{SourcePath, fingerprint, fold};
use crate::settings::{
    Encoding, FactDefinition, FactId, FactScope, KindId, Ledger, LedgerId, Meaning, Settings,
};
use crate::value::{Decimal, DecimalSign, Money};

use cells::{Cells, CellsError, Row};

/// A file of a ledger, read.
#[derive(Clone, Debug)]
pub struct LedgerDocument {
    /// The file.
    pub source: SourcePath,
    /// The ledger of the settings that it is a part of.
    pub ledger: LedgerId,
    /// In whose folder it lies, if it does.
    pub folder: Option<Folder>,
    /// Its rows, in their order.
    pub rows: Vec<WrittenRow>,
    /// What the rows name: customers, people, departments.
    names: Vec<Box<str>>,
}

/// One row.
#[derive(Clone, Debug)]
pub struct WrittenRow {
    /// The line on which it begins, counted from 1.
    pub line: u32,
    /// Stands for all that the row says, in cells with a meaning.
    pub fingerprint: u64,
    /// What stands in the column of the customer.
    pub customer: Option<NameId>,
    /// What sort of event it is.
    pub kind: KindId,
    /// What happened.
    pub title: Box<str>,
    /// When.
    pub date: Date,
    /// Who did it.
    pub by: ThinVec<NameId>,
    /// Which departments did it.
    pub departments: ThinVec<NameId>,
    /// A sum.
    pub amount: Option<Money>,
    /// The number of the document.
    pub number: Option<Box<str>>,
    /// The number of the order that is paid.
    pub order: Option<Box<str>>,
    /// Facts of the schema, in its order.
    pub facts: ThinVec<WrittenFact>,
}

/// A name that rows of one file hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(u32);

impl NameId {
    /// The position among [`LedgerDocument::names`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl LedgerDocument {
    /// A name as it is written.
    pub fn name(&self, id: NameId) -> &str {
        &self.names[id.index()]
    }

    /// All names, in the order of their first rows, which is that of [`NameId`].
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

/// Reads one file.
pub fn parse(
    source: &SourcePath,
    file: impl Read,
    id: LedgerId,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> LedgerDocument {
    let mut document = LedgerDocument {
        source: source.clone(),
        ledger: id,
        folder: Role::folder(source),
        rows: Vec::new(),
        names: Vec::new(),
    };
    let ledger = settings.ledger(id);
    if ledger.customer.is_none() && !matches!(document.folder, Some(Folder::Customer(_))) {
        diagnostics.ledger_without_customers(Place::start_of(source));
        return document;
    }
    let read = read_rows(&mut document, file, ledger, settings, diagnostics);
    let place = |at: Location| Place::read_at(source, at);
    match read {
        Ok(()) => {}
        Err(CellsError::Disk(error)) => {
            diagnostics.unreadable(Place::start_of(source), &error.to_string());
        }
        Err(CellsError::Doubtful(at)) => match ledger.encoding {
            Encoding::Utf8 if at.text.contains('\0') => {
                diagnostics.ledger_encoding_unset(place(at), "UTF-16", "utf-16le");
            }
            Encoding::Utf8 => {
                diagnostics.ledger_encoding_unset(place(at), "Windows-1252", "windows-1252");
            }
            _ => diagnostics.ledger_encoding_wrong(place(at)),
        },
        Err(CellsError::OpenQuote(at)) => diagnostics.ledger_open_quote(place(at)),
    }
    document
}

fn read_rows(
    document: &mut LedgerDocument,
    file: impl Read,
    ledger: &Ledger,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Result<(), CellsError> {
    let customer = ledger
        .customer
        .as_ref()
        .map(|customer| customer.title.as_str());
    let columns = ledger.columns.iter().map(|column| column.title.as_str());
    let wanted: Vec<&str> = customer.into_iter().chain(columns).collect();
    let Some(mut cells) = Cells::open(file, ledger.encoding, ledger.delimiter, &wanted)? else {
        diagnostics.ledger_without_titles(Place::start_of(&document.source));
        return Ok(());
    };
    let Some(columns) = Columns::find(&cells, &document.source, ledger, diagnostics) else {
        return Ok(());
    };
    let mut reader = RowReader {
        width: cells.titles().len(),
        columns,
        ledger,
        settings,
        kinds: HashMap::new(),
        names: HashMap::new(),
    };
    let read = reader.read_all(&mut cells, document, diagnostics);
    if let Some(at) = cells.misread() {
        diagnostics.ledger_misread(Place::read_at(&document.source, at.clone()));
    }
    document.names = reader.into_names();
    read
}

/// Where the columns with a meaning stand.
struct Columns {
    customer: Option<usize>,
    meanings: Vec<(usize, Meaning)>,
}

impl Columns {
    /// Each title once in the first row, or a report.
    fn find<R: Read>(
        cells: &Cells<R>,
        source: &SourcePath,
        ledger: &Ledger,
        diagnostics: &mut Diagnostics,
    ) -> Option<Columns> {
        let place = || Place::read_at(source, cells.titles_at().clone());
        let mut find = |wanted: &str| {
            let titles = || cells.titles().iter().enumerate();
            let mut found = titles().filter(|(_, title)| fold(title) == fold(wanted));
            match (found.next(), found.next()) {
                (Some((position, _)), None) => Some(position),
                (Some(_), Some(_)) => {
                    diagnostics.ledger_title_twice(place(), wanted);
                    None
                }
                (None, _) => {
                    let known = titles().map(|(_, title)| title.as_str());
                    diagnostics.ledger_title_missing(place(), wanted, known);
                    None
                }
            }
        };
        let customer = ledger
            .customer
            .as_ref()
            .map(|customer| find(&customer.title));
        let meanings: Vec<Option<(usize, Meaning)>> = ledger
            .columns
            .iter()
            .map(|column| Some((find(&column.title)?, column.meaning)))
            .collect();
        let mut meanings: Vec<(usize, Meaning)> = meanings.into_iter().collect::<Option<_>>()?;
        meanings.sort_by_key(|(_, meaning)| matches!(meaning, Meaning::Fact(_)));
        Some(Columns {
            customer: match customer {
                Some(found) => Some(found?),
                None => None,
            },
            meanings,
        })
    }
}

/// What is wrong with a row, and in which column.
struct Fault {
    column: Option<usize>,
    kind: FaultKind,
}

enum FaultKind {
    /// More or fewer cells than titles.
    Width { found: usize, expected: usize },
    /// Nothing where something is needed.
    Empty,
    /// A date in another form than the settings say.
    Date { written: String, format: String },
    /// No sum, or one more exact than its currency.
    Money { written: String, hint: &'static str },
    /// No kind of entry.
    Kind { written: String },
    /// A fact without a column.
    Missing { fact: String },
    /// No value of the fact's type.
    Fact { written: String, expected: String },
}

impl Fault {
    fn tell<R: Read>(
        self,
        at: Place,
        cells: &Cells<R>,
        settings: &Settings,
        diagnostics: &mut Diagnostics,
    ) {
        let title = self.column.map_or("", |column| &cells.titles()[column]);
        match self.kind {
            FaultKind::Width { found, expected } => {
                diagnostics.ledger_row_width(at, found, expected);
            }
            FaultKind::Empty => diagnostics.ledger_cell_empty(at, title),
            FaultKind::Date { written, format } => {
                diagnostics.ledger_date(at, title, &written, &format);
            }
            FaultKind::Money { written, hint } => {
                diagnostics.ledger_money(at, title, &written, hint);
            }
            FaultKind::Kind { written } => {
                diagnostics.ledger_kind(at, title, &written, settings.names_of_kinds());
            }
            FaultKind::Missing { fact } => diagnostics.ledger_fact_missing(at, &fact),
            FaultKind::Fact { written, expected } => {
                diagnostics.ledger_fact(at, title, &written, &expected);
            }
        }
    }
}

/// Turns cells into rows.
struct RowReader<'a> {
    width: usize,
    columns: Columns,
    ledger: &'a Ledger,
    settings: &'a Settings,
    /// Kinds by how the file names them.
    kinds: HashMap<Box<str>, Option<KindId>>,
    names: HashMap<Box<str>, NameId>,
}

impl RowReader<'_> {
    /// All rows, as far as the file can be read.
    fn read_all<R: Read>(
        &mut self,
        cells: &mut Cells<R>,
        document: &mut LedgerDocument,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), CellsError> {
        while let Some(row) = cells.next()? {
            match self.read(&row) {
                Ok(written) => document.rows.push(written),
                Err(faults) => faults.into_iter().for_each(|fault| {
                    let at = cells.place(&row, fault.column);
                    let place = Place::read_at(&document.source, at);
                    fault.tell(place, cells, self.settings, diagnostics);
                }),
            }
            cells.done_with(row);
        }
        Ok(())
    }

    /// The names that rows hold, in the order of their ids.
    fn into_names(self) -> Vec<Box<str>> {
        let mut names: Vec<(NameId, Box<str>)> = self
            .names
            .into_iter()
            .map(|(name, id)| (id, name))
            .collect();
        names.sort_unstable_by_key(|(id, _)| *id);
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// One row, or all that is wrong with it.
    fn read(&mut self, row: &Row) -> Result<WrittenRow, Vec<Fault>> {
        if row.cells.len() != self.width {
            let kind = FaultKind::Width {
                found: row.cells.len(),
                expected: self.width,
            };
            return Err(vec![Fault { column: None, kind }]);
        }
        let mut faults = Vec::new();
        let mut written = self.blank(row);
        // Facts come last, since they are those of the row's kind.
        for i in 0..self.columns.meanings.len() {
            let (column, meaning) = self.columns.meanings[i];
            if let Err(kind) = self.take(meaning, &row.cells[column], &mut written) {
                let column = Some(column);
                faults.push(Fault { column, kind });
            }
        }
        if faults.is_empty() {
            faults.extend(self.missing_fact(&written));
        }
        if written.title.is_empty() {
            match &written.number {
                Some(number) => written.title = number.clone(),
                None => faults.push(self.untitled()),
            }
        }
        if faults.is_empty() {
            written.facts.sort_by_key(|fact| fact.id);
            Ok(written)
        } else {
            Err(faults)
        }
    }

    /// Reads one cell into the row.
    fn take(
        &mut self,
        meaning: Meaning,
        cell: &str,
        row: &mut WrittenRow,
    ) -> Result<(), FaultKind> {
        match meaning {
            Meaning::Date => row.date = self.date(cell)?,
            Meaning::Kind => row.kind = self.kind(cell)?,
            Meaning::Title => row.title = words(cell).into(),
            Meaning::Amount => row.amount = self.amount(cell)?,
            Meaning::Number => row.number = filled(cell),
            Meaning::Order => row.order = filled(cell),
            Meaning::By => row.by = self.list(cell),
            Meaning::Departments => row.departments = self.list(cell),
            Meaning::Fact(column) => {
                if let Some(id) = self.ledger.facts[column].of(row.kind) {
                    row.facts.extend(self.fact(id, cell)?);
                }
            }
        }
        Ok(())
    }

    /// A row that says no more than the settings of its ledger; every ledger has a column for the date.
    fn blank(&mut self, row: &Row) -> WrittenRow {
        let customer = self.columns.customer.map(|column| &row.cells[column]);
        let customer = customer.filter(|cell| !cell.is_empty());
        let columns = self.columns.customer.into_iter();
        let columns = columns.chain(self.columns.meanings.iter().map(|(column, _)| *column));
        let said: Vec<&str> = columns.map(|column| &row.cells[column]).collect();
        WrittenRow {
            line: row.line,
            fingerprint: fingerprint(&said),
            customer: customer.map(|cell| self.name(cell)),
            kind: self.ledger.kind.unwrap_or_default(),
            title: "".into(),
            date: Date::ZERO,
            by: ThinVec::new(),
            departments: ThinVec::new(),
            amount: None,
            number: None,
            order: None,
            facts: ThinVec::new(),
        }
    }

    /// A fact that the row's kind requires and no column holds.
    fn missing_fact(&self, row: &WrittenRow) -> Option<Fault> {
        let has_column = |id| {
            let mut columns = self.ledger.facts.iter();
            columns.any(|column| column.of(row.kind) == Some(id))
        };
        let mut facts = self.settings.schema.of(FactScope::Entry(row.kind));
        let (_, missing) = facts.find(|(id, fact)| fact.required && !has_column(*id))?;
        Some(Fault {
            column: None,
            kind: FaultKind::Missing {
                fact: missing.name.clone(),
            },
        })
    }

    fn untitled(&self) -> Fault {
        let mut columns = self.columns.meanings.iter();
        let title = columns.find(|(_, meaning)| *meaning == Meaning::Title);
        Fault {
            column: title.map(|(column, _)| *column),
            kind: FaultKind::Empty,
        }
    }

    fn date(&self, cell: &str) -> Result<Date, FaultKind> {
        if cell.is_empty() {
            return Err(FaultKind::Empty);
        }
        self.ledger.day(cell).ok_or_else(|| FaultKind::Date {
            written: cell.to_owned(),
            format: self.ledger.date_format.clone(),
        })
    }

    fn kind(&mut self, cell: &str) -> Result<KindId, FaultKind> {
        if cell.is_empty() {
            return self.ledger.kind.ok_or(FaultKind::Empty);
        }
        let settings = self.settings;
        if !self.kinds.contains_key(cell) {
            self.kinds.insert(cell.into(), settings.kind_called(cell));
        }
        self.kinds[cell].ok_or_else(|| FaultKind::Kind {
            written: cell.to_owned(),
        })
    }

    fn amount(&self, cell: &str) -> Result<Option<Money>, FaultKind> {
        if cell.is_empty() {
            return Ok(None);
        }
        let fault = |hint| FaultKind::Money {
            written: cell.to_owned(),
            hint,
        };
        let own = self.settings.currency;
        let (amount, currency) = own.split_off(cell);
        let number = Decimal::parse_written(amount, self.ledger.decimal).map_err(|_| {
            let reads = |sign| Decimal::parse_written(amount, Some(sign)).is_ok();
            fault(if reads(DecimalSign::Comma) {
                "this looks like decimal = \",\" in the ledger's settings"
            } else if reads(DecimalSign::Point) {
                "this looks like decimal = \".\" in the ledger's settings"
            } else {
                "a sum is written 1.234,50 or 1,234.50, with € or a code such as CHF before or behind"
            })
        })?;
        let money = Money::from_decimal(number, currency);
        let too_exact = "the currency has fewer places behind the decimal sign";
        money.map(Some).ok_or_else(|| fault(too_exact))
    }

    fn list(&mut self, cell: &str) -> ThinVec<NameId> {
        let parts = cell.split([',', ';']).map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        parts.map(|part| self.name(part)).collect()
    }

    /// The same name is kept once for all rows.
    fn name(&mut self, name: &str) -> NameId {
        if let Some(id) = self.names.get(name) {
            return *id;
        }
        let id =
            NameId(u32::try_from(self.names.len()).expect("BUG: rows are fewer than 4 billion"));
        self.names.insert(name.into(), id);
        id
    }

    fn fact(&self, id: FactId, cell: &str) -> Result<Option<WrittenFact>, FaultKind> {
        let definition: &FactDefinition = self.settings.schema.fact(id);
        if cell.is_empty() {
            return if definition.required {
                Err(FaultKind::Empty)
            } else {
                Ok(None)
            };
        }
        let value = facts::parse_cell(cell, definition, self.ledger, self.settings);
        match value {
            Ok(value) => Ok(Some(WrittenFact {
                id,
                value: Spanned::new(value, crate::diagnostic::Span::default()),
            })),
            Err(expected) => Err(FaultKind::Fact {
                written: cell.to_owned(),
                expected,
            }),
        }
    }
}

/// A text in one line.
fn words(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn filled(cell: &str) -> Option<Box<str>> {
    (!cell.is_empty()).then(|| words(cell).into())
}
