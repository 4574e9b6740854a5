//! Table blocks: what a block of TOML in a body asks, checked against the fields that its subject has.
//!
//! A [`Query`] comes out, or nothing where something is wrong with the block. Which page the id or title in a condition
//! means is settled when documents are linked.

use std::ops::Range;

use super::{PageKind, WrittenOperand, WrittenPage};
use crate::diagnostic::{Diagnostics, Place, Severity, Span, Spanned};
use crate::path::{SourcePath, fold};
use crate::query::{
    Computed, Condition, Direction, Field, FieldSource, Operator, Order, Query, Shape, Subject,
    Test,
};
use crate::settings::{FactType, PeopleMode, Settings};
use crate::table::{Item, Table, Toml};
use crate::text::Text;
use crate::value::{Currency, Decimal, FactValue, Money, parse_date};

/// Nobody reads more rows.
const MOST_ROWS: u16 = 1000;

/// Reads a block; `opening` is the line with which it begins.
pub(super) fn read(
    source: &SourcePath,
    block: Text<'_>,
    opening: Span,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Query<WrittenOperand>> {
    let mut said = Diagnostics::new();
    let opening = Place::new(source, opening);
    if is_no_toml(block.text) {
        diagnostics.table_block_of_text(opening);
        return None;
    }
    let toml = Toml::parse(source, block.text, block.offset, &mut said);
    let query = read_query(toml.root(), opening, settings, &mut said);
    said.forgive_missing();
    let is_sound = said.count(Severity::Error) == 0;
    diagnostics.append(said);
    query.filter(|_| is_sound)
}

fn read_query(
    mut table: Table<'_>,
    opening: Place,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Query<WrittenOperand>> {
    let Some(of) = table.take("of") else {
        diagnostics.missing_key(opening, "of", "of = \"customers\"");
        return None;
    };
    let subject = of.choice(&Subject::ALL, diagnostics)?.value;
    if subject == Subject::People && settings.people != PeopleMode::Named {
        diagnostics.people_not_shown(of.place());
    }
    let fields = &subject.fields(settings);
    let title = table.plain_text("title", diagnostics);
    let is_chart = table.has("chart") || table.has("by");
    let mut reader = Reader {
        subject,
        fields,
        settings,
        is_chart,
        diagnostics,
    };
    let all = reader.conditions(table.take("where"));
    let any = reader.conditions(table.take("any"));
    let shape = if is_chart {
        reader.bars(&mut table, opening)
    } else {
        Some(reader.rows(&mut table))
    };
    table.finish(diagnostics);
    Some(Query {
        subject,
        title: title.map(|title| title.value),
        all,
        any,
        shape: shape?,
    })
}

/// Text without a single key, such as a table drawn with strokes.
fn is_no_toml(text: &str) -> bool {
    let is_said = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    text.lines().any(is_said) && !text.contains(['=', ':'])
}

/// What is read against the fields of one subject.
struct Reader<'a> {
    subject: Subject,
    fields: &'a [Field],
    settings: &'a Settings,
    is_chart: bool,
    diagnostics: &'a mut Diagnostics,
}

/// What is shown, and how.
impl Reader<'_> {
    fn rows(&mut self, table: &mut Table<'_>) -> Shape {
        let columns = match table.take("show") {
            Some(item) => self.columns(&item),
            None => self.named(self.subject.usual_columns()),
        };
        let sort = match table.take("sort") {
            Some(item) => item
                .list()
                .iter()
                .filter_map(|item| self.order(item))
                .collect(),
            None => {
                let fields = self.named(self.subject.usual_order()).into_iter();
                let direction = Direction::Up;
                fields.map(|field| Order { field, direction }).collect()
            }
        };
        let bounds = 1..i64::from(MOST_ROWS) + 1;
        let limit = table
            .take("limit")
            .and_then(|item| item.whole_number(bounds, self.diagnostics))
            .and_then(|limit| u16::try_from(limit).ok())
            .unwrap_or(MOST_ROWS);
        Shape::Table {
            columns,
            sort,
            limit: usize::from(limit),
        }
    }

    fn columns(&mut self, item: &Item<'_>) -> Vec<Field> {
        let items = item.list();
        if items.is_empty() {
            self.diagnostics.empty_list(item.place(), "show");
        }
        items
            .iter()
            .filter_map(|item| {
                let name = item.text(self.diagnostics)?.value;
                self.field(&name, item.place())
            })
            .collect()
    }

    /// `last_touch`, or `-last_touch` for the other way round.
    fn order(&mut self, item: &Item<'_>) -> Option<Order> {
        let written = item.text(self.diagnostics)?.value;
        let (name, direction) = match written.strip_prefix('-') {
            Some(name) => (name, Direction::Down),
            None => (written.as_str(), Direction::Up),
        };
        if name.contains(char::is_whitespace) {
            let expected = "the name of a field, with a `-` before it for the other way round";
            self.diagnostics
                .wrong_shape(item.place(), &written, expected);
            return None;
        }
        let start = item.as_text()?.find(name)?;
        let span = item.part(start..start + name.len());
        let place = Place {
            span,
            ..item.place()
        };
        let field = self.field(name, place.clone())?;
        self.refuse_ranking(&field, place);
        Some(Order { field, direction })
    }

    fn bars(&mut self, table: &mut Table<'_>, opening: Place) -> Option<Shape> {
        if !table.has("chart") {
            self.diagnostics
                .missing_key(opening.clone(), "chart", "chart = \"bar\"");
        }
        table.choice("chart", &[("bar", ())], self.diagnostics);
        let Some(item) = table.take("by") else {
            self.diagnostics.missing_key(opening, "by", "by = \"…\"");
            return None;
        };
        let name = item.text(self.diagnostics)?.value;
        let field = self.field(&name, item.place())?;
        if field.tells_who() {
            self.diagnostics.counts_people(item.place(), &field.name);
        } else if self.subject.is_ranked_by(&field) {
            self.refuse_ranking(&field, item.place());
        } else if !field.is_countable() {
            let fields = self.fields.iter();
            let countable =
                fields.filter(|field| field.is_countable() && !self.subject.is_ranked_by(field));
            let countable: Vec<&str> = countable.map(|field| field.name.as_str()).collect();
            self.diagnostics
                .uncountable_field(item.place(), &field.name, &countable);
        }
        Some(Shape::Bars(field))
    }

    fn refuse_ranking(&mut self, field: &Field, place: Place) {
        if self.subject.is_ranked_by(field) {
            self.diagnostics.ranks_people(place, &field.name);
        }
    }

    /// Fields that the subject has, unless a portal's own facts stand in their place.
    fn named(&self, names: &[&str]) -> Vec<Field> {
        let find = |name: &&str| self.fields.iter().find(|field| field.name == **name);
        names.iter().filter_map(find).cloned().collect()
    }

    fn field(&mut self, name: &str, place: Place) -> Option<Field> {
        let Some(field) = self.fields.iter().find(|field| field.name == name) else {
            let has = |subject: Subject| {
                let fields = subject.fields(self.settings);
                fields.iter().any(|field| field.name == name)
            };
            let elsewhere = Subject::ALL.into_iter().find(|(_, subject)| has(*subject));
            let known: Vec<&str> = self
                .fields
                .iter()
                .map(|field| field.name.as_str())
                .collect();
            self.diagnostics.unknown_field(
                place,
                name,
                self.subject.name(),
                elsewhere.map(|(subject, _)| subject),
                &known,
            );
            return None;
        };
        if !field.is_of_one_type(self.settings) {
            self.diagnostics.field_of_two_types(place, name);
        }
        Some(field.clone())
    }
}

/// Conditions.
impl Reader<'_> {
    fn conditions(&mut self, item: Option<Item<'_>>) -> Vec<Condition<WrittenOperand>> {
        let items = item.map(|item| item.list()).unwrap_or_default();
        items
            .iter()
            .filter_map(|item| self.condition(item))
            .collect()
    }

    fn condition(&mut self, item: &Item<'_>) -> Option<Condition<WrittenOperand>> {
        item.text(self.diagnostics)?;
        let text = item.as_text()?;
        let place = |range: Range<usize>| Place {
            span: item.part(range),
            ..item.place()
        };
        let Parts {
            field: name,
            operator,
            value,
        } = Parts::of(text);
        let field = self.field(&text[name.clone()], place(name.clone()))?;
        if operator.is_empty() {
            self.diagnostics
                .condition_without_operator(place(name), &field.name);
            return None;
        }
        let sign = &text[operator.clone()];
        let test = match emptiness(sign, &text[value.clone()]) {
            Some(test) => test,
            None => {
                let at = place(operator);
                let operator = self.operator(sign, &field, at.clone())?;
                if operator.asks_how_much() {
                    self.refuse_ranking(&field, place(name.clone()));
                }
                let value = without_quotes(text, value);
                if value.is_empty() {
                    self.diagnostics.condition_without_value(at, sign);
                    return None;
                }
                let span = item.part(value.clone());
                Test::Compare(
                    operator,
                    self.operand(&field, &text[value], span, item.place())?,
                )
            }
        };
        let condition = Condition { field, test };
        if self.is_chart && condition.names_somebody() {
            self.diagnostics
                .counts_people(place(name), &condition.field.name);
        }
        Some(condition)
    }

    fn operator(&mut self, sign: &str, field: &Field, place: Place) -> Option<Operator> {
        let of = |sign: &str| {
            let mut all = Operator::ALL.into_iter();
            all.find(|(known, _)| *known == sign)
                .map(|(_, operator)| operator)
        };
        let Some(operator) = of(sign) else {
            let meant = MISTAKEN.iter().find(|(written, _)| *written == sign);
            let known: Vec<&str> = Operator::ALL.iter().map(|(sign, _)| *sign).collect();
            self.diagnostics
                .unknown_operator(place, sign, meant.map(|(_, meant)| *meant), &known);
            return None;
        };
        if !Operator::fitting(field).any(|(_, fitting)| fitting == operator) {
            let fitting: Vec<&str> = Operator::fitting(field).map(|(sign, _)| sign).collect();
            self.diagnostics
                .operator_misfit(place, sign, &field.name, &field.value_type, &fitting);
            return None;
        }
        Some(operator)
    }

    /// The value that a field is compared with, by the field's type.
    fn operand(
        &mut self,
        field: &Field,
        written: &str,
        span: Span,
        whole: Place,
    ) -> Option<WrittenOperand> {
        let place = Place { span, ..whole };
        let page = |kind| {
            let id = Spanned::new(written.to_owned(), span);
            Some(FactValue::Page(WrittenPage { kind, id }))
        };
        let value = match &field.value_type {
            FactType::Date => return self.day(field, written, place),
            FactType::Person => page(PageKind::Person),
            FactType::Department => page(PageKind::Department),
            FactType::Customer => page(PageKind::Customer),
            FactType::Choice(choices) => self.choice(field, choices, written, place),
            FactType::Money => self.money(written, place),
            FactType::Number => match Decimal::parse(written) {
                Ok(number) => Some(FactValue::Number(number)),
                Err(_) => self.misfit(field, written, place),
            },
            FactType::Bool => match written {
                "true" => Some(FactValue::Bool(true)),
                "false" => Some(FactValue::Bool(false)),
                _ => self.misfit(field, written, place),
            },
            FactType::Text | FactType::Url | FactType::Email | FactType::Phone => {
                Some(FactValue::Text(fold(written)))
            }
        };
        value.map(WrittenOperand::Value)
    }

    fn misfit<T>(&mut self, field: &Field, written: &str, place: Place) -> Option<T> {
        self.diagnostics
            .value_misfit(place, &field.name, written, &field.value_type);
        None
    }

    fn choice(
        &mut self,
        field: &Field,
        choices: &[String],
        written: &str,
        place: Place,
    ) -> Option<FactValue<WrittenPage>> {
        if choices.iter().any(|choice| choice == written) {
            return Some(FactValue::Text(written.to_owned()));
        }
        if field.source == FieldSource::Computed(Computed::Kind) {
            self.diagnostics
                .unknown_kind(place, written, &self.settings.kinds);
        } else {
            let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
            self.diagnostics
                .wrong_choice(place, &field.name, written, &choices);
        }
        None
    }

    /// A sum in the portal's currency, or with the code of another one behind it.
    fn money(&mut self, written: &str, place: Place) -> Option<FactValue<WrittenPage>> {
        let own = self.settings.currency;
        let (amount, code) = written.split_once(' ').unwrap_or((written, own.code()));
        let (Ok(number), Some(currency)) = (Decimal::parse(amount), Currency::parse(code.trim()))
        else {
            self.diagnostics.bad_money(place, written);
            return None;
        };
        let money = Money::from_decimal(number, currency);
        if money.is_none() {
            self.diagnostics
                .too_many_decimals(place, currency.code(), currency.decimals());
        }
        money.map(FactValue::Money)
    }

    /// `2026-03-05`, `today`, `90 days ago` or `in 14 days`.
    fn day(&mut self, field: &Field, written: &str, place: Place) -> Option<WrittenOperand> {
        let words: Vec<&str> = written.split_whitespace().collect();
        let days = |number: &str| number.parse::<u16>().ok().map(i32::from);
        let relative = match words.as_slice() {
            ["today"] => Some(0),
            [number, "day" | "days", "ago"] => days(number).map(|days| -days),
            ["in", number, "day" | "days"] => days(number),
            _ => None,
        };
        if let Some(days) = relative {
            return Some(WrittenOperand::DaysFromToday(days));
        }
        match parse_date(written) {
            Some(date) => Some(WrittenOperand::Value(FactValue::Date(date))),
            None => self.misfit(field, written, place),
        }
    }
}

/// What people write who know another language of conditions, and what is meant.
const MISTAKEN: [(&str, &str); 9] = [
    ("==", "="),
    ("is", "="),
    ("<>", "!="),
    ("=!", "!="),
    ("≠", "!="),
    ("=<", "<="),
    ("≤", "<="),
    ("=>", ">="),
    ("≥", ">="),
];

/// `is empty` and `is not empty`, which take no value.
fn emptiness(operator: &str, rest: &str) -> Option<Test<WrittenOperand>> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    match (operator, words.as_slice()) {
        ("is", ["empty"]) => Some(Test::Empty),
        ("is", ["not", "empty"]) => Some(Test::NotEmpty),
        _ => None,
    }
}

/// Where the parts of a condition stand in it; what is not there is empty.
struct Parts {
    field: Range<usize>,
    operator: Range<usize>,
    value: Range<usize>,
}

impl Parts {
    /// A field ends where a blank or a sign begins; an operator is a run of signs, or a word.
    fn of(text: &str) -> Parts {
        let is_sign = |c: char| matches!(c, '=' | '<' | '>' | '!' | '≠' | '≤' | '≥');
        let stops = |c: char| c.is_whitespace() || is_sign(c);
        let field = next(text, 0, stops);
        let rest = text[field.end..].trim_start();
        let operator = if rest.starts_with(is_sign) {
            next(text, field.end, |c| !is_sign(c))
        } else {
            next(text, field.end, char::is_whitespace)
        };
        let value = next(text, operator.end, |_| false);
        Parts {
            field,
            operator,
            value,
        }
    }
}

/// The next part from a position on, up to where it stops, without the blanks around it.
fn next(text: &str, from: usize, stops: impl Fn(char) -> bool) -> Range<usize> {
    let rest = &text[from..];
    let start = from + (rest.len() - rest.trim_start().len());
    let length = text[start..].find(stops).unwrap_or(text.len() - start);
    start..start + text[start..start + length].trim_end().len()
}

/// A value may stand in quotes of its own, so that one can begin with a blank or a sign.
fn without_quotes(text: &str, value: Range<usize>) -> Range<usize> {
    let written = &text[value.clone()];
    let quoted = ['"', '\'']
        .into_iter()
        .any(|quote| written.len() >= 2 && written.starts_with(quote) && written.ends_with(quote));
    if quoted {
        value.start + 1..value.end - 1
    } else {
        value
    }
}
