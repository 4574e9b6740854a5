//! Skeletons: new sources that pass `check` as they are, with every fact of the schema in its place.
//!
//! A portal and what shall be added go in, the path and the text of a new source come out. It must never write.

use crate::document::Folder;
use crate::path::{SourcePath, slug};
use crate::portal::Portal;
use crate::settings::{FactDefinition, FactScope, FactType, KindId};

/// A source that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skeleton {
    /// Where it belongs.
    pub path: SourcePath,
    /// What it says.
    pub text: String,
}

/// The pages that can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewPage {
    /// A customer.
    Customer,
    /// A department.
    Department,
    /// A person.
    Person,
}

/// A new page with an id and a title.
pub fn page(portal: &Portal, kind: NewPage, id: &str, title: &str) -> Skeleton {
    let (path, scope) = match kind {
        NewPage::Customer => (
            format!("content/customers/{id}/index.md"),
            FactScope::Customer,
        ),
        NewPage::Department => (
            format!("content/departments/{id}.md"),
            FactScope::Department,
        ),
        NewPage::Person => (format!("content/people/{id}.md"), FactScope::Person),
    };
    let mut lines = vec![format!("title = {}", quoted(title))];
    lines.extend(match kind {
        NewPage::Customer => vec![
            "# aliases = [\"…\"]".to_owned(),
            "# owner = \"…\"".to_owned(),
        ],
        NewPage::Department => vec![
            "contact = \"far\"".to_owned(),
            "# lead = \"…\"".to_owned(),
            "# promise = \"…\"".to_owned(),
        ],
        NewPage::Person => vec![
            "# departments = [\"…\"]".to_owned(),
            "# emails = [\"…\"]".to_owned(),
        ],
    });
    lines.extend(fact_lines(portal, scope, id));
    if kind == NewPage::Customer {
        lines.extend(GOAL.map(str::to_owned));
    }
    Skeleton {
        path: SourcePath::new(path),
        text: front_matter(&lines),
    }
}

const GOAL: [&str; 7] = [
    "",
    "# [[goals]]",
    "# id = \"…\"",
    "# title = \"…\"",
    "# measure = \"…\"",
    "# due = 2027-12-31",
    "# status = \"open\"",
];

/// A new entry in a folder, dated on the day of the portal.
pub fn entry(portal: &Portal, folder: &Folder, kind: KindId, title: &str) -> Skeleton {
    let settings = &portal.settings;
    let path = format!("{}/{}-{}.md", folder.path(), portal.day, slug(title));
    let mut lines = vec![
        format!("kind = {}", quoted(&settings.kind(kind).name)),
        format!("title = {}", quoted(title)),
    ];
    lines.push("# by = [\"…\"]".to_owned());
    lines.push(match folder {
        Folder::Customer(_) => "# departments = [\"…\"]".to_owned(),
        Folder::Department(_) => "# customers = [\"…\"]".to_owned(),
    });
    lines.push("# goals = [\"…\"]".to_owned());
    if settings.kind(kind).open {
        lines.extend([
            "# owner = \"…\"".to_owned(),
            format!("# due = {}", portal.day),
        ]);
    } else {
        lines.push("# closes = [\"…\"]".to_owned());
    }
    lines.extend(
        match settings.kind(kind).name.as_str() {
            "order" => vec!["# number = \"…\"", "# amount = 1234.50"],
            "payment" => vec!["# number = \"…\"", "# order = \"…\"", "# amount = 1234.50"],
            "feedback" => vec!["# score = 8"],
            _ => Vec::new(),
        }
        .into_iter()
        .map(str::to_owned),
    );
    lines.extend(fact_lines(portal, FactScope::Entry(kind), &slug(title)));
    Skeleton {
        path: SourcePath::new(path),
        text: front_matter(&lines),
    }
}

fn front_matter(lines: &[String]) -> String {
    format!("+++\n{}\n+++\n\n", lines.join("\n"))
}

fn quoted(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A line for each fact; required ones hold a value that passes, the others wait behind a `#`.
fn fact_lines(portal: &Portal, scope: FactScope, id: &str) -> Vec<String> {
    portal
        .settings
        .schema
        .of(scope)
        .map(|(_, fact)| {
            let value = example(portal, fact, id);
            let value = if fact.list {
                format!("[{value}]")
            } else {
                value
            };
            let line = format!("{} = {value}", fact.name);
            if fact.required {
                line
            } else {
                format!("# {line}")
            }
        })
        .collect()
}

/// A value of the right type: a unique text is the id, a page the first one there is.
fn example(portal: &Portal, fact: &FactDefinition, id: &str) -> String {
    let page_id = |id: Option<&String>| quoted(id.map_or("…", String::as_str));
    match &fact.value_type {
        FactType::Text if fact.unique => quoted(id),
        FactType::Text => "\"…\"".to_owned(),
        FactType::Choice(choices) => quoted(choices.first().map_or("…", String::as_str)),
        FactType::Number => "0".to_owned(),
        FactType::Money => "0.00".to_owned(),
        FactType::Date => portal.day.to_string(),
        FactType::Bool => "false".to_owned(),
        FactType::Url => "\"https://www.example\"".to_owned(),
        FactType::Email => "\"name@firma.example\"".to_owned(),
        FactType::Phone => "\"0\"".to_owned(),
        FactType::Person => page_id(portal.people().next().map(|id| &portal[id].page.id)),
        FactType::Department => page_id(portal.departments().next().map(|id| &portal[id].page.id)),
        FactType::Customer => page_id(portal.customers().next().map(|id| &portal[id].page.id)),
    }
}
