//! Bodies as they stand on a page: the holes of their HTML filled in.

use std::ops::Range;

use super::Viewpoint;
use super::html::{Html, push_attribute, push_link, push_text};
use crate::document::{Body, HoleKind, Piece, Skip, Wanted};
use crate::path::Anchor;
use crate::portal::{Backlink, DocumentId, EntryId, Origin, Page, Shown, Target};

/// Where a body stands.
struct Setting<'a> {
    body: &'a Body,
    targets: &'a [Target],
    document: DocumentId,
    /// What comes before each of its anchors.
    prefix: String,
    /// The level of its outermost headings.
    level: u8,
}

/// The text of a page begins below its title.
const PAGE_LEVEL: u8 = 2;
/// The text of an entry begins below the entry's title.
const ENTRY_LEVEL: u8 = 5;

fn entry_prefix(anchor: &Anchor) -> String {
    format!("{anchor}--")
}

impl Viewpoint<'_> {
    /// The text of a page.
    pub(super) fn page_text(&self, page: &Page) -> Html {
        self.fill(&Setting {
            body: self.portal.body(page.document),
            targets: &page.targets,
            document: page.document,
            prefix: String::new(),
            level: PAGE_LEVEL,
        })
    }

    /// The text of an entry that stands under an anchor.
    pub(super) fn entry_text(&self, id: EntryId, anchor: &Anchor) -> Html {
        let Some(document) = self.portal.document(id) else {
            return Html::default();
        };
        self.fill(&Setting {
            body: self.portal.body(document),
            targets: &self.portal[id].targets,
            document,
            prefix: entry_prefix(anchor),
            level: ENTRY_LEVEL,
        })
    }

    fn fill(&self, setting: &Setting<'_>) -> Html {
        let fill = |hole: &HoleKind, out: &mut String| self.fill_hole(setting, hole, out);
        Html::of_escaped(setting.body.render(fill))
    }

    /// The text of a body without markup, written behind what is there; gives back the place of each heading in it.
    /// What the interface says of a body, and the answers of table blocks, are no part of it.
    pub(super) fn write_plain(
        &self,
        body: &Body,
        targets: &[Target],
        out: &mut String,
    ) -> Vec<Range<usize>> {
        let mut headings = Vec::new();
        let fill = |hole: &HoleKind, out: &mut String| {
            match hole {
                HoleKind::LinkStart(link) | HoleKind::TitleLink(link) => {
                    if let Some(shown) = self.portal.shown_instead(&targets[*link as usize]) {
                        out.push_str(self.shown_title(shown));
                        return Skip::ToEndOfLink(*link);
                    }
                    if matches!(hole, HoleKind::TitleLink(_)) {
                        out.push_str(&self.target_title(body, targets, *link));
                    }
                }
                HoleKind::Image { link, alt } => {
                    match self.portal.shown_instead(&targets[*link as usize]) {
                        Some(shown) => out.push_str(self.shown_title(shown)),
                        None => out.push_str(alt),
                    }
                }
                HoleKind::HeadingStart(_) => headings.push(out.len()..out.len()),
                HoleKind::HeadingEnd(_) => {
                    if let Some(heading) = headings.last_mut() {
                        heading.end = out.len();
                    }
                }
                HoleKind::LinkEnd(_)
                | HoleKind::AnchorPrefix
                | HoleKind::Word(_)
                | HoleKind::Answer(_) => {}
            }
            Skip::Nothing
        };
        body.write_text(fill, out);
        headings
    }

    fn shown_title(&self, shown: Shown) -> &str {
        let page = shown.page().and_then(|page| self.portal.page(page));
        page.map_or_else(|| self.words.get("somebody"), |page| &page.title)
    }

    fn fill_hole(&self, setting: &Setting<'_>, hole: &HoleKind, out: &mut String) -> Skip {
        match hole {
            HoleKind::LinkStart(link) => {
                if let Some(shown) = self.portal.shown_instead(&setting.targets[*link as usize]) {
                    self.push_shown(shown, out);
                    return Skip::ToEndOfLink(*link);
                }
                self.open_link(setting, *link, out);
            }
            HoleKind::TitleLink(link) => {
                if let Some(shown) = self.portal.shown_instead(&setting.targets[*link as usize]) {
                    self.push_shown(shown, out);
                    return Skip::ToEndOfLink(*link);
                }
                self.open_link(setting, *link, out);
                push_text(
                    out,
                    &self.target_title(setting.body, setting.targets, *link),
                );
            }
            HoleKind::LinkEnd(link) => self.close_link(setting, *link, out),
            HoleKind::Image { link, alt } => self.image(&setting.targets[*link as usize], alt, out),
            HoleKind::AnchorPrefix => out.push_str(&setting.prefix),
            HoleKind::HeadingStart(depth) => {
                out.push_str("<h");
                out.push(level_digit(setting.level, *depth));
            }
            HoleKind::HeadingEnd(depth) => {
                out.push_str("</h");
                out.push(level_digit(setting.level, *depth));
                out.push('>');
            }
            HoleKind::Word(key) => push_text(out, self.words.get(key)),
            HoleKind::Answer(query) => {
                if let Some(question) = self.portal.question(setting.document, *query as usize) {
                    self.push_answer(question, out);
                }
            }
        }
        Skip::Nothing
    }

    fn push_shown(&self, shown: Shown, out: &mut String) {
        match shown.page().map(|page| self.page_link(page)) {
            Some(super::Link {
                title,
                href: Some(href),
            }) => {
                push_link(out, &href);
                push_text(out, &title);
                out.push_str("</a>");
            }
            _ => push_text(out, self.words.get("somebody")),
        }
    }

    fn open_link(&self, setting: &Setting<'_>, link: u32, out: &mut String) {
        let target = &setting.targets[link as usize];
        if *target == Target::Later {
            return;
        }
        if let Some(href) = self.target_href(setting, target) {
            push_link(out, &href);
            return;
        }
        match self.missing_href(setting, link) {
            Some(href) => {
                out.push_str("<a class=\"missing\" href=\"");
                push_attribute(out, &href);
                out.push_str("\">");
            }
            None => out.push_str("<span class=\"missing\">"),
        }
    }

    /// The forge's form for what a link is missing.
    fn missing_href(&self, setting: &Setting<'_>, link: u32) -> Option<String> {
        let wanted = &setting.body.links[link as usize].wanted;
        self.form_for_missing(&self.portal[setting.document].source, wanted)
    }

    fn close_link(&self, setting: &Setting<'_>, link: u32, out: &mut String) {
        match setting.targets[link as usize] {
            Target::Later => return,
            Target::Missing => {}
            _ => {
                out.push_str("</a>");
                return;
            }
        }
        out.push_str(" <small>");
        push_text(out, self.words.get("missing_page"));
        out.push_str("</small>");
        out.push_str(match self.missing_href(setting, link) {
            Some(_) => "</a>",
            None => "</span>",
        });
    }

    fn target_href(&self, setting: &Setting<'_>, target: &Target) -> Option<String> {
        Some(match target {
            Target::Page(page, None) => self.here.href(&self.portal.address(*page)),
            Target::Page(id, Some(heading)) => {
                let page = self.portal.page(*id)?;
                let anchor = &self.portal.body(page.document).headings[*heading].anchor;
                self.here.href_to_anchor(&page.address, anchor)
            }
            Target::Folder(folder) => self.here.href(&self.portal[*folder].address),
            Target::Entry(entry, None) => self.entry_href(*entry),
            Target::Entry(entry, Some(heading)) => {
                let anchor = &self.portal.entry_body(*entry)?.headings[*heading].anchor;
                let (address, entry_anchor) = self.entry_address(*entry);
                format!(
                    "{}#{}{anchor}",
                    self.here.href(address),
                    entry_prefix(entry_anchor)
                )
            }
            Target::Here(heading) => format!(
                "#{}{}",
                setting.prefix, setting.body.headings[*heading].anchor
            ),
            Target::Attachment(attachment) => self.here.href(&self.portal[*attachment].address),
            Target::Later | Target::Somebody | Target::Missing => return None,
        })
    }

    /// What a link without a label says: the title of what it leads to, and the heading, if it names one.
    fn target_title(&self, body: &Body, targets: &[Target], link: u32) -> String {
        match &targets[link as usize] {
            Target::Page(id, heading) => match self.portal.page(*id) {
                Some(page) => {
                    let body = self.portal.body(page.document);
                    self.with_heading(&page.title, body, &page.targets, *heading)
                }
                None => self.portal.settings.title.clone(),
            },
            Target::Folder(folder) => self.portal[*folder].title.clone(),
            Target::Entry(id, heading) => {
                let (title, targets) = (self.portal.title(*id), &self.portal[*id].targets);
                match self.portal.entry_body(*id) {
                    Some(body) => self.with_heading(title, body, targets, *heading),
                    None => title.to_owned(),
                }
            }
            Target::Here(heading) => self.heading_title(body, targets, *heading),
            Target::Attachment(attachment) => {
                self.portal[*attachment].source.file_name().to_owned()
            }
            Target::Somebody => self.word("somebody"),
            Target::Later | Target::Missing => match &body.links[link as usize].wanted {
                Wanted::Wiki { name, .. } | Wanted::Here(name) => name.clone(),
                Wanted::Relative { path, .. } | Wanted::Image(path) | Wanted::External(path) => {
                    path.clone()
                }
            },
        }
    }

    fn with_heading(
        &self,
        title: &str,
        body: &Body,
        targets: &[Target],
        heading: Option<usize>,
    ) -> String {
        match heading {
            Some(heading) => format!("{title} › {}", self.heading_title(body, targets, heading)),
            None => title.to_owned(),
        }
    }

    /// What a heading says, its links as they are shown.
    pub(super) fn heading_title(&self, body: &Body, targets: &[Target], heading: usize) -> String {
        let pieces = body.headings[heading].pieces.iter();
        pieces
            .map(|piece| self.piece(piece, body, targets))
            .collect::<String>()
            .trim()
            .to_owned()
    }

    /// A part of a sentence as plain text. A link in a heading that names a heading says no more than its page, or two
    /// headings that name each other would never end.
    fn piece(&self, piece: &Piece, body: &Body, targets: &[Target]) -> String {
        let (link, label) = match piece {
            Piece::Text(text) => return text.clone(),
            Piece::Link { link, label } => (*link, label),
        };
        let target = &targets[link as usize];
        match (self.portal.shown_instead(target), label, target) {
            (Some(shown), _, _) => shown
                .page()
                .map_or_else(|| self.word("somebody"), |page| self.page_link(page).title),
            (None, Some(label), _) => label.clone(),
            (None, None, Target::Page(page, Some(_))) => self.page_link(*page).title,
            (None, None, Target::Entry(entry, Some(_))) => self.portal.title(*entry).to_owned(),
            (None, None, Target::Here(_)) => String::new(),
            (None, None, _) => self.target_title(body, targets, link),
        }
    }

    fn image(&self, target: &Target, alt: &str, out: &mut String) {
        if let Some(shown) = self.portal.shown_instead(target) {
            return self.push_shown(shown, out);
        }
        let Target::Attachment(attachment) = target else {
            out.push_str("<span class=\"missing\">");
            push_text(out, alt);
            out.push_str(" <small>");
            push_text(out, self.words.get("missing_page"));
            out.push_str("</small></span>");
            return;
        };
        let attachment = &self.portal[*attachment];
        out.push_str("<img src=\"");
        push_attribute(out, &self.here.href(&attachment.address));
        out.push_str("\" alt=\"");
        push_attribute(out, alt);
        out.push('"');
        if let Some((width, height)) = attachment.pixels {
            out.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
        }
        out.push_str(" loading=\"lazy\">");
    }

    /// The sentence around a link, as plain text before, in and after it.
    pub(super) fn sentence(&self, backlink: Backlink) -> [String; 3] {
        let (body, targets): (_, &[Target]) = match backlink.from {
            Origin::Page(id) => match self.portal.page(id) {
                Some(page) => (self.portal.body(page.document), &page.targets),
                None => return Default::default(),
            },
            Origin::Entry(id) => match self.portal.entry_body(id) {
                Some(body) => (body, &self.portal[id].targets),
                None => return Default::default(),
            },
        };
        let mut parts: [String; 3] = Default::default();
        let mut part = 0;
        for piece in &body.links[backlink.link as usize].sentence {
            let is_the_one = matches!(piece, Piece::Link { link, .. } if *link == backlink.link);
            part += usize::from(is_the_one && part == 0);
            parts[part].push_str(&self.piece(piece, body, targets));
            part += usize::from(is_the_one && part == 1);
        }
        parts
    }
}

/// The digit of a heading's tag, never deeper than HTML goes.
fn level_digit(level: u8, depth: u8) -> char {
    char::from(b'0' + (level + depth - 1).min(6))
}
