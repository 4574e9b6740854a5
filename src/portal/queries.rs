//! Table blocks: the pages and days that their conditions mean.

use jiff::ToSpan;

use super::lookup::Names;
use super::{DocumentId, PageId, Portal, Question};
use crate::diagnostic::{Diagnostics, Place};
use crate::document::{Document, WrittenOperand, WrittenPage};
use crate::value::FactValue;

/// Resolves the queries of every body that has some.
pub(super) fn add(portal: &mut Portal, names: &Names, diagnostics: &mut Diagnostics) {
    let documents = DocumentId::all(portal.documents.len()).zip(&*portal.documents);
    let asking = documents.filter(|(_, document)| !document.body.queries.is_empty());
    let questions = asking
        .map(|(id, document)| (id, questions(portal, names, document, diagnostics)))
        .collect();
    portal.questions = questions;
}

fn questions(
    portal: &Portal,
    names: &Names,
    document: &Document,
    diagnostics: &mut Diagnostics,
) -> Vec<Option<Question>> {
    let queries = document.body.queries.iter();
    queries
        .map(|query| {
            query.resolve(&mut |operand| match operand {
                WrittenOperand::Value(value) => value
                    .resolve(&mut |page| self::page(portal, names, document, page, diagnostics)),
                WrittenOperand::DaysFromToday(days) => {
                    Some(FactValue::Date(portal.day.saturating_add(days.days())))
                }
            })
        })
        .collect()
}

/// A page by its id or, since a condition is written for readers, too, by its title.
fn page(
    portal: &Portal,
    names: &Names,
    document: &Document,
    written: &WrittenPage,
    diagnostics: &mut Diagnostics,
) -> Option<PageId> {
    match names.of_kind(written.kind, &written.id.value).as_slice() {
        [page] => Some(*page),
        [] => names.page(document, written, diagnostics),
        pages => {
            let pages = pages.iter().filter_map(|page| portal.page(*page));
            let ids: Vec<String> = pages.map(|page| page.id.clone()).collect();
            let place = Place::new(&document.source, written.id.span);
            diagnostics.ambiguous_link(place, &written.id.value, &ids);
            None
        }
    }
}
