//! What the search shows of a page, a section, a goal or an entry, and by which words each is found.
//!
//! Says nothing that the pages do not show: people through the names of the portal, texts with their holes filled as on
//! the page. Links are relative to the page from which the portal is seen. Entries are told into room that is used
//! again, since there may be a million.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use jiff::civil::Date;

use super::Viewpoint;
use super::goals::goal_anchor;
use super::parts::{FactView, Link};
use crate::document::{GoalStatus, Heading};
use crate::portal::{
    CustomerId, DepartmentId, Entry, EntryId, Fact, GoalId, Page, PageId, PersonId, Portal, Shown,
};
use crate::settings::{FactId, FactScope, FactType, KindId};
use crate::value::FactValue;

/// One result of a search.
#[derive(Clone, Debug, Default)]
pub struct Found<'a> {
    /// Of an entry: its kind and day.
    pub entry: Option<(KindId, Date)>,
    /// Whether it waits for somebody.
    pub status: FoundStatus,
    /// What it is called.
    pub title: Cow<'a, str>,
    /// Where it stands.
    pub path: String,
    /// What else there is to say in a few words: parts with a dot between.
    pub meta: String,
    /// Where it opens.
    pub places: Vec<FoundPlace<'a>>,
    /// The text, then lines of facts.
    pub text: String,
    /// How much of the text is the text itself.
    pub body: usize,
    /// What else it is found by.
    pub names: Vec<(Field, Cow<'a, str>)>,
    /// Days and sums by which it is found as they are, separated by blanks.
    pub terms: String,
    /// By what it can be filtered.
    pub values: Values<'a>,
}

/// A place of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundPlace<'a> {
    /// The page.
    pub href: String,
    /// Where on it; empty for the page itself.
    pub anchor: Cow<'a, str>,
    /// The customer whose page it is.
    pub customer: Option<CustomerId>,
}

/// What filters pick.
#[derive(Clone, Debug, Default)]
pub struct Values<'a> {
    /// Whom it is for.
    pub customers: Vec<CustomerId>,
    /// Who did it, or where it belongs.
    pub departments: Vec<DepartmentId>,
    /// Who did it or is in charge; nobody who is not named.
    pub people: Vec<PersonId>,
    /// What it pays into.
    pub goals: Vec<GoalId>,
    /// Its choices among facts.
    pub choices: Vec<(FactId, &'a str)>,
}

/// Whether something waits for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FoundStatus {
    /// Nobody asks.
    #[default]
    Silent,
    /// It waits.
    Open,
    /// It did.
    Done,
}

/// What a word is part of; the weights of the settings are theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// An id, a number, another name.
    Id,
    /// The title.
    Title,
    /// The names in an entry, its kind.
    Name,
    /// The headings above a section.
    Path,
    /// The title of the page that a section stands on.
    Page,
    /// A fact.
    Fact,
    /// The text.
    Text,
}

/// The first level of headings that are no sections of their own.
const DEEPEST_SECTION: u8 = 2;
/// A longer text becomes several results.
const LONGEST_TEXT: usize = 4_000;

impl<'a> Viewpoint<'a> {
    /// A page and its sections, in the order of the page: the head first.
    pub fn found_page(&self, id: PageId) -> Vec<Found<'a>> {
        let portal = self.portal;
        let Some(page) = portal.page(id) else {
            return Vec::new();
        };
        let body = portal.body(page.document);
        let mut text = String::new();
        let headings = self.write_plain(body, &page.targets, &mut text);
        let is_section = |(heading, _): &(&Heading, _)| heading.level <= DEEPEST_SECTION;
        let sections: Vec<(&'a Heading, Range<usize>)> = body
            .headings
            .iter()
            .zip(headings)
            .filter(is_section)
            .collect();
        let first = sections.first().map_or(text.len(), |(_, at)| at.start);
        let head = self.head(id, page);
        let values = head.values.clone();
        let goals: &[GoalId] = match id {
            PageId::Customer(customer) => &portal[customer].goals,
            _ => &[],
        };
        let mut found = Vec::with_capacity(1 + sections.len() + goals.len());
        let (fits, rest) = cut(&text[..first]);
        push_with_text(head, fits, &mut found);
        if !rest.is_empty() {
            let section = Found {
                names: names_of(&page.title, None),
                ..self.section(page, Cow::Borrowed(&page.title), "", values.clone())
            };
            push_all(section, rest, &mut found);
        }
        let mut above: Option<&str> = None;
        for (i, (heading, at)) in sections.iter().enumerate() {
            let end = sections.get(i + 1).map_or(text.len(), |(_, at)| at.start);
            let title = text[at.clone()].trim();
            if heading.level == 1 {
                above = None;
            }
            let section = Found {
                path: path_of(&page.title, above),
                names: names_of(&page.title, above),
                ..self.section(
                    page,
                    Cow::Owned(title.to_owned()),
                    heading.anchor.as_str(),
                    values.clone(),
                )
            };
            if heading.level == 1 {
                above = Some(title);
            }
            push_all(section, &text[at.end..end], &mut found);
        }
        found.extend(goals.iter().map(|goal| self.found_goal(*goal, &values)));
        self.finish_head(id, page, &mut found[0]);
        found
    }

    fn head(&self, id: PageId, page: &'a Page) -> Found<'a> {
        let values = self.values_of_page(id, page);
        let path = self.path_of_page(id);
        let mut names = self.names_of_page(page);
        if !path.is_empty() {
            names.push((Field::Path, Cow::Owned(path.clone())));
        }
        Found {
            title: Cow::Borrowed(&page.title),
            path,
            meta: self.note(id),
            places: vec![self.place(page, "", &values)],
            names,
            values,
            ..Found::default()
        }
    }

    /// The facts of a page stand behind its text.
    fn finish_head(&self, id: PageId, page: &Page, head: &mut Found<'a>) {
        let facts = match id {
            PageId::Customer(customer) => self.customer_facts(customer, None),
            PageId::Department(_) => self.facts(FactScope::Department, &page.facts, None),
            PageId::Person(_) => self.facts(FactScope::Person, &page.facts, None),
            PageId::Plain(_) => self.facts(FactScope::Plain, &page.facts, None),
            PageId::Home => Vec::new(),
        };
        if let PageId::Department(department) = id
            && let Some(promise) = &self.portal[department].promise
        {
            push_line(head, self.words.get("promise"), promise);
        }
        if let PageId::Person(person) = id {
            let mails = self.portal[person].emails.iter().take(1);
            mails.for_each(|mail| head.names.push((Field::Fact, mail.clone().into())));
        }
        for fact in facts {
            push_fact(head, &fact);
        }
    }

    fn section(
        &self,
        page: &'a Page,
        title: Cow<'a, str>,
        anchor: &'a str,
        values: Values<'a>,
    ) -> Found<'a> {
        Found {
            title,
            places: vec![self.place(page, anchor, &values)],
            values,
            ..Found::default()
        }
    }

    fn place(&self, page: &Page, anchor: &'a str, values: &Values<'a>) -> FoundPlace<'a> {
        FoundPlace {
            href: self.here.href(&page.address),
            anchor: Cow::Borrowed(anchor),
            customer: values.customers.first().copied(),
        }
    }

    fn found_goal(&self, id: GoalId, values: &Values<'a>) -> Found<'a> {
        let goal = &self.portal[id];
        let page = &self.portal[goal.customer].page;
        let anchor = goal_anchor(&goal.id);
        let mut meta = self.word(&format!("goal_{}", self.status(id)));
        if let Some(due) = goal.due.filter(|_| goal.status == GoalStatus::Open) {
            push_part(&mut meta, &self.date_in_text(due));
        }
        let mut found = Found {
            status: match goal.status {
                GoalStatus::Open => FoundStatus::Open,
                _ => FoundStatus::Done,
            },
            meta,
            path: page.title.clone(),
            names: names_of(&page.title, None),
            ..self.section(page, Cow::Borrowed(&goal.title), "", values.clone())
        };
        found.values.goals = vec![id];
        found.places[0].anchor = Cow::Owned(anchor);
        if let Some(measure) = &goal.measure {
            found.text.push_str(measure);
            found.body = found.text.len();
        }
        found
    }

    /// The folders of a plain page.
    fn path_of_page(&self, id: PageId) -> String {
        let PageId::Plain(plain) = id else {
            return String::new();
        };
        let mut folder = self.portal[plain].folder;
        if let Some(own) = folder.filter(|folder| self.portal[*folder].text == Some(plain)) {
            folder = self.portal[own].parent;
        }
        let mut titles = Vec::new();
        while let Some(id) = folder {
            titles.push(self.portal[id].title.as_str());
            folder = self.portal[id].parent;
        }
        titles.reverse();
        titles.join(" › ")
    }

    /// Whom to ask.
    fn note(&self, id: PageId) -> String {
        let portal = self.portal;
        let links: Vec<Link> = match id {
            PageId::Customer(customer) => {
                let owner = portal[customer].owner;
                owner.map_or_else(Vec::new, |owner| self.person_with_phone(owner))
            }
            PageId::Department(department) => self.shown_lead(department),
            PageId::Person(person) => {
                let departments = portal.departments_on(person, portal.day);
                let departments = departments.map(PageId::Department);
                let mut links = self.page_links(&departments.collect::<Vec<_>>());
                let phones = self.phones(&portal[person].page.facts);
                links.extend(phones.into_iter().take(1));
                links
            }
            PageId::Plain(_) | PageId::Home => Vec::new(),
        };
        let mut note = String::new();
        links
            .iter()
            .for_each(|link| push_part(&mut note, &link.title));
        note
    }

    fn names_of_page(&self, page: &'a Page) -> Vec<(Field, Cow<'a, str>)> {
        let others = page.aliases.iter().map(String::as_str);
        let others = others.chain([page.id.as_str()]);
        others
            .chain(self.portal.former_ids(page))
            .filter(|name| !name.is_empty())
            .map(|name| (Field::Id, Cow::Borrowed(name)))
            .collect()
    }

    fn values_of_page(&self, id: PageId, page: &'a Page) -> Values<'a> {
        let portal = self.portal;
        let mut values = Values {
            choices: choices(portal, &page.facts),
            ..Values::default()
        };
        match id {
            PageId::Customer(customer) => {
                values.customers.push(customer);
                let owner = portal[customer].owner;
                values
                    .people
                    .extend(owner.filter(|owner| portal.is_named(*owner)));
            }
            PageId::Department(department) => values.departments.push(department),
            PageId::Person(person) => {
                values.people.push(person);
                values
                    .departments
                    .extend(portal.departments_on(person, portal.day));
                values.departments.sort_unstable();
                values.departments.dedup();
            }
            PageId::Plain(_) | PageId::Home => {}
        }
        values
    }
}

/// Entries.
impl<'a> Viewpoint<'a> {
    /// An entry, told into the room of another one.
    pub fn found_entry(&self, id: EntryId, found: &mut Found<'a>) {
        let portal = self.portal;
        let entry = &portal[id];
        found.clear();
        found.entry = Some((entry.kind, entry.date));
        found.status = self.status_of_entry(id);
        found.title = Cow::Borrowed(&entry.title);
        self.set_values(id, &mut found.values);
        self.set_places(id, &mut found.places);
        if let Some(body) = portal.entry_body(id) {
            self.write_plain(body, &entry.targets, &mut found.text);
            found.text.truncate(found.text.trim_end().len());
        }
        found.body = found.text.len();
        let kind = portal.kind(id).label.get(portal.settings.language);
        found.names.push((Field::Name, kind.into()));
        for customer in &entry.customers {
            let title = portal[*customer].page.title.as_str();
            push_separated(&mut found.path, ", ", title);
            found.names.push((Field::Name, title.into()));
        }
        found.meta.push_str(&self.date_in_table(entry.date));
        push_day(&mut found.terms, entry.date);
        self.add_amount(entry, found);
        self.add_names(id, found);
        if let Some(number) = entry.number.as_deref() {
            found.names.push((Field::Id, number.into()));
            if !entry.title.contains(number) {
                push_separated(&mut found.text, "\n", self.words.get("number"));
                let _ = write!(found.text, ": {number}");
            }
        }
        for goal in &entry.goals {
            let title = portal[*goal].title.as_str();
            found.names.push((Field::Name, title.into()));
            push_separated(&mut found.text, "\n", self.words.get("pays_into"));
            let _ = write!(found.text, ": {title}");
        }
        if !entry.facts.is_empty() {
            for fact in self.facts(FactScope::Entry(entry.kind), &entry.facts, None) {
                push_fact(found, &fact);
            }
        }
    }

    /// A text as the pages have it: without the names of people who are not named.
    pub fn redacted<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        self.portal
            .redacted(text, self.words.get("somebody"), str::to_owned)
    }

    /// Leaves nobody in a result who is not named on the pages.
    pub fn redact(&self, found: &mut Found<'a>) {
        if !self.portal.redacts() {
            return;
        }
        let owned = |text: &mut String| {
            let redacted = self.redacted(Cow::Owned(std::mem::take(text)));
            *text = redacted.into_owned();
        };
        let mut facts = found.text.split_off(found.body);
        owned(&mut found.text);
        owned(&mut facts);
        found.body = found.text.len();
        found.text.push_str(&facts);
        owned(&mut found.path);
        owned(&mut found.meta);
        found.title = self.redacted(std::mem::take(&mut found.title));
        for (_, name) in &mut found.names {
            *name = self.redacted(std::mem::take(name));
        }
        for place in &mut found.places {
            place.anchor = self.redacted_anchor(&place.anchor).into();
        }
    }

    /// The id of a goal as pages have it in addresses.
    pub fn id_of_goal(&self, id: GoalId) -> Cow<'a, str> {
        let id = &self.portal[id].id;
        if !self.portal.redacts() {
            return Cow::Borrowed(id);
        }
        self.redacted_anchor(id).into()
    }

    fn redacted_anchor(&self, anchor: &str) -> String {
        // As it stands in an address, so that it is told for one.
        let fragment = self.redacted(format!("\"#{anchor}").into());
        fragment["\"#".len()..].to_owned()
    }

    /// What filters pick of an entry.
    pub fn set_values(&self, id: EntryId, values: &mut Values<'a>) {
        let portal = self.portal;
        let entry = &portal[id];
        values.clear();
        values.customers.extend_from_slice(&entry.customers);
        values.goals.extend_from_slice(&entry.goals);
        values.departments.extend_from_slice(&entry.departments);
        for person in &entry.by {
            match portal.shown(*person, entry.date) {
                Shown::Person(person) => values.people.push(person),
                Shown::Department(department) => values.departments.push(department),
                Shown::Nobody => {}
            }
        }
        let owner = entry.owner.filter(|_| entry.open);
        values
            .people
            .extend(owner.filter(|owner| portal.is_named(*owner)));
        values.departments.sort_unstable();
        values.departments.dedup();
        values.people.sort_unstable();
        values.people.dedup();
        if !entry.facts.is_empty() {
            values.choices = choices(portal, &entry.facts);
        }
    }

    /// Whether an entry waits; of most kinds nobody asks.
    pub fn status_of_entry(&self, id: EntryId) -> FoundStatus {
        let entry = &self.portal[id];
        if entry.open {
            FoundStatus::Open
        } else if self.portal.kind(id).open || !entry.closed_by.is_empty() {
            FoundStatus::Done
        } else {
            FoundStatus::Silent
        }
    }

    fn set_places(&self, id: EntryId, places: &mut Vec<FoundPlace<'a>>) {
        let portal = self.portal;
        let place = |(address, anchor): (_, &'a crate::path::Anchor), customer| FoundPlace {
            href: self.here.href(address),
            anchor: Cow::Borrowed(anchor.as_str()),
            customer,
        };
        let customers = portal[id].customers.iter();
        places.extend(
            customers
                .map(|customer| place(portal.entry_address_at(id, *customer), Some(*customer))),
        );
        if places.is_empty() {
            places.push(place(portal.entry_address(id), None));
        }
    }

    /// A sum is found by its amount, with cents and without.
    fn add_amount(&self, entry: &Entry, found: &mut Found<'a>) {
        let (Some(sum), Some(amount)) = (self.sum(entry), entry.amount) else {
            return;
        };
        push_part(&mut found.meta, &sum);
        let power = 10_u64.pow(u32::from(amount.currency.decimals()));
        let minor = amount.minor.unsigned_abs();
        let whole = minor / power;
        if power == 100 && minor % power != 0 {
            let _ = write!(found.terms, " {whole}.{:02}", minor % power);
        }
        let _ = write!(found.terms, " {whole}");
    }

    /// Who did it, and who looks after it while it is open, as they may be shown.
    fn add_names(&self, id: EntryId, found: &mut Found<'a>) {
        let portal = self.portal;
        let entry = &portal[id];
        if entry.by.is_empty() && entry.departments.is_empty() && !entry.open {
            return;
        }
        let mut pages = self.by_pages(id);
        let mut separator = " · ";
        for page in pages.iter().filter_map(|page| portal.page(*page)) {
            push_separated(&mut found.meta, separator, &page.title);
            separator = ", ";
        }
        let owner = entry.owner.filter(|_| entry.open);
        pages.extend(owner.and_then(|owner| portal.shown(owner, portal.day).page()));
        for page in pages.into_iter().filter_map(|page| portal.page(page)) {
            let name = (Field::Name, Cow::Borrowed(page.title.as_str()));
            if !found.names.contains(&name) {
                found.names.push(name);
            }
        }
    }
}

impl Found<'_> {
    fn clear(&mut self) {
        self.path.clear();
        self.meta.clear();
        self.places.clear();
        self.text.clear();
        self.names.clear();
        self.terms.clear();
    }
}

impl Values<'_> {
    fn clear(&mut self) {
        self.customers.clear();
        self.departments.clear();
        self.people.clear();
        self.goals.clear();
        self.choices.clear();
    }
}

/// The day as the search writes it.
fn push_day(terms: &mut String, date: Date) {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let _ = write!(terms, "{year:04}{month:02}{day:02}");
}

fn choices<'a>(portal: &'a Portal, facts: &'a [Fact]) -> Vec<(FactId, &'a str)> {
    let mut choices = Vec::new();
    for fact in facts {
        let definition = portal.settings.schema.fact(fact.id);
        if !matches!(definition.value_type, FactType::Choice(_)) {
            continue;
        }
        let values = match &fact.value {
            FactValue::List(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            if let FactValue::Text(choice) = value {
                choices.push((fact.id, choice.as_str()));
            }
        }
    }
    choices
}

fn path_of(page: &str, above: Option<&str>) -> String {
    match above {
        Some(above) => format!("{page} › {above}"),
        None => page.to_owned(),
    }
}

fn names_of<'a>(page: &'a str, above: Option<&str>) -> Vec<(Field, Cow<'a, str>)> {
    let mut names = vec![(Field::Page, Cow::Borrowed(page))];
    names.extend(above.map(|above| (Field::Path, Cow::Owned(above.to_owned()))));
    names
}

/// Gives a result its text, and further ones what does not fit.
fn push_all<'a>(mut found: Found<'a>, text: &str, all: &mut Vec<Found<'a>>) {
    let (mut fits, mut rest) = cut(text);
    while !rest.is_empty() {
        let mut next = found.clone();
        next.names.retain(|(field, _)| *field != Field::Id);
        push_with_text(found, fits, all);
        found = next;
        (fits, rest) = cut(rest);
    }
    push_with_text(found, fits, all);
}

/// As much of a text as fits, cut between blocks, and the rest.
fn cut(text: &str) -> (&str, &str) {
    let text = text.trim();
    let cut = match text.char_indices().nth(LONGEST_TEXT) {
        Some((longest, _)) => text[..longest]
            .rfind('\n')
            .or_else(|| text[..longest].rfind(' '))
            .filter(|cut| *cut > 0)
            .unwrap_or(longest),
        None => text.len(),
    };
    (text[..cut].trim_end(), text[cut..].trim())
}

/// Gives a result its text.
fn push_with_text<'a>(mut found: Found<'a>, text: &str, all: &mut Vec<Found<'a>>) {
    found.text.push_str(text);
    found.body = found.text.len();
    all.push(found);
}

fn push_fact(found: &mut Found<'_>, fact: &FactView) {
    if !fact.values.is_empty() {
        let values: Vec<&str> = fact
            .values
            .iter()
            .map(|value| value.title.as_str())
            .collect();
        push_line(found, &fact.label, &values.join(", "));
    }
}

fn push_line(found: &mut Found<'_>, label: &str, value: &str) {
    push_separated(&mut found.text, "\n", label);
    let _ = write!(found.text, ": {value}");
    found
        .names
        .push((Field::Fact, Cow::Owned(value.to_owned())));
}

fn push_part(parts: &mut String, part: &str) {
    if !part.is_empty() {
        push_separated(parts, " · ", part);
    }
}

fn push_separated(list: &mut String, separator: &str, item: &str) {
    if !list.is_empty() {
        list.push_str(separator);
    }
    list.push_str(item);
}
