//! A case: one text file with a portal and what should come of it.
//!
//! ```text
//! A link to nothing is shown as such.             the purpose, in a sentence
//! day: 2026-01-01                                 the day of the build, else 2025-03-03
//! as of: 2024-01-01                               a day that somebody asked for
//!
//! -- strang.toml --                               input files; strang.toml has a small default
//! -- content/x.md (escaped) --                    \xFC, \u{202E}, \r are signs, a last \ joins two lines
//! -- content/x.csv (utf-16) --                    the text in UTF-16 with a byte order mark
//! -- content/x.md (repeat 1000) --                the text so many times; blocks of one file follow each other in it
//! -- content/x-{n}.md (files 300) --              so many files; {n} is the number of each, in its text, too
//!
//! == diagnostics ==                               what `check` says; without this block, nothing
//! == site ==                                      every page of the site; not data and feeds, which follow from them
//! == customers/a.html ==                          what <main> of a page holds
//! == customers/a.html #goals ==                   the elements of a page that a CSS selector finds
//! == feed.xml ==                                  a file that is no page, as it is
//! ```
//!
//! One empty line before a header belongs to the layout. Owns reading, running and writing back such files; what is
//! in them is no concern of this room.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use similar::TextDiff;
use strang::diagnostic::{Colour, Diagnostics, Format, render};
use strang::path::SitePath;
use strang::pipeline::{self, Built};
use strang::portal::AsOf;
use strang::site::Rendered;
use strang::theme::STAMP_LENGTH;
use tempfile::TempDir;

use crate::html;
use crate::search_index::Index;

/// The settings of a case that has none of its own.
const PLAIN_SETTINGS: &str = "title = \"Portal\"\nlanguage = \"en\"\n";

/// The day of a case that names none.
const DAY: Date = Date::constant(2025, 3, 3);

/// One case as its file says.
pub struct Case {
    pub purpose: String,
    as_of: AsOf,
    inputs: Vec<Input>,
    expectations: Vec<Expectation>,
}

/// An input block: part of a file of the portal.
struct Input {
    path: String,
    mark: Mark,
    text: String,
}

enum Mark {
    None,
    Escaped,
    Utf16,
    Repeat(usize),
    Files(usize),
}

/// An expectation block, its header as written.
pub struct Expectation {
    pub header: String,
    pub text: String,
}

impl Case {
    /// Reads a case; the error says what is wrong with the file itself.
    pub fn parse(text: &str) -> Result<Case, String> {
        let mut lines = text.split_inclusive('\n').peekable();
        let mut purpose = String::new();
        let mut as_of = AsOf::Today(DAY);
        while let Some(line) = lines.next_if(|line| header(line).is_none()) {
            let wrong = |error: jiff::Error| format!("`{}`: {error}", line.trim());
            if let Some(date) = line.strip_prefix("day: ") {
                as_of = AsOf::Today(date.trim().parse().map_err(wrong)?);
            } else if let Some(date) = line.strip_prefix("as of: ") {
                as_of = AsOf::Day(date.trim().parse().map_err(wrong)?);
            } else {
                purpose.push_str(line);
            }
        }
        let mut case = Case {
            purpose: purpose.trim().to_owned(),
            as_of,
            inputs: Vec::new(),
            expectations: Vec::new(),
        };
        while let Some(line) = lines.next() {
            let header = header(line).ok_or("BUG: blocks begin with a header")?;
            let mut text = String::new();
            while let Some(line) = lines.next_if(|line| self::header(line).is_none()) {
                text.push_str(line);
            }
            if text.ends_with("\n\n") || text == "\n" {
                text.pop();
            }
            match header {
                Header::Input(name) => case.inputs.push(input(name, text)?),
                Header::Expectation(name) => case.expectations.push(Expectation {
                    header: name.to_owned(),
                    text,
                }),
            }
        }
        Ok(case)
    }

    /// Builds the portal and gives back every expectation as it came true; `diagnostics` stands first or not at all.
    fn run(&self) -> Vec<Expectation> {
        let folder = self.write();
        let built = pipeline::build(folder.path(), self.as_of).expect("the case can be read");
        let said = everything_said(&built);
        let mut outcome = Vec::new();
        if !said.is_empty()
            && !self
                .expectations
                .iter()
                .any(|expected| expected.header == "diagnostics")
        {
            outcome.push((
                "diagnostics".to_owned(),
                outcome_of("diagnostics", &built, &said),
            ));
        }
        for expected in &self.expectations {
            outcome.push((
                expected.header.clone(),
                outcome_of(&expected.header, &built, &said),
            ));
        }
        outcome.retain(|(header, text)| header != "diagnostics" || !text.is_empty());
        outcome
            .into_iter()
            .map(|(header, text)| Expectation { header, text })
            .collect()
    }

    /// The portal in a folder that vanishes with the value.
    fn write(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("content")).unwrap();
        fs::write(folder.path().join("strang.toml"), PLAIN_SETTINGS).unwrap();
        let mut written: Vec<(String, Vec<u8>)> = Vec::new();
        for (path, bytes) in self.inputs.iter().flat_map(Input::files) {
            match written.iter_mut().find(|(other, _)| *other == path) {
                Some((_, before)) => before.extend(bytes),
                None => written.push((path, bytes)),
            }
        }
        for (path, bytes) in written {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    /// The codes that the case expects to see.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let said = self
            .expectations
            .iter()
            .filter(|expected| expected.header == "diagnostics");
        let lines = said.flat_map(|expected| expected.text.lines());
        lines.filter_map(|line| {
            Some(
                line.split_once("error[")
                    .or(line.split_once("warning["))?
                    .1
                    .split_once(']')?
                    .0,
            )
        })
    }

    /// Whether the case has a portal.
    pub fn has_input(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// Whether the case says what should come of it.
    pub fn expects_something(&self) -> bool {
        !self.expectations.is_empty()
    }
}

impl Input {
    /// The files that the block stands for, or a part of one.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let Mark::Files(count) = self.mark else {
            return vec![(self.path.clone(), self.bytes())];
        };
        let numbered = |text: &str, number: usize| text.replace("{n}", &number.to_string());
        (1..=count)
            .map(|n| {
                (
                    numbered(&self.path, n),
                    numbered(&self.text, n).into_bytes(),
                )
            })
            .collect()
    }

    fn bytes(&self) -> Vec<u8> {
        match self.mark {
            Mark::None | Mark::Files(_) => self.text.clone().into_bytes(),
            Mark::Escaped => unescape(&self.text),
            Mark::Utf16 => {
                let units = std::iter::once(0xfeff).chain(self.text.encode_utf16());
                units.flat_map(u16::to_le_bytes).collect()
            }
            Mark::Repeat(times) => self.text.repeat(times).into_bytes(),
        }
    }
}

enum Header<'a> {
    Input(&'a str),
    Expectation(&'a str),
}

/// `-- path --` or `== what ==`.
fn header(line: &str) -> Option<Header<'_>> {
    let line = line.trim_end_matches('\n');
    let between = |sign: &str| {
        line.strip_prefix(sign)?
            .strip_prefix(' ')?
            .strip_suffix(sign)?
            .strip_suffix(' ')
    };
    between("--")
        .map(Header::Input)
        .or_else(|| between("==").map(Header::Expectation))
}

fn input(name: &str, text: String) -> Result<Input, String> {
    let (path, mark) = match name
        .strip_suffix(')')
        .and_then(|name| name.rsplit_once(" ("))
    {
        None => (name, Mark::None),
        Some((path, "escaped")) => (path, Mark::Escaped),
        Some((path, "utf-16")) => (path, Mark::Utf16),
        Some((path, mark)) => {
            let unknown =
                || format!("`{mark}` is none of `escaped`, `utf-16`, `repeat N` and `files N`");
            let (word, count) = mark.split_once(' ').ok_or_else(unknown)?;
            let count = count.parse().map_err(|_| unknown())?;
            let mark = match word {
                "repeat" => Mark::Repeat(count),
                "files" => Mark::Files(count),
                _ => return Err(unknown()),
            };
            (path, mark)
        }
    };
    Ok(Input {
        path: path.to_owned(),
        mark,
        text,
    })
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('\\') {
        bytes.extend(rest[..start].bytes());
        rest = &rest[start + 1..];
        let sign = rest.chars().next().expect("something follows a backslash");
        rest = &rest[sign.len_utf8()..];
        match sign {
            '\n' => {}
            'r' => bytes.push(b'\r'),
            'n' => bytes.push(b'\n'),
            't' => bytes.push(b'\t'),
            '\\' => bytes.push(b'\\'),
            'x' => {
                bytes.push(
                    u8::from_str_radix(&rest[..2], 16).expect("two hexadecimal digits follow \\x"),
                );
                rest = &rest[2..];
            }
            'u' => {
                let (digits, after) = rest[1..].split_once('}').expect("\\u{…} is closed");
                let code =
                    u32::from_str_radix(digits, 16).expect("\\u{…} holds hexadecimal digits");
                bytes.extend(
                    char::from_u32(code)
                        .expect("\\u{…} is a character")
                        .to_string()
                        .bytes(),
                );
                rest = after;
            }
            other => panic!("`\\{other}` means nothing in an escaped block"),
        }
    }
    bytes.extend(rest.bytes());
    bytes
}

/// What `check` says: what the stages said, and what rendering every page adds.
pub fn everything_said(built: &Built) -> Diagnostics {
    let mut said = built.diagnostics.clone();
    said.append(pipeline::render_all(&built.site, &|| ()));
    said.sorted()
}

fn outcome_of(header: &str, built: &Built, said: &Diagnostics) -> String {
    let printed = |format| render(said, &built.tree, format);
    match header {
        "diagnostics" => without_last_blank(printed(Format::Text(Colour::Plain))),
        "json" => printed(Format::Json),
        "github" => printed(Format::Github),
        "gitlab" => printed(Format::Gitlab),
        "site" => site(built),
        "search" => Index::read(built).print(),
        _ => {
            let (address, selector) = header.split_once(' ').unwrap_or((header, "main"));
            match bytes(built, address) {
                None => "(nothing)\n".to_owned(),
                Some(bytes) if address.ends_with(".html") => {
                    without_stamps(&html::excerpt(&String::from_utf8(bytes).unwrap(), selector))
                }
                Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            }
        }
    }
}

/// Messages end with an empty line, which the layout of a case already has.
fn without_last_blank(mut text: String) -> String {
    if text.ends_with("\n\n") {
        text.pop();
    }
    text
}

/// A page as it is whatever its scripts and styles hold: `assets/strang.5f1c09ab2e.css` without the stamp.
fn without_stamps(text: &str) -> String {
    let mut parts = text.split('.');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_stamp = part.len() == STAMP_LENGTH && part.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_stamp {
            plain.push('.');
            plain.push_str(part);
        }
    }
    plain
}

/// Every address but those that every site has.
fn site(built: &Built) -> String {
    const ALWAYS: [&str; 12] = [
        "404.html",
        "about-data.html",
        "assessments/index.html",
        "contributions/index.html",
        "customers/index.html",
        "departments/index.html",
        "goals.html",
        "index.html",
        "loops.html",
        "people/index.html",
        "search.html",
        "timeline/index.html",
    ];
    let addresses = built.site.addresses().map(SitePath::as_str);
    let own = addresses.filter(|address| {
        let beside_pages = ["assets/", "data/"]
            .iter()
            .any(|folder| address.starts_with(folder));
        !ALWAYS.contains(address) && !beside_pages && !address.ends_with(".xml")
    });
    own.fold(String::new(), |mut list, address| {
        let _ = writeln!(list, "{address}");
        list
    })
}

/// The bytes at an address of a site that was built from a folder.
pub fn bytes(built: &Built, address: &str) -> Option<Vec<u8>> {
    match built
        .site
        .render(&SitePath::new(address), &mut Diagnostics::new())?
    {
        Rendered::Bytes(bytes) => Some(bytes.into_owned()),
        Rendered::File(source) => Some(fs::read(built.tree.root.join(source.as_str())).unwrap()),
    }
}

/// Runs the case in a file; the error is a readable diff.
pub fn check(file: &Path) -> Result<(), String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let case = Case::parse(&text)?;
    let outcome = written(&text, &case.run());
    if outcome == text {
        return Ok(());
    }
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(file, outcome).map_err(|error| error.to_string());
    }
    let diff = TextDiff::from_lines(&text, &outcome);
    Err(diff
        .unified_diff()
        .context_radius(3)
        .header("expected", "what came")
        .to_string())
}

/// The text of a case with other expectations: the inputs stay byte for byte.
fn written(text: &str, expectations: &[Expectation]) -> String {
    let lines = text.split_inclusive('\n');
    let inputs: usize = lines
        .take_while(|line| !matches!(header(line), Some(Header::Expectation(_))))
        .map(str::len)
        .sum();
    let mut out = text[..inputs].trim_end_matches('\n').to_owned();
    out.push('\n');
    for expectation in expectations {
        let _ = write!(out, "\n== {} ==\n{}", expectation.header, expectation.text);
    }
    out
}

/// Every case file, in the order of paths.
pub fn all() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let files = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap);
    files
        .filter(|file| file.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
}

/// The path of a case as it is spoken of: `links/wiki.case`.
pub fn name(file: &Path) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    file.strip_prefix(folder).unwrap().display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_mean_bytes() {
        assert_eq!(
            unescape("a\\xFC\\r\\n\\u{202E}\\\\\\\nb"),
            b"a\xfc\r\n\xe2\x80\xae\\b"
        );
    }

    #[test]
    fn a_case_is_read_and_written_back_as_it_was() {
        let text = "A purpose.\nday: 2026-01-01\n\n-- a.md (repeat 2) --\nx\n\n-- b.md --\n\n== a.html #b ==\n<p>\n";
        let case = Case::parse(text).unwrap();
        assert_eq!(case.purpose, "A purpose.");
        assert_eq!(case.inputs[0].bytes(), b"x\nx\n");
        assert_eq!(case.inputs[1].bytes(), b"");
        assert_eq!(case.expectations[0].text, "<p>\n");
        assert_eq!(written(text, &case.expectations), text);
    }
}
