//! The values of fields: what a customer, an entry or a goal has under the name of a field.
//!
//! People are never a value, only what the site shows in their place: so no condition, no order and no cell can tell
//! more of a hidden person than their department.

use jiff::civil::Date;

use super::super::Viewpoint;
use super::super::parts::{days_between, each_page_once};
use crate::document::{Contact, GoalStatus};
use crate::portal::{CustomerId, DepartmentId, EntryId, Fact, GoalId, PageId, PersonId, Shown};
use crate::query::{Computed, Field, FieldSource};
use crate::settings::{FactId, FactType};
use crate::value::{Decimal, FactValue, Money};

/// One of those of whom a question is asked.
#[derive(Clone, Copy, Debug)]
pub(in crate::view) enum Item {
    Customer(CustomerId),
    Department(DepartmentId),
    Person(PersonId),
    Entry(EntryId),
    Goal(GoalId),
}

/// One value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Value<'a> {
    /// Free text, compared without regard to case.
    Text(&'a str),
    /// One of the words of a choice.
    Word(&'a str),
    Number(Decimal),
    Money(Money),
    Date(Date),
    Bool(bool),
    /// A page of the site, so never that of a hidden person.
    Page(PageId),
    Goal(GoalId),
}

impl Value<'_> {
    /// One form for values that are one: `1.50` and `1.5`.
    pub(super) fn normal(self) -> Self {
        match self {
            Value::Number(number) => Value::Number(number.normal()),
            value => value,
        }
    }
}

/// Takes the values of a field, one after the other.
type See<'s, 'a> = &'s mut dyn FnMut(Value<'a>);

impl<'a> Viewpoint<'a> {
    /// Hands out the values that something has in a field.
    pub(super) fn each_value(&self, field: &Field, item: Item, see: See<'_, 'a>) {
        match &field.source {
            FieldSource::Facts(ids) => self.fact_values(ids, &field.value_type, item, see),
            FieldSource::Computed(computed) => match item {
                Item::Customer(id) => self.customer_values(*computed, id, see),
                Item::Department(id) => self.department_values(*computed, id, see),
                Item::Person(id) => self.person_values(*computed, id, see),
                Item::Entry(id) => self.entry_values(*computed, id, see),
                Item::Goal(id) => self.goal_values(*computed, id, see),
            },
        }
    }

    /// All of them.
    pub(super) fn values_of(&self, field: &Field, item: Item) -> Vec<Value<'a>> {
        let mut values = Vec::new();
        self.each_value(field, item, &mut |value| values.push(value));
        values
    }

    fn fact_values(&self, ids: &[FactId], of: &FactType, item: Item, see: See<'_, 'a>) {
        let portal = self.portal;
        let facts: &[Fact] = match item {
            Item::Customer(id) => &portal[id].page.facts,
            Item::Department(id) => &portal[id].page.facts,
            Item::Person(id) => &portal[id].page.facts,
            Item::Entry(id) => &portal[id].facts,
            Item::Goal(_) => &[],
        };
        match facts.iter().find(|fact| ids.contains(&fact.id)) {
            Some(Fact {
                value: FactValue::List(values),
                ..
            }) => {
                let mut shown = Vec::with_capacity(values.len());
                for value in values {
                    self.fact_value(value, of, &mut |value| shown.push(value));
                }
                each_page_once(&mut shown, |value| matches!(value, Value::Page(_)));
                shown.into_iter().for_each(see);
            }
            Some(fact) => self.fact_value(&fact.value, of, see),
            None => {}
        }
    }

    fn fact_value(&self, value: &'a FactValue<PageId>, of: &FactType, see: See<'_, 'a>) {
        match value {
            FactValue::Text(text) if matches!(of, FactType::Choice(_)) => see(Value::Word(text)),
            FactValue::Text(text)
            | FactValue::Url(text)
            | FactValue::Email(text)
            | FactValue::Phone(text) => see(Value::Text(text)),
            FactValue::Number(number) => see(Value::Number(*number)),
            FactValue::Money(money) => see(Value::Money(*money)),
            FactValue::Date(date) => see(Value::Date(*date)),
            FactValue::Bool(bool) => see(Value::Bool(*bool)),
            FactValue::Page(PageId::Person(person)) => {
                self.person_value(Some(*person), self.portal.day, see);
            }
            FactValue::Page(page) => see(Value::Page(*page)),
            FactValue::List(values) => values
                .iter()
                .for_each(|value| self.fact_value(value, of, see)),
        }
    }

    /// What is shown of a person for something of a day.
    fn person_value(&self, person: Option<PersonId>, day: Date, see: See<'_, 'a>) {
        let shown = person.map_or(Shown::Nobody, |person| self.portal.shown(person, day));
        shown.page().map(Value::Page).into_iter().for_each(see);
    }

    fn customer_values(&self, computed: Computed, id: CustomerId, see: See<'_, 'a>) {
        let portal = self.portal;
        let customer = &portal[id];
        let entries = &customer.entries;
        let open = || entries.iter().filter(|entry| portal[**entry].open);
        match computed {
            Computed::Title => see(Value::Text(&customer.page.title)),
            Computed::Id => see(Value::Text(&customer.page.id)),
            Computed::Owner => self.person_value(customer.owner, portal.day, see),
            Computed::LastTouch => self.day_of_latest(entries, |id| portal.kind(id).touch, see),
            Computed::LastAction => {
                self.day_of_latest(entries, |id| portal.kind(id).for_customer, see);
            }
            Computed::NextDue => {
                let next = open().filter_map(|entry| portal[*entry].due).min();
                next.map(Value::Date).into_iter().for_each(see);
            }
            Computed::OpenLoops => see(count(open().count())),
            Computed::Entries => see(count(entries.len())),
            Computed::Score => {
                let latest = newest(entries, |id| portal[id].score.is_some());
                let score = latest.and_then(|entry| portal[entry].score);
                score
                    .map(|score| count(score.into()))
                    .into_iter()
                    .for_each(see);
            }
            Computed::OpenGoals => {
                let goals = customer.goals.iter();
                let open = goals.filter(|goal| portal[**goal].status == GoalStatus::Open);
                see(count(open.count()));
            }
            _ => {}
        }
    }

    fn department_values(&self, computed: Computed, id: DepartmentId, see: See<'_, 'a>) {
        let department = &self.portal[id];
        match computed {
            Computed::Title => see(Value::Text(&department.page.title)),
            Computed::Id => see(Value::Text(&department.page.id)),
            Computed::Contact => see(Value::Word(match department.contact {
                Contact::Near => "near",
                Contact::Far => "far",
            })),
            // The department itself does not stand in for the name of its lead.
            Computed::Lead => {
                let lead = department.lead.filter(|lead| self.portal.is_named(*lead));
                self.person_value(lead, self.portal.day, see);
            }
            Computed::Promise => department
                .promise
                .iter()
                .for_each(|text| see(Value::Text(text))),
            Computed::OpenLoops => see(count(self.open_of(id).count())),
            Computed::LastContribution => self.day_of_latest(&department.entries, |_| true, see),
            _ => {}
        }
    }

    fn person_values(&self, computed: Computed, id: PersonId, see: See<'_, 'a>) {
        let person = &self.portal[id];
        match computed {
            Computed::Title => see(Value::Text(&person.page.title)),
            Computed::Id => see(Value::Text(&person.page.id)),
            Computed::Departments => self
                .portal
                .departments_on(id, self.portal.day)
                .for_each(|department| see(Value::Page(PageId::Department(department)))),
            Computed::Left => person.left.map(Value::Date).into_iter().for_each(see),
            _ => {}
        }
    }

    fn entry_values(&self, computed: Computed, id: EntryId, see: See<'_, 'a>) {
        let portal = self.portal;
        let entry = &portal[id];
        match computed {
            Computed::Title => see(Value::Text(&entry.title)),
            Computed::Id => portal
                .stem(id)
                .into_iter()
                .for_each(|stem| see(Value::Text(stem))),
            Computed::Kind => see(Value::Word(&portal.kind(id).name)),
            Computed::Date => see(Value::Date(entry.date)),
            Computed::Year => see(Value::Number(Decimal::whole(entry.date.year().into()))),
            Computed::Customers => {
                let pages = entry.customers.iter().copied().map(PageId::Customer);
                pages.map(Value::Page).for_each(see);
            }
            Computed::Departments => {
                let pages = entry.departments.iter().copied().map(PageId::Department);
                pages.map(Value::Page).for_each(see);
            }
            Computed::By => self
                .who_did(&entry.by, entry.date)
                .into_iter()
                .for_each(see),
            Computed::Owner => self.person_value(entry.owner, portal.day, see),
            Computed::Status => see(Value::Word(if entry.open { "open" } else { "done" })),
            Computed::Due => entry.due.map(Value::Date).into_iter().for_each(see),
            Computed::Amount => entry.amount.map(Value::Money).into_iter().for_each(see),
            Computed::Number => entry
                .number
                .iter()
                .for_each(|number| see(Value::Text(number))),
            Computed::Score => {
                let score = entry.score.map(|score| count(score.into()));
                score.into_iter().for_each(see);
            }
            Computed::Goals => entry.goals.iter().copied().map(Value::Goal).for_each(see),
            Computed::AgeDays => see(days(entry.date, portal.day)),
            Computed::Overdue => see(Value::Bool(entry.due.is_some_and(|due| due < portal.day))),
            _ => {}
        }
    }

    /// Departments before people, each in their own order, so that nothing shows the order of names that stay unsaid.
    fn who_did(&self, by: &[PersonId], day: Date) -> Vec<Value<'a>> {
        let shown = by
            .iter()
            .filter_map(|person| self.portal.shown(*person, day).page());
        let mut pages: Vec<PageId> = shown.collect();
        pages.sort_unstable();
        pages.dedup();
        pages.into_iter().map(Value::Page).collect()
    }

    fn goal_values(&self, computed: Computed, id: GoalId, see: See<'_, 'a>) {
        let portal = self.portal;
        let goal = &portal[id];
        let last = || self.last_contribution(id).map(|entry| portal[entry].date);
        match computed {
            Computed::Title => see(Value::Text(&goal.title)),
            Computed::Id => see(Value::Text(&goal.id)),
            Computed::Customer => see(Value::Page(PageId::Customer(goal.customer))),
            Computed::Status => see(Value::Word(match goal.status {
                GoalStatus::Open => "open",
                GoalStatus::Reached => "reached",
                GoalStatus::Missed => "missed",
                GoalStatus::Dropped => "dropped",
            })),
            Computed::Due => goal.due.map(Value::Date).into_iter().for_each(see),
            Computed::Measure => goal.measure.iter().for_each(|text| see(Value::Text(text))),
            Computed::LastContribution => last().map(Value::Date).into_iter().for_each(see),
            Computed::IdleDays => {
                let idle = last().map(|date| days(date, portal.day));
                idle.into_iter().for_each(see);
            }
            Computed::NeedsAHand => see(Value::Bool(self.needs_a_hand(id))),
            _ => {}
        }
    }

    fn day_of_latest(&self, entries: &[EntryId], fits: impl Fn(EntryId) -> bool, see: See<'_, 'a>) {
        let latest = newest(entries, fits);
        let date = latest.map(|entry| Value::Date(self.portal[entry].date));
        date.into_iter().for_each(see);
    }
}

fn newest(entries: &[EntryId], fits: impl Fn(EntryId) -> bool) -> Option<EntryId> {
    entries.iter().rev().copied().find(|entry| fits(*entry))
}

fn count<'a>(number: usize) -> Value<'a> {
    Value::Number(Decimal::whole(i64::try_from(number).unwrap_or(i64::MAX)))
}

fn days<'a>(from: Date, to: Date) -> Value<'a> {
    Value::Number(Decimal::whole(days_between(from, to).into()))
}
