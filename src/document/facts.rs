//! Facts of the schema, read from front matter and checked against their types.

use thin_vec::ThinVec;

use super::{PageKind, WrittenFact, WrittenPage};
use crate::diagnostic::{Diagnostics, Place, Span, Spanned};
use crate::path::fold;
use crate::settings::{FactDefinition, FactScope, FactType, Ledger, Settings};
use crate::table::{Item, Table};
use crate::value::{Currency, Decimal, FactValue, Money};

/// Takes the facts of a scope out of a front matter; `missing` is where an absent required one is reported.
pub(super) fn read(
    table: &mut Table<'_>,
    scope: FactScope,
    missing: &Place,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> ThinVec<WrittenFact> {
    let mut facts = ThinVec::new();
    for (id, definition) in settings.schema.of(scope) {
        let name = definition.name.clone();
        let item = if definition.required {
            table.require(name, |said| said.missing_fact(missing.clone(), definition))
        } else {
            table.take(name)
        };
        let Some(item) = item else { continue };
        if let Some(value) = read_value(&item, definition, settings, diagnostics) {
            facts.push(WrittenFact {
                id,
                value: Spanned::new(value, item.span()),
            });
        }
    }
    facts
}

fn read_value(
    item: &Item<'_>,
    definition: &FactDefinition,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<FactValue<WrittenPage>> {
    if !definition.list {
        return read_single(item, definition, settings, diagnostics);
    }
    let items = item.strict_list(diagnostics)?;
    if items.is_empty() && definition.required {
        diagnostics.empty_list(item.place(), &definition.name);
    }
    let values = items
        .iter()
        .filter_map(|item| read_single(item, definition, settings, diagnostics))
        .collect();
    Some(FactValue::List(values))
}

fn read_single(
    item: &Item<'_>,
    definition: &FactDefinition,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<FactValue<WrittenPage>> {
    Some(match &definition.value_type {
        FactType::Text => FactValue::Text(item.plain_text(diagnostics)?.value),
        FactType::Choice(choices) => {
            let choices: Vec<(&str, &str)> = choices
                .iter()
                .map(|choice| (choice.as_str(), choice.as_str()))
                .collect();
            FactValue::Text(item.choice(&choices, diagnostics)?.value.to_owned())
        }
        FactType::Number => FactValue::Number(item.number(diagnostics)?),
        FactType::Money => FactValue::Money(read_money(item, settings.currency, diagnostics)?),
        FactType::Date => FactValue::Date(item.date(diagnostics)?.value),
        FactType::Bool => FactValue::Bool(item.bool(diagnostics)?),
        FactType::Url => FactValue::Url(read_shaped(
            item,
            is_url,
            "a web address such as https://www.example",
            diagnostics,
        )?),
        FactType::Email => FactValue::Email(read_shaped(
            item,
            is_email,
            "a mail address such as info@firma.example",
            diagnostics,
        )?),
        FactType::Phone => FactValue::Phone(read_shaped(
            item,
            is_phone,
            "a telephone number such as +49 30 23125 100",
            diagnostics,
        )?),
        FactType::Person => page(PageKind::Person, item, diagnostics)?,
        FactType::Department => page(PageKind::Department, item, diagnostics)?,
        FactType::Customer => page(PageKind::Customer, item, diagnostics)?,
    })
}

/// A value out of a cell of a ledger, or what was expected there.
pub(super) fn parse_cell(
    cell: &str,
    definition: &FactDefinition,
    ledger: &Ledger,
    settings: &Settings,
) -> Result<FactValue<WrittenPage>, String> {
    if !definition.list {
        return parse_single_cell(cell, definition, ledger, settings);
    }
    let parts = cell.split([',', ';']).map(str::trim);
    let values = parts
        .filter(|part| !part.is_empty())
        .map(|part| parse_single_cell(part, definition, ledger, settings));
    Ok(FactValue::List(values.collect::<Result<_, _>>()?))
}

fn parse_single_cell(
    cell: &str,
    definition: &FactDefinition,
    ledger: &Ledger,
    settings: &Settings,
) -> Result<FactValue<WrittenPage>, String> {
    let text = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    let shaped =
        |fits: fn(&str) -> bool, value: fn(String) -> FactValue<WrittenPage>, expected: &str| {
            let text = text.clone();
            if fits(&text) {
                Ok(value(text))
            } else {
                Err(expected.to_owned())
            }
        };
    let page = |kind| {
        FactValue::Page(WrittenPage {
            kind,
            id: Spanned::new(text.clone(), Span::default()),
        })
    };
    match &definition.value_type {
        FactType::Text => Ok(FactValue::Text(text)),
        FactType::Choice(choices) if choices.contains(&text) => Ok(FactValue::Text(text)),
        FactType::Choice(choices) => Err(format!("one of {}", choices.join(", "))),
        FactType::Number => Decimal::parse_written(&text, ledger.decimal)
            .map(FactValue::Number)
            .map_err(|_| "a number".to_owned()),
        FactType::Money => {
            let (amount, currency) = settings.currency.split_off(&text);
            let number = Decimal::parse_written(amount, ledger.decimal).ok();
            let money = number.and_then(|number| Money::from_decimal(number, currency));
            money
                .map(FactValue::Money)
                .ok_or_else(|| "a sum".to_owned())
        }
        FactType::Date => ledger
            .day(&text)
            .map(FactValue::Date)
            .ok_or_else(|| format!("a date written as {}", ledger.date_format)),
        FactType::Bool => match fold(&text).as_str() {
            "ja" | "yes" | "true" | "wahr" | "x" | "1" => Ok(FactValue::Bool(true)),
            "nein" | "no" | "false" | "falsch" | "0" => Ok(FactValue::Bool(false)),
            _ => Err("yes or no".to_owned()),
        },
        FactType::Url => shaped(is_url, FactValue::Url, "a web address"),
        FactType::Email => shaped(is_email, FactValue::Email, "a mail address"),
        FactType::Phone => shaped(is_phone, FactValue::Phone, "a telephone number"),
        FactType::Person => Ok(page(PageKind::Person)),
        FactType::Department => Ok(page(PageKind::Department)),
        FactType::Customer => Ok(page(PageKind::Customer)),
    }
}

fn page(
    kind: PageKind,
    item: &Item<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<FactValue<WrittenPage>> {
    Some(FactValue::Page(WrittenPage {
        kind,
        id: item.text(diagnostics)?,
    }))
}

/// A sum: `1234.50` in the portal's currency, or `"80.00 CHF"` in another one.
pub(super) fn read_money(
    item: &Item<'_>,
    own: Currency,
    diagnostics: &mut Diagnostics,
) -> Option<Money> {
    let Some(text) = item.as_text() else {
        let number = item.number(diagnostics)?;
        return checked(item, number, own, diagnostics);
    };
    let read = || {
        let (amount, code) = text.trim().split_once(' ')?;
        Some((Decimal::parse(amount).ok()?, Currency::parse(code.trim())?))
    };
    match read() {
        Some((number, currency)) => checked(item, number, currency, diagnostics),
        None => {
            diagnostics.bad_money(item.place(), text);
            None
        }
    }
}

fn checked(
    item: &Item<'_>,
    number: Decimal,
    currency: Currency,
    diagnostics: &mut Diagnostics,
) -> Option<Money> {
    let money = Money::from_decimal(number, currency);
    if money.is_none() {
        diagnostics.too_many_decimals(item.place(), currency.code(), currency.decimals());
    }
    money
}

fn read_shaped(
    item: &Item<'_>,
    fits: fn(&str) -> bool,
    expected: &str,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let text = item.text(diagnostics)?;
    if fits(&text.value) {
        return Some(text.value);
    }
    diagnostics.wrong_shape(item.place(), &text.value, expected);
    None
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// A rough shape: what the address is worth, only a mail can tell.
pub(super) fn is_email(text: &str) -> bool {
    let blank = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ',' | ';' | '(' | ')');
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(blank)
}

fn is_phone(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| {
            c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '/' | '(' | ')' | '.' | '\u{a0}')
        })
}
