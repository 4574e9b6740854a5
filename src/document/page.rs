//! The front matter of pages: customers, departments, people, plain pages and the home page.

use jiff::civil::Date;
use thin_vec::ThinVec;

use super::front_matter::Split;
use super::{
    Body, Contact, Content, GoalStatus, PageContent, PageKind, PageRole, ShownAs, WrittenFact,
    WrittenGoal, WrittenMembership,
};
use super::{assessment, facts};
use crate::diagnostic::{Diagnostics, Place, Span, Spanned};
use crate::path::{SourcePath, fold, is_id, slug};
use crate::settings::{FactScope, Settings};
use crate::table::{Item, Table, Toml};

/// Reads the front matter of a page; `None` as kind is the home page.
pub(super) fn read(
    source: &SourcePath,
    kind: Option<PageKind>,
    id: String,
    split: &Split<'_>,
    body: &mut Body,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> (ThinVec<WrittenFact>, Content) {
    let opening = Place::new(source, split.opening);
    let Some(front) = split.front else {
        if kind.is_some_and(|kind| kind != PageKind::Plain) {
            diagnostics.front_matter_missing(opening);
        }
        let title = Spanned::new(title_from_body(&id, body), Span::default());
        return (ThinVec::new(), Content::Page(content(kind, id, title)));
    };
    let toml = Toml::parse(source, front.text, front.offset, diagnostics);
    let mut table = toml.root();
    let title = match kind {
        None | Some(PageKind::Plain) => table.take("title"),
        _ => table.require("title", |said| {
            said.missing_key(opening.clone(), "title", "title = \"…\"");
        }),
    };
    let title = title.and_then(|item| item.plain_text(diagnostics));
    if title.as_ref().is_some_and(|title| {
        body.lead()
            .is_some_and(|lead| fold(&lead) == fold(&title.value))
    }) {
        body.take_lead();
    }
    let title = title.unwrap_or_else(|| Spanned::new(title_from_body(&id, body), Span::default()));
    let mut page = content(kind, id, title);
    let mut written_facts = ThinVec::new();
    if let Some(kind) = kind {
        page.aliases = table.texts("aliases", diagnostics);
        page.former_ids = read_former_ids(source, &mut table, diagnostics);
        page.role = read_role(kind, source, &mut table, diagnostics);
        written_facts = facts::read(&mut table, scope(kind), &opening, settings, diagnostics);
    }
    if table.has("kind") {
        diagnostics.misplaced_entry(opening);
        table.finish_open(diagnostics);
    } else {
        table.finish(diagnostics);
    }
    (written_facts, Content::Page(page))
}

/// The page that stands in for one whose source cannot be read.
pub(super) fn placeholder(kind: Option<PageKind>, id: String) -> Content {
    let title = Spanned::new(last_part(&id).to_owned(), Span::default());
    Content::Page(content(kind, id, title))
}

fn content(kind: Option<PageKind>, id: String, title: Spanned<String>) -> PageContent {
    let role = match kind {
        None => PageRole::Home,
        Some(PageKind::Customer) => PageRole::Customer {
            owner: None,
            goals: Vec::new(),
        },
        Some(PageKind::Department) => PageRole::Department {
            contact: Contact::Far,
            lead: None,
            promise: None,
            assessments: Vec::new(),
        },
        Some(PageKind::Person) => PageRole::Person {
            memberships: Vec::new(),
            emails: Vec::new(),
            left: None,
            shown_as: ShownAs::Name,
        },
        Some(PageKind::Plain) => PageRole::Plain,
    };
    PageContent {
        id,
        title,
        aliases: ThinVec::new(),
        former_ids: ThinVec::new(),
        role,
    }
}

/// A first-level heading at the start of the body, else the file name.
fn title_from_body(id: &str, body: &mut Body) -> String {
    body.take_lead()
        .unwrap_or_else(|| last_part(id).replace('-', " "))
}

/// The folder's name for an `index`, else the file's.
fn last_part(id: &str) -> &str {
    id.strip_suffix("/index")
        .unwrap_or(id)
        .rsplit('/')
        .next()
        .unwrap_or(id)
}

fn scope(kind: PageKind) -> FactScope {
    match kind {
        PageKind::Customer => FactScope::Customer,
        PageKind::Department => FactScope::Department,
        PageKind::Person => FactScope::Person,
        PageKind::Plain => FactScope::Plain,
    }
}

fn read_former_ids(
    source: &SourcePath,
    table: &mut Table<'_>,
    diagnostics: &mut Diagnostics,
) -> ThinVec<Spanned<String>> {
    let mut ids = table.texts("former_ids", diagnostics);
    ids.retain(|id| {
        let valid = id.value.split('/').all(is_id) && id.value.len() <= 200;
        if !valid {
            diagnostics.bad_id(Place::new(source, id.span), &id.value, &slug(&id.value));
        }
        valid
    });
    ids
}

fn read_role(
    kind: PageKind,
    source: &SourcePath,
    table: &mut Table<'_>,
    diagnostics: &mut Diagnostics,
) -> PageRole {
    match kind {
        PageKind::Customer => PageRole::Customer {
            owner: table.text("owner", diagnostics),
            goals: read_goals(source, table, diagnostics),
        },
        PageKind::Department => PageRole::Department {
            contact: read_contact(table, diagnostics),
            lead: table.text("lead", diagnostics),
            promise: table
                .plain_text("promise", diagnostics)
                .map(|text| text.value),
            assessments: assessment::read(table, diagnostics),
        },
        PageKind::Person => PageRole::Person {
            memberships: read_memberships(table, diagnostics),
            emails: read_emails(table, diagnostics),
            left: table.date("left", diagnostics),
            shown_as: table
                .choice(
                    "shown_as",
                    &[("name", ShownAs::Name), ("department", ShownAs::Department)],
                    diagnostics,
                )
                .map_or(ShownAs::Name, |shown_as| shown_as.value),
        },
        PageKind::Plain => PageRole::Plain,
    }
}

fn read_contact(table: &mut Table<'_>, diagnostics: &mut Diagnostics) -> Contact {
    table
        .choice(
            "contact",
            &[("near", Contact::Near), ("far", Contact::Far)],
            diagnostics,
        )
        .map_or(Contact::Far, |contact| contact.value)
}

fn read_emails(table: &mut Table<'_>, diagnostics: &mut Diagnostics) -> Vec<String> {
    let Some(item) = table.take("emails") else {
        return Vec::new();
    };
    let mut emails = Vec::new();
    for item in item.list() {
        let Some(text) = item.text(diagnostics) else {
            continue;
        };
        if facts::is_email(&text.value) {
            emails.push(text.value);
        } else {
            diagnostics.wrong_shape(
                item.place(),
                &text.value,
                "a mail address such as jana.roth@firma.example",
            );
        }
    }
    emails
}

fn read_memberships(
    table: &mut Table<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<WrittenMembership> {
    let Some(item) = table.take("departments") else {
        return Vec::new();
    };
    item.list()
        .iter()
        .filter_map(|item| read_membership(item, diagnostics))
        .collect()
}

fn read_membership(item: &Item<'_>, diagnostics: &mut Diagnostics) -> Option<WrittenMembership> {
    if !item.is_table() {
        return Some(WrittenMembership {
            department: item.text(diagnostics)?,
            from: None,
            until: None,
        });
    }
    let mut table = item.table(diagnostics)?;
    let id = table.require("id", |said| {
        let example = "{ id = \"vertrieb\", from = 2019-01-01 }";
        said.missing_key(item.place(), "id", example);
    });
    let department = id.and_then(|item| item.text(diagnostics));
    let from = table.date("from", diagnostics);
    let until = table.date("until", diagnostics);
    table.finish(diagnostics);
    if let (Some(from), Some(until)) = (&from, &until)
        && until.value < from.value
    {
        diagnostics.until_before_from(Place {
            span: until.span,
            ..item.place()
        });
    }
    let day = |date: Option<Spanned<Date>>| date.map(|date| date.value);
    Some(WrittenMembership {
        department: department?,
        from: day(from),
        until: day(until),
    })
}

fn read_goals(
    source: &SourcePath,
    table: &mut Table<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<WrittenGoal> {
    let Some(item) = table.take("goals") else {
        return Vec::new();
    };
    let Some(items) = item.strict_list(diagnostics) else {
        return Vec::new();
    };
    let mut goals: Vec<WrittenGoal> = Vec::new();
    for item in items {
        let Some(goal) = read_goal(source, &item, diagnostics) else {
            continue;
        };
        if goals.iter().any(|other| other.id.value == goal.id.value) {
            diagnostics.duplicate_goal(Place::new(source, goal.id.span), &goal.id.value);
        } else {
            goals.push(goal);
        }
    }
    goals
}

fn read_goal(
    source: &SourcePath,
    item: &Item<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<WrittenGoal> {
    let mut table = item.table(diagnostics)?;
    let id = table.require("id", |said| {
        said.missing_key(item.place(), "id", "id = \"kein-stillstand\"");
    });
    let id = id.and_then(|item| item.text(diagnostics));
    let title = table.require("title", |said| {
        let example = "title = \"Kein Stillstand über 4 Stunden\"";
        said.missing_key(item.place(), "title", example);
    });
    let title = title.and_then(|item| item.plain_text(diagnostics));
    let measure = table.plain_text("measure", diagnostics);
    let due = table.date("due", diagnostics);
    let choices = [
        ("open", GoalStatus::Open),
        ("reached", GoalStatus::Reached),
        ("missed", GoalStatus::Missed),
        ("dropped", GoalStatus::Dropped),
    ];
    let status = table.choice("status", &choices, diagnostics);
    let evidence = table.text("evidence", diagnostics);
    table.finish(diagnostics);
    let id = id?;
    if !is_id(&id.value) {
        diagnostics.bad_id(Place::new(source, id.span), &id.value, &slug(&id.value));
    }
    if let Some(status) = &status
        && status.value == GoalStatus::Reached
        && evidence.is_none()
    {
        diagnostics.reached_without_evidence(Place::new(source, status.span));
    }
    Some(WrittenGoal {
        id,
        title: title?.value,
        measure: measure.map(|text| text.value),
        due: due.map(|date| date.value),
        status: status.map_or(GoalStatus::Open, |status| status.value),
        evidence,
    })
}
