//! What a build had to say, for a browser: as data for the overlay, and as a page where there is no other.
//!
//! Diagnostics and the words of the interface go in, texts come out. Sources are named relative to the portal; whatever
//! an author wrote is text. It must never decide what is said.

use pulldown_cmark_escape::escape_html;
use serde::Serialize;

use crate::diagnostic::{Colour, Diagnostic, Diagnostics, Severity, render_one};
use crate::pipeline::Built;
use crate::words::Words;

/// So many are shown; the terminal has them all.
const SHOWN: usize = 50;

/// What a build had to say.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    language: &'static str,
    /// What the whole is called for those who cannot see it.
    label: String,
    /// How many there are, as a sentence.
    count: String,
    errors: usize,
    warnings: usize,
    items: Vec<Item>,
    /// That there are more than are shown.
    more: Option<String>,
    /// That the page is older than what was said.
    stale: String,
    pub(super) nothing: String,
    copy: String,
    hide: String,
}

/// One thing that was said.
#[derive(Clone, Debug, Serialize)]
struct Item {
    class: String,
    text: String,
}

/// What the script of the preview reads.
#[derive(Serialize)]
struct State<'a> {
    /// The number of the latest build.
    number: u64,
    /// That of the build which is shown.
    site: Option<u64>,
    told: &'a Told,
}

impl Told {
    /// Errors first, then warnings, each in the order of places.
    pub fn of(said: &Diagnostics, built: &Built) -> Told {
        let words = built.site.words();
        let of = |severity: Severity| said.iter().filter(move |one| one.severity == severity);
        let [errors, warnings] = [Severity::Error, Severity::Warning].map(|of| said.count(of));
        let sorted = of(Severity::Error).chain(of(Severity::Warning));
        let items: Vec<Item> = sorted.take(SHOWN).map(|one| item(one, built)).collect();
        let word = |key: &str| words.get(key).to_owned();
        let counted = |key: &str, n: usize| (n > 0).then(|| count(words, key, n));
        let counts = [
            counted("preview_errors", errors),
            counted("preview_warnings", warnings),
        ];
        let more = errors + warnings - items.len();
        Told {
            language: built.portal.settings.language.code(),
            label: word("preview_label"),
            count: counts.into_iter().flatten().collect::<Vec<_>>().join(", "),
            errors,
            warnings,
            items,
            more: counted("preview_more", more),
            stale: word("preview_stale"),
            nothing: word("preview_nothing"),
            copy: word("preview_copy"),
            hide: word("preview_hide"),
        }
    }

    /// For the script of the preview.
    pub fn json(&self, number: u64, site: Option<u64>) -> String {
        let state = State {
            number,
            site,
            told: self,
        };
        serde_json::to_string(&state).expect("BUG: strings and numbers are JSON")
    }

    /// A page that says it all, also to a browser without scripts.
    pub fn page(&self, heading: &str) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
            self.language
        );
        escape(&mut page, heading);
        page.push_str("</title>\n<link rel=\"stylesheet\" href=\"/~strang/live.css\">\n</head>\n");
        page.push_str("<body>\n<main id=\"told\">\n<h1>");
        escape(&mut page, heading);
        page.push_str("</h1>\n<p>");
        escape(&mut page, &self.count);
        page.push_str("</p>\n<ol>\n");
        for item in &self.items {
            page.push_str(&format!("<li class=\"{}\"><pre>", item.class));
            escape(&mut page, &item.text);
            page.push_str("</pre></li>\n");
        }
        page.push_str("</ol>\n<p>");
        escape(&mut page, self.more.as_deref().unwrap_or_default());
        page.push_str("</p>\n</main>\n</body>\n</html>\n");
        page
    }
}

fn item(one: &Diagnostic, built: &Built) -> Item {
    Item {
        class: one.severity.to_string(),
        text: render_one(one, &built.tree, Colour::Plain)
            .trim_end()
            .to_owned(),
    }
}

fn count(words: &Words, key: &str, n: usize) -> String {
    words
        .fill(key, Some(n), &[])
        .unwrap_or_else(|| n.to_string())
}

fn escape(page: &mut String, text: &str) {
    escape_html(page, text).expect("BUG: writing to a string does not fail");
}
