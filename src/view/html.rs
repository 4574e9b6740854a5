//! HTML that views write themselves: what pages have by hundreds, such as links, and what no template can know, such as
//! bodies.
//!
//! Texts go in and are escaped; what comes out as [`Html`] templates write as it is. Nothing else reaches a page
//! unescaped, so nothing may be an [`Html`] that holds a text as somebody typed it.

use pulldown_cmark_escape::{escape_html, escape_html_body_text};
use serde::{Serialize, Serializer};

use super::parts::Link;

/// HTML in which nothing is left to escape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Html(String);

impl Serialize for Html {
    /// As the engine of templates marks what it writes as it is.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        tera::Value::safe_string(&self.0).serialize(serializer)
    }
}

impl Html {
    /// What was written with all of its texts escaped.
    pub(super) fn of_escaped(html: String) -> Html {
        Html(html)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Links as they stand in a text, with commas between them, as the component `names` writes them. For lines and entries
/// alone that saved a twentieth of a build of 42,000 sources.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Links(Html);

impl Links {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, link: &Link) {
        push_linked(self.next(), link.href.as_deref(), &link.title);
    }

    /// As [`Links::push`], for addresses of the site, in which nothing is to be escaped.
    pub(super) fn push_within(&mut self, title: &str, push_href: impl FnOnce(&mut String)) {
        let html = self.next();
        html.push_str("<a href=\"");
        push_href(html);
        html.push_str("\">");
        push_attribute(html, title);
        html.push_str("</a>");
    }

    /// The same behind a word, if there are any.
    pub(super) fn behind(self, word: &str) -> Links {
        if self.is_empty() {
            return self;
        }
        let links = self.0.0;
        let mut html = String::with_capacity(word.len() + 1 + links.len());
        push_attribute(&mut html, word);
        html.push(' ');
        Links(Html(html + &links))
    }

    /// Where the next link goes.
    fn next(&mut self) -> &mut String {
        let Html(html) = &mut self.0;
        if html.is_empty() {
            html.reserve(USUAL_LINK);
        } else {
            html.push_str(", ");
        }
        html
    }
}

impl FromIterator<Link> for Links {
    fn from_iter<I: IntoIterator<Item = Link>>(all: I) -> Links {
        let mut links = Links::default();
        all.into_iter().for_each(|link| links.push(&link));
        links
    }
}

/// Links in lines of their own, each with a date behind it.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct DatedLinks(Html);

impl DatedLinks {
    pub(super) fn push(&mut self, link: &Link, date: &str) {
        let Html(html) = &mut self.0;
        html.push_str("\n<li>");
        push_linked(html, link.href.as_deref(), &link.title);
        html.push_str(" <small>");
        push_attribute(html, date);
        html.push_str("</small></li>");
    }
}

/// Links as [`Links`] has them, where the view itself looks at each.
pub(super) fn as_html<S: Serializer>(links: &[Link], serializer: S) -> Result<S::Ok, S::Error> {
    let mut html = Links::default();
    links.iter().for_each(|link| html.push(link));
    html.serialize(serializer)
}

/// A link takes about so many bytes.
const USUAL_LINK: usize = 80;

/// A title, which is a link where it leads somewhere; as templates write it, so that names are found in it that are not
/// to be named.
fn push_linked(html: &mut String, href: Option<&str>, title: &str) {
    if let Some(href) = href {
        push_link(html, href);
    }
    push_attribute(html, title);
    if href.is_some() {
        html.push_str("</a>");
    }
}

pub(super) fn push_link(out: &mut String, href: &str) {
    out.push_str("<a href=\"");
    push_attribute(out, href);
    out.push_str("\">");
}

pub(super) fn push_attribute(out: &mut String, text: &str) {
    escape_html(out, text).expect("BUG: writing to a string does not fail");
}

pub(super) fn push_text(out: &mut String, text: &str) {
    escape_html_body_text(out, text).expect("BUG: writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_write_links_as_they_are() {
        let link = |title: &str, href: Option<&str>| Link {
            title: title.to_owned(),
            href: href.map(str::to_owned),
        };
        let links: Links = [link("A & \"B\"", Some("a.html")), link("jemand", None)]
            .into_iter()
            .collect();
        let mut context = tera::Context::new();
        context.insert("links", &links);
        context.insert("text", "<b>");
        let html = tera::Tera::one_off("{{ links }} {{ text }}", &context, true);
        let expected = "<a href=\"a.html\">A &amp; &quot;B&quot;</a>, jemand &lt;b&gt;";
        assert_eq!(html.expect("it renders"), expected);
    }
}
