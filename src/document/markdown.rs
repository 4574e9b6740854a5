//! The Markdown of a body: CommonMark and what product pages need beyond it, written as HTML with holes.
//!
//! Text goes in, a [`Body`] comes out: HTML in which every place that depends on other pages, on the page it is shown
//! on or on the language is a [`Hole`]. So a body is parsed once and rendered on as many pages as show it. Raw HTML is
//! text here, comments vanish, and headings form a gapless outline whatever levels the author chose. It must never
//! decide where a link leads.

mod comments;
mod context;
mod html;
mod links;
mod outline;

use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd,
};
use std::ops::Range;

use crate::diagnostic::{Diagnostics, Place, Span};
use crate::document::table_block;
use crate::path::SourcePath;
use crate::settings::Settings;
use crate::text::Text;

use context::Contexts;
use html::Output;
use outline::Outline;

pub use html::{Body, Hole, HoleKind, Skip};
pub use links::{BodyLink, Piece, Wanted};
pub use outline::Heading;

/// Deeper nesting is refused.
const DEEPEST: usize = 100;

/// Parses a body that starts at its offset in the file.
pub(super) fn parse(
    source: &SourcePath,
    text: Text<'_>,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Body {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_WIKILINKS;
    let (raw, open_comment) = comments::hide(text.text, options);
    if let Some(start) = open_comment {
        let span = Span::at(text.offset, start..start + "<!--".len());
        diagnostics.comment_open(Place::new(source, span));
    }
    let mut writer = Writer {
        source,
        offset: text.offset,
        raw: &raw,
        settings,
        diagnostics,
        output: Output::with_room(raw.len()),
        outline: Outline::default(),
        contexts: Contexts::default(),
        open: Vec::new(),
        table: Vec::new(),
        lead: None,
        html_told: false,
    };
    for (event, range) in Parser::new_ext(&raw, options).into_offset_iter() {
        if writer.open.len() > DEEPEST {
            writer
                .diagnostics
                .markup_too_deep(Place::new(source, Span::at(text.offset, range)), DEEPEST);
            break;
        }
        writer.event(event, range);
    }
    writer.finish()
}

/// What is open around the current event.
enum Open {
    /// Closed by this text.
    Plain(&'static str),
    /// A paragraph, an item or another block whose sentences surround links.
    Block(&'static str),
    /// A heading; its text and inline HTML are collected first.
    Heading {
        level: u8,
        id: Option<String>,
        text: String,
    },
    /// A link to be filled in later.
    Link(u32),
    /// A wiki link that shows the title of what it leads to: its inner text is dropped.
    TitleLink(u32),
    /// An image; its inner text becomes the alternative text.
    Image {
        wanted: Wanted,
        alt: String,
        span: Span,
    },
    /// A row of a table: what closes it, the element of its cells, how many there are so far.
    Row {
        close: &'static str,
        cell: &'static str,
        column: usize,
    },
    /// The definition of a footnote.
    Footnote,
    /// A table block: all of it, and the parts of it that are its text.
    TableBlock {
        whole: Range<usize>,
        parts: Vec<Range<usize>>,
    },
}

struct Writer<'a, 'd> {
    source: &'a SourcePath,
    offset: usize,
    raw: &'a str,
    settings: &'a Settings,
    diagnostics: &'d mut Diagnostics,
    output: Output,
    outline: Outline,
    contexts: Contexts,
    open: Vec<Open>,
    table: Vec<pulldown_cmark::Alignment>,
    lead: Option<usize>,
    /// Whether the current block of HTML was told of.
    html_told: bool,
}

impl Writer<'_, '_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::at(self.offset, range)
    }

    fn place(&self, range: Range<usize>) -> Place {
        Place::new(self.source, self.span(range))
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match self.open.last_mut() {
                Some(Open::TableBlock { parts, .. }) => parts.push(range),
                _ => self.text(&text),
            },
            Event::Code(code) => {
                self.output.raw("<code>");
                self.text(&code);
                self.output.raw("</code>");
            }
            Event::Html(html) => self.html_line(&html, range.start),
            Event::InlineHtml(html) => self.raw_html(&html, range.start),
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak => {
                self.output.raw("<br>");
                self.contexts.text(" ");
            }
            Event::Rule => self.output.raw("<hr>\n"),
            Event::TaskListMarker(done) => {
                self.output.raw(if done {
                    "<span class=\"task\">☑</span> "
                } else {
                    "<span class=\"task\">☐</span> "
                });
            }
            Event::FootnoteReference(label) => self.output.footnote_reference(&label),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
        }
    }

    /// Text of the author: escaped, and remembered wherever plain text is wanted.
    fn text(&mut self, text: &str) {
        let text = &*comments::visible(text);
        if self
            .open
            .iter()
            .any(|open| matches!(open, Open::TitleLink(_)))
        {
            return;
        }
        if let Some(Open::Image { alt, .. }) = self
            .open
            .iter_mut()
            .rev()
            .find(|open| matches!(open, Open::Image { .. }))
        {
            alt.push_str(text);
            return;
        }
        self.heading_text(text);
        self.contexts.text(text);
        self.output.escaped(text);
    }

    /// What a heading says by itself: the words of its links belong to the linked page, which may not be shown by name.
    fn heading_text(&mut self, text: &str) {
        if self.open.iter().any(|open| matches!(open, Open::Link(_))) {
            return;
        }
        for open in &mut self.open {
            if let Open::Heading { text: heading, .. } = open {
                heading.push_str(text);
            }
        }
    }

    /// A line of a block of HTML; the block is told once.
    fn html_line(&mut self, html: &str, start: usize) {
        if self.html_told {
            self.text(html);
        } else {
            self.raw_html(html, start);
        }
    }

    /// HTML of the author is text to the reader.
    fn raw_html(&mut self, html: &str, start: usize) {
        let trimmed = html.trim_matches(|c: char| c.is_whitespace() || c == comments::HIDDEN);
        if !trimmed.is_empty() {
            if !trimmed.starts_with("</") {
                let at = start + html.find(trimmed).unwrap_or(0);
                let end = (at + trimmed.find('>').map_or(trimmed.len(), |i| i + 1))
                    .min(self.raw.len())
                    .max(at);
                self.html_told = true;
                self.diagnostics.raw_html(self.place(at..end));
            }
            self.text(html);
        }
    }

    fn block(&mut self, open: &str, close: &'static str) {
        self.output.raw(open);
        self.contexts.begin();
        self.open.push(Open::Block(close));
    }

    fn plain(&mut self, open: &str, close: &'static str) {
        self.output.raw(open);
        self.open.push(Open::Plain(close));
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => self.block("<p>", "</p>\n"),
            Tag::Heading { .. } if self.open.iter().any(|open| matches!(open, Open::Footnote)) => {
                self.block("<p><strong>", "</strong></p>\n");
            }
            Tag::Heading {
                level,
                id,
                classes,
                attrs,
            } => {
                if !classes.is_empty() || !attrs.is_empty() {
                    let braces = self.raw[range.clone()]
                        .rfind('{')
                        .map_or(range.start, |i| range.start + i);
                    self.diagnostics
                        .heading_attribute(self.place(braces..range.end.min(braces + 1)));
                }
                if self.output.is_empty() && level == pulldown_cmark::HeadingLevel::H1 {
                    self.lead = Some(self.outline.len());
                }
                self.output.begin();
                self.contexts.begin();
                let id = id.map(CowStr::into_string);
                self.open.push(Open::Heading {
                    level: level as u8,
                    id,
                    text: String::new(),
                });
            }
            Tag::BlockQuote(None) => self.plain("<blockquote>\n", "</blockquote>\n"),
            Tag::BlockQuote(Some(kind)) => self.alert(kind),
            Tag::CodeBlock(kind) => self.code_block(&kind, range),
            Tag::HtmlBlock => {
                self.html_told = false;
                self.block("<p>", "</p>\n");
            }
            Tag::List(None) => self.plain("<ul>\n", "</ul>\n"),
            Tag::List(Some(1)) => self.plain("<ol>\n", "</ol>\n"),
            Tag::List(Some(start)) => self.plain(&format!("<ol start=\"{start}\">\n"), "</ol>\n"),
            Tag::Item => self.block("<li>", "</li>\n"),
            Tag::FootnoteDefinition(label) => {
                self.output.begin_footnote(&label);
                self.open.push(Open::Footnote);
            }
            Tag::DefinitionList => self.plain("<dl>\n", "</dl>\n"),
            Tag::DefinitionListTitle => self.block("<dt>", "</dt>\n"),
            Tag::DefinitionListDefinition => self.block("<dd>", "</dd>\n"),
            Tag::Table(alignments) => {
                self.table = alignments;
                self.output
                    .raw("<div class=\"region\" role=\"region\" tabindex=\"0\" aria-label=\"");
                self.output.hole(HoleKind::Word("table"));
                self.plain("\"><table>\n", "</tbody></table></div>\n");
            }
            Tag::TableHead => self.row("<thead><tr>", "</tr></thead><tbody>\n", "th"),
            Tag::TableRow => self.row("<tr>", "</tr>\n", "td"),
            Tag::TableCell => self.cell(),
            Tag::Emphasis => self.plain("<em>", "</em>"),
            Tag::Strong => self.plain("<strong>", "</strong>"),
            Tag::Strikethrough => self.plain("<del>", "</del>"),
            Tag::Superscript | Tag::Subscript | Tag::MetadataBlock(_) => self.plain("", ""),
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => self.link(link_type, &dest_url, &title, range),
            Tag::Image {
                link_type,
                dest_url,
                ..
            } => self.image(link_type, &dest_url, range),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match self.open.pop() {
            Some(Open::Plain(close) | Open::Row { close, .. }) => self.output.raw(close),
            Some(Open::Block("</p>\n")) => {
                self.contexts.end(&mut self.output.links);
                self.output.end_paragraph();
            }
            Some(Open::Block(close)) => {
                self.contexts.end(&mut self.output.links);
                self.output.raw(close);
            }
            Some(Open::Heading { level, id, text }) => {
                self.end_heading(level, id.as_deref(), &text);
            }
            Some(Open::Link(link) | Open::TitleLink(link)) => {
                self.contexts.end_link();
                self.output.hole(HoleKind::LinkEnd(link));
            }
            Some(Open::Image { wanted, alt, span }) => self.end_image(wanted, alt, span),
            Some(Open::Footnote) => self.output.end_footnote(),
            Some(Open::TableBlock { whole, parts }) => self.end_table_block(whole, &parts),
            None => debug_assert!(
                matches!(tag, TagEnd::MetadataBlock(_)),
                "events are balanced"
            ),
        }
    }

    fn end_heading(&mut self, level: u8, id: Option<&str>, text: &str) {
        let inner = self.output.end();
        let pieces = self.contexts.end(&mut self.output.links);
        let heading = self.outline.push(level, id, text, pieces);
        let (level, anchor) = (heading.level, heading.anchor.clone());
        self.output.hole(HoleKind::HeadingStart(level));
        self.output.raw(" id=\"");
        self.output.hole(HoleKind::AnchorPrefix);
        self.output.raw(anchor.as_str());
        self.output.raw("\">");
        self.output.append(inner);
        self.output.hole(HoleKind::HeadingEnd(level));
        self.output.raw("\n");
        if self.lead == Some(self.outline.len() - 1) {
            self.output.mark_lead();
        }
    }

    fn alert(&mut self, kind: BlockQuoteKind) {
        let name = match kind {
            BlockQuoteKind::Note => "note",
            BlockQuoteKind::Tip => "tip",
            BlockQuoteKind::Important => "important",
            BlockQuoteKind::Warning => "warning",
            BlockQuoteKind::Caution => "caution",
        };
        self.output.raw("<div role=\"note\" class=\"alert alert-");
        self.output.raw(name);
        self.output.raw("\"><p class=\"alert-title\">");
        self.output.hole(HoleKind::Word(match kind {
            BlockQuoteKind::Note => "alert_note",
            BlockQuoteKind::Tip => "alert_tip",
            BlockQuoteKind::Important => "alert_important",
            BlockQuoteKind::Warning => "alert_warning",
            BlockQuoteKind::Caution => "alert_caution",
        }));
        self.plain("</p>\n", "</div>\n");
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>, range: Range<usize>) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => info
                .split([' ', ','])
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase(),
            CodeBlockKind::Indented => String::new(),
        };
        if language == "table" {
            let parts = Vec::new();
            self.open.push(Open::TableBlock {
                whole: range,
                parts,
            });
            return;
        }
        let named = (1..=30).contains(&language.len())
            && language
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-'));
        if named {
            self.plain(
                &format!("<pre><code class=\"language-{language}\">"),
                "</code></pre>\n",
            );
        } else {
            self.plain("<pre><code>", "</code></pre>\n");
        }
    }

    /// A block with a mistake is shown as it is written.
    fn end_table_block(&mut self, whole: Range<usize>, parts: &[Range<usize>]) {
        let (text, start) = in_place(self.raw, whole.start, parts);
        let block = Text {
            text: &text,
            offset: self.offset + start,
        };
        let line = self.raw[whole.clone()].lines().next().unwrap_or_default();
        let opening = self.span(whole.start..whole.start + line.len());
        match table_block::read(self.source, block, opening, self.settings, self.diagnostics) {
            Some(query) => self.output.answer(query),
            None => {
                self.output.raw("<pre><code>");
                for part in parts {
                    self.output.escaped(&self.raw[part.clone()]);
                }
                self.output.raw("</code></pre>\n");
            }
        }
    }

    fn row(&mut self, open: &str, close: &'static str, cell: &'static str) {
        self.output.raw(open);
        self.open.push(Open::Row {
            close,
            cell,
            column: 0,
        });
    }

    fn cell(&mut self) {
        let Some(Open::Row { cell, column, .. }) = self.open.last_mut() else {
            return self.plain("", "");
        };
        let (cell, position) = (*cell, *column);
        *column += 1;
        let class = match self.table.get(position) {
            Some(pulldown_cmark::Alignment::Right) => " class=\"right\"",
            Some(pulldown_cmark::Alignment::Center) => " class=\"center\"",
            _ => "",
        };
        let (scope, close) = if cell == "th" {
            (" scope=\"col\"", "</th>")
        } else {
            ("", "</td>")
        };
        self.block(&format!("<{cell}{scope}{class}>"), close);
    }

    fn link(&mut self, link_type: LinkType, address: &str, title: &str, range: Range<usize>) {
        let span = self.span(range.clone());
        let address = &*comments::visible(address);
        let (wanted, labelled) = match link_type {
            LinkType::WikiLink { has_pothole } => {
                let has_label = has_pothole && !self.raw[range.clone()].ends_with("|]]");
                (Wanted::wiki(address), has_label)
            }
            LinkType::Email => (Wanted::External(format!("mailto:{address}")), true),
            _ => match Wanted::of_address(address) {
                Ok(wanted) => (wanted, true),
                Err(scheme) => {
                    self.diagnostics.link_scheme(self.place(range), &scheme);
                    self.plain("", "");
                    return;
                }
            },
        };
        if let Wanted::External(address) = &wanted {
            let title = if title.is_empty() {
                String::new()
            } else {
                format!(" title=\"{}\"", html::escape(title))
            };
            self.plain(
                &format!("<a href=\"{}\"{title}>", html::escape(address)),
                "</a>",
            );
            return;
        }
        let link = self.output.push_link(BodyLink::new(wanted, span));
        if labelled {
            self.contexts.begin_link(link, true);
            self.output.hole(HoleKind::LinkStart(link));
            self.open.push(Open::Link(link));
        } else {
            self.contexts.begin_link(link, false);
            self.output.hole(HoleKind::TitleLink(link));
            self.open.push(Open::TitleLink(link));
        }
    }

    fn image(&mut self, link_type: LinkType, address: &str, range: Range<usize>) {
        let is_wiki = matches!(link_type, LinkType::WikiLink { .. });
        let wanted = match Wanted::of_address(address) {
            Ok(Wanted::Relative { .. } | Wanted::Here(_)) => Wanted::image(address),
            _ if is_wiki => Wanted::image(address),
            _ => {
                self.diagnostics
                    .remote_image(self.place(range.clone()), address);
                Wanted::External(address.to_owned())
            }
        };
        let span = self.span(range);
        // Markup in the words of a picture has no place in an attribute.
        self.output.begin();
        self.open.push(Open::Image {
            wanted,
            alt: String::new(),
            span,
        });
    }

    fn end_image(&mut self, wanted: Wanted, alt: String, span: Span) {
        drop(self.output.end());
        let link = self.output.push_link(BodyLink::new(wanted, span));
        self.contexts.text(&alt);
        self.heading_text(&alt);
        self.output.hole(HoleKind::Image {
            link,
            alt: alt.into(),
        });
    }

    fn finish(self) -> Body {
        self.output.finish(self.outline)
    }
}

/// The text of a block and where it starts, with blanks for what stands before its lines in a quote or a list: so every
/// place in it stays one in the source.
fn in_place(raw: &str, otherwise: usize, parts: &[Range<usize>]) -> (String, usize) {
    let start = parts.first().map_or(otherwise, |part| part.start);
    let mut text = String::new();
    for part in parts {
        let between = raw.get(start + text.len()..part.start).unwrap_or_default();
        text.extend(between.bytes().map(|byte| match byte {
            b'\n' | b'\r' => char::from(byte),
            _ => ' ',
        }));
        text.push_str(&raw[part.clone()]);
    }
    (text, start)
}
