//! What git prints, read into who wrote what: a pure function of bytes that nobody has checked.
//!
//! A log tells the commits, and for each of them follows what became of which files. Children come before their
//! parents, so each source is followed from its present name back to the commit that brought it in. What is remembered
//! of sources grows with them and their authors, not with the commits.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use jiff::civil::Date;
use thin_vec::ThinVec;

use super::objects::Id;
use super::{AuthorId, Authors, Authorship, LONGEST_FIELD, Period, Trouble};
use crate::path::{CONTENT, SourcePath};
use crate::value::parse_date;

/// What a log says of the commits, children before their parents.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) commits: Vec<Commit>,
    /// Mail addresses, or contacts that [`mail_of`] reads.
    mails: Vec<Box<str>>,
}

/// One commit.
#[derive(Debug)]
pub(super) struct Commit {
    pub(super) id: Box<str>,
    /// Its files, where ids are of the usual kind.
    pub(super) tree: Option<Id>,
    /// The commit before it, or the first of several.
    pub(super) parent: Option<Box<str>>,
    pub(super) is_merge: bool,
    /// The day in its author's own time zone, if it is one that counts.
    day: Option<Date>,
    authors: ThinVec<AuthorId>,
    /// Whether the commits before it are missing: it seems to add all that was there.
    is_boundary: bool,
}

/// Who wrote what.
#[derive(Debug)]
pub(super) struct History {
    pub(super) authorship: Authorship,
    /// Whether some source was there before the first commit of a shallow clone.
    pub(super) is_cut_off: bool,
}

/// So many authors of one source are remembered.
const MOST_LATELY: usize = 64;

/// Reads a log as far as it makes sense: of each commit the ids of itself, its tree and its parents, the author's mail,
/// the day, the decorations and the co-authors.
pub(super) fn read(output: &mut dyn BufRead, period: Period) -> Result<Log, Trouble> {
    let mut fields = Fields::new(output);
    let mut ids: HashMap<Box<str>, AuthorId> = HashMap::new();
    let mut log = Log::default();
    while let Some(names) = fields.next()? {
        let names = String::from_utf8_lossy(names).into_owned();
        let mut names = names.split(' ').filter(|name| !name.is_empty());
        let (id, tree) = (names.next().filter(|id| is_id(id)), names.next());
        let (id, tree) = id.zip(tree).ok_or(Trouble::Garbled)?;
        let (parent, others) = (names.next(), names.next());
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
            let mails = &mut log.mails;
            let id = *ids
                .entry(contact.into_boxed_str())
                .or_insert_with_key(|contact| {
                    mails.push(contact.clone());
                    AuthorId::from_index(mails.len() - 1)
                });
            if !authors.contains(&id) {
                authors.push(id);
            }
        }
        log.commits.push(Commit {
            id: id.into(),
            tree: bytes_of(tree),
            parent: parent.map(Box::from),
            is_merge: others.is_some(),
            day: day.filter(|day| *day <= period.until),
            authors,
            is_boundary: decorations.split(", ").any(|word| word == "grafted"),
        });
    }
    Ok(log)
}

/// Splits what git says of several commits: the id of each, then what became of which files.
pub(super) fn split(
    output: &mut dyn BufRead,
    mut told: impl FnMut(&str, Vec<u8>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let mut fields = Fields::new(output);
    let mut commit: Option<(String, Vec<u8>)> = None;
    while let Some(field) = fields.next()? {
        let paths = match field {
            b"A" | b"M" | b"T" | b"D" => 1,
            [b'R', ..] => 2,
            _ => {
                let id = std::str::from_utf8(field).ok().filter(|id| is_id(id));
                let id = id.ok_or(Trouble::Garbled)?.to_owned();
                if let Some((id, changes)) = commit.replace((id, Vec::new())) {
                    told(&id, changes)?;
                }
                continue;
            }
        };
        let (_, changes) = commit.as_mut().ok_or(Trouble::Garbled)?;
        changes.extend([field, b"\0"].concat());
        for _ in 0..paths {
            changes.extend([fields.must_follow()?, b"\0"].concat());
        }
    }
    commit.map_or(Ok(()), |(id, changes)| told(&id, changes))
}

/// Follows the sources back through what became of them in each commit.
pub(super) fn follow<'a>(
    log: Log,
    told: impl Iterator<Item = &'a [u8]>,
    period: Period,
) -> Result<History, Trouble> {
    let mut walk = Walk::new(log.mails, period);
    for (commit, mut changes) in log.commits.iter().zip(told) {
        let mut fields = Fields::new(&mut changes);
        while let Some(status) = fields.next()? {
            match status {
                b"A" => walk.added(commit, fields.must_follow()?),
                b"M" | b"T" => walk.changed(commit, fields.must_follow()?),
                b"D" => walk.deleted(fields.must_follow()?),
                [b'R', likeness @ ..] => {
                    let is_rewritten = likeness != b"100";
                    let old = Box::from(fields.must_follow()?);
                    let source = walk.renamed(old, fields.must_follow()?);
                    if let Some(source) = source.filter(|_| is_rewritten) {
                        walk.work_on(commit, source);
                    }
                }
                _ => return Err(Trouble::Garbled),
            }
        }
        walk.go_back();
    }
    Ok(History {
        authorship: walk.authorship,
        is_cut_off: walk.is_cut_off,
    })
}

/// Whether a file is a page or an entry.
pub(super) fn is_source(path: &[u8]) -> bool {
    let below = path.strip_prefix(CONTENT.as_bytes());
    let below = below.and_then(|below| below.strip_prefix(b"/"));
    below.is_some_and(|below| below.ends_with(b".md")) && std::str::from_utf8(path).is_ok()
}

fn is_id(text: &str) -> bool {
    text.len() >= 2 * size_of::<Id>() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn bytes_of(id: &str) -> Option<Id> {
    let digits: Option<Vec<u8>> = id
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect();
    let bytes: Vec<u8> = digits?
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    bytes.try_into().ok().filter(|_| is_id(id))
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

impl<'a> Fields<'a> {
    fn new(output: &'a mut dyn BufRead) -> Fields<'a> {
        Fields {
            output,
            field: Vec::new(),
        }
    }

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

/// How far the log has been read.
struct Walk {
    period: Period,
    authorship: Authorship,
    /// What sources are called in the commit that is read.
    names: HashMap<Box<[u8]>, usize>,
    /// What they were called before it.
    former_names: Vec<(Box<[u8]>, usize)>,
    is_cut_off: bool,
}

impl Walk {
    fn new(mails: Vec<Box<str>>, period: Period) -> Walk {
        Walk {
            period,
            authorship: Authorship {
                mails,
                ..Authorship::default()
            },
            names: HashMap::new(),
            former_names: Vec::new(),
            is_cut_off: false,
        }
    }

    fn added(&mut self, commit: &Commit, path: &[u8]) {
        let Some(source) = self.source(path) else {
            return;
        };
        self.names.remove(path);
        if commit.is_boundary {
            self.is_cut_off = true;
            return;
        }
        self.work_on(commit, source);
        let day = commit.day;
        self.authorship.authors[source].first = day.map(|day| (day, commit.authors.clone()));
    }

    fn changed(&mut self, commit: &Commit, path: &[u8]) {
        if let Some(source) = self.source(path) {
            self.work_on(commit, source);
        }
    }

    /// Gives the source; whoever only moves one has not worked on it.
    fn renamed(&mut self, old: Box<[u8]>, new: &[u8]) -> Option<usize> {
        let Some(source) = self.source(new) else {
            self.deleted(&old);
            return None;
        };
        self.names.remove(new);
        self.former_names.push((old, source));
        Some(source)
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

    fn work_on(&mut self, commit: &Commit, source: usize) {
        let is_recent = commit.day.is_some_and(|day| day >= self.period.lately);
        if is_recent && !commit.is_boundary {
            remember(&mut self.authorship.authors[source].lately, &commit.authors);
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
    let text = std::str::from_utf8(path).ok()?;
    is_source(path).then(|| SourcePath::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Period = Period {
        lately: Date::constant(2025, 1, 1),
        until: Date::constant(2025, 12, 31),
    };

    const IDS: &str =
        "0123456789abcdef0123456789ABCDEF01234567 0123456789abcdef0123456789ABCDEF01234567";

    /// A commit as git prints it, and what became of which files; `|` stands for zero.
    fn commit(
        author: &str,
        day: &str,
        decorations: &str,
        contributors: &str,
        files: &'static str,
    ) -> (String, &'static str) {
        let commit = format!("{IDS}|{author}|{day}|{decorations}|{contributors}|");
        (commit, files)
    }

    fn with_zeros(text: &str) -> Vec<u8> {
        text.replace('|', "\0").into_bytes()
    }

    fn read_log(commits: &[(String, &str)]) -> Result<History, Trouble> {
        let log: String = commits.iter().map(|(commit, _)| &**commit).collect();
        let told: Vec<Vec<u8>> = commits
            .iter()
            .map(|(_, files)| match *files {
                "" => Vec::new(),
                files => with_zeros(&format!("{files}|")),
            })
            .collect();
        let log = read(&mut &*with_zeros(&log), PERIOD)?;
        follow(log, told.iter().map(Vec::as_slice), PERIOD)
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
        let history = read_log(&log).unwrap();
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
        let history = read_log(&log).unwrap();
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
        let history = read_log(&log).unwrap();
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
        let history = read_log(&log).unwrap();
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
        let history = read_log(&log).unwrap();
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
        let history = read_log(&log).unwrap();
        assert_eq!(authors(&history, "content/a.md"), "1970-01-01 a@x; ");
        assert_eq!(authors(&history, "content/b.md"), "; ");
    }

    #[test]
    fn what_git_says_of_several_commits_is_told_apart() {
        let id = "0123456789012345678901234567890123456789";
        let output = format!("{id}|A|content/{id}|R90|{id}|b|{}|", id.replace('0', "f"));
        let mut told = Vec::new();
        let outcome = split(&mut &*with_zeros(&output), |id, changes| {
            told.push((id.to_owned(), changes));
            Ok(())
        });
        assert_eq!(outcome, Ok(()));
        let changes = with_zeros(&format!("A|content/{id}|R90|{id}|b|"));
        assert_eq!(
            told,
            [(id.to_owned(), changes), (id.replace('0', "f"), Vec::new())]
        );
    }

    #[test]
    fn what_git_would_never_print_is_refused() {
        let (log, _) = commit("a@x", "2025-03-01", "", "C <c@x>", "");
        let told = format!("{}|R100|content/a.md|content/b.md|", "0".repeat(40));
        let read = |log: &[u8]| super::read(&mut &*log, PERIOD).map(|log| log.commits.len());
        let split = |told: &[u8]| super::split(&mut &*told, |_, _| Ok(()));
        assert_eq!(read(&with_zeros(&log)), Ok(1));
        assert_eq!(split(&with_zeros(&told)), Ok(()));
        for end in 1..log.len() {
            assert_eq!(read(&with_zeros(&log)[..end]), Err(Trouble::Garbled));
        }
        for end in (1..told.len()).filter(|end| *end != 41) {
            assert_eq!(split(&with_zeros(&told)[..end]), Err(Trouble::Garbled));
        }
        assert_eq!((read(b""), split(b"")), (Ok(0), Ok(())));
        let long = "x".repeat(70_000) + "|";
        for garbage in ["x", "|a", "hello|", "|a@x|", "|a@x|d||||", "A|x|", &long] {
            let garbage = with_zeros(garbage);
            assert_eq!(read(&garbage), Err(Trouble::Garbled), "{garbage:?}");
            assert_eq!(split(&garbage), Err(Trouble::Garbled), "{garbage:?}");
        }
        for changes in ["x|", "A|", "A|x", "R100|x|", "C100|x|y|"] {
            let (log, changes) = (with_zeros(&log), with_zeros(changes));
            let log = super::read(&mut &*log, PERIOD).unwrap();
            let followed = follow(log, [&*changes].into_iter(), PERIOD);
            assert_eq!(followed.unwrap_err(), Trouble::Garbled, "{changes:?}");
        }
        let mut bytes: Vec<u8> = Vec::new();
        for seed in 0..20_000_u32 {
            let byte = (seed.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0];
            bytes.push(b"\0\0\0AMRD\n0a<>/\xff"[usize::from(byte) % 14]);
        }
        for start in 0..bytes.len() {
            let _ = (read(&bytes[start..]), split(&bytes[start..]));
        }
    }
}
