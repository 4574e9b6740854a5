//! Satisfaction: a customer's scores as a drawing and as a table.
//!
//! It shows each score as it was given and how the last two differ; it must never show an average.

use jiff::civil::Date;
use serde::Serialize;

use super::Viewpoint;
use super::drawing::{self, Chart};
use crate::portal::{CustomerId, EntryId};

/// What a customer said in numbers.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SatisfactionView {
    chart: Option<ChartView>,
    /// The newest first.
    scores: Vec<Score>,
    /// Where a first one is written down.
    add: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct ChartView {
    /// The last score and the one before it: what the drawing says.
    score: String,
    before: String,
    /// How many scores it shows, from when to when.
    count: usize,
    from: String,
    until: String,
    first: String,
    last: String,
    drawing: Chart,
}

#[derive(Clone, Debug, Serialize)]
struct Score {
    date: String,
    score: String,
    title: String,
    href: String,
}

impl Viewpoint<'_> {
    /// The scores of a customer.
    pub(super) fn satisfaction(&self, id: CustomerId) -> SatisfactionView {
        let scored = |entry: &EntryId| Some((*entry, self.portal[*entry].score?));
        let scores: Vec<(EntryId, u8)> =
            self.portal[id].entries.iter().filter_map(scored).collect();
        let form = || self.add_link(id, "feedback", None);
        let menu = || "#add--feedback".to_owned();
        SatisfactionView {
            add: scores.is_empty().then(|| form().unwrap_or_else(menu)),
            chart: self.chart(&scores),
            scores: scores
                .iter()
                .rev()
                .map(|(entry, score)| Score {
                    date: self.date_in_table(self.portal[*entry].date),
                    score: score.to_string(),
                    title: self.portal.title(*entry).to_owned(),
                    href: self.entry_href(*entry),
                })
                .collect(),
        }
    }

    /// The drawing; one or two scores are read faster in a table.
    fn chart(&self, scores: &[(EntryId, u8)]) -> Option<ChartView> {
        let dated: Vec<(Date, u8)> = scores
            .iter()
            .map(|(entry, score)| (self.portal[*entry].date, *score))
            .collect();
        let [(first, _), .., (_, before), (last, score)] = dated.as_slice() else {
            return None;
        };
        Some(ChartView {
            score: score.to_string(),
            before: before.to_string(),
            count: dated.len(),
            from: self.date_in_text(*first),
            until: self.date_in_text(*last),
            first: self.date_in_table(*first),
            last: self.date_in_table(*last),
            drawing: drawing::chart(&dated),
        })
    }
}
