//! Reads typed values out of a TOML table, with the exact place of each.
//!
//! Front matter and `strang.toml` are both read through this room: a [`Table`] hands out each key once and, at the
//! end, reports the keys that nobody asked for, with the nearest that somebody did. It must never know what a key
//! means.

use std::borrow::Cow;
use std::ops::Range;

use jiff::civil::Date;
use thin_vec::ThinVec;
use toml::Spanned as TomlSpanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostics, Place, Span, Spanned};
use crate::path::SourcePath;
use crate::value::{Decimal, DecimalError, parse_date};

/// The TOML text of a file, parsed as far as it goes.
pub struct Toml<'a> {
    table: DeTable<'a>,
    source: &'a SourcePath,
    offset: usize,
}

impl<'a> Toml<'a> {
    /// Parses TOML that starts `offset` bytes into its file and reports, once for each line, what is no TOML.
    pub fn parse(
        source: &'a SourcePath,
        text: &'a str,
        offset: usize,
        diagnostics: &mut Diagnostics,
    ) -> Toml<'a> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut table = table.into_inner();
        let mut spans: Vec<_> = errors
            .iter()
            .map(|error| (error.span().unwrap_or(0..0), error.message()))
            .collect();
        spans.sort_by_key(|(span, _)| span.start);
        let mut broken: Vec<Range<usize>> = Vec::new();
        for (span, message) in spans {
            let line = line_around(text, span.start);
            if broken.last() != Some(&line) {
                diagnostics.mark_unreadable();
                report(
                    source,
                    text,
                    offset,
                    span,
                    line.clone(),
                    message,
                    diagnostics,
                );
                broken.push(line);
            }
        }
        remove_broken(&mut table, &broken);
        Toml {
            table,
            source,
            offset,
        }
    }

    /// The top-level table.
    pub fn root(&self) -> Table<'_> {
        Table::new(
            &self.table,
            Span::at(self.offset, 0..0),
            self.source,
            self.offset,
        )
    }
}

/// Takes away what the parser made up for what it could not read: it was told already.
fn remove_broken(table: &mut DeTable<'_>, broken: &[Range<usize>]) {
    if broken.is_empty() {
        return;
    }
    let touches = |span: Range<usize>| {
        broken
            .iter()
            .any(|line| span.start < line.end && line.start < span.end)
    };
    let rows = std::mem::take(table)
        .into_iter()
        .filter_map(|(key, mut value)| {
            let span = key.span().start..value.span().end.max(key.span().end);
            let whole = match value.get_mut() {
                DeValue::Table(inner) => {
                    remove_broken(inner, broken);
                    true
                }
                DeValue::Array(array) if array.iter().all(|item| item.get_ref().is_table()) => true,
                _ => !touches(span),
            };
            whole.then_some((key, value))
        });
    *table = rows.collect();
}

fn line_around(text: &str, position: usize) -> Range<usize> {
    let position = position.min(text.len());
    let start = text.as_bytes()[..position]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |i| i + 1);
    let end = text.as_bytes()[position..]
        .iter()
        .position(|&b| b == b'\n')
        .map_or(text.len(), |i| position + i);
    start..end
}

/// Most broken lines in practice are dates as people write them, so these are named for what they are.
fn report(
    source: &SourcePath,
    text: &str,
    offset: usize,
    span: Range<usize>,
    line: Range<usize>,
    message: &str,
    diagnostics: &mut Diagnostics,
) {
    if let Some(equals) = text[line.clone()].find('=') {
        let value_start = line.start + equals + 1;
        let raw = text[value_start..line.end]
            .split('#')
            .next()
            .unwrap_or_default();
        let value = raw.trim();
        if looks_like_a_date(value) {
            let start = value_start + (raw.len() - raw.trim_start().len());
            diagnostics.bad_date(
                Place::new(source, Span::at(offset, start..start + value.len())),
                value,
            );
            return;
        }
    }
    let end = span.end.min(text.len()).max(span.start);
    let place = Place::new(source, Span::at(offset, span.start..end));
    let written = &text[line];
    match written.split_once('=') {
        _ if message.starts_with("duplicate key") => diagnostics.duplicate_key(place),
        None if written.contains(':') => diagnostics.colon_for_equals(place),
        Some((_, value)) if value.contains(['“', '”', '„', '‚', '‘', '’']) => {
            diagnostics.curly_quotes(place);
        }
        Some((_, value)) if value.trim_start().starts_with(char::is_alphabetic) => {
            diagnostics.text_without_quotes(place, value.trim());
        }
        Some((_, value)) if is_decimal_comma(value.trim()) => diagnostics.decimal_comma(place),
        _ if message.starts_with("invalid basic string") => diagnostics.open_quote(place),
        _ => diagnostics.bad_toml(place, message),
    }
}

/// `1.234,50` or `12,5`.
fn is_decimal_comma(value: &str) -> bool {
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    value
        .split_once(',')
        .is_some_and(|(whole, fraction)| digits(whole) && digits(fraction))
}

/// Digits in three groups, as in `5.3.2026`, `03/05/2026` or `2026-02-30`.
fn looks_like_a_date(value: &str) -> bool {
    let groups: Vec<&str> = value.split(['.', '/', '-']).collect();
    groups.len() == 3
        && groups
            .iter()
            .all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()))
        && (groups[0].len() == 4 || groups[2].len() == 4 || groups[2].len() == 2)
}

/// A table whose keys are handed out one by one.
pub struct Table<'a> {
    rows: Vec<Row<'a>>,
    known: Vec<Cow<'static, str>>,
    /// Keys that should be there and are not, each with what there is to say about that.
    missing: Vec<(Cow<'static, str>, Diagnostics)>,
    source: &'a SourcePath,
    span: Span,
}

struct Row<'a> {
    key: &'a str,
    key_span: Span,
    item: Option<Item<'a>>,
}

impl<'a> Table<'a> {
    fn new(table: &'a DeTable<'a>, span: Span, source: &'a SourcePath, offset: usize) -> Self {
        let mut rows: Vec<Row<'a>> = table
            .iter()
            .map(|(key, value)| Row {
                key: key.get_ref(),
                key_span: Span::at(offset, key.span()),
                item: Some(Item::new(key.get_ref(), value, source, offset)),
            })
            .collect();
        rows.sort_by_key(|row| row.key_span);
        Table {
            rows,
            known: Vec::new(),
            missing: Vec::new(),
            source,
            span,
        }
    }

    /// The place that stands for the table as a whole.
    pub fn place(&self) -> Place {
        Place::new(self.source, self.span)
    }

    /// Hands out the value of a key, once, and remembers the key as a known one.
    pub fn take(&mut self, key: impl Into<Cow<'static, str>>) -> Option<Item<'a>> {
        let key = key.into();
        let item = self
            .rows
            .iter_mut()
            .find(|row| row.key == key)
            .and_then(|row| row.item.take());
        self.known.push(key);
        item
    }

    /// As [`Table::take`], for a key that should be there. What there is to say where it is not waits for the end: the
    /// key may turn out to be misspelled, and nothing more.
    pub fn require(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        say_missing: impl FnOnce(&mut Diagnostics),
    ) -> Option<Item<'a>> {
        let key = key.into();
        let item = self.take(key.clone());
        if item.is_none() {
            let mut said = Diagnostics::new();
            say_missing(&mut said);
            self.missing.push((key, said));
        }
        item
    }

    /// A text under a key.
    pub fn text(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Spanned<String>> {
        self.take(key)?.text(diagnostics)
    }

    /// A text under a key that readers see as it stands.
    pub fn plain_text(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Spanned<String>> {
        self.take(key)?.plain_text(diagnostics)
    }

    /// One text or a list of them under a key.
    pub fn texts(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> ThinVec<Spanned<String>> {
        self.take(key)
            .map(|item| item.texts(diagnostics))
            .unwrap_or_default()
    }

    /// A date under a key.
    pub fn date(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Spanned<Date>> {
        self.take(key)?.date(diagnostics)
    }

    /// Yes or no under a key.
    pub fn bool(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> Option<bool> {
        self.take(key)?.bool(diagnostics)
    }

    /// One of a fixed set of words under a key.
    pub fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
        diagnostics: &mut Diagnostics,
    ) -> Option<Spanned<T>> {
        self.take(key)?.choice(choices, diagnostics)
    }

    /// A table under a key.
    pub fn table(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> Option<Table<'a>> {
        self.take(key)?.table(diagnostics)
    }

    /// All keys that nobody has asked for yet, in the order written: for tables whose keys are names.
    pub fn take_all(&mut self) -> Vec<(Spanned<&'a str>, Item<'a>)> {
        self.rows
            .iter_mut()
            .filter_map(|row| Some((Spanned::new(row.key, row.key_span), row.item.take()?)))
            .collect()
    }

    /// Whether a key is there that nobody has asked for yet.
    pub fn has(&self, key: &str) -> bool {
        self.rows
            .iter()
            .any(|row| row.key == key && row.item.is_some())
    }

    /// Reports every key that nobody has asked for, and every required one that is missing and not just misspelled.
    pub fn finish(mut self, diagnostics: &mut Diagnostics) {
        let known: Vec<&str> = self.known.iter().map(AsRef::as_ref).collect();
        for row in self.rows.iter().filter(|row| row.item.is_some()) {
            let place = Place::new(self.source, row.key_span);
            let meant = diagnostics.unknown_key(place, row.key, &known);
            self.missing.retain(|(key, _)| Some(key.as_ref()) != meant);
        }
        self.finish_open(diagnostics);
    }

    /// Reports what is missing, where more keys may have a meaning than anybody could ask for.
    pub fn finish_open(self, diagnostics: &mut Diagnostics) {
        for (_, said) in self.missing {
            diagnostics.append(said);
        }
    }
}

/// One value and where it stands.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    key: &'a str,
    value: &'a DeValue<'a>,
    span: Span,
    source: &'a SourcePath,
    offset: usize,
}

impl<'a> Item<'a> {
    fn new(
        key: &'a str,
        value: &'a TomlSpanned<DeValue<'a>>,
        source: &'a SourcePath,
        offset: usize,
    ) -> Self {
        Item {
            key,
            value: value.get_ref(),
            span: Span::at(offset, value.span()),
            source,
            offset,
        }
    }

    /// Where the value stands.
    pub fn place(&self) -> Place {
        Place::new(self.source, self.span)
    }

    /// The bytes of the value.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where some bytes of a text stand; the whole value, where escapes hide which of them those are.
    pub fn part(&self, range: Range<usize>) -> Span {
        let whole = self.span.start as usize..self.span.end as usize;
        match self.as_text() {
            Some(text) if text.len() + 2 == whole.len() => Span::at(whole.start + 1, range),
            _ => self.span,
        }
    }

    /// Whether the value is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    /// The text, if the value is one, without a report if not.
    pub fn as_text(&self) -> Option<&'a str> {
        match self.value {
            DeValue::String(text) => Some(text),
            _ => None,
        }
    }

    fn expected<T>(&self, expected: &str, diagnostics: &mut Diagnostics) -> Option<T> {
        diagnostics.wrong_type(self.place(), self.key, expected, type_name(self.value));
        None
    }

    /// The value as text; blanks around it do not count, and an empty one is reported.
    pub fn text(&self, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
        let Some(text) = self.as_text() else {
            return self.expected("a text in quotes", diagnostics);
        };
        let text = text.trim();
        if text.is_empty() {
            diagnostics.empty_text(self.place(), self.key);
            return None;
        }
        Some(Spanned::new(text.to_owned(), self.span))
    }

    /// As [`Item::text`], for what readers see as it stands: a link in it, which works in no such text, is reported.
    pub fn plain_text(&self, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
        let text = self.text(diagnostics)?;
        let written = self.as_text().unwrap_or_default();
        for link in links(written) {
            let place = Place {
                span: self.part(link.clone()),
                ..self.place()
            };
            diagnostics.link_in_plain_text(place, &written[link]);
        }
        Some(text)
    }

    /// The values of a list, or the one value that stands for a list of one.
    pub fn list(&self) -> Vec<Item<'a>> {
        match self.value {
            DeValue::Array(array) => array
                .iter()
                .map(|value| Item::new(self.key, value, self.source, self.offset))
                .collect(),
            _ => vec![*self],
        }
    }

    /// The values of a list; anything else is reported.
    pub fn strict_list(&self, diagnostics: &mut Diagnostics) -> Option<Vec<Item<'a>>> {
        match self.value {
            DeValue::Array(_) => Some(self.list()),
            _ => self.expected("a list in brackets", diagnostics),
        }
    }

    /// One text or a list of them, in no more room than they need.
    pub fn texts(&self, diagnostics: &mut Diagnostics) -> ThinVec<Spanned<String>> {
        let items = self.list();
        let mut texts = ThinVec::with_capacity(items.len());
        texts.extend(items.iter().filter_map(|item| item.text(diagnostics)));
        texts
    }

    /// Yes or no.
    pub fn bool(&self, diagnostics: &mut Diagnostics) -> Option<bool> {
        match self.value {
            DeValue::Boolean(bool) => Some(*bool),
            _ => self.expected("true or false", diagnostics),
        }
    }

    /// A day, as a TOML date or as the same in quotes.
    pub fn date(&self, diagnostics: &mut Diagnostics) -> Option<Spanned<Date>> {
        let written = match self.value {
            DeValue::Datetime(datetime) if datetime.time.is_none() && datetime.offset.is_none() => {
                datetime.to_string()
            }
            DeValue::String(text) => text.trim().to_owned(),
            _ => return self.expected("a date such as 2026-03-05", diagnostics),
        };
        let date = parse_date(&written);
        if date.is_none() {
            diagnostics.bad_date(self.place(), &written);
        }
        Some(Spanned::new(date?, self.span))
    }

    /// An exact number, as digits or as the same in quotes.
    pub fn number(&self, diagnostics: &mut Diagnostics) -> Option<Decimal> {
        let written = match self.value {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            DeValue::Float(float) => float.as_str(),
            _ => return self.expected("a number such as 1234.50", diagnostics),
        };
        match Decimal::parse(written) {
            Ok(number) => Some(number),
            Err(DecimalError::Malformed) => {
                diagnostics.wrong_shape(self.place(), written, "a number such as 1234.50");
                None
            }
            Err(DecimalError::Range) => {
                diagnostics.number_range(self.place(), written);
                None
            }
        }
    }

    /// A whole number within bounds.
    pub fn whole_number(&self, bounds: Range<i64>, diagnostics: &mut Diagnostics) -> Option<i64> {
        let integer = match self.value {
            DeValue::Integer(integer) if integer.radix() == 10 => integer,
            _ => return self.expected("a whole number", diagnostics),
        };
        let number = Decimal::parse(integer.as_str())
            .ok()
            .and_then(|number| number.to_scale(0));
        let inside = number.filter(|number| bounds.contains(number));
        if inside.is_none() {
            diagnostics.outside_bounds(self.place(), self.key, bounds.start, bounds.end - 1);
        }
        inside
    }

    /// One of a fixed set of words.
    pub fn choice<T: Copy>(
        &self,
        choices: &[(&str, T)],
        diagnostics: &mut Diagnostics,
    ) -> Option<Spanned<T>> {
        let text = self.text(diagnostics)?;
        let found = choices
            .iter()
            .find(|(word, _)| *word == text.value)
            .map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            diagnostics.wrong_choice(self.place(), self.key, &text.value, &words);
        }
        Some(Spanned::new(found?, text.span))
    }

    /// A table.
    pub fn table(&self, diagnostics: &mut Diagnostics) -> Option<Table<'a>> {
        match self.value {
            DeValue::Table(table) => Some(Table::new(table, self.span, self.source, self.offset)),
            _ => self.expected("a table", diagnostics),
        }
    }
}

/// Where links stand in a text.
fn links(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("[[").filter_map(|(start, opening)| {
        let inside = start + opening.len();
        let end = inside + text[inside..].find("]]")?;
        let is_link = end > inside && !text[inside..end].contains("[[");
        is_link.then(|| start..end + "]]".len())
    })
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
