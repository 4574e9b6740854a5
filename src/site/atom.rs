//! Atom (RFC 4287): a feed as XML.
//!
//! A [`FeedView`] goes in, the text of one file comes out. A portal of thousands of customers has as many feeds, so
//! they are written straight away instead of through a template. It must never decide what a feed says.

use crate::view::{FeedEntry, FeedView};

/// The feed as a file.
pub(super) fn write(feed: &FeedView<'_>) -> String {
    let mut xml = Xml(String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"));
    let namespace = ("xmlns", "http://www.w3.org/2005/Atom");
    xml.start("feed", &[namespace, ("xml:lang", feed.lang)]);
    xml.text("id", &feed.id);
    xml.text("title", &feed.title);
    xml.text("updated", &feed.updated);
    xml.start("author", &[]);
    xml.text("name", feed.author);
    xml.end("author");
    xml.link("self", "application/atom+xml", &feed.address);
    xml.link("alternate", "text/html", &feed.page);
    for entry in &feed.entries {
        write_entry(&mut xml, entry);
    }
    xml.end("feed");
    xml.0
}

fn write_entry(xml: &mut Xml, entry: &FeedEntry<'_>) {
    let [kind, label] = entry.kind;
    xml.start("entry", &[]);
    xml.text("id", &entry.id);
    xml.text("title", entry.title);
    xml.text("updated", &entry.updated);
    xml.link("alternate", "text/html", &entry.address);
    xml.empty("category", &[("term", kind), ("label", label)]);
    xml.text("summary", &entry.summary);
    xml.end("entry");
}

/// XML in the making, one element a line.
struct Xml(String);

impl Xml {
    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.0.push_str(">\n");
    }

    fn end(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push_str(">\n");
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.0.push_str("/>\n");
    }

    fn text(&mut self, name: &str, text: &str) {
        self.tag(name, &[]);
        self.0.push('>');
        self.escaped(text);
        self.end(name);
    }

    fn link(&mut self, relation: &str, media_type: &str, href: &str) {
        let attributes = [("rel", relation), ("type", media_type), ("href", href)];
        self.empty("link", &attributes);
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.escaped(value);
            self.0.push('"');
        }
    }

    /// Signs that XML cannot hold are left out.
    fn escaped(&mut self, text: &str) {
        let mut rest = text;
        while may_hold_a_sign(rest)
            && let Some(at) = rest.find(is_sign)
        {
            self.0.push_str(&rest[..at]);
            let mut after = rest[at..].chars();
            self.0.push_str(match after.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                _ => "",
            });
            rest = after.as_str();
        }
        self.0.push_str(rest);
    }
}

fn is_sign(c: char) -> bool {
    match c {
        '&' | '<' | '>' | '"' | '\u{fffe}' | '\u{ffff}' => true,
        c => c < ' ' && !matches!(c, '\t' | '\n'),
    }
}

/// Nearly all texts hold none. A fold has no way out, so that the processor takes many bytes at once.
fn may_hold_a_sign(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| {
        found | matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xef | 0..0x20)
    })
}

#[cfg(test)]
mod tests {
    use super::Xml;

    #[test]
    fn texts_hold_what_xml_can_hold() {
        let mut xml = Xml(String::new());
        xml.text("title", "Ä & <b> \"\u{1}\u{b}\u{ffff}\"\t\r\n🎉");
        assert_eq!(
            xml.0,
            "<title>Ä &amp; &lt;b&gt; &quot;&quot;\t\n🎉</title>\n"
        );
    }
}
