//! The front matter of entries.

use jiff::civil::Date;
use thin_vec::ThinVec;

use super::facts;
use super::front_matter::Split;
use super::{Content, EntryContent, EntryStatus, Folder, WrittenFact};
use crate::diagnostic::{Diagnostics, Place, Span, Spanned};
use crate::path::SourcePath;
use crate::settings::{FactScope, KindId, Settings};
use crate::table::{Item, Table, Toml};
use crate::value::parse_date;

/// The date of an entry of which nobody can tell when it happened.
pub const UNDATED: Date = Date::constant(1, 1, 1);

/// Reads the front matter of an entry.
pub(super) fn read(
    source: &SourcePath,
    folder: Folder,
    stem: Box<str>,
    split: &Split<'_>,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> (ThinVec<WrittenFact>, Content) {
    let Some(front) = split.front else {
        diagnostics.front_matter_missing(Place::start_of(source));
        return (ThinVec::new(), placeholder(folder, stem));
    };
    let opening = Place::new(source, split.opening);
    let toml = Toml::parse(source, front.text, front.offset, diagnostics);
    let mut table = toml.root();
    let kind = read_kind(&mut table, &opening, settings, diagnostics);
    let title = required_text(&mut table, "title", "title = \"…\"", &opening, diagnostics);
    let date = read_date(source, &mut table, &stem, &opening, diagnostics);
    let Content::Entry(blank) = placeholder(folder, stem) else {
        unreachable!("BUG: an entry's placeholder is an entry")
    };
    let entry = EntryContent {
        kind: kind.unwrap_or(blank.kind),
        title: title.map_or(blank.title, Into::into),
        date: date.unwrap_or(blank.date),
        by: table.texts("by", diagnostics),
        departments: table.texts("departments", diagnostics),
        customers: table.texts("customers", diagnostics),
        goals: table.texts("goals", diagnostics),
        enables: table.texts("enables", diagnostics),
        closes: table.texts("closes", diagnostics),
        status: table
            .choice(
                "status",
                &[("open", EntryStatus::Open), ("done", EntryStatus::Done)],
                diagnostics,
            )
            .map(|status| status.value),
        owner: table.text("owner", diagnostics).map(Box::new),
        due: table.date("due", diagnostics),
        amount: table
            .take("amount")
            .and_then(|item| facts::read_money(&item, settings.currency, diagnostics)),
        number: table
            .text("number", diagnostics)
            .map(|text| text.value.into()),
        order: table.text("order", diagnostics).map(Box::new),
        score: table
            .take("score")
            .and_then(|item| read_score(&item, kind, settings, diagnostics)),
        ..blank
    };
    let written_facts = match kind {
        Some(kind) => facts::read(
            &mut table,
            FactScope::Entry(kind),
            &opening,
            settings,
            diagnostics,
        ),
        // Which facts it may carry depends on the kind, so without one no key can be called unknown.
        None => {
            table.finish_open(diagnostics);
            return (ThinVec::new(), Content::Entry(entry));
        }
    };
    table.finish(diagnostics);
    (written_facts, Content::Entry(entry))
}

/// The entry that stands in for one whose source cannot be read.
pub(super) fn placeholder(folder: Folder, stem: Box<str>) -> Content {
    let date = date_of_stem(&stem).unwrap_or(UNDATED);
    Content::Entry(EntryContent {
        folder,
        kind: KindId::default(),
        title: stem.clone(),
        date: Spanned::new(date, Span::default()),
        stem,
        by: ThinVec::new(),
        departments: ThinVec::new(),
        customers: ThinVec::new(),
        goals: ThinVec::new(),
        enables: ThinVec::new(),
        closes: ThinVec::new(),
        status: None,
        owner: None,
        due: None,
        amount: None,
        number: None,
        order: None,
        score: None,
    })
}

fn required_text(
    table: &mut Table<'_>,
    key: &'static str,
    example: &str,
    missing: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let missing = |said: &mut Diagnostics| said.missing_key(missing.clone(), key, example);
    Some(table.require(key, missing)?.plain_text(diagnostics)?.value)
}

fn read_kind(
    table: &mut Table<'_>,
    missing: &Place,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<KindId> {
    let item = table.require("kind", |said| {
        said.missing_key(missing.clone(), "kind", "kind = \"action\"");
    })?;
    let name = item.text(diagnostics)?;
    let kind = settings.kind_named(&name.value);
    if kind.is_none() {
        diagnostics.unknown_kind(item.place(), &name.value, &settings.kinds);
    }
    kind
}

/// The key `date`, else the date at the start of the file name; the two must not contradict each other.
fn read_date(
    source: &SourcePath,
    table: &mut Table<'_>,
    stem: &str,
    missing: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<Date>> {
    let in_name = date_of_stem(stem);
    let Some(item) = table.take("date") else {
        if let (None, Some(written)) = (in_name, day_shaped(stem)) {
            diagnostics.bad_date_in_name(missing.clone(), written);
        } else if in_name.is_none() {
            diagnostics.missing_date(missing.clone(), source.file_name());
        }
        return in_name.map(|date| Spanned::new(date, Span::default()));
    };
    let date = item.date(diagnostics)?;
    if let Some(in_name) = in_name
        && in_name != date.value
    {
        diagnostics.date_differs_from_name(
            item.place(),
            &in_name.to_string(),
            &date.value.to_string(),
        );
    }
    Some(date)
}

fn date_of_stem(stem: &str) -> Option<Date> {
    parse_date(day_shaped(stem)?)
}

/// The start of a stem that looks like a day, whether or not that day exists.
fn day_shaped(stem: &str) -> Option<&str> {
    let start = stem.get(..10)?;
    let digit_or_hyphen = |(i, b): (usize, u8)| match i {
        4 | 7 => b == b'-',
        _ => b.is_ascii_digit(),
    };
    start
        .bytes()
        .enumerate()
        .all(digit_or_hyphen)
        .then_some(start)
}

fn read_score(
    item: &Item<'_>,
    kind: Option<KindId>,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<u8> {
    if kind.is_some_and(|kind| !settings.kind(kind).scored) {
        diagnostics.score_on_other_kind(item.place());
        return None;
    }
    u8::try_from(item.whole_number(0..11, diagnostics)?).ok()
}
