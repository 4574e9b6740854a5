//! What a publish changes for readers: which pages are new, which are others than before, which are gone.
//!
//! What became of each file goes in; counts come out, a list for programs, and one for the comment of a merge request.
//! Titles are read off the pages themselves, so nobody is named here who is not named there. It must never touch the
//! disk.

use std::borrow::Cow;
use std::fmt::Write as _;

use memchr::memmem;
use serde::Serialize;

/// What a publish changed.
#[derive(Debug, Default, Serialize)]
pub struct Changes {
    /// Pages that were not there before, in the order of addresses.
    pub added: Vec<ChangedPage>,
    /// Pages that are others than before.
    pub changed: Vec<ChangedPage>,
    /// Pages that are gone.
    pub removed: Vec<ChangedPage>,
    /// Counts of all files, pages and others.
    pub files: Counts,
    /// Files of the old site that somebody had changed or taken away; they are as they should be again.
    #[serde(skip)]
    pub repaired: Vec<String>,
}

/// How many files a publish came to.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Counts {
    /// Files that were written.
    pub written: usize,
    /// Files that are as they were.
    pub unchanged: usize,
    /// Files that are gone.
    pub removed: usize,
}

/// A page that readers see differently.
#[derive(Debug, Serialize)]
pub struct ChangedPage {
    /// Where it is in the site.
    pub address: String,
    /// As the browser calls it.
    pub title: String,
    /// The source that it shows; most lists and overviews have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// So many pages a comment lists under one heading: forges take no endless ones.
const LISTED: usize = 200;

impl Changes {
    /// For programs: all of it, in JSON.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("BUG: counts and texts are JSON");
        json + "\n"
    }

    /// For people: a comment in Markdown.
    pub fn to_markdown(&self) -> String {
        let mut text = format!(
            "**{} added, {} changed, {} removed**\n",
            pages(self.added.len()),
            self.changed.len(),
            self.removed.len()
        );
        for (heading, pages) in [
            ("Added", &self.added),
            ("Changed", &self.changed),
            ("Removed", &self.removed),
        ] {
            if !pages.is_empty() {
                table(heading, pages, &mut text);
            }
        }
        text
    }
}

fn pages(count: usize) -> String {
    format!("{count} page{}", if count == 1 { "" } else { "s" })
}

fn table(heading: &str, pages: &[ChangedPage], text: &mut String) {
    let _ = write!(
        text,
        "\n| {heading} | Address | Source |\n| --- | --- | --- |\n"
    );
    for page in pages.iter().take(LISTED) {
        let source = page.source.as_deref().map(code).unwrap_or_default();
        let (title, address) = (plain(&page.title), code(&page.address));
        let _ = writeln!(text, "| {title} | {address} | {source} |");
    }
    if pages.len() > LISTED {
        let _ = writeln!(text, "\nand {} more", pages.len() - LISTED);
    }
}

/// A text in which nothing means anything to Markdown or to a forge.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '<' => plain.push_str("&lt;"),
            '&' => plain.push_str("&amp;"),
            // Forges notify whoever is named behind such a sign, and link what stands behind others.
            '@' => plain.push_str("&#64;"),
            '#' => plain.push_str("&#35;"),
            ':' => plain.push_str("&#58;"),
            _ if sign.is_control() => plain.push(' '),
            _ if sign.is_ascii_punctuation() => plain.extend(['\\', sign]),
            _ => plain.push(sign),
        }
    }
    plain
}

/// Addresses and paths of sources hold no line breaks; a `|` would still end the cell, and a backtick the code.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|").replace('`', "'"))
}

/// Whether readers see a file as a page.
pub(super) fn is_page(path: &str) -> bool {
    path.ends_with(".html")
}

/// The title of a page as a browser reads it; the address where there is none.
pub(super) fn title_of(page: &[u8], address: &str) -> String {
    let title = between(page, b"<title>", b"</title>").map(String::from_utf8_lossy);
    let title = title.as_deref().map_or(address, str::trim);
    let title = [
        "&lt;<", "&gt;>", "&quot;\"", "&#x27;'", "&#39;'", "&#x2F;/", "&amp;&",
    ]
    .iter()
    .fold(Cow::Borrowed(title), |title, escape| {
        let (written, meant) = escape.split_at(escape.len() - 1);
        Cow::Owned(title.replace(written, meant))
    });
    title.into_owned()
}

fn between<'a>(text: &'a [u8], before: &[u8], after: &[u8]) -> Option<&'a [u8]> {
    let text = &text[memmem::find(text, before)? + before.len()..];
    Some(&text[..memmem::find(text, after)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_says_what_pages_say_and_means_nothing_else() {
        let title = title_of(
            b"<title>A|B &amp; &lt;img&gt; *x* [y](z) @all #1 &amp;lt;</title>",
            "a.html",
        );
        assert_eq!(title, "A|B & <img> *x* [y](z) @all #1 &lt;");
        let changes = Changes {
            added: vec![ChangedPage {
                address: "a|b.html".to_owned(),
                title,
                source: None,
            }],
            ..Changes::default()
        };
        let row =
            r"| A\|B &amp; &lt;img\> \*x\* \[y\]\(z\) &#64;all &#35;1 &amp;lt\; | `a\|b.html` |  |";
        assert_eq!(changes.to_markdown().lines().last(), Some(row));
    }
}
