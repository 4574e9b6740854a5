//! Self-assessments in the front matter of departments: `[assessment.2026]`, one answer a key.

use super::{WrittenAnswer, WrittenAssessment};
use crate::diagnostic::{Diagnostics, Place, Spanned};
use crate::settings::Aspect;
use crate::table::{Item, Table};

/// Reads all years.
pub(super) fn read(table: &mut Table<'_>, diagnostics: &mut Diagnostics) -> Vec<WrittenAssessment> {
    let Some(mut years) = table.table("assessment", diagnostics) else {
        return Vec::new();
    };
    let years = years.take_all().into_iter();
    let mut assessments: Vec<WrittenAssessment> = years
        .filter_map(|(year, item)| read_year(&year, &item, diagnostics))
        .collect();
    assessments.sort_by_key(|assessment| assessment.year.value);
    assessments
}

fn read_year(
    key: &Spanned<&str>,
    item: &Item<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<WrittenAssessment> {
    let year = parse_year(key.value);
    if year.is_none() {
        let place = Place {
            span: key.span,
            ..item.place()
        };
        diagnostics.wrong_shape(place, key.value, "a year of four digits such as 2026");
    }
    let mut table = item.table(diagnostics)?;
    let mut answers = Vec::new();
    for (key, aspect) in Aspect::ALL {
        let item = table.take(key);
        answers.extend(item.and_then(|item| read_answer(aspect, &item, diagnostics)));
    }
    table.finish(diagnostics);
    Some(WrittenAssessment {
        year: Spanned::new(year?, key.span),
        answers,
    })
}

fn parse_year(key: &str) -> Option<i16> {
    let year: i16 = key.parse().ok()?;
    (key.len() == 4 && year >= 1000).then_some(year)
}

fn read_answer(
    aspect: Aspect,
    item: &Item<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<WrittenAnswer> {
    let mut table = item.table(diagnostics)?;
    let answer = table.require("answer", |said| {
        said.missing_key(item.place(), "answer", "answer = 3");
    });
    let answer = answer.and_then(|item| item.whole_number(1..6, diagnostics));
    let evidence = table.texts("evidence", diagnostics).into_iter();
    let evidence = evidence.map(|text| Spanned::new(name(&text.value).to_owned(), text.span));
    let evidence = evidence.collect();
    let note = table.plain_text("note", diagnostics).map(|text| text.value);
    table.finish(diagnostics);
    Some(WrittenAnswer {
        aspect,
        answer: u8::try_from(answer?).ok()?,
        evidence,
        note,
    })
}

/// What evidence names, which may stand in the brackets of a link, with a label or without. It is shown by a page or an
/// entry as a whole, so a heading behind the name does not count.
fn name(written: &str) -> &str {
    let inside = written
        .strip_prefix("[[")
        .and_then(|rest| rest.strip_suffix("]]"));
    let name = inside.map(|inside| inside.split('|').next().unwrap_or(inside));
    let name = name.unwrap_or(written);
    name.split('#').next().unwrap_or(name).trim()
}

#[cfg(test)]
mod tests {
    use super::{name, parse_year};

    #[test]
    fn years_have_four_digits() {
        assert_eq!(parse_year("2026"), Some(2026));
        for bad in ["26", "02026", "0026", "+202", "-202", "2o26", ""] {
            assert_eq!(parse_year(bad), None, "{bad}");
        }
    }

    #[test]
    fn evidence_may_stand_in_brackets() {
        assert_eq!(name("2026-01-02-anruf"), "2026-01-02-anruf");
        assert_eq!(name("[[kantine | die Küche]]"), "kantine");
        assert_eq!(name("[[kantine#Mittags]]"), "kantine");
        assert_eq!(name("[[]]"), "");
    }
}
