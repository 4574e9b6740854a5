//! What `git log` prints, read into who wrote what: a pure function of bytes that nobody has checked.
//!
//! Children come before their parents, so each source is followed from its present name back to the commit that brought
//! it in. What is remembered grows with the sources and their authors, not with the commits.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use jiff::civil::Date;
use thin_vec::ThinVec;

use super::{AuthorId, Authors, Authorship, LONGEST_FIELD, Period, Trouble};
use crate::path::{CONTENT, SourcePath};
use crate::value::parse_date;

/// What a log says.
#[derive(Debug)]
pub(super) struct History {
    pub(super) authorship: Authorship,
    /// Whether some source was there before the first commit of a shallow clone.
    pub(super) is_cut_off: bool,
}

/// So many authors of one source are remembered.
const MOST_LATELY: usize = 64;

/// Reads a log as far as it makes sense. Authors are mail addresses, or contacts that [`mail_of`] reads.
pub(super) fn read(output: &mut dyn BufRead, period: Period) -> Result<History, Trouble> {
    let mut fields = Fields {
        output,
        field: Vec::new(),
    };
    let mut walk = Walk::new(period);
    while let Some(field) = fields.next()? {
        // A line ends before the first file of a commit.
        let status = field.strip_prefix(b"\n").unwrap_or(field);
        match status {
            b"" => walk.begin(&mut fields)?,
            b"A" => walk.added(fields.must_follow()?),
            b"M" | b"T" => walk.changed(fields.must_follow()?),
            b"D" => walk.deleted(fields.must_follow()?),
            [b'R', likeness @ ..] => {
                let is_rewritten = likeness != b"100";
                let old = Box::from(fields.must_follow()?);
                walk.renamed(old, fields.must_follow()?, is_rewritten);
            }
            _ => return Err(Trouble::Garbled),
        }
    }
    Ok(walk.finish())
}

/// The mail address of a contact such as `Jana Roth <jana@firma.example>`, in small letters.
pub(super) fn mail_of(contact: &str) -> Option<Box<str>> {
    let (_, mail) = contact.rsplit_once('<')?;
    let (mail, _) = mail.split_once('>')?;
    let mail = mail.trim();
    (!mail.is_empty()).then(|| mail.to_lowercase().into())
}

/// A contact in the one form that every git can read.
fn contact(written: &str) -> Option<String> {
    let mail = mail_of(written)?;
    let name = written.split(['<', '>']).next().unwrap_or_default().trim();
    Some(format!("{name} <{mail}>"))
}

/// What stands between zeros.
struct Fields<'a> {
    output: &'a mut dyn BufRead,
    field: Vec<u8>,
}

impl Fields<'_> {
    fn next(&mut self) -> Result<Option<&[u8]>, Trouble> {
        self.field.clear();
        let mut output = (&mut *self.output).take(LONGEST_FIELD);
        output.read_until(0, &mut self.field)?;
        match self.field.pop() {
            None => Ok(None),
            Some(0) => Ok(Some(&self.field)),
            Some(_) => Err(Trouble::Garbled),
        }
    }

    fn must_follow(&mut self) -> Result<&[u8], Trouble> {
        self.next()?.ok_or(Trouble::Garbled)
    }

    fn text_must_follow(&mut self) -> Result<String, Trouble> {
        let field = self.must_follow()?;
        Ok(String::from_utf8_lossy(field).into_owned())
    }
}

/// One commit.
#[derive(Default)]
struct Commit {
    /// The day in its author's own time zone, if it is one that counts.
    day: Option<Date>,
    authors: ThinVec<AuthorId>,
    /// Whether the commits before it are missing: it seems to add all that was there.
    is_boundary: bool,
}

/// How far the log has been read.
struct Walk {
    period: Period,
    commit: Commit,
    ids: HashMap<Box<str>, AuthorId>,
    authorship: Authorship,
    /// What sources are called in the commit that is read.
    names: HashMap<Box<[u8]>, usize>,
    /// What they were called before it.
    former_names: Vec<(Box<[u8]>, usize)>,
    is_cut_off: bool,
}

impl Walk {
    fn new(period: Period) -> Walk {
        Walk {
            period,
            commit: Commit::default(),
            ids: HashMap::new(),
            authorship: Authorship::default(),
            names: HashMap::new(),
            former_names: Vec::new(),
            is_cut_off: false,
        }
    }

    /// The next commit.
    fn begin(&mut self, fields: &mut Fields<'_>) -> Result<(), Trouble> {
        self.go_back();
        let author = fields.text_must_follow()?.to_lowercase();
        let day = parse_date(&fields.text_must_follow()?);
        let decorations = fields.text_must_follow()?;
        let contributors = fields.text_must_follow()?;
        let author = Some(author).filter(|mail| !mail.is_empty() && !mail.contains('<'));
        let contacts = author
            .into_iter()
            .chain(contributors.lines().filter_map(contact));
        let mut authors = ThinVec::new();
        for contact in contacts {
            let id = self.author(contact);
            if !authors.contains(&id) {
                authors.push(id);
            }
        }
        self.commit = Commit {
            day: day.filter(|day| *day <= self.period.until),
            authors,
            is_boundary: decorations.split(", ").any(|word| word == "grafted"),
        };
        Ok(())
    }

    fn author(&mut self, contact: String) -> AuthorId {
        let mails = &mut self.authorship.mails;
        let contact = contact.into_boxed_str();
        *self.ids.entry(contact).or_insert_with_key(|contact| {
            mails.push(contact.clone());
            AuthorId(u32::try_from(mails.len() - 1).expect("BUG: fewer than 4 billion authors"))
        })
    }

    fn added(&mut self, path: &[u8]) {
        let Some(source) = self.source(path) else {
            return;
        };
        self.names.remove(path);
        if self.commit.is_boundary {
            self.is_cut_off = true;
            return;
        }
        self.work_on(source);
        let day = self.commit.day;
        self.authorship.authors[source].first = day.map(|day| (day, self.commit.authors.clone()));
    }

    fn changed(&mut self, path: &[u8]) {
        if let Some(source) = self.source(path) {
            self.work_on(source);
        }
    }

    /// Whoever only moves a source has not worked on it.
    fn renamed(&mut self, old: Box<[u8]>, new: &[u8], is_rewritten: bool) {
        let Some(source) = self.source(new) else {
            self.deleted(&old);
            return;
        };
        self.names.remove(new);
        self.former_names.push((old, source));
        if is_rewritten {
            self.work_on(source);
        }
    }

    /// What is no longer there has no authors, even if a file of that name is about to be committed.
    fn deleted(&mut self, path: &[u8]) {
        if !self.names.contains_key(path)
            && let Some(path) = source_path(path)
            && !self.authorship.places.contains_key(&path)
        {
            self.add(path);
        }
    }

    fn work_on(&mut self, source: usize) {
        let is_recent = self.commit.day.is_some_and(|day| day >= self.period.lately);
        if is_recent && !self.commit.is_boundary {
            remember(
                &mut self.authorship.authors[source].lately,
                &self.commit.authors,
            );
        }
    }

    /// The source that a file of the commit is today; one that is met for the first time still has its present name.
    fn source(&mut self, path: &[u8]) -> Option<usize> {
        if let Some(source) = self.names.get(path) {
            return Some(*source);
        }
        let present = source_path(path)?;
        if self.authorship.places.contains_key(&present) {
            return None;
        }
        let source = self.add(present);
        self.names.insert(path.into(), source);
        Some(source)
    }

    fn add(&mut self, path: SourcePath) -> usize {
        let source = self.authorship.authors.len();
        self.authorship.places.insert(path, source);
        self.authorship.authors.push(Authors::default());
        source
    }

    /// Before the commit, its renamed files had other names. Where one of them has been met already, somebody worked on
    /// the same file on a branch that did not know its new name.
    fn go_back(&mut self) {
        for (name, source) in self.former_names.drain(..) {
            if let Some(met) = self.names.insert(name, source) {
                let met = self.authorship.authors[met].lately.clone();
                remember(&mut self.authorship.authors[source].lately, &met);
            }
        }
    }

    fn finish(mut self) -> History {
        self.go_back();
        History {
            authorship: self.authorship,
            is_cut_off: self.is_cut_off,
        }
    }
}

fn remember(known: &mut ThinVec<AuthorId>, authors: &[AuthorId]) {
    for author in authors {
        if known.len() < MOST_LATELY && !known.contains(author) {
            known.push(*author);
        }
    }
}

/// The path of a page or an entry.
fn source_path(path: &[u8]) -> Option<SourcePath> {
    let path = std::str::from_utf8(path).ok()?;
    let below = path.strip_prefix(CONTENT)?.strip_prefix('/')?;
    below.ends_with(".md").then(|| SourcePath::new(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Period = Period {
        lately: Date::constant(2025, 1, 1),
        until: Date::constant(2025, 12, 31),
    };

    /// A commit as git prints it; `|` stands for zero.
    fn commit(
        author: &str,
        day: &str,
        decorations: &str,
        contributors: &str,
        files: &str,
    ) -> String {
        let files = if files.is_empty() {
            String::new()
        } else {
            format!("\n{files}|")
        };
        format!("|{author}|{day}|{decorations}|{contributors}|{files}")
    }

    fn read_log(log: &str) -> Result<History, Trouble> {
        read(&mut log.replace('|', "\0").as_bytes(), PERIOD)
    }

    /// Who brought a source in, and who has worked on it lately.
    fn authors(history: &History, source: &str) -> String {
        let mails: Vec<&str> = history.authorship.mails().collect();
        let Some(authors) = history.authorship.of(&SourcePath::new(source)) else {
            return "unknown".to_owned();
        };
        let names = |ids: &[AuthorId]| {
            let names: Vec<&str> = ids.iter().map(|id| mails[id.index()]).collect();
            names.join(" ")
        };
        let first = authors.first.as_ref();
        let first = first.map(|(day, ids)| format!("{day} {}", names(ids)));
        format!("{}; {}", first.unwrap_or_default(), names(&authors.lately))
    }

    #[test]
    fn a_source_is_followed_through_its_names() {
        let log = [
            commit(
                "C@x",
                "2025-03-03",
                "HEAD -> refs/heads/main",
                "",
                "M|content/new.md",
            ),
            commit(
                "b@x",
                "2025-03-02",
                "",
                "",
                "R090|old/page.txt|content/new.md|A|content/b.md",
            ),
            commit("m@x", "2025-03-02", "", "", ""),
            commit(
                "a@x",
                "2024-03-01",
                "",
                "Ö <O@x>\nnobody\n<>\n",
                "A|old/page.txt|A|content/c.csv",
            ),
        ];
        let history = read_log(&log.concat()).unwrap();
        assert_eq!(
            authors(&history, "content/new.md"),
            "2024-03-01 a@x Ö <o@x>; c@x b@x"
        );
        assert_eq!(authors(&history, "content/b.md"), "2025-03-02 b@x; b@x");
        assert_eq!(authors(&history, "content/c.csv"), "unknown");
        assert!(!history.is_cut_off);
    }

    #[test]
    fn names_that_change_places_are_told_apart() {
        let log = [
            commit(
                "c@x",
                "2025-03-03",
                "",
                "",
                "R100|content/a.md|content/b.md|R100|content/b.md|content/a.md",
            ),
            commit("b@x", "2025-03-02", "", "", "A|content/b.md"),
            commit("a@x", "2025-03-01", "", "", "A|content/a.md"),
        ];
        let history = read_log(&log.concat()).unwrap();
        assert_eq!(authors(&history, "content/b.md"), "2025-03-01 a@x; a@x");
        assert_eq!(authors(&history, "content/a.md"), "2025-03-02 b@x; b@x");
    }

    #[test]
    fn a_name_that_is_used_again_is_another_source() {
        let log = [
            commit("d@x", "2025-03-04", "", "", "D|content/gone.md"),
            commit("c@x", "2025-03-03", "", "", "A|content/a.md"),
            commit(
                "b@x",
                "2025-03-02",
                "",
                "",
                "D|content/a.md|R100|content/first.md|content/gone.md",
            ),
            commit(
                "a@x",
                "2025-03-01",
                "",
                "",
                "A|content/a.md|A|content/first.md",
            ),
        ];
        let history = read_log(&log.concat()).unwrap();
        assert_eq!(authors(&history, "content/a.md"), "2025-03-03 c@x; c@x");
        assert_eq!(authors(&history, "content/gone.md"), "; ");
        assert_eq!(authors(&history, "content/first.md"), "; ");
    }

    #[test]
    fn work_on_a_branch_that_did_not_know_the_new_name_counts() {
        let log = [
            commit("merge@x", "2025-03-04", "", "", ""),
            commit("branch@x", "2025-03-03", "", "", "M|content/old.md"),
            commit(
                "mover@x",
                "2025-03-02",
                "",
                "",
                "R100|content/old.md|content/new.md",
            ),
            commit("a@x", "2025-03-01", "", "", "A|content/old.md"),
        ];
        let history = read_log(&log.concat()).unwrap();
        assert_eq!(
            authors(&history, "content/new.md"),
            "2025-03-01 a@x; branch@x a@x"
        );
    }

    #[test]
    fn nothing_is_credited_where_a_shallow_clone_begins() {
        let log = [
            commit(
                "b@x",
                "2025-03-02",
                "refs/heads/grafted",
                "",
                "M|content/a.md|A|content/b.md",
            ),
            commit(
                "a@x",
                "2025-03-01",
                "grafted, refs/tags/x",
                "",
                "A|content/a.md",
            ),
        ];
        let history = read_log(&log.concat()).unwrap();
        assert_eq!(authors(&history, "content/a.md"), "; b@x");
        assert_eq!(authors(&history, "content/b.md"), "2025-03-02 b@x; b@x");
        assert!(history.is_cut_off);
    }

    #[test]
    fn only_days_of_the_period_count() {
        let log = [
            commit(
                "late@x",
                "2026-01-01",
                "",
                "",
                "M|content/a.md|A|content/b.md",
            ),
            commit("odd@x", "yesterday", "", "", "M|content/a.md"),
            commit("early@x", "2024-12-31", "", "", "M|content/a.md"),
            commit("a@x", "1970-01-01", "", "", "A|content/a.md"),
        ];
        let history = read_log(&log.concat()).unwrap();
        assert_eq!(authors(&history, "content/a.md"), "1970-01-01 a@x; ");
        assert_eq!(authors(&history, "content/b.md"), "; ");
    }

    #[test]
    fn what_git_would_never_print_is_refused() {
        let whole = commit(
            "a@x",
            "2025-03-01",
            "",
            "C <c@x>",
            "R100|content/a.md|content/b.md",
        );
        for end in (1..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            // Either the file or the commit is cut, or all that is said is whole.
            let _ = read_log(&whole[..end]);
        }
        assert_eq!(read_log("").unwrap().authorship.mails().count(), 0);
        for garbage in [
            "x",
            "|a",
            "hello|",
            "|a@x|",
            "|a@x|d||||",
            "|a@x|d|||\nR100|x|",
            "|a@x|d|||\nX|x|",
        ] {
            assert_eq!(
                read_log(garbage).unwrap_err(),
                Trouble::Garbled,
                "{garbage}"
            );
        }
        let long = "x".repeat(70_000) + "|";
        assert_eq!(read_log(&long).unwrap_err(), Trouble::Garbled);
        let mut bytes: Vec<u8> = Vec::new();
        for seed in 0..20_000_u32 {
            let byte = (seed.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0];
            bytes.push(b"\0\0\0AMRD\n0a<>/\xff"[usize::from(byte) % 14]);
        }
        for start in 0..bytes.len() {
            let _ = read(&mut &bytes[start..], PERIOD);
        }
    }
}
