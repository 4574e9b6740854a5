//! HTML with holes: what a body is kept as.

use std::collections::HashMap;

use pulldown_cmark_escape::{escape_html, escape_html_body_text};
use thin_vec::ThinVec;

use super::links::BodyLink;
use super::outline::{Heading, Outline};
use crate::document::WrittenOperand;
use crate::path::slug;
use crate::query::Query;

/// A parsed body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    html: Box<str>,
    /// What of it is text, without markup, blocks separated by line feeds.
    text: Box<str>,
    holes: ThinVec<Hole>,
    /// The links and images that lead to something of the portal.
    pub links: ThinVec<BodyLink>,
    /// The headings in order.
    pub headings: ThinVec<Heading>,
    /// What its table blocks ask.
    pub queries: ThinVec<Query<WrittenOperand>>,
    lead: Option<Box<Lead>>,
    /// The heading that became the title of the page.
    title: Option<Box<Heading>>,
}

/// A first-level heading at the very start of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lead {
    html: usize,
    text: usize,
    holes: usize,
}

/// A place in the HTML that is filled in when a page is rendered, and in the text when it is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Before which byte of the HTML.
    at: u32,
    /// Before which byte of the text.
    text_at: u32,
    /// With what.
    pub kind: HoleKind,
}

/// What is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoleKind {
    /// The opening tag of a link with a label.
    LinkStart(u32),
    /// The opening tag and the title of a link without one.
    TitleLink(u32),
    /// The closing tag of a link.
    LinkEnd(u32),
    /// A picture.
    Image {
        /// Which link of the body.
        link: u32,
        /// What the picture shows.
        alt: Box<str>,
    },
    /// What makes anchors unique where several bodies share a page.
    AnchorPrefix,
    /// `<h` and the level that a heading of this depth has on the page.
    HeadingStart(u8),
    /// The closing tag of the same.
    HeadingEnd(u8),
    /// A word of the interface.
    Word(&'static str),
    /// The answer to a query of the body.
    Answer(u32),
}

/// What becomes of the HTML behind a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// It stays.
    Nothing,
    /// It is left out, up to and with the end of this link.
    ToEndOfLink(u32),
}

impl Body {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.html.is_empty()
    }

    /// Fills the holes; `fill` writes what belongs into each and says whether the label of a link is left out.
    pub fn render(&self, fill: impl FnMut(&HoleKind, &mut String) -> Skip) -> String {
        let mut out = String::with_capacity(self.html.len() + self.holes.len() * 48);
        self.fill(&self.html, |hole| hole.at, fill, &mut out);
        out
    }

    /// The text without markup, its holes filled likewise.
    pub fn write_text(&self, fill: impl FnMut(&HoleKind, &mut String) -> Skip, out: &mut String) {
        self.fill(&self.text, |hole| hole.text_at, fill, out);
    }

    fn fill(
        &self,
        content: &str,
        place: impl Fn(&Hole) -> u32,
        mut fill: impl FnMut(&HoleKind, &mut String) -> Skip,
        out: &mut String,
    ) {
        let mut from = 0;
        let mut holes = self.holes.iter();
        while let Some(hole) = holes.next() {
            let at = place(hole) as usize;
            out.push_str(&content[from..at]);
            from = at;
            if let Skip::ToEndOfLink(link) = fill(&hole.kind, out)
                && let Some(end) = holes.find(|hole| hole.kind == HoleKind::LinkEnd(link))
            {
                from = place(end) as usize;
            }
        }
        out.push_str(&content[from..]);
    }

    /// Takes away the first-level heading at the start, if there is one, and gives back its text.
    pub(in crate::document) fn take_lead(&mut self) -> Option<String> {
        let lead = self.lead.take()?;
        self.html = self.html[lead.html..].into();
        self.text = self.text[lead.text..].into();
        self.holes.drain(..lead.holes);
        self.raise_headings();
        for hole in &mut self.holes {
            hole.at -= offset(lead.html);
            hole.text_at -= offset(lead.text);
        }
        let heading = self.headings.remove(0);
        let label = heading.label();
        self.title = Some(Box::new(heading));
        Some(label)
    }

    /// The heading that became the title of the page.
    pub fn title(&self) -> Option<&Heading> {
        self.title.as_deref()
    }

    /// The links and pictures that show, when the labels of some links are left out.
    pub fn shown_links(&self, is_left_out: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut shown = Vec::new();
        let mut holes = self.holes.iter();
        while let Some(hole) = holes.next() {
            match hole.kind {
                HoleKind::LinkStart(link) | HoleKind::TitleLink(link) if is_left_out(link) => {
                    holes.find(|hole| hole.kind == HoleKind::LinkEnd(link));
                }
                HoleKind::LinkStart(link)
                | HoleKind::TitleLink(link)
                | HoleKind::Image { link, .. } => shown.push(link),
                _ => {}
            }
        }
        shown
    }

    /// Whether a link to a heading means the one that became the title of the page.
    pub fn was_titled(&self, wanted: &str) -> bool {
        let is = |heading: &Heading| slug(&heading.label()) == slug(wanted);
        self.title().is_some_and(is)
    }

    /// Headings that stood below the first one now stand below the page's title itself.
    fn raise_headings(&mut self) {
        let below = |heading: &&mut Heading| heading.level > 1;
        let raised = self.headings.iter_mut().skip(1).take_while(below);
        let count = raised.map(|heading| heading.level -= 1).count();
        let ends = self
            .holes
            .iter_mut()
            .filter_map(|hole| match &mut hole.kind {
                HoleKind::HeadingStart(level) | HoleKind::HeadingEnd(level) => Some(level),
                _ => None,
            });
        ends.take(2 * count).for_each(|level| *level -= 1);
    }

    /// The text of the first-level heading at the start, if there is one.
    pub(in crate::document) fn lead(&self) -> Option<String> {
        self.lead
            .as_ref()
            .and(self.headings.first())
            .map(Heading::label)
    }
}

fn offset(length: usize) -> u32 {
    u32::try_from(length).expect("BUG: sources are far smaller than 4 GiB")
}

/// A text as it stands in an attribute.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_html(&mut out, text).expect("BUG: writing to a string does not fail");
    out
}

/// A stretch of HTML with its holes.
#[derive(Default)]
pub(super) struct Fragment {
    html: String,
    text: String,
    holes: Vec<Hole>,
}

impl Fragment {
    /// Ends a block of the text, or a word.
    fn end_text(&mut self, sign: char) {
        let is_ended = match self.text.chars().last() {
            Some(' ') => sign == ' ',
            last => matches!(last, None | Some('\n')),
        };
        let is_filled_later = self.holes.last().is_some_and(|hole| {
            matches!(hole.kind, HoleKind::LinkEnd(_) | HoleKind::Image { .. })
                && hole.text_at as usize == self.text.len()
        });
        if !is_ended || is_filled_later {
            self.text.push(sign);
        }
    }
}

/// Where HTML is written: the body, and beside it headings and footnotes that are placed later.
#[derive(Default)]
pub(super) struct Output {
    body: Fragment,
    nested: Vec<Fragment>,
    notes: Footnotes,
    lead: Option<Lead>,
    pub(super) links: Vec<BodyLink>,
    queries: Vec<Query<WrittenOperand>>,
}

#[derive(Default)]
struct Footnotes {
    numbers: HashMap<String, usize>,
    references: HashMap<usize, usize>,
    definitions: Vec<(usize, Fragment)>,
    open: Vec<usize>,
}

impl Footnotes {
    fn number(&mut self, label: &str) -> usize {
        let next = self.numbers.len() + 1;
        *self.numbers.entry(label.to_owned()).or_insert(next)
    }
}

impl Output {
    /// With room for the HTML of a text of so many bytes, unless much of it is markup.
    pub(super) fn with_room(length: usize) -> Output {
        let body = Fragment {
            html: String::with_capacity(length + length / 4),
            text: String::with_capacity(length),
            holes: Vec::new(),
        };
        Output {
            body,
            ..Output::default()
        }
    }

    fn target(&mut self) -> &mut Fragment {
        self.nested.last_mut().unwrap_or(&mut self.body)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.body.html.is_empty()
    }

    /// Markup; where it ends a line or a cell, so does the text.
    pub(super) fn raw(&mut self, html: &str) {
        let target = self.target();
        target.html.push_str(html);
        match html.as_bytes() {
            [.., b'\n'] => target.end_text('\n'),
            [.., b't', b'd' | b'h', b'>'] | [.., b'b', b'r', b'>'] => target.end_text(' '),
            _ => {}
        }
    }

    pub(super) fn escaped(&mut self, text: &str) {
        let target = self.target();
        escape_html_body_text(&mut target.html, text)
            .expect("BUG: writing to a string does not fail");
        let lines = text.split('\n').enumerate();
        for (i, line) in lines {
            if i > 0 {
                target.end_text(' ');
            }
            target.text.push_str(line);
        }
    }

    pub(super) fn hole(&mut self, kind: HoleKind) {
        let target = self.target();
        target.holes.push(Hole {
            at: offset(target.html.len()),
            text_at: offset(target.text.len()),
            kind,
        });
    }

    pub(super) fn push_link(&mut self, link: BodyLink) -> u32 {
        self.links.push(link);
        u32::try_from(self.links.len() - 1).expect("BUG: sources are far smaller than 4 GiB")
    }

    pub(super) fn answer(&mut self, query: Query<WrittenOperand>) {
        let number = u32::try_from(self.queries.len());
        self.queries.push(query);
        self.raw("<figure class=\"answer\">\n");
        self.hole(HoleKind::Answer(
            number.expect("BUG: sources are far smaller than 4 GiB"),
        ));
        self.raw("</figure>\n");
    }

    pub(super) fn begin(&mut self) {
        self.nested.push(Fragment::default());
    }

    pub(super) fn end(&mut self) -> Fragment {
        self.nested.pop().expect("BUG: events are balanced")
    }

    pub(super) fn append(&mut self, fragment: Fragment) {
        let target = self.target();
        let (html, text) = (offset(target.html.len()), offset(target.text.len()));
        target.html.push_str(&fragment.html);
        target.text.push_str(&fragment.text);
        target
            .holes
            .extend(fragment.holes.into_iter().map(|hole| Hole {
                at: hole.at + html,
                text_at: hole.text_at + text,
                ..hole
            }));
    }

    /// Everything so far is a heading that may stand in for the page's title.
    pub(super) fn mark_lead(&mut self) {
        if self.nested.is_empty() {
            self.lead = Some(Lead {
                html: self.body.html.len(),
                text: self.body.text.len(),
                holes: self.body.holes.len(),
            });
        }
    }

    /// A paragraph that held nothing but comments leaves nothing.
    pub(super) fn end_paragraph(&mut self) {
        let target = self.target();
        let end = target.html.trim_end().len();
        let last_hole = target.holes.last().map(|hole| hole.at as usize);
        let is_empty = last_hole.is_none_or(|hole| hole < end);
        if is_empty && target.html[..end].ends_with("<p>") {
            target.html.truncate(end - "<p>".len());
        } else {
            self.raw("</p>\n");
        }
    }

    /// The first reference to a note carries the anchor that the note leads back to.
    pub(super) fn footnote_reference(&mut self, label: &str) {
        let number = self.notes.number(label);
        let count = self.notes.references.entry(number).or_default();
        *count += 1;
        let id = if *count == 1 {
            format!("{number}-ref")
        } else {
            format!("{number}-ref-{count}")
        };
        self.raw("<sup id=\"");
        self.hole(HoleKind::AnchorPrefix);
        self.raw(&format!("{id}\"><a href=\"#"));
        self.hole(HoleKind::AnchorPrefix);
        self.raw(&format!("{number}-note\">{number}</a></sup>"));
    }

    pub(super) fn begin_footnote(&mut self, label: &str) {
        let number = self.notes.number(label);
        self.notes.open.push(number);
        self.begin();
    }

    pub(super) fn end_footnote(&mut self) {
        let fragment = self.end();
        if let Some(number) = self.notes.open.pop() {
            self.notes.definitions.push((number, fragment));
        }
    }

    pub(super) fn finish(mut self, outline: Outline) -> Body {
        while !self.nested.is_empty() {
            let fragment = self.end();
            self.append(fragment);
        }
        self.write_footnotes();
        // There may be a hundred thousand bodies, kept as long as the program runs, so none takes more room than it
        // needs. Copies do that; an allocator that is asked to shrink a text may leave it where it is.
        Body {
            html: self.body.html.as_str().into(),
            text: self.body.text.as_str().into(),
            holes: self.body.holes.into(),
            links: self.links.into(),
            headings: outline.into_headings().into(),
            queries: self.queries.into(),
            lead: self.lead.map(Box::new),
            title: None,
        }
    }

    fn write_footnotes(&mut self) {
        let mut definitions = std::mem::take(&mut self.notes.definitions);
        if definitions.is_empty() {
            return;
        }
        definitions.sort_by_key(|(number, _)| *number);
        definitions.dedup_by_key(|(number, _)| *number);
        self.raw("<div class=\"footnotes\"><ol>\n");
        for (number, fragment) in definitions {
            self.raw(&format!("<li value=\"{number}\" id=\""));
            self.hole(HoleKind::AnchorPrefix);
            self.raw(&format!("{number}-note\">"));
            self.append(fragment);
            if self.notes.references.contains_key(&number) {
                self.raw("<a href=\"#");
                self.hole(HoleKind::AnchorPrefix);
                self.raw(&format!("{number}-ref\" aria-label=\""));
                self.hole(HoleKind::Word("back_to_text"));
                self.raw("\">↩</a>");
            }
            self.raw("</li>\n");
        }
        self.raw("</ol></div>\n");
    }
}
