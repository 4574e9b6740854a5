//! What several pages show: links, facts, entries in a line or in full, backlinks.

use jiff::civil::Date;
use serde::Serialize;

use super::Viewpoint;
use super::chains::ChainView;
use super::html::{Html, Links, as_html};
use crate::path::{Anchor, SitePath};
use crate::portal::{Backlink, CustomerId, Entry, EntryId, Fact, Origin, Page, PageId, PersonId};
use crate::settings::{FactScope, LedgerId};
use crate::value::{DateStyle, FactValue, format_count, format_date};

/// What surrounds every page.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    pub(super) lang: &'static str,
    pub(super) portal: String,
    pub(super) home: String,
    pub(super) css: String,
    /// The script that runs before anything shows.
    pub(super) early: String,
    /// The script that runs when the page is there.
    pub(super) script: String,
    /// Nothing in a portal without a search.
    pub(super) search: Option<SearchLinks>,
    pub(super) icon: String,
    pub(super) nav: Vec<NavLink>,
    pub(super) crumbs: Vec<Link>,
    pub(super) as_of: String,
    pub(super) feed: Link,
    /// Where the sheet is that says what the site tells of people.
    pub(super) about_data: String,
    pub(super) edit: Option<String>,
    /// Those who wrote the page lately.
    pub(super) kept_by: Vec<Link>,
}

/// What searches.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SearchLinks {
    pub(super) page: String,
    pub(super) script: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct NavLink {
    pub(super) title: String,
    pub(super) href: String,
    /// `page` on that very page, `true` below it.
    pub(super) current: Option<&'static str>,
}

/// A link; without an address it is plain text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    pub(super) title: String,
    pub(super) href: Option<String>,
}

/// When something that is still open should be done.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Due {
    pub(super) date: String,
    /// The same date as tables are sorted by it.
    pub(super) day: String,
    /// `late`, `soon` or nothing.
    pub(super) state: Option<&'static str>,
}

/// A fact with its label; one without values is required and missing.
#[derive(Clone, Debug, Serialize)]
pub(super) struct FactView {
    pub(super) label: String,
    #[serde(rename = "values_html", serialize_with = "as_html")]
    pub(super) values: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) edit: Option<String>,
}

/// An entry told in one line, with a link to where it stands in full.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub(super) kind: String,
    pub(super) label: String,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) open: bool,
    pub(super) title: String,
    pub(super) href: String,
    pub(super) date: String,
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) customers_html: Links,
    /// Those who did it, behind a word for that.
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) by_html: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<Link>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) unowned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<Due>,
}

/// An entry in full.
#[derive(Clone, Debug, Serialize)]
pub(super) struct EntryView {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) label: String,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date: Option<String>,
    pub(super) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) href: Option<String>,
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) customers_html: Links,
    /// Those who did it, behind a word for that.
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) by_html: Links,
    /// Those who wrote it down, if they are not those who did it.
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) recorded_by_html: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) noted_at: Option<Link>,
    /// For whom else it is.
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) also_for_html: Links,
    /// Of a row of a ledger, which is told in fewer words: out of which one it comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ledger: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<Link>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) unowned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<Due>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<String>,
    pub(super) html: Html,
    /// Whether any of the following is there.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) details: bool,
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) goals_html: Links,
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) enables_html: Links,
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) enabled_by_html: Links,
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) closes_html: Links,
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) closed_by_html: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<Link>,
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) paid_by_html: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) facts: Vec<FactView>,
}

/// A place that links here, with the sentence around the link.
#[derive(Clone, Debug, Serialize)]
pub(super) struct BacklinkView {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) before: String,
    pub(super) link: Option<String>,
    pub(super) after: String,
}

/// What somebody did for one customer.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CustomerContributions {
    /// For whom; `None` for no single customer.
    #[serde(skip)]
    pub(super) customer: Option<CustomerId>,
    pub(super) id: String,
    pub(super) title: String,
    /// To all about the customer.
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub(super) about_html: Links,
    /// When the newest was, in words.
    pub(super) latest: String,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) open: bool,
    pub(super) lines: Vec<Line>,
    /// The ledgers of which rows are not told one by one; never how many, since that may be one person's work.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) ledgers: String,
    /// How the work reached a customer whom none of it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chain: Option<ChainView>,
}

/// What is not so need not be said: fields that are absent are false to a template.
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}

/// Lists of at most this many contributions are shown unfolded.
pub(super) const UNFOLDED_CONTRIBUTIONS: usize = 10;
/// Of somebody with more contributions, rows of ledgers are not told one by one.
const MOST_WITH_ROWS: usize = 60;
/// Of an order at most so many payments are linked.
const SHOWN_PAYMENTS: usize = 10;
/// From this many days before it is due, what is open is marked.
const SOON_DAYS: i32 = 14;

/// Dates and words.
impl Viewpoint<'_> {
    pub(super) fn date_in_text(&self, date: Date) -> String {
        format_date(date, DateStyle::Text, self.portal.settings.language)
    }

    pub(super) fn date_in_table(&self, date: Date) -> String {
        format_date(date, DateStyle::Table, self.portal.settings.language)
    }

    pub(super) fn date_under_year(&self, date: Date) -> String {
        format_date(date, DateStyle::UnderYear, self.portal.settings.language)
    }

    pub(super) fn count(&self, number: usize) -> String {
        format_count(number, self.portal.settings.language)
    }

    pub(super) fn word(&self, key: &str) -> String {
        self.words.get(key).to_owned()
    }

    /// So many of something, in words.
    pub(super) fn counted(&self, key: &str, count: usize) -> String {
        let sentence = self.words.fill(key, Some(count), &[]);
        sentence.unwrap_or_default()
    }

    /// A sentence with its placeholder filled in. What a page says by hundreds is said by views: functions of templates
    /// take longer.
    pub(super) fn sentence_of(&self, key: &str, value: (&str, &str)) -> String {
        let sentence = self.words.fill(key, None, &[value]);
        sentence.unwrap_or_default()
    }

    pub(super) fn due(&self, due: Option<Date>) -> Option<Due> {
        let due = due?;
        let days = days_between(self.portal.day, due);
        let state = if days < 0 {
            Some("late")
        } else if days <= SOON_DAYS {
            Some("soon")
        } else {
            None
        };
        Some(Due {
            date: self.date_in_text(due),
            day: due.to_string(),
            state,
        })
    }
}

/// Two people in whose place one department stands must not be told to be two.
pub(super) fn each_page_once<T: PartialEq>(shown: &mut Vec<T>, is_page: impl Fn(&T) -> bool) {
    for i in (1..shown.len()).rev() {
        if is_page(&shown[i]) && shown[..i].contains(&shown[i]) {
            shown.remove(i);
        }
    }
}

/// Whole days from one date to another, negative into the past.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}

/// Links.
impl Viewpoint<'_> {
    pub(super) fn page_link(&self, id: PageId) -> Link {
        match (self.shown_page(id), id) {
            (Some(page), _) => Link {
                title: page.title.clone(),
                href: Some(self.here.href(&page.address)),
            },
            (None, PageId::Person(_)) => self.nobody(),
            (None, _) => Link {
                title: self.portal.settings.title.clone(),
                href: Some(self.href("index.html")),
            },
        }
    }

    /// The page itself, or in place of somebody who is not named that of a department. There is none of a home page
    /// without a source, and of somebody in whose place nothing is shown.
    fn shown_page(&self, id: PageId) -> Option<&Page> {
        let portal = self.portal;
        let id = match id {
            PageId::Person(person) if !portal.is_named(person) => {
                portal.shown(person, portal.day).page()?
            }
            id => id,
        };
        portal.page(id)
    }

    /// What [`Viewpoint::page_link`] gives for each of some pages.
    pub(super) fn links_to(&self, pages: impl IntoIterator<Item = PageId>) -> Links {
        let mut links = Links::default();
        for id in pages {
            match self.shown_page(id) {
                Some(page) => links.push_within(&page.title, |html| {
                    self.here.push_href(&page.address, html);
                }),
                None => links.push(&self.page_link(id)),
            }
        }
        links
    }

    /// Stands in for a person who is not to be shown and has no department.
    fn nobody(&self) -> Link {
        Link {
            title: self.word("somebody"),
            href: None,
        }
    }

    /// A person as the site may show it for something of a day; `None` where nothing may be shown.
    pub(super) fn person_link(&self, person: PersonId, day: Date) -> Option<Link> {
        self.portal
            .shown(person, day)
            .page()
            .map(|page| self.page_link(page))
    }

    /// A person with the way to reach them at once.
    pub(super) fn person_with_phone(&self, person: PersonId) -> Vec<Link> {
        let Some(link) = self.person_link(person, self.portal.day) else {
            return Vec::new();
        };
        let mut links = vec![link];
        if self.portal.is_named(person) {
            links.extend(
                self.phones(&self.portal[person].page.facts)
                    .into_iter()
                    .take(1),
            );
        }
        links
    }

    /// The telephone numbers among facts.
    pub(super) fn phones(&self, facts: &[Fact]) -> Vec<Link> {
        let phones = facts.iter().flat_map(|fact| match &fact.value {
            FactValue::List(values) => values.iter().collect(),
            value => vec![value],
        });
        phones
            .filter(|value| matches!(value, FactValue::Phone(_)))
            .map(|value| self.value(value))
            .collect()
    }

    /// Where an entry stands: on this page, if it does, else where it stands in full.
    pub(super) fn entry_address(&self, entry: EntryId) -> (&SitePath, &Anchor) {
        match self
            .on_customer
            .filter(|customer| self.portal[entry].customers.contains(customer))
        {
            Some(customer) => self.portal.entry_address_at(entry, customer),
            None => self.portal.entry_address(entry),
        }
    }

    pub(super) fn entry_href(&self, entry: EntryId) -> String {
        let (address, anchor) = self.entry_address(entry);
        self.here.href_to_anchor(address, anchor)
    }

    pub(super) fn entry_link(&self, entry: EntryId) -> Link {
        Link {
            title: self.portal.title(entry).to_owned(),
            href: Some(self.entry_href(entry)),
        }
    }

    fn entry_links(&self, entries: &[EntryId]) -> Links {
        let mut links = Links::default();
        for entry in entries {
            let (address, anchor) = self.entry_address(*entry);
            links.push_within(self.portal.title(*entry), |html| {
                self.here.push_href_to_anchor(address, anchor, html);
            });
        }
        links
    }

    /// The customers whom an entry concerns.
    pub(super) fn customers_of(&self, entry: EntryId) -> Links {
        let customers = self.portal[entry].customers.iter();
        self.links_to(customers.map(|customer| PageId::Customer(*customer)))
    }

    pub(super) fn customer_links(&self, customers: &[CustomerId]) -> Vec<Link> {
        customers
            .iter()
            .map(|customer| self.page_link(PageId::Customer(*customer)))
            .collect()
    }

    /// The key of the word before those who did it; thanks name those to whom they go.
    pub(super) fn by_key(&self, entry: EntryId) -> &'static str {
        match self.portal.kind(entry).name.as_str() {
            "thanks" => "thanks_to",
            _ => "by",
        }
    }

    fn by_word(&self, entry: EntryId) -> String {
        self.word(self.by_key(entry))
    }

    /// Who did it: people as they may be shown, then departments.
    fn by(&self, entry: EntryId) -> Links {
        self.links_to(self.by_pages(entry))
    }

    pub(super) fn page_links(&self, pages: &[PageId]) -> Vec<Link> {
        pages.iter().map(|page| self.page_link(*page)).collect()
    }

    /// The pages of those who recorded it and are not shown as having done it.
    pub(super) fn recorder_pages(&self, entry: EntryId) -> Vec<PageId> {
        let mut recorders = self.portal.recorders(entry);
        if !recorders.is_empty() {
            let by = self.by_pages(entry);
            recorders.retain(|recorder| !by.contains(recorder));
        }
        recorders
    }

    /// The pages of those who did it.
    pub(super) fn by_pages(&self, entry: EntryId) -> Vec<PageId> {
        let entry = &self.portal[entry];
        let people = entry
            .by
            .iter()
            .filter_map(|person| self.portal.shown(*person, entry.date).page());
        let departments = entry
            .departments
            .iter()
            .map(|department| PageId::Department(*department));
        let mut pages: Vec<PageId> = Vec::new();
        for page in people.chain(departments) {
            if !pages.contains(&page) {
                pages.push(page);
            }
        }
        // Departments in their own order, so that nothing shows the order of names that stay unsaid.
        pages.sort_by_key(|page| match page {
            PageId::Department(department) => Some(*department),
            _ => None,
        });
        pages
    }
}

/// Facts.
impl Viewpoint<'_> {
    /// The facts of a page, in the order of the schema; a required one that is missing stands there as such.
    pub(super) fn facts(
        &self,
        scope: FactScope,
        facts: &[Fact],
        edit: Option<&String>,
    ) -> Vec<FactView> {
        let language = self.portal.settings.language;
        let schema = &self.portal.settings.schema;
        let of_scope = schema.of(scope).filter_map(|(id, definition)| {
            let fact = facts.iter().find(|fact| fact.id == id);
            let values = fact
                .map(|fact| self.values(&fact.value))
                .unwrap_or_default();
            if values.is_empty() && !definition.required {
                return None;
            }
            let edit = if values.is_empty() {
                edit.cloned()
            } else {
                None
            };
            Some(FactView {
                label: definition.label.get(language).to_owned(),
                values,
                edit,
            })
        });
        of_scope.collect()
    }

    pub(super) fn values(&self, value: &FactValue<PageId>) -> Vec<Link> {
        match value {
            FactValue::List(values) => {
                let are_pages = values
                    .iter()
                    .any(|value| matches!(value, FactValue::Page(_)));
                let mut links = values.iter().map(|value| self.value(value)).collect();
                each_page_once(&mut links, |_| are_pages);
                links
            }
            value => vec![self.value(value)],
        }
    }

    pub(super) fn value(&self, value: &FactValue<PageId>) -> Link {
        let settings = &self.portal.settings;
        let plain = |title: String| Link { title, href: None };
        match value {
            FactValue::Text(text) => plain(text.clone()),
            FactValue::Number(number) => plain(number.format(settings.language)),
            FactValue::Money(money) => plain(money.format(settings.language, settings.currency)),
            FactValue::Date(date) => plain(self.date_in_text(*date)),
            FactValue::Bool(bool) => plain(self.word(if *bool { "yes" } else { "no" })),
            FactValue::Url(url) => {
                let title = url
                    .split_once("://")
                    .map_or(url.as_str(), |(_, rest)| rest.trim_end_matches('/'));
                Link {
                    title: title.to_owned(),
                    href: Some(url.clone()),
                }
            }
            FactValue::Email(email) => self.mail(email),
            FactValue::Phone(phone) => {
                let dialled = phone.replace("(0)", "");
                let digits: String = dialled
                    .chars()
                    .filter(|c| c.is_ascii_digit() || *c == '+')
                    .collect();
                Link {
                    title: phone.clone(),
                    href: Some(format!("tel:{digits}")),
                }
            }
            FactValue::Page(page) => self.page_link(*page),
            FactValue::List(values) => {
                let titles: Vec<String> =
                    values.iter().map(|value| self.value(value).title).collect();
                plain(titles.join(", "))
            }
        }
    }

    pub(super) fn mail(&self, address: &str) -> Link {
        Link {
            title: address.to_owned(),
            href: Some(format!("mailto:{address}")),
        }
    }
}

/// Entries.
impl Viewpoint<'_> {
    /// An entry in one line, with customers and who did it.
    pub(super) fn line(&self, id: EntryId) -> Line {
        Line {
            customers_html: self.customers_of(id),
            ..self.line_of_customer(id)
        }
    }

    /// An entry in one line on the page of one of its customers.
    pub(super) fn line_of_customer(&self, id: EntryId) -> Line {
        self.line_by(id, self.by(id))
    }

    /// An entry in one line, with some of those who did it.
    pub(super) fn line_by(&self, id: EntryId, by: Links) -> Line {
        Line {
            by_html: by.behind(&self.by_word(id)),
            ..self.bare_line(id)
        }
    }

    /// An open entry in a list of what waits: who did it does not matter there.
    pub(super) fn waiting_line(&self, id: EntryId) -> Line {
        Line {
            customers_html: self.customers_of(id),
            ..self.bare_line(id)
        }
    }

    /// An entry in one line where the page says already for whom it was and who did it.
    pub(super) fn bare_line(&self, id: EntryId) -> Line {
        let entry = &self.portal[id];
        let kind = self.portal.kind(id);
        let owner = entry.owner.filter(|_| entry.open);
        Line {
            kind: kind.name.clone(),
            label: kind.label.get(self.portal.settings.language).to_owned(),
            open: entry.open,
            title: self.portal.title(id).to_owned(),
            href: self.entry_href(id),
            date: self.date_in_table(entry.date),
            customers_html: Links::default(),
            by_html: Links::default(),
            owner: owner.and_then(|owner| self.person_link(owner, self.portal.day)),
            unowned: entry.open && owner.is_none(),
            due: self.due(entry.due.filter(|_| entry.open)),
        }
    }

    /// An entry in full.
    pub(super) fn entry(&self, id: EntryId, anchor: &Anchor) -> EntryView {
        let portal = self.portal;
        let entry = &portal[id];
        let settings = &portal.settings;
        let kind = portal.kind(id);
        let goals = entry
            .goals
            .iter()
            .map(|goal| self.goal_link(*goal))
            .collect();
        let facts = self.facts(FactScope::Entry(entry.kind), &entry.facts, None);
        let owner = entry.owner.filter(|_| entry.open);
        let ledger = self.ledger(id);
        let is_said = |number: &&str| ledger.is_some() && entry.title.contains(*number);
        let number = entry.number.as_deref().filter(|number| !is_said(number));
        let details = !(entry.goals.is_empty()
            && entry.enables.is_empty()
            && entry.enabled_by.is_empty()
            && entry.closes.is_empty()
            && entry.closed_by.is_empty()
            && entry.order.is_none()
            && entry.paid_by.is_empty()
            && (number.is_none() || ledger.is_some())
            && entry.score.is_none()
            && facts.is_empty());
        EntryView {
            id: anchor.to_string(),
            kind: kind.name.clone(),
            label: kind.label.get(settings.language).to_owned(),
            open: entry.open,
            date: None,
            title: entry.title.to_string(),
            href: None,
            customers_html: Links::default(),
            by_html: self.by(id).behind(&self.by_word(id)),
            recorded_by_html: self.links_to(self.recorder_pages(id)),
            noted_at: None,
            also_for_html: Links::default(),
            ledger,
            owner: owner.and_then(|owner| self.person_link(owner, portal.day)),
            unowned: entry.open && owner.is_none(),
            due: self.due(entry.due.filter(|_| entry.open)),
            amount: self.sum(entry),
            html: self.entry_text(id, anchor),
            details,
            goals_html: goals,
            enables_html: self.entry_links(&entry.enables),
            enabled_by_html: self.entry_links(&entry.enabled_by),
            closes_html: self.entry_links(&entry.closes),
            closed_by_html: self.entry_links(&entry.closed_by),
            order: self.order(entry),
            paid_by_html: self.payments(&entry.paid_by),
            number: number.map(str::to_owned),
            score: entry.score.map(|score| score.to_string()),
            facts,
        }
    }

    pub(super) fn sum(&self, entry: &Entry) -> Option<String> {
        let settings = &self.portal.settings;
        let amount = entry.amount?;
        Some(amount.format(settings.language, settings.currency))
    }

    /// The order that is paid; where nobody knows it, its number as written.
    fn order(&self, entry: &Entry) -> Option<Link> {
        let number = entry.order.as_deref()?;
        Some(match entry.pays {
            Some(order) => self.entry_link(order),
            None => Link {
                title: number.to_owned(),
                href: None,
            },
        })
    }

    /// The newest payments of an order with their dates, and how many there are before them.
    fn payments(&self, payments: &[EntryId]) -> Links {
        let newest = payments.iter().rev().take(SHOWN_PAYMENTS);
        let mut links: Links = newest
            .map(|payment| {
                let link = self.entry_link(*payment);
                let date = self.date_in_table(self.portal[*payment].date);
                let sum = self.sum(&self.portal[*payment]);
                let sum = sum.map(|sum| format!(", {sum}")).unwrap_or_default();
                Link {
                    title: format!("{} ({date}{sum})", link.title),
                    ..link
                }
            })
            .collect();
        let earlier = payments.len().saturating_sub(SHOWN_PAYMENTS);
        if earlier > 0 {
            links.push(&Link {
                title: self.counted("earlier_payments", earlier),
                href: None,
            });
        }
        links
    }

    /// Out of which ledger a row comes.
    fn ledger(&self, entry: EntryId) -> Option<String> {
        let settings = &self.portal.settings;
        let ledger = settings.ledger(self.portal.ledger(entry)?);
        let label = ledger.label.get(settings.language);
        Some(self.sentence_of("from_ledger", ("x", label)))
    }

    /// Entries, newest last, grouped by the customers that they concern and that are to be told.
    pub(super) fn by_customer(
        &self,
        entries: &[EntryId],
        is_customer_told: impl Fn(CustomerId) -> bool,
        line: impl Fn(EntryId) -> Line,
    ) -> Vec<CustomerContributions> {
        let mut pairs: Vec<(CustomerId, EntryId)> = entries
            .iter()
            .flat_map(|entry| {
                let customers = self.portal[*entry].customers.iter();
                customers.map(|customer| (*customer, *entry))
            })
            .filter(|(customer, _)| is_customer_told(*customer))
            .collect();
        pairs.sort_by_key(|(customer, entry)| (*customer, std::cmp::Reverse(*entry)));
        let unassigned = entries
            .iter()
            .rev()
            .filter(|entry| self.portal[**entry].customers.is_empty());
        let unassigned: Vec<EntryId> = unassigned.copied().collect();
        let newest = pairs
            .iter()
            .max_by_key(|(_, entry)| *entry)
            .map(|(customer, _)| *customer);
        let few = pairs.len() <= UNFOLDED_CONTRIBUTIONS;
        let with_rows = entries.len() <= MOST_WITH_ROWS;
        let is_told = |entry: EntryId| with_rows || !self.portal.is_row(entry);
        let mut groups: Vec<CustomerContributions> = pairs
            .chunk_by(|a, b| a.0 == b.0)
            .map(|group| {
                let customer = group[0].0;
                let told = group
                    .iter()
                    .map(|(_, entry)| *entry)
                    .filter(|entry| is_told(*entry));
                let untold = group
                    .iter()
                    .map(|(_, entry)| *entry)
                    .filter(|entry| !is_told(*entry));
                CustomerContributions {
                    customer: Some(customer),
                    id: self.contributions_anchor(customer),
                    title: self.portal[customer].page.title.clone(),
                    about_html: self.link_to_all_about(customer),
                    latest: self.latest_on(group[0].1),
                    open: few || Some(customer) == newest,
                    lines: told.map(&line).collect(),
                    ledgers: self.ledgers(untold),
                    chain: None,
                }
            })
            .collect();
        groups.extend(self.without_customer(&unassigned, &line));
        groups
    }

    pub(super) fn link_to_all_about(&self, customer: CustomerId) -> Links {
        let page = &self.portal[customer].page;
        let link = Link {
            title: self.sentence_of("all_about", ("x", &page.title)),
            href: Some(self.here.href(&page.address)),
        };
        Links::from_iter([link])
    }

    /// When the newest of what was done for a customer was, in words.
    pub(super) fn latest_on(&self, newest: EntryId) -> String {
        let date = self.date_in_table(self.portal[newest].date);
        self.sentence_of("latest_on", ("d", &date))
    }

    /// The place of what was done for a customer, on the page of whoever did it.
    pub(super) fn contributions_anchor(&self, customer: CustomerId) -> String {
        format!("for-{}", self.portal[customer].page.id)
    }

    /// What was done for no single customer.
    fn without_customer(
        &self,
        newest_first: &[EntryId],
        line: impl Fn(EntryId) -> Line,
    ) -> Option<CustomerContributions> {
        let newest = newest_first.first()?;
        Some(CustomerContributions {
            customer: None,
            id: "for-all".to_owned(),
            title: self.word("no_single_customer"),
            about_html: Links::default(),
            latest: self.latest_on(*newest),
            open: newest_first.len() <= UNFOLDED_CONTRIBUTIONS,
            lines: newest_first.iter().map(|entry| line(*entry)).collect(),
            ledgers: String::new(),
            chain: None,
        })
    }

    /// The ledgers that rows come from, in the order of the settings.
    fn ledgers(&self, rows: impl Iterator<Item = EntryId>) -> String {
        let mut ledgers: Vec<LedgerId> = rows.filter_map(|row| self.portal.ledger(row)).collect();
        ledgers.sort_unstable();
        ledgers.dedup();
        let settings = &self.portal.settings;
        let labels = ledgers
            .into_iter()
            .map(|id| settings.ledger(id).label.get(settings.language));
        labels.collect::<Vec<_>>().join(", ")
    }
}

/// What links here.
impl Viewpoint<'_> {
    pub(super) fn backlinks(&self, backlinks: &[Backlink]) -> Vec<BacklinkView> {
        backlinks
            .iter()
            .map(|backlink| self.backlink(*backlink))
            .collect()
    }

    fn backlink(&self, backlink: Backlink) -> BacklinkView {
        let from = match backlink.from {
            Origin::Page(page) => self.page_link(page),
            Origin::Entry(entry) => self.entry_link(entry),
        };
        let [before, link, after] = self.sentence(backlink);
        BacklinkView {
            title: from.title,
            href: from.href.unwrap_or_default(),
            before,
            link: (!link.is_empty()).then_some(link),
            after,
        }
    }
}
