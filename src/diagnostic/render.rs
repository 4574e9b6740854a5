//! Prints a collection of diagnostics as text for people, or as what forges and programs read.
//!
//! Diagnostics and the sources' bytes go in, one string comes out. Control and bidirectional characters of sources are
//! written out, so that no source writes to a terminal. It must never decide what is said.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::{Diagnostic, Diagnostics, Location, Severity, Texts};
use crate::path::SourcePath;

/// In which form diagnostics are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: `path:line:col: error[code]: message`, the line with a caret, a hint.
    Text(Colour),
    /// A JSON array of objects.
    Json,
    /// Workflow commands of GitHub, Gitea and Forgejo.
    Github,
    /// The code-quality report of GitLab.
    Gitlab,
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// With escape sequences, for a terminal.
    Ansi,
    /// Without.
    Plain,
}

/// The whole collection in one format, each part ending with a line end.
pub fn render(diagnostics: &Diagnostics, texts: &dyn Texts, format: Format) -> String {
    // What is said of one file stands together, so it is asked for once.
    let mut last: Option<(&SourcePath, Cow<'_, [u8]>)> = None;
    let located = diagnostics.iter().map(|diagnostic| {
        let source = &diagnostic.place.source;
        let bytes = match last.take() {
            Some((known, bytes)) if known == source => bytes,
            _ => texts.bytes(source).unwrap_or_default(),
        };
        let location = diagnostic.place.location_in(&bytes);
        last = Some((source, bytes));
        (diagnostic, location)
    });
    match format {
        Format::Text(colour) => located.map(|(d, at)| text(d, &at, colour)).collect(),
        Format::Json => lines_of_json(located.map(|(d, at)| json_object(d, &at)).collect()),
        Format::Github => located.map(|(d, at)| workflow_command(d, &at)).collect(),
        Format::Gitlab => {
            let mut fingerprints = Fingerprints::default();
            lines_of_json(
                located
                    .map(|(d, at)| code_quality(d, &at, &mut fingerprints))
                    .collect(),
            )
        }
    }
}

fn lines_of_json(values: Vec<Value>) -> String {
    let mut text = serde_json::to_string_pretty(&Value::Array(values))
        .expect("BUG: strings and numbers are JSON");
    text.push('\n');
    text
}

/// One diagnostic for people: what [`Format::Text`] has of it.
pub fn render_one(diagnostic: &Diagnostic, texts: &dyn Texts, colour: Colour) -> String {
    text(diagnostic, &diagnostic.place.location(texts), colour)
}

fn text(diagnostic: &Diagnostic, at: &Location, colour: Colour) -> String {
    let word_colour = match diagnostic.severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
    };
    let paint = |style: Style, text: &str| match colour {
        Colour::Ansi => format!("{style}{text}{style:#}"),
        Colour::Plain => text.to_owned(),
    };
    let bold = Style::new().bold();
    let word = Style::new().bold().fg_color(Some(word_colour.into()));
    let soft = Style::new().fg_color(Some(AnsiColor::Cyan.into()));

    let mut out = String::new();
    let place = format!(
        "{}:{}:{}:",
        visible(diagnostic.place.source.as_str()),
        at.line,
        at.column
    );
    let label = format!("{}[{}]:", diagnostic.severity, diagnostic.code);
    let _ = writeln!(
        out,
        "{} {} {}",
        paint(bold, &place),
        paint(word, &label),
        visible(&diagnostic.message)
    );
    if !at.text.trim().is_empty() {
        let (line, caret) = excerpt(at);
        let number = at.line.to_string();
        let margin = " ".repeat(number.len());
        let _ = writeln!(out, "{} {line}", paint(soft, &format!("{number} |")));
        let _ = writeln!(
            out,
            "{} {}",
            paint(soft, &format!("{margin} |")),
            paint(word, &caret)
        );
    }
    if let Some(hint) = &diagnostic.hint {
        let _ = writeln!(out, "{} {}", paint(bold, "hint:"), visible(hint));
    }
    out.push('\n');
    out
}

/// How many characters of a long source line are shown around the place.
const EXCERPT: usize = 120;

/// The source line, shortened around the place, and the carets that stand below it.
fn excerpt(at: &Location) -> (String, String) {
    let characters: Vec<char> = at.text.chars().collect();
    let column = (at.column - 1).min(characters.len());
    let from = if characters.len() > EXCERPT {
        column.saturating_sub(EXCERPT / 3)
    } else {
        0
    };
    let to = characters.len().min(from + EXCERPT);
    let mut line = String::new();
    let mut indent = 0;
    if from > 0 {
        line.push('…');
        indent += 1;
    }
    for (i, c) in characters[from..to].iter().enumerate() {
        let shown = visible_char(*c);
        if from + i < column {
            indent += shown.chars().count();
        }
        line.push_str(&shown);
    }
    if to < characters.len() {
        line.push('…');
    }
    let end = if at.end_line == at.line {
        at.end_column - 1
    } else {
        to
    };
    let marked = &characters[column.min(to)..end.clamp(column, to)];
    let width: usize = marked
        .iter()
        .map(|c| visible_char(*c).chars().count())
        .sum();
    let width = width.max(1);
    (line, format!("{}{}", " ".repeat(indent), "^".repeat(width)))
}

/// A text in which characters that act on a terminal or hide are written out.
fn visible(text: &str) -> String {
    text.chars().map(visible_char).collect()
}

fn visible_char(c: char) -> String {
    match c {
        '\t' => " ".to_owned(),
        '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200b}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' => c.escape_unicode().to_string(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    }
}

fn json_object(diagnostic: &Diagnostic, at: &Location) -> Value {
    json!({
        "path": diagnostic.place.source.as_str(),
        "line": at.line,
        "column": at.column,
        "end_line": at.end_line,
        "end_column": at.end_column,
        "severity": diagnostic.severity.to_string(),
        "code": diagnostic.code.as_str(),
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    })
}

/// `::error file=…,line=…,col=…::message`, with the characters escaped that would end a field.
fn workflow_command(diagnostic: &Diagnostic, at: &Location) -> String {
    let data = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let message = match &diagnostic.hint {
        Some(hint) => format!("{}\n{hint}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    format!(
        "::{} file={},line={},endLine={},col={},title={}::{}\n",
        diagnostic.severity,
        property(diagnostic.place.source.as_str()),
        at.line,
        at.end_line,
        at.column,
        property(diagnostic.code.as_str()),
        data(&message),
    )
}

/// Numbers diagnostics that would otherwise share a fingerprint.
#[derive(Default)]
struct Fingerprints(HashMap<u64, u32>);

impl Fingerprints {
    /// A name that stays while lines above are edited: code, file and message, and which of several alike it is.
    fn of(&mut self, diagnostic: &Diagnostic) -> String {
        let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
        (
            diagnostic.code.as_str(),
            diagnostic.place.source.as_str(),
            &diagnostic.message,
        )
            .hash(&mut hasher);
        let count = self.0.entry(hasher.finish()).or_default();
        *count += 1;
        format!("{:016x}-{count}", hasher.finish())
    }
}

/// FNV-1a: the standard hasher does not promise the same value from one release of Rust to the next.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn code_quality(diagnostic: &Diagnostic, at: &Location, fingerprints: &mut Fingerprints) -> Value {
    json!({
        "description": match &diagnostic.hint {
            Some(hint) => format!("{} ({hint})", diagnostic.message),
            None => diagnostic.message.clone(),
        },
        "check_name": diagnostic.code.as_str(),
        "fingerprint": fingerprints.of(diagnostic),
        "severity": match diagnostic.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
        },
        "location": {
            "path": diagnostic.place.source.as_str(),
            "lines": { "begin": at.line, "end": at.end_line },
        },
    })
}
