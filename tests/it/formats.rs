//! How diagnostics are printed: what a case cannot show, and that programs can read what is meant for them.

use std::borrow::Cow;

use serde_json::Value;
use strang::diagnostic::{Colour, Diagnostics, Format, Place, Severity, Span, Texts, render};
use strang::path::SourcePath;

/// Texts of which every file is the same.
struct Everywhere(&'static str);

impl Texts for Everywhere {
    fn bytes(&self, _: &SourcePath) -> Option<Cow<'_, [u8]>> {
        Some(Cow::Borrowed(self.0.as_bytes()))
    }
}

fn place(source: &str, start: usize, end: usize) -> Place {
    Place::new(&SourcePath::new(source), Span::at(0, start..end))
}

/// Two diagnostics whose texts hold what each format must escape.
fn awkward() -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.broken_link(
        place("content/a,b:c%.md", 6, 10),
        "\"x\"\n100 %\u{1b}",
        std::iter::empty(),
    );
    diagnostics.wrong_type(place("content/z.md", 0, 1), "title", "a text", "a <number>");
    diagnostics.sorted()
}

#[test]
fn json_is_read_back_as_it_was_meant() {
    let json = render(&awkward(), &Everywhere("äöü x\ny"), Format::Json);
    let read: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read[0]["path"], "content/a,b:c%.md");
    assert_eq!(
        (&read[0]["line"], &read[0]["column"]),
        (&Value::from(1), &Value::from(4))
    );
    assert_eq!(
        (&read[0]["end_line"], &read[0]["end_column"]),
        (&Value::from(2), &Value::from(2))
    );
    assert_eq!(read[0]["message"], "there is no page `\"x\"\n100 %\u{1b}`");
    assert_eq!(
        (&read[1]["code"], &read[1]["severity"]),
        (&Value::from("wrong-type"), &Value::from("error"))
    );
    assert_eq!(read[1]["hint"], Value::Null);
    assert_eq!(read.as_array().unwrap().len(), 2);
}

#[test]
fn nothing_to_say_is_an_empty_list_or_nothing() {
    let silent = Diagnostics::new();
    assert_eq!(render(&silent, &Everywhere(""), Format::Json), "[]\n");
    assert_eq!(render(&silent, &Everywhere(""), Format::Gitlab), "[]\n");
    assert_eq!(render(&silent, &Everywhere(""), Format::Github), "");
    assert_eq!(
        render(&silent, &Everywhere(""), Format::Text(Colour::Ansi)),
        ""
    );
}

#[test]
fn workflow_commands_end_where_they_should() {
    let commands = render(&awkward(), &Everywhere("äöü x\ny"), Format::Github);
    let lines: Vec<&str> = commands.lines().collect();
    let first = "::warning file=content/a%2Cb%3Ac%25.md,line=1,endLine=2,col=4,title=broken-link::\
        there is no page `\"x\"%0A100 %25\u{1b}`%0Acreate the page, or correct the link";
    let second = "::error file=content/z.md,line=1,endLine=1,col=1,title=wrong-type::\
        `title` is a <number>, but a text is expected";
    assert_eq!(lines, [first, second]);
}

#[test]
fn code_quality_reports_name_each_issue_once() {
    let mut diagnostics = Diagnostics::new();
    for start in [0, 2] {
        diagnostics.raw_html(place("content/a.md", start, start + 1));
    }
    diagnostics.raw_html(place("content/b.md", 0, 1));
    let report = render(&diagnostics, &Everywhere("a\nb"), Format::Gitlab);
    let read: Value = serde_json::from_str(&report).unwrap();
    let of = |key: &str| -> Vec<String> {
        read.as_array()
            .unwrap()
            .iter()
            .map(|issue| issue[key].to_string())
            .collect()
    };
    let mut fingerprints = of("fingerprint");
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 3);
    assert_eq!(of("severity"), ["\"minor\""; 3]);
    assert_eq!(read[1]["location"]["lines"]["begin"], 2);
}

#[test]
fn a_fingerprint_stays_when_lines_above_change() {
    let fingerprint = |start: usize| {
        let mut diagnostics = Diagnostics::new();
        diagnostics.raw_html(place("content/a.md", start, start + 1));
        let report = render(&diagnostics, &Everywhere("a\nb\nc"), Format::Gitlab);
        serde_json::from_str::<Value>(&report).unwrap()[0]["fingerprint"].clone()
    };
    assert_eq!(fingerprint(0), fingerprint(4));
}

#[test]
fn colour_changes_nothing_but_the_colour() {
    let plain = render(
        &awkward(),
        &Everywhere("äöü x\ny"),
        Format::Text(Colour::Plain),
    );
    let coloured = render(
        &awkward(),
        &Everywhere("äöü x\ny"),
        Format::Text(Colour::Ansi),
    );
    assert_ne!(plain, coloured);
    let mut stripped = String::new();
    for part in coloured.split('\u{1b}') {
        stripped.push_str(if stripped.is_empty() && part.is_empty() {
            ""
        } else {
            part.split_once('m').map_or(part, |(_, rest)| rest)
        });
    }
    assert_eq!(stripped, plain);
}

#[test]
fn of_a_flood_a_hundred_are_shown_and_all_are_counted() {
    let mut diagnostics = Diagnostics::new();
    for start in 0..103 {
        diagnostics.raw_html(place("content/a.md", start, start + 1));
    }
    diagnostics.raw_html(place("content/b.md", 0, 1));
    let sorted = diagnostics.sorted();
    assert_eq!(sorted.count(Severity::Warning), 104);
    assert_eq!(sorted.iter().count(), 101);
    let first = sorted.iter().next().unwrap();
    assert!(
        first
            .message
            .ends_with("(the first of 103 alike in this file, of which 100 are shown)"),
        "{}",
        first.message
    );
}

#[test]
fn strict_makes_every_warning_an_error() {
    let strict = awkward().strict();
    assert_eq!(
        (
            strict.count(Severity::Error),
            strict.count(Severity::Warning)
        ),
        (2, 0)
    );
}
