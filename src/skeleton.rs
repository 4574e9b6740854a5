//! Skeletons: new sources that pass `check` as they are, with every fact of the schema in its place.
//!
//! A portal, the words of its language and what shall be added go in, the path and the text of a new source come out.
//! What a new entry says is the same in every folder but for a few holes, so [`EntryForms`] are made once and filled in
//! for thousands of pages. It must never write to the disk.

use jiff::civil::Date;

use crate::document::{Folder, PageKind};
use crate::path::{SourcePath, fingerprint, percent_encode, slug};
use crate::portal::Portal;
use crate::settings::{Aspect, FactDefinition, FactScope, FactType, Kind, KindId, Settings};
use crate::value::parse_date;
use crate::words::Words;

/// A source that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skeleton {
    /// Where it belongs.
    pub path: SourcePath,
    /// What it says.
    pub text: String,
}

/// A new page.
#[derive(Clone, Copy, Debug)]
pub struct NewPage<'a> {
    /// Which kind of page.
    pub kind: PageKind,
    /// Its id.
    pub id: &'a str,
    /// What it is called.
    pub title: &'a str,
}

/// A new entry.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// In whose folder.
    pub folder: &'a Folder,
    /// Its kind.
    pub kind: KindId,
    /// The name of its file without the ending.
    pub stem: &'a str,
    /// What happened, as far as that is known.
    pub title: &'a str,
    /// The goal that it pays into, by id.
    pub goal: Option<&'a str>,
}

impl NewEntry<'_> {
    /// Where it belongs.
    pub fn path(&self) -> SourcePath {
        SourcePath::new(format!("{}/{}.md", self.folder.path(), self.stem))
    }

    /// Whether its name begins with a day, as the text relies on.
    pub fn is_dated(&self) -> bool {
        self.stem.get(..10).and_then(parse_date).is_some()
    }
}

/// Stands where only the author knows what to say.
pub const BLANK: &str = "…";

/// Who gets to see a skeleton.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Readers of the site: it names nobody whom the site may not name.
    Readers,
    /// Whoever has the sources anyway.
    Authors,
}

/// Writes skeletons for one portal.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// What there is already.
    pub portal: &'a Portal,
    /// The words that say what each line is for.
    pub words: &'a Words,
    /// For whom.
    pub audience: Audience,
}

/// Where a new page belongs; a customer gets a folder at once, for the entries that will follow.
pub fn page_path(kind: PageKind, id: &str) -> SourcePath {
    SourcePath::new(match kind {
        PageKind::Customer => format!("content/customers/{id}/index.md"),
        PageKind::Department => format!("content/departments/{id}.md"),
        PageKind::Person => format!("content/people/{id}.md"),
        PageKind::Plain => format!("content/{id}.md"),
    })
}

/// What an id says in words; a day at its start is left out.
pub fn title_of(id: &str) -> String {
    let dated = id.get(..10).and_then(parse_date).and(id.get(11..));
    let words = dated
        .unwrap_or(id)
        .split('-')
        .filter(|word| !word.is_empty());
    let words = words.map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect::<Vec<_>>().join(" ")
}

impl Writer<'_> {
    /// What a new page says.
    pub fn page(&self, new: &NewPage<'_>) -> String {
        let mut lines = vec![format!("title = {}", quoted(new.title))];
        let scope = match new.kind {
            PageKind::Customer => {
                lines.push(self.waiting("aliases", LIST, "also_known_as"));
                lines.push(self.waiting("owner", TEXT, "in_charge"));
                FactScope::Customer
            }
            PageKind::Department => {
                let contact = format!(
                    "near: {}, far: {}",
                    self.words.get("near"),
                    self.words.get("far")
                );
                lines.push(with_comment("contact = \"far\"", &contact));
                lines.push(self.waiting("lead", TEXT, "lead"));
                lines.push(self.waiting("promise", TEXT, "promise"));
                FactScope::Department
            }
            PageKind::Person => {
                lines.push(self.waiting("departments", LIST, "departments"));
                lines.push("# emails = [\"…\"]".to_owned());
                FactScope::Person
            }
            PageKind::Plain => FactScope::Plain,
        };
        let number = digits(&[new.id]);
        lines.extend(self.fact_lines(scope, new.id, &number));
        if new.kind == PageKind::Customer {
            lines.extend(GOAL.map(str::to_owned));
        }
        front_matter(&lines)
    }

    /// What a department adds at the end of its front matter to assess itself: every question, waiting.
    pub fn assessment(&self) -> String {
        let mut lines = vec![format!("[assessment.{}]", self.portal.day.year())];
        for (key, aspect) in Aspect::ALL {
            let own = self.portal.settings.question(aspect);
            let word = format!("ask_{key}");
            let question = own.unwrap_or_else(|| self.words.get(&word));
            lines.push(with_comment("", question).trim_start().to_owned());
            lines.push(format!("# {key} = {{ answer = 3, evidence = {TEXT} }}"));
        }
        lines.join("\n")
    }

    /// What a new entry says, with holes; `whose` is the key for whom or who else, where the folder does not say it.
    fn entry(&self, kind: KindId, whose: &str) -> String {
        let settings = &self.portal.settings;
        let of_kind = settings.kind(kind);
        let title = format!("title = {}", Hole::Title.sign());
        let goals = format!("{}", Hole::Goals.sign());
        let mut lines = vec![
            format!("kind = {}", quoted(&of_kind.name)),
            with_comment(&title, self.words.get("fill_in_title")),
            self.waiting("by", LIST, "fill_in_by"),
            self.waiting(whose, LIST, whose),
            with_comment(&goals, self.words.get("pays_into")),
        ];
        if of_kind.open {
            lines.push(self.waiting("owner", TEXT, "in_charge"));
            lines.push(self.waiting("due", &self.portal.day.to_string(), "due_date"));
        } else {
            lines.push(self.waiting("closes", LIST, "closes"));
        }
        if matches!(of_kind.name.as_str(), "order" | "payment") {
            lines.push(self.waiting("number", TEXT, "number"));
            if of_kind.name == "payment" {
                lines.push(self.waiting("order", TEXT, "for_order"));
            }
            lines.push(self.waiting("amount", amount(settings), "amount"));
        }
        if of_kind.scored {
            let of_ten = self.words.fill("score_of_ten", None, &[("s", "8")]);
            lines.push(with_comment(
                "# score = 8",
                of_ten.as_deref().unwrap_or_default(),
            ));
        }
        let number = format!("{}{:02}", Hole::Number.sign(), kind.index());
        lines.extend(self.fact_lines(FactScope::Entry(kind), &number, &number));
        front_matter(&lines)
    }

    /// A line that counts once the `#` before it is gone.
    fn waiting(&self, key: &str, value: &str, word: &str) -> String {
        with_comment(&format!("# {key} = {value}"), self.words.get(word))
    }

    /// A line for each fact; required ones hold a value that passes, the others wait.
    fn fact_lines(&self, scope: FactScope, id: &str, number: &str) -> Vec<String> {
        let language = self.portal.settings.language;
        let facts = self.portal.settings.schema.of(scope);
        facts
            .map(|(_, fact)| {
                let value = if fact.unique {
                    unique(fact, id, number)
                } else {
                    None
                };
                let value = value.unwrap_or_else(|| self.example(fact));
                let value = if fact.list {
                    format!("[{value}]")
                } else {
                    value
                };
                let line = format!("{} = {value}", key(&fact.name));
                let line = if fact.required {
                    line
                } else {
                    format!("# {line}")
                };
                with_comment(&line, &meaning(fact, fact.label.get(language)))
            })
            .collect()
    }

    /// A value of the right type. A page that must be named is the first one there is.
    fn example(&self, fact: &FactDefinition) -> String {
        match &fact.value_type {
            FactType::Text => TEXT.to_owned(),
            FactType::Choice(choices) => quoted(choices.first().map_or(BLANK, String::as_str)),
            FactType::Number => "0".to_owned(),
            FactType::Money => "0".to_owned(),
            FactType::Date => self.portal.day.to_string(),
            FactType::Bool => "false".to_owned(),
            FactType::Url => "\"https://www.example\"".to_owned(),
            FactType::Email => "\"name@firma.example\"".to_owned(),
            FactType::Phone => "\"0\"".to_owned(),
            FactType::Person | FactType::Department | FactType::Customer => {
                let first = self.first(&fact.value_type).filter(|_| fact.required);
                quoted(first.unwrap_or(BLANK))
            }
        }
    }

    /// The id of the first page that a fact of this type may name.
    fn first(&self, value_type: &FactType) -> Option<&str> {
        let portal = self.portal;
        let page = match (value_type, self.audience) {
            (FactType::Person, Audience::Readers) => &portal[portal.shown_people().next()?].page,
            (FactType::Person, Audience::Authors) => &portal[portal.people().next()?].page,
            (FactType::Department, _) => &portal[portal.departments().next()?].page,
            (FactType::Customer, _) => &portal[portal.customers().next()?].page,
            _ => return None,
        };
        Some(&page.id)
    }
}

/// The skeletons of entries of every kind.
#[derive(Clone, Debug)]
pub struct EntryForms {
    day: Date,
    /// By kind, the word for it in names of files.
    names: Vec<String>,
    of_customers: Vec<Form>,
    of_departments: Vec<Form>,
}

impl EntryForms {
    /// The forms of a portal.
    pub fn new(writer: &Writer<'_>) -> EntryForms {
        let kinds = &writer.portal.settings.kinds;
        let forms = |whose| {
            KindId::all(kinds)
                .map(|kind| Form::new(&writer.entry(kind, whose)))
                .collect()
        };
        EntryForms {
            day: writer.portal.day,
            names: names(&writer.portal.settings),
            of_customers: forms("departments"),
            of_departments: forms("customers"),
        }
    }

    /// The name of a file of this day and kind, no two of which share one in a folder.
    pub fn stem(&self, kind: KindId, suffix: &str) -> String {
        format!("{}-{}-{suffix}", self.day, self.names[kind.index()])
    }

    /// A new entry as a source.
    pub fn skeleton(&self, new: &NewEntry<'_>) -> Skeleton {
        Skeleton {
            path: new.path(),
            text: self.form(new).fill(new, &self.number(new)),
        }
    }

    /// What a new entry says, percent-encoded.
    pub fn encoded_text(&self, new: &NewEntry<'_>) -> String {
        self.form(new).fill_encoded(new, &self.number(new))
    }

    /// With the number of the kind behind it, what a new entry has that no other one has.
    pub fn number(&self, new: &NewEntry<'_>) -> String {
        let (day, folder) = (self.day.to_string(), new.folder.path());
        digits(&[&day, &folder, new.title, new.goal.unwrap_or_default()])
    }

    fn form(&self, new: &NewEntry<'_>) -> &Form {
        match new.folder {
            Folder::Customer(_) => &self.of_customers[new.kind.index()],
            Folder::Department(_) => &self.of_departments[new.kind.index()],
        }
    }
}

/// What kinds are called in names of files: as readers call them, unless two would be called alike.
fn names(settings: &Settings) -> Vec<String> {
    let labels = settings
        .kinds
        .iter()
        .map(|kind| slug(kind.label.get(settings.language)));
    let labels: Vec<String> = labels.collect();
    let is_free = |own: usize, label: &str| {
        let others = settings.kinds.iter().zip(&labels).enumerate();
        let clashes = |(i, (kind, other)): (usize, (&Kind, &String))| {
            i != own && (kind.name == label || other == label)
        };
        !label.is_empty() && !others.into_iter().any(clashes)
    };
    let named = settings.kinds.iter().zip(&labels).enumerate();
    named
        .map(|(i, (kind, label))| {
            let name = if is_free(i, label) { label } else { &kind.name };
            name.clone()
        })
        .collect()
}

/// A text with holes, as it is and percent-encoded.
#[derive(Clone, Debug)]
struct Form {
    pieces: Vec<Piece>,
}

/// A part of the text up to a hole, or to the end.
#[derive(Clone, Debug)]
struct Piece {
    text: String,
    encoded: String,
    hole: Option<Hole>,
}

/// What is filled in for each entry.
#[derive(Clone, Copy, Debug)]
enum Hole {
    Title,
    /// The line that names goals.
    Goals,
    /// For what must be unique.
    Number,
}

impl Hole {
    /// What marks the hole: a control character, which is never written into a form otherwise.
    const ALL: [(char, Hole); 3] = [
        ('\u{1}', Hole::Title),
        ('\u{2}', Hole::Goals),
        ('\u{3}', Hole::Number),
    ];

    fn sign(self) -> char {
        Self::ALL[self as usize].0
    }

    fn of(sign: char) -> Option<Hole> {
        let found = Self::ALL.iter().find(|(known, _)| *known == sign);
        found.map(|(_, hole)| *hole)
    }

    fn value(self, new: &NewEntry<'_>, number: &str) -> String {
        match self {
            Hole::Title => quoted(new.title),
            Hole::Goals => match new.goal {
                Some(goal) => format!("goals = [{}]", quoted(goal)),
                None => format!("# goals = {LIST}"),
            },
            Hole::Number => number.to_owned(),
        }
    }
}

impl Form {
    fn new(text: &str) -> Form {
        let pieces = text.split_inclusive(|c| Hole::of(c).is_some());
        let pieces = pieces.map(|piece| {
            let hole = piece.chars().next_back().and_then(Hole::of);
            let text = piece.trim_end_matches(|c| Hole::of(c).is_some());
            Piece {
                text: text.to_owned(),
                encoded: percent_encode(text),
                hole,
            }
        });
        Form {
            pieces: pieces.collect(),
        }
    }

    fn fill(&self, new: &NewEntry<'_>, number: &str) -> String {
        let mut out = String::with_capacity(512);
        for piece in &self.pieces {
            out.push_str(&piece.text);
            out.extend(piece.hole.map(|hole| hole.value(new, number)));
        }
        out
    }

    fn fill_encoded(&self, new: &NewEntry<'_>, number: &str) -> String {
        let mut out = String::with_capacity(1024);
        for piece in &self.pieces {
            out.push_str(&piece.encoded);
            out.extend(
                piece
                    .hole
                    .map(|hole| percent_encode(&hole.value(new, number))),
            );
        }
        out
    }
}

const TEXT: &str = "\"…\"";
const LIST: &str = "[\"…\"]";

const GOAL: [&str; 7] = [
    "",
    "# [[goals]]",
    "# id = \"…\"",
    "# title = \"…\"",
    "# measure = \"…\"",
    "# due = 2027-12-31",
    "# status = \"open\"",
];

/// More choices than these are not listed.
const MOST_CHOICES: usize = 8;

fn front_matter(lines: &[String]) -> String {
    format!("+++\n{}\n+++\n\n", lines.join("\n"))
}

/// A line that says behind it what it is for.
fn with_comment(line: &str, comment: &str) -> String {
    let comment: String = comment
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    format!("{line} # {}", comment.trim())
}

fn meaning(fact: &FactDefinition, label: &str) -> String {
    match &fact.value_type {
        FactType::Choice(choices) if choices.len() <= MOST_CHOICES => {
            format!("{label}: {}", choices.join(", "))
        }
        _ => label.to_owned(),
    }
}

/// A text as TOML quotes it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A key as TOML writes it.
fn key(name: &str) -> String {
    let is_bare = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A value that no other source has, for the types that have so many.
fn unique(fact: &FactDefinition, id: &str, number: &str) -> Option<String> {
    Some(match &fact.value_type {
        FactType::Text => format!("\"{id}\""),
        FactType::Url => format!("\"https://www.example/{id}\""),
        FactType::Email => format!("\"{id}@firma.example\""),
        FactType::Phone => format!("\"{number}\""),
        FactType::Number | FactType::Money => number.to_owned(),
        _ => return None,
    })
}

/// Digits that hardly anything else gets, and the same on every machine.
fn digits(texts: &[&str]) -> String {
    (100_000_000 + fingerprint(texts) % 900_000_000).to_string()
}

/// A sum with as many decimals as the portal's currency has.
fn amount(settings: &Settings) -> &'static str {
    match settings.currency.decimals() {
        0 => "1234",
        _ => "1234.50",
    }
}
