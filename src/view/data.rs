//! The portal for machines: the facts, entries, goals and loops of the pages, as records of `data/*.json`.
//!
//! A [`Viewpoint`] at the root of the site goes in, so that every address is relative to it; out come small structs,
//! one for each line of a file. What has nothing to say is left out of its record. `docs/data.md` says what each field
//! means and what its version promises. It must never say more than the pages do.

use jiff::civil::Date;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

use super::Viewpoint;
use super::departments::contact_word;
use super::parts::each_page_once;
use crate::document::GoalStatus;
use crate::path::SitePath;
use crate::portal::{
    Answer, Assessment, CustomerId, DepartmentId, EntryId, EntrySource, Fact, GoalId, Membership,
    MonthId, Page, PageId, PersonId, Portal,
};
use crate::settings::{FactDefinition, FactScope, Kind, Settings};
use crate::value::{FactValue, Money};

/// Rises when a field goes or changes its meaning, not when one is added.
pub const DATA_VERSION: u8 = 1;

/// One file below `data/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataFile {
    /// What the portal is, and which other files there are.
    Index,
    /// All customers.
    Customers,
    /// All departments.
    Departments,
    /// Everybody who has a page.
    People,
    /// All goals.
    Goals,
    /// What waits for somebody.
    Loops,
    /// What happened in one month.
    Month(MonthId),
}

impl DataFile {
    /// Every file that a portal has; without names there is none of people.
    pub fn all(portal: &Portal) -> impl Iterator<Item = DataFile> + use<> {
        let people = portal.names_people().then_some(DataFile::People);
        let pages = [DataFile::Index, DataFile::Customers, DataFile::Departments];
        pages
            .into_iter()
            .chain(people)
            .chain([DataFile::Goals, DataFile::Loops])
            .chain(portal.months().map(DataFile::Month))
    }

    /// Where the file is in the site.
    pub fn address(self, portal: &Portal) -> SitePath {
        SitePath::new(match self {
            DataFile::Month(month) => {
                let day = portal[month].first_day;
                format!("data/entries/{:04}-{:02}.json", day.year(), day.month())
            }
            file => format!("data/{}.json", file.list()),
        })
    }

    /// The key under which its records stand.
    pub fn list(self) -> &'static str {
        match self {
            DataFile::Index => "index",
            DataFile::Customers => "customers",
            DataFile::Departments => "departments",
            DataFile::People => "people",
            DataFile::Goals => "goals",
            DataFile::Loops => "loops",
            DataFile::Month(_) => "entries",
        }
    }

    fn count(self, portal: &Portal) -> usize {
        match self {
            DataFile::Index => 0,
            DataFile::Customers => portal.customers().count(),
            DataFile::Departments => portal.departments().count(),
            DataFile::People => portal.shown_people().count(),
            DataFile::Goals => portal.goals().count(),
            DataFile::Loops => portal.loops().len(),
            DataFile::Month(month) => portal[month].entries.len(),
        }
    }
}

/// What the portal is.
#[derive(Clone, Debug, Serialize)]
pub struct PortalRecord<'a> {
    title: &'a str,
    language: &'static str,
    currency: &'a str,
    as_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

/// A file below `data/`, and how many records it holds.
#[derive(Clone, Debug, Serialize)]
pub struct FileRecord {
    address: String,
    list: &'static str,
    count: usize,
}

/// A kind of entries.
#[derive(Clone, Debug, Serialize)]
pub struct KindRecord<'a> {
    kind: &'a str,
    label: &'a str,
    touch: bool,
    for_customer: bool,
}

/// A fact of the schema.
#[derive(Clone, Debug, Serialize)]
pub struct FactRecord<'a> {
    fact: &'a str,
    of: &'a str,
    label: &'a str,
    r#type: &'static str,
    list: bool,
}

/// What customers, departments and people have in common.
#[derive(Clone, Debug, Serialize)]
struct PageRecord<'a> {
    id: &'a str,
    address: String,
    title: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    aliases: &'a [String],
    #[serde(skip_serializing_if = "Facts::is_empty")]
    facts: Facts<'a>,
    source: &'a str,
}

/// A customer.
#[derive(Clone, Debug, Serialize)]
pub struct CustomerRecord<'a> {
    #[serde(flatten)]
    page: PageRecord<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
}

/// A department.
#[derive(Clone, Debug, Serialize)]
pub struct DepartmentRecord<'a> {
    #[serde(flatten)]
    page: PageRecord<'a>,
    contact: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lead: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promise: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assessments: Vec<AssessmentRecord<'a>>,
}

/// How a department sees itself in one year.
#[derive(Clone, Debug, Serialize)]
struct AssessmentRecord<'a> {
    address: String,
    year: i16,
    answers: Vec<AnswerRecord<'a>>,
}

/// An answer to one question.
#[derive(Clone, Debug, Serialize)]
struct AnswerRecord<'a> {
    question: &'static str,
    answer: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

/// A person who has a page.
#[derive(Clone, Debug, Serialize)]
pub struct PersonRecord<'a> {
    #[serde(flatten)]
    page: PageRecord<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    departments: Vec<PostRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<String>,
}

/// Work in a department, in years as on the person's page.
#[derive(Clone, Debug, Serialize)]
struct PostRecord<'a> {
    department: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i16>,
}

/// What a customer wants to reach.
#[derive(Clone, Debug, Serialize)]
pub struct GoalRecord<'a> {
    address: String,
    id: Cow<'a, str>,
    customer: &'a str,
    title: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
}

/// One dated thing that happened.
#[derive(Clone, Debug, Serialize)]
pub struct EntryRecord<'a> {
    address: String,
    kind: &'a str,
    date: String,
    title: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    customers: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    departments: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recorded_by: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    goals: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    enables: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    closes: Vec<String>,
    open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<MoneyRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pays: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<u8>,
    #[serde(skip_serializing_if = "Facts::is_empty")]
    facts: Facts<'a>,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// An exact sum, its value as a decimal text: a program that reads a JSON number may round it.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct MoneyRecord {
    value: String,
    currency: String,
}

/// Facts by the names of the schema, in its order.
#[derive(Clone, Debug)]
struct Facts<'a>(Vec<(&'a str, Value<'a>)>);

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Text(&'a str),
    Number(String),
    Money(MoneyRecord),
    Date(String),
    Bool(bool),
    Page(String),
    List(Vec<Value<'a>>),
}

impl Facts<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Facts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// What the index says.
impl<'a> Viewpoint<'a> {
    /// What the portal is.
    pub fn portal_record(&self) -> PortalRecord<'a> {
        let settings: &'a Settings = &self.portal.settings;
        PortalRecord {
            title: &settings.title,
            language: settings.language.code(),
            currency: settings.currency.code(),
            as_of: self.portal.day.to_string(),
            url: settings.url.as_deref(),
        }
    }

    /// All files but the index.
    pub fn file_records(&self) -> impl Iterator<Item = FileRecord> + use<'a> {
        let portal = self.portal;
        let files = DataFile::all(portal).filter(|file| *file != DataFile::Index);
        files.map(|file| FileRecord {
            address: file.address(portal).to_string(),
            list: file.list(),
            count: file.count(portal),
        })
    }

    /// All kinds of entries.
    pub fn kind_records(&self) -> impl Iterator<Item = KindRecord<'a>> + use<'a> {
        let settings: &'a Settings = &self.portal.settings;
        settings.kinds.iter().map(|kind: &Kind| KindRecord {
            kind: &kind.name,
            label: kind.label.get(settings.language),
            touch: kind.touch,
            for_customer: kind.for_customer,
        })
    }

    /// The facts of the schema that records may hold.
    pub fn fact_records(&self) -> impl Iterator<Item = FactRecord<'a>> + use<'a> {
        let settings: &'a Settings = &self.portal.settings;
        let facts = settings.schema.facts().iter();
        facts.filter_map(|fact: &FactDefinition| {
            Some(FactRecord {
                fact: &fact.name,
                of: scope_word(settings, fact.scope)?,
                label: fact.label.get(settings.language),
                r#type: fact.value_type.word(),
                list: fact.list,
            })
        })
    }
}

/// Plain pages have no records.
fn scope_word(settings: &Settings, scope: FactScope) -> Option<&str> {
    match scope {
        FactScope::Customer => Some("customer"),
        FactScope::Department => Some("department"),
        FactScope::Person => Some("person"),
        FactScope::AnyEntry => Some("entry"),
        FactScope::Entry(kind) => Some(&settings.kind(kind).name),
        FactScope::Plain => None,
    }
}

/// Pages.
impl<'a> Viewpoint<'a> {
    /// A customer.
    pub fn customer_record(&self, id: CustomerId) -> CustomerRecord<'a> {
        let customer = &self.portal[id];
        CustomerRecord {
            page: self.page_record(&customer.page),
            owner: customer.owner.and_then(|owner| self.shown_as(owner)),
        }
    }

    /// A department; its lead, unless the department itself would have to stand in for the name.
    pub fn department_record(&self, id: DepartmentId) -> DepartmentRecord<'a> {
        let department = &self.portal[id];
        let lead = department.lead.filter(|lead| self.portal.is_named(*lead));
        DepartmentRecord {
            page: self.page_record(&department.page),
            contact: contact_word(department.contact),
            lead: lead.and_then(|lead| self.shown_as(lead)),
            promise: department.promise.as_deref(),
            assessments: department
                .assessments
                .iter()
                .map(|assessment| self.assessment_record(assessment))
                .collect(),
        }
    }

    fn assessment_record(&self, assessment: &'a Assessment) -> AssessmentRecord<'a> {
        let answers = assessment.answers.iter();
        AssessmentRecord {
            address: self.here.href(&assessment.address),
            year: assessment.year,
            answers: answers.map(|answer| self.answer_record(answer)).collect(),
        }
    }

    fn answer_record(&self, answer: &'a Answer) -> AnswerRecord<'a> {
        let evidence = self.evidence(answer).into_iter();
        AnswerRecord {
            question: answer.aspect.key(),
            answer: answer.answer,
            evidence: evidence.filter_map(|link| link.href).collect(),
            note: answer.note.as_deref(),
        }
    }

    /// A person who has a page.
    pub fn person_record(&self, id: PersonId) -> PersonRecord<'a> {
        let person = &self.portal[id];
        let left = person.left.filter(|_| self.has_left(id));
        PersonRecord {
            page: self.page_record(&person.page),
            departments: person
                .memberships
                .iter()
                .map(|membership| self.post_record(membership))
                .collect(),
            email: person.emails.first().map(String::as_str),
            left: left.map(|left| left.to_string()),
        }
    }

    fn post_record(&self, membership: &Membership) -> PostRecord<'a> {
        let over = membership.until.filter(|until| *until < self.portal.day);
        PostRecord {
            department: &self.portal[membership.department].page.id,
            since: membership.from.map(Date::year),
            until: over.map(Date::year),
        }
    }

    fn page_record(&self, page: &'a Page) -> PageRecord<'a> {
        PageRecord {
            id: &page.id,
            address: self.here.href(&page.address),
            title: &page.title,
            aliases: &page.aliases,
            facts: self.data_of_facts(&page.facts),
            source: self.portal[page.document].source.as_str(),
        }
    }

    /// The address of what stands in a person's place.
    fn shown_as(&self, person: PersonId) -> Option<String> {
        let page = self.portal.shown(person, self.portal.day).page()?;
        Some(self.here.href(&self.portal.address(page)))
    }
}

/// Goals and entries.
impl<'a> Viewpoint<'a> {
    /// A goal.
    pub fn goal_record(&self, id: GoalId) -> GoalRecord<'a> {
        let goal = &self.portal[id];
        GoalRecord {
            address: self.goal_href(id),
            id: self.id_of_goal(id),
            customer: &self.portal[goal.customer].page.id,
            title: &goal.title,
            status: match goal.status {
                GoalStatus::Open => "open",
                GoalStatus::Reached => "reached",
                GoalStatus::Missed => "missed",
                GoalStatus::Dropped => "dropped",
            },
            measure: goal.measure.as_deref(),
            due: goal.due.map(|due| due.to_string()),
            evidence: goal.evidence.map(|entry| self.entry_href(entry)),
        }
    }

    /// An entry; who looks after it and by when is said while it is open, as on the pages.
    pub fn entry_record(&self, id: EntryId) -> EntryRecord<'a> {
        let portal = self.portal;
        let entry = &portal[id];
        let (source, line) = match entry.source {
            EntrySource::Document(document) => (&portal[document].source, None),
            EntrySource::Row(file, line) => (&portal[file].source, Some(line)),
        };
        let by = self.by_pages(id);
        let people = by.iter().filter_map(|page| match page {
            PageId::Person(person) => Some(portal[*person].page.id.as_str()),
            _ => None,
        });
        let departments = by.iter().filter_map(|page| match page {
            PageId::Department(department) => Some(portal[*department].page.id.as_str()),
            _ => None,
        });
        let customers = entry.customers.iter();
        let recorders = self.recorder_pages(id).into_iter();
        let addresses = |entries: &[EntryId]| {
            let addresses = entries.iter().map(|entry| self.entry_href(*entry));
            addresses.collect()
        };
        EntryRecord {
            address: self.entry_href(id),
            kind: &portal.kind(id).name,
            date: entry.date.to_string(),
            title: &entry.title,
            customers: customers.map(|id| portal[*id].page.id.as_str()).collect(),
            departments: departments.collect(),
            by: people.collect(),
            recorded_by: recorders
                .map(|page| self.here.href(&portal.address(page)))
                .collect(),
            goals: entry.goals.iter().map(|id| self.goal_href(*id)).collect(),
            enables: addresses(&entry.enables),
            closes: addresses(&entry.closes),
            open: entry.open,
            owner: entry
                .owner
                .filter(|_| entry.open)
                .and_then(|owner| self.shown_as(owner)),
            due: entry.due.filter(|_| entry.open).map(|due| due.to_string()),
            amount: entry.amount.map(money_record),
            number: entry.number.as_deref(),
            order: entry.order.as_deref(),
            pays: entry.pays.map(|order| self.entry_href(order)),
            score: entry.score,
            facts: self.data_of_facts(&entry.facts),
            source: source.as_str(),
            line,
        }
    }
}

/// Facts.
impl<'a> Viewpoint<'a> {
    fn data_of_facts(&self, facts: &'a [Fact]) -> Facts<'a> {
        let schema = &self.portal.settings.schema;
        let values = facts.iter().filter_map(|fact| {
            let name = schema.fact(fact.id).name.as_str();
            Some((name, self.data_of_fact(&fact.value)?))
        });
        Facts(values.collect())
    }

    /// A value; `None` for a person in whose place nothing may be shown, and for a list without values.
    fn data_of_fact(&self, value: &'a FactValue<PageId>) -> Option<Value<'a>> {
        Some(match value {
            FactValue::Text(text)
            | FactValue::Url(text)
            | FactValue::Email(text)
            | FactValue::Phone(text) => Value::Text(text),
            FactValue::Number(number) => Value::Number(number.to_string()),
            FactValue::Money(money) => Value::Money(money_record(*money)),
            FactValue::Date(date) => Value::Date(date.to_string()),
            FactValue::Bool(bool) => Value::Bool(*bool),
            FactValue::Page(PageId::Person(person)) => Value::Page(self.shown_as(*person)?),
            FactValue::Page(page) => Value::Page(self.here.href(&self.portal.address(*page))),
            FactValue::List(values) => {
                let values = values.iter().filter_map(|value| self.data_of_fact(value));
                let mut values: Vec<Value<'a>> = values.collect();
                each_page_once(&mut values, |value| matches!(value, Value::Page(_)));
                return (!values.is_empty()).then_some(Value::List(values));
            }
        })
    }
}

fn money_record(money: Money) -> MoneyRecord {
    MoneyRecord {
        value: money.decimal().to_string(),
        currency: money.currency.to_string(),
    }
}
