//! A page as cases show it: one block element on each line, what stands in a line on that line.
//!
//! HTML goes in, text comes out that reads well in a diff: attributes in the order of their names, blanks as a browser
//! shows them, invisible characters written out.

use scraper::{ElementRef, Html, Node, Selector};

/// The elements that a selector finds; of `main`, only what is in it, but for the menu of new entries, which says the
/// same on every page that has one.
pub fn excerpt(page: &str, selector: &str) -> String {
    let page = Html::parse_document(page);
    let wanted = Selector::parse(selector)
        .unwrap_or_else(|error| panic!("`{selector}` is no selector: {error}"));
    let mut out = String::new();
    for element in page.select(&wanted) {
        if selector == "main" {
            children(element, 0, &mut out);
        } else {
            block(element, 0, &mut out);
        }
    }
    if out.is_empty() {
        "(nothing)\n".to_owned()
    } else {
        out
    }
}

/// Elements that stand in a line of text.
const INLINE: [&str; 22] = [
    "a", "abbr", "b", "br", "cite", "code", "del", "em", "i", "img", "input", "kbd", "mark", "q",
    "s", "small", "span", "strong", "sub", "sup", "time", "button",
];

fn is_block(element: ElementRef<'_>) -> bool {
    !INLINE.contains(&element.value().name())
}

fn is_menu_of(parent: ElementRef<'_>, element: ElementRef<'_>) -> bool {
    parent.value().name() == "main" && element.attr("class") == Some("add")
}

fn holds_blocks(element: ElementRef<'_>) -> bool {
    element.child_elements().any(is_block)
}

fn block(element: ElementRef<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let name = element.value().name();
    if name == "pre" {
        out.push_str(&format!(
            "{indent}<pre>{}</pre>\n",
            line(element, str::to_owned)
        ));
    } else if holds_blocks(element) {
        out.push_str(&format!("{indent}{}\n", tag(element)));
        children(element, depth + 1, out);
    } else {
        let inner = line(element, one_blank);
        let end = if is_void(name) {
            String::new()
        } else {
            format!("</{name}>")
        };
        out.push_str(&format!("{indent}{}{}{end}\n", tag(element), inner.trim()));
    }
}

/// What an element holds: blocks each in its place, and what stands between them on lines of its own.
fn children(parent: ElementRef<'_>, depth: usize, out: &mut String) {
    let mut text = String::new();
    let flush = |text: &mut String, out: &mut String| {
        if !text.trim().is_empty() {
            out.push_str(&format!("{}{}\n", "  ".repeat(depth), text.trim()));
        }
        text.clear();
    };
    for child in parent.children() {
        match ElementRef::wrap(child) {
            Some(element) if is_menu_of(parent, element) => {}
            Some(element) if is_block(element) => {
                flush(&mut text, out);
                block(element, depth, out);
            }
            Some(element) => text.push_str(&inline(element, one_blank)),
            None => text.push_str(&plain(child.value(), one_blank)),
        }
    }
    flush(&mut text, out);
}

fn line(element: ElementRef<'_>, blanks: fn(&str) -> String) -> String {
    element
        .children()
        .map(|child| {
            ElementRef::wrap(child).map_or_else(
                || plain(child.value(), blanks),
                |child| inline(child, blanks),
            )
        })
        .collect()
}

fn inline(element: ElementRef<'_>, blanks: fn(&str) -> String) -> String {
    let name = element.value().name();
    if is_void(name) {
        return tag(element);
    }
    format!("{}{}</{name}>", tag(element), line(element, blanks))
}

fn plain(node: &Node, blanks: fn(&str) -> String) -> String {
    match node {
        Node::Text(text) => escaped(&blanks(text)),
        Node::Comment(comment) => format!("<!--{}-->", &**comment),
        _ => String::new(),
    }
}

fn tag(element: ElementRef<'_>) -> String {
    let mut attributes: Vec<_> = element.value().attrs().collect();
    attributes.sort_unstable();
    let attributes: String = attributes
        .into_iter()
        .map(|(name, value)| match (name, value) {
            (name, "") => format!(" {name}"),
            (name, value) => format!(" {name}=\"{}\"", escaped(value).replace('"', "&quot;")),
        })
        .collect();
    format!("<{}{attributes}>", element.value().name())
}

fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "input" | "link" | "meta")
}

/// Runs of blanks as one, as a browser shows them.
fn one_blank(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let c = if matches!(c, '\n' | '\t' | '\r') {
            ' '
        } else {
            c
        };
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            '\u{202f}' => out.push_str("&nnbsp;"),
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {
                out.push_str(&format!("&#x{:x};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn blocks_stand_on_lines_and_words_in_them() {
        let page = "<main>\n<h1>A</h1>\n<ul class=x id=b><li>one  <b>two</b>\n</li><li><p>x</p>y</li></ul></main>";
        let lines = [
            "<h1>A</h1>",
            "<ul class=\"x\" id=\"b\">",
            "  <li>one <b>two</b></li>",
            "  <li>",
            "    <p>x</p>",
            "    y",
            "",
        ]
        .join("\n");
        assert_eq!(excerpt(page, "main"), lines);
        assert_eq!(excerpt(page, "h2"), "(nothing)\n");
    }
}
