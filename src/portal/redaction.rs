//! The names and mail addresses of people who are not named, wherever somebody typed them as text.
//!
//! Facts and links lead to a person and are decided in [`super::names`]; a sentence, a title or a note leads nowhere.
//! So every text on its way out is searched for what such people are called, and the sources are, too, so that their
//! authors are told. The words must stand as the person's page has them: nicknames and initials nobody can know. A link
//! where none works, as in a title, is read as one here, so that it gives away no id.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use rayon::prelude::*;

use super::names::Hidden;
use super::{Page, PersonId, Portal};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pulldown_cmark_escape::escape_html;

use crate::diagnostic::{Diagnostics, Place, Span, Texts};
use crate::path::{SourcePath, slug};
use crate::source::Tree;

/// Finds people who are not named in texts.
#[derive(Clone, Debug)]
pub(super) struct Redaction {
    names: AhoCorasick,
    /// Whom each pattern names, and how; the one of links is none of them.
    typed: Vec<(PersonId, Typed)>,
    hidden: Hidden,
}

/// How a link begins.
const LINK: &str = "[[";

/// How a person is named in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Typed {
    /// By the title of their page or by a mail address.
    Plainly,
    /// By a link that opens a mail.
    MailLink,
    /// By what a heading with their name has for an anchor, which mostly is their id.
    Anchor,
    /// By a link that stayed as it was typed.
    Link,
}

impl Redaction {
    /// `None` where everybody is named.
    pub(super) fn of(portal: &Portal) -> Option<Redaction> {
        let mut patterns = Vec::new();
        let mut typed = Vec::new();
        for person in portal.people().filter(|person| !portal.is_named(*person)) {
            let page = &portal[person].page;
            let mut add = |pattern: String, how| {
                patterns.push(pattern);
                typed.push((person, how));
            };
            for name in spellings(&page.title) {
                add(name, Typed::Plainly);
            }
            // An id of one word may be any word.
            let id = Some(page.id.clone()).filter(|id| id.contains('-'));
            let ids = BTreeSet::from_iter([slug(&page.title)].into_iter().chain(id));
            for id in ids.into_iter().filter(|id| !id.is_empty()) {
                add(id, Typed::Anchor);
            }
            for mail in &portal[person].emails {
                add(mail.clone(), Typed::Plainly);
                add(format!("mailto:{mail}"), Typed::MailLink);
            }
        }
        if patterns.is_empty() {
            return None;
        }
        patterns.push(LINK.to_owned());
        let names = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(patterns);
        Some(Redaction {
            names: names.expect("BUG: the names of a portal fit into memory twice"),
            typed,
            hidden: Hidden::of(portal),
        })
    }

    /// Whoever is named in a text, from its beginning to its end; a link with all that it says is one.
    fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Range<usize>, PersonId, Typed)> {
        let mut done = 0;
        self.names.find_iter(text).filter_map(move |found| {
            if found.start() < done {
                return None;
            }
            let named = match self.typed.get(found.pattern().as_usize()) {
                Some((person, typed)) => {
                    is_meant(text, found.range(), *typed).then(|| (found.range(), *person, *typed))
                }
                None => self.link(text, found.start()),
            }?;
            done = named.0.end;
            Some(named)
        })
    }

    /// Whom the link means that begins at a position.
    fn link(&self, text: &str, start: usize) -> Option<(Range<usize>, PersonId, Typed)> {
        let inside = &text[start + LINK.len()..];
        let inside = inside.strip_prefix('[').unwrap_or(inside);
        let (inside, after) = inside.split_at(inside.find(['[', ']', '\n'])?);
        let after = after.strip_prefix("]]")?;
        let person = self.hidden.meant_by(inside.split(['|', '#']).next()?)?;
        Some((start..text.len() - after.len(), person, Typed::Link))
    }
}

impl Portal {
    /// Whether there is anybody whose name no text may give away.
    pub fn redacts(&self) -> bool {
        self.redaction.is_some()
    }

    /// A text without the names of people who are not named: there the department stands, or `nobody` if there is none.
    /// `escape` writes a title as texts of this sort have it.
    pub fn redacted<'t>(
        &self,
        text: Cow<'t, str>,
        nobody: &str,
        escape: impl Fn(&str) -> String,
    ) -> Cow<'t, str> {
        let Some(redaction) = &self.redaction else {
            return text;
        };
        let mut out = String::new();
        let mut done = 0;
        for (range, person, typed) in redaction.find(&text) {
            out.push_str(&text[done..range.start]);
            done = range.end;
            let instead = self.department_instead(person);
            match typed {
                Typed::Plainly | Typed::Link => {
                    out.push_str(&escape(instead.map_or(nobody, |page| &page.title)));
                }
                Typed::MailLink => out.push('#'),
                Typed::Anchor => out.push_str(instead.map_or("x", |page| &page.id)),
            }
        }
        if done == 0 {
            return text;
        }
        out.push_str(&text[done..]);
        Cow::Owned(out)
    }

    fn department_instead(&self, person: PersonId) -> Option<&Page> {
        self.page(self.shown(person, self.day).page()?)
    }

    /// Tells authors where they typed the name of somebody who is not named.
    pub fn check_typed_names(&self, tree: &Tree, diagnostics: &mut Diagnostics) {
        let Some(redaction) = &self.redaction else {
            return;
        };
        let hidden = self.people().filter(|person| !self.is_named(*person));
        let pages: BTreeSet<&SourcePath> = hidden
            .map(|person| &self[self[person].page.document].source)
            .collect();
        let sources = tree.pages.par_iter().map(|page| &page.path);
        let others = sources.filter(|path| !pages.contains(path));
        let said = others.map(|path| {
            let mut said = Diagnostics::new();
            let bytes = tree.bytes(path).unwrap_or_default();
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            for (range, person, typed) in redaction.find(text) {
                if matches!(typed, Typed::Anchor | Typed::Link)
                    || is_asked_for(&text[..range.start])
                {
                    continue;
                }
                let instead = self.department_instead(person);
                let place = Place::new(path, Span::at(0, range));
                let instead = instead.map(|page| page.title.as_str());
                said.person_in_text(place, &self[person].page.id, instead);
            }
            said
        });
        let said: Vec<Diagnostics> = said.collect();
        said.into_iter().for_each(|said| diagnostics.append(said));
    }
}

/// A name as it can stand in a line, across two of them, in JSON, in markup and in an address.
fn spellings(name: &str) -> BTreeSet<String> {
    let mut spellings = BTreeSet::new();
    for gap in [" ", "\n", "\\n", "\u{a0}"] {
        let name = name.replace(' ', gap);
        let mut markup = String::new();
        escape_html(&mut markup, &name).expect("BUG: writing to a string does not fail");
        spellings.insert(markup.replace('\'', "&#39;"));
        spellings.insert(markup.replace('\'', "&#x27;"));
        spellings.insert(markup);
        spellings.insert(utf8_percent_encode(&name, NON_ALPHANUMERIC).to_string());
        spellings.insert(name);
    }
    spellings
}

/// Whether the words that were found name somebody where they stand.
fn is_meant(text: &str, found: Range<usize>, typed: Typed) -> bool {
    match typed {
        Typed::Plainly => is_whole(text, found),
        Typed::Anchor => is_in_anchor(&text[..found.start]) || is_id(text, found),
        Typed::MailLink | Typed::Link => true,
    }
}

/// Whether no other word begins before or goes on after a name, but for the `s` of a genitive.
fn is_whole(text: &str, name: Range<usize>) -> bool {
    let goes_on = |rest: &str| rest.starts_with(char::is_alphanumeric);
    let after = &text[name.end..];
    let begins_before = text[..name.start].ends_with(char::is_alphanumeric);
    !begins_before
        && (!goes_on(after) || after.strip_prefix('s').is_some_and(|rest| !goes_on(rest)))
}

/// Whether the text breaks off in an id, or in the fragment of an address.
fn is_in_anchor(before: &str) -> bool {
    before
        .rsplit_once('"')
        .is_some_and(|(markup, value)| value.contains('#') || markup.ends_with(" id="))
}

/// Whether it is an id for itself, as in the sample of a form: of more than one word, no part of a path or of markup.
fn is_id(text: &str, found: Range<usize>) -> bool {
    let (before, after) = (&text[..found.start], &text[found.end..]);
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '#' | '@');
    let after = after.strip_prefix('.').unwrap_or(after);
    text[found].contains('-')
        && !before.ends_with(goes_on)
        && !after.starts_with(goes_on)
        && before.rfind('<') <= before.rfind('>')
}

/// Whether the text breaks off in a wiki link or in the conditions of a table block: there strang knows who is meant.
fn is_asked_for(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let in_link = line
        .rfind("[[")
        .is_some_and(|link| !line[link..].contains("]]"));
    in_link
        || ["where", "any"]
            .iter()
            .any(|key| line.trim_start().starts_with(key) && line.contains('='))
}
