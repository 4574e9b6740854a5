//! The drawings of a customer's page: months as strokes, scores as dots, departments as the strands of a rope.
//!
//! Dates and numbers go in, paths in the units of a drawing come out; its template says how wide it is and its classes
//! how it is painted. It must never know the portal. Whole units are fine enough and keep pages light.

use std::cmp::Reverse;
use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::Serialize;

/// A text at a place of a drawing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Label {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) text: String,
    /// It hangs from its place instead of standing on it.
    pub(super) hangs: bool,
}

/// What happened in one month.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) done: usize,
    pub(super) other: usize,
    pub(super) complaints: usize,
}

/// A year as twelve strokes, what was done below all else, and a notch for each month with a complaint.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Strokes {
    pub(super) done: String,
    pub(super) other: String,
    pub(super) notches: String,
}

const BASELINE: i64 = 25;
const TALLEST_STROKE: usize = 24;
/// Where so little happens that every stroke would be the tallest, strokes stay short.
const LEAST_SCALE: usize = 4;

/// How many entries the tallest stroke stands for, if these are all months that are shown together.
pub(super) fn scale<'a>(months: impl Iterator<Item = &'a Tally>) -> usize {
    let busiest = months.map(|month| month.done + month.other).max();
    busiest.unwrap_or(0).max(LEAST_SCALE)
}

/// Draws one year in the scale of all.
pub(super) fn strokes(months: &[Tally; 12], scale: usize) -> Strokes {
    let mut strokes = Strokes {
        done: String::new(),
        other: String::new(),
        notches: String::new(),
    };
    let height = |count: usize| (count * TALLEST_STROKE).div_ceil(scale);
    for (x, month) in (2..).step_by(4).zip(months) {
        let done = height(month.done);
        if month.done > 0 {
            push(&mut strokes.done, format_args!("M{x} {BASELINE}v-{done}"));
        }
        if month.other > 0 {
            let foot = BASELINE - units(done);
            let other = (height(month.done + month.other) - done).max(1);
            push(&mut strokes.other, format_args!("M{x} {foot}v-{other}"));
        }
        if month.complaints > 0 {
            let foot = BASELINE + 2;
            push(&mut strokes.notches, format_args!("M{x} {foot}v4"));
        }
    }
    strokes
}

/// Scores over time: dots, joined where no more than a year lies between two.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Chart {
    pub(super) dots: String,
    pub(super) lines: String,
    /// The last score, the highest and the lowest, so far as they do not cover each other.
    pub(super) labels: Vec<Label>,
}

const CHART: Stretch = Stretch {
    left: 52,
    right: 460,
};
const SCORE_TEN: i64 = 40;
const UNITS_A_SCORE: i64 = 12;
/// Labels nearer to each other would touch where they are largest.
const LABEL_WIDTH: i64 = 40;
const LABEL_HEIGHT: i64 = 26;

/// Draws scores from 0 to 10, in the order of time.
pub(super) fn chart(scores: &[(Date, u8)]) -> Chart {
    let mut chart = Chart {
        dots: String::new(),
        lines: String::new(),
        labels: Vec::new(),
    };
    let (Some((first, _)), Some((last, _))) = (scores.first(), scores.last()) else {
        return chart;
    };
    let place = |date: Date, score: u8| {
        let y = SCORE_TEN + (10 - i64::from(score)) * UNITS_A_SCORE;
        (CHART.x(date, *first, *last), y)
    };
    let mut before = None;
    for (date, score) in scores {
        let (x, y) = place(*date, *score);
        let joined = before.is_some_and(|before| !is_gap(before, *date));
        let step = if joined { 'L' } else { 'M' };
        push(&mut chart.lines, format_args!("{step}{x} {y}"));
        push(&mut chart.dots, format_args!("M{x} {y}h0"));
        before = Some(*date);
    }
    let numbered = || scores.iter().enumerate();
    let newest = scores.len() - 1;
    let highest = numbered().max_by_key(|(i, (_, score))| (*score, *i));
    let lowest = numbered().min_by_key(|(i, (_, score))| (*score, Reverse(*i)));
    let lowest = lowest.map_or(newest, |(i, _)| i);
    let highest = highest.map_or(newest, |(i, _)| i);
    for i in [newest, highest, lowest] {
        let (date, score) = scores[i];
        let (x, y) = place(date, score);
        let hangs = score == scores[lowest].1 && score < scores[highest].1;
        let label = Label {
            x,
            y: y + if hangs { 8 } else { -12 },
            text: score.to_string(),
            hangs,
        };
        if !chart.labels.iter().any(|other| touch(other, &label)) {
            chart.labels.push(label);
        }
    }
    chart
}

/// Whether so much time lies between two days that nobody knows what was in between.
fn is_gap(from: Date, to: Date) -> bool {
    let year: Span = 1.year();
    from.checked_add(year).is_ok_and(|latest| latest < to)
}

fn touch(a: &Label, b: &Label) -> bool {
    (a.x - b.x).abs() < LABEL_WIDTH && (a.y - b.y).abs() < LABEL_HEIGHT
}

/// Departments that pull at one goal: strands with a knot for each contribution, which join into one rope.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Rope {
    pub(super) height: i64,
    pub(super) strands: String,
    pub(super) knots: String,
    /// The strands, joined.
    pub(super) rope: String,
    /// What each strand is called.
    pub(super) labels: Vec<Label>,
}

/// One strand: what it is called, and the days of its contributions.
#[derive(Clone, Debug)]
pub(super) struct Strand {
    pub(super) name: String,
    pub(super) days: Vec<Date>,
}

const ROPE: Stretch = Stretch {
    left: 16,
    right: 424,
};
const ROPE_END: i64 = 472;
const FIRST_STRAND: i64 = 34;
const STRANDS_APART: i64 = 40;
const BEND: i64 = 72;

/// Draws strands from the first contribution on; they join on a day, though what is done later is still a knot.
pub(super) fn rope(strands: &[Strand], joined: Date) -> Rope {
    let days = || {
        strands
            .iter()
            .flat_map(|strand| strand.days.iter().copied())
    };
    let first = days().min().unwrap_or(joined);
    let last = days().max().unwrap_or(joined).max(joined);
    let join = ROPE.x(joined, first, last).max(ROPE.left + BEND);
    let bend = join - BEND;
    let count = i64::try_from(strands.len()).unwrap_or(0);
    let lowest = FIRST_STRAND + (count - 1).max(0) * STRANDS_APART;
    let middle = FIRST_STRAND.midpoint(lowest);
    let mut drawn = Rope {
        height: lowest + 14,
        strands: String::new(),
        knots: String::new(),
        rope: format!("M{join} {middle}H{ROPE_END}"),
        labels: Vec::new(),
    };
    for (strand, y) in strands.iter().zip((FIRST_STRAND..).step_by(40)) {
        let thirds = (bend + BEND / 3, join - BEND / 3);
        push(
            &mut drawn.strands,
            format_args!(
                "M0 {y}H{bend}C{} {y} {} {middle} {join} {middle}",
                thirds.0, thirds.1
            ),
        );
        for day in &strand.days {
            let x = ROPE.x(*day, first, last);
            let y = y + bent(middle - y, (x - bend).clamp(0, BEND));
            push(&mut drawn.knots, format_args!("M{x} {y}h0"));
        }
        drawn.labels.push(Label {
            x: 0,
            y: y - 10,
            text: strand.name.clone(),
            hangs: false,
        });
    }
    drawn
}

/// How far a strand has come on its way to the rope, some units into the bend: the curve of `C` with thirds.
fn bent(way: i64, into: i64) -> i64 {
    way * (3 * into * into * BEND - 2 * into * into * into) / (BEND * BEND * BEND)
}

/// The part of a drawing on which time runs.
struct Stretch {
    left: i64,
    right: i64,
}

impl Stretch {
    /// Where a day lies between two others.
    fn x(&self, day: Date, first: Date, last: Date) -> i64 {
        let days = |to: Date| i64::from((to - first).get_days());
        let span = days(last);
        if span == 0 {
            return self.left.midpoint(self.right);
        }
        self.left + (days(day) * (self.right - self.left)).div_euclid(span)
    }
}

fn units(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn push(path: &mut String, step: std::fmt::Arguments<'_>) {
    path.write_fmt(step)
        .expect("BUG: writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn strokes_stand_on_each_other_in_one_scale() {
        let mut months = [Tally::default(); 12];
        months[0] = Tally {
            done: 2,
            other: 6,
            complaints: 1,
        };
        months[11].other = 1;
        let scale = scale(months.iter());
        assert_eq!(scale, 8);
        let drawn = strokes(&months, scale);
        assert_eq!(drawn.done, "M2 25v-6");
        assert_eq!(drawn.other, "M2 19v-18M46 25v-3");
        assert_eq!(drawn.notches, "M2 27v4");
    }

    #[test]
    fn one_entry_among_thousands_is_still_a_stroke() {
        let mut months = [Tally::default(); 12];
        months[3] = Tally {
            done: 9_999,
            other: 1,
            complaints: 0,
        };
        months[4].done = 1;
        let drawn = strokes(&months, scale(months.iter()));
        assert_eq!(drawn.done, "M14 25v-24M18 25v-1");
        assert_eq!(drawn.other, "M14 1v-1");
        assert_eq!(scale([].iter()), LEAST_SCALE);
    }

    #[test]
    fn scores_are_joined_unless_more_than_a_year_lies_between() {
        let drawn = chart(&[
            (day("2020-01-01"), 0),
            (day("2021-01-01"), 10),
            (day("2022-01-02"), 5),
        ]);
        assert_eq!(drawn.lines, "M52 160L256 40M460 100");
        assert_eq!(drawn.dots, "M52 160h0M256 40h0M460 100h0");
        let labels: Vec<_> = drawn
            .labels
            .iter()
            .map(|label| (label.text.as_str(), label.x, label.y, label.hangs))
            .collect();
        let wanted = [
            ("5", 460, 88, false),
            ("10", 256, 28, false),
            ("0", 52, 168, true),
        ];
        assert_eq!(labels, wanted);
    }

    #[test]
    fn scores_that_are_all_alike_have_one_label_and_one_day_is_in_the_middle() {
        let drawn = chart(&[(day("2020-01-01"), 7); 3]);
        assert_eq!(drawn.lines, "M256 76L256 76L256 76");
        assert_eq!(drawn.labels.len(), 1);
        assert!(!drawn.labels[0].hangs);
        assert!(chart(&[]).dots.is_empty());
    }

    #[test]
    fn labels_do_not_cover_each_other_and_the_last_one_stays() {
        let drawn = chart(&[
            (day("2020-01-01"), 1),
            (day("2020-12-30"), 9),
            (day("2020-12-31"), 8),
        ]);
        let texts: Vec<_> = drawn.labels.iter().map(|label| &*label.text).collect();
        assert_eq!(texts, ["8", "1"]);
    }

    fn strand(name: &str, days: &[&str]) -> Strand {
        Strand {
            name: name.to_owned(),
            days: days.iter().map(|text| day(text)).collect(),
        }
    }

    #[test]
    fn strands_join_where_they_should_and_knots_lie_on_them() {
        let strands = [
            strand("A", &["2020-01-01", "2020-04-10"]),
            strand("B", &["2020-02-20"]),
        ];
        let drawn = rope(&strands, day("2020-04-10"));
        assert_eq!(
            drawn.strands,
            "M0 34H352C376 34 400 54 424 54M0 74H352C376 74 400 54 424 54"
        );
        assert_eq!(drawn.rope, "M424 54H472");
        assert_eq!(drawn.knots, "M16 34h0M424 54h0M220 74h0");
        assert_eq!(drawn.height, 88);
    }

    #[test]
    fn what_is_done_after_the_strands_joined_lies_on_the_rope() {
        let strands = [
            strand("A", &["2020-01-01"]),
            strand("B", &["2020-03-01", "2020-04-10"]),
        ];
        let drawn = rope(&strands, day("2020-02-20"));
        assert_eq!(drawn.rope, "M220 54H472");
        assert_eq!(drawn.knots, "M16 34h0M260 54h0M424 54h0");
        let early = rope(&strands, day("2019-01-01"));
        assert_eq!(early.rope, "M88 54H472", "they need room to bend");
        assert_eq!(early.knots, "M16 34h0M260 54h0M424 54h0");
    }
}
