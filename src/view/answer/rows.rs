//! Which rows an answer has, and in which order.

use std::cmp::Ordering;

use icu_collator::CollatorBorrowed;
use jiff::civil::Date;

use super::super::Viewpoint;
use super::values::{Item, Value};
use crate::path::fold;
use crate::portal::{EntryId, PageId, Question};
use crate::query::{
    Computed, Condition, Direction, Field, FieldSource, Operator, Order, Subject, Test,
};
use crate::settings::FactType;
use crate::value::{Decimal, FactValue, Money};

type Wanted = Condition<FactValue<PageId>>;

/// Some rows of an answer, and how many there are in all.
pub(super) struct Rows {
    pub(super) shown: Vec<Item>,
    pub(super) all: usize,
}

/// By what a value is sorted.
#[derive(Clone, Copy)]
enum Key<'a> {
    Text(&'a str),
    /// The place among the words of a choice.
    Rank(usize),
    Number(Decimal),
    Money(Money),
    Date(Date),
    Bool(bool),
}

impl<'a> Viewpoint<'a> {
    /// The first rows of an answer.
    pub(super) fn rows(&self, question: &Question, sort: &[Order], limit: usize) -> Rows {
        let found = self.found(question);
        if sort.is_empty() {
            let mut shown = Vec::new();
            let mut all = 0;
            for item in found {
                all += 1;
                if all <= limit {
                    shown.push(item);
                }
            }
            return Rows { shown, all };
        }
        let found: Vec<Item> = found.collect();
        Rows {
            shown: self.sorted(&found, sort, limit),
            all: found.len(),
        }
    }

    /// Everything for which the conditions hold, in the order that the subject has of its own.
    pub(super) fn found<'q>(&'q self, question: &'q Question) -> impl Iterator<Item = Item> + 'q {
        let all = move |item: &Item| question.all.iter().all(|wanted| self.holds(wanted, *item));
        let any = move |item: &Item| {
            question.any.is_empty() || question.any.iter().any(|wanted| self.holds(wanted, *item))
        };
        self.candidates(question).filter(all).filter(any)
    }

    fn candidates<'q>(&'q self, question: &Question) -> Box<dyn Iterator<Item = Item> + 'q> {
        let portal = self.portal;
        match question.subject {
            Subject::Customers => Box::new(portal.customers().map(Item::Customer)),
            Subject::Departments => Box::new(portal.departments().map(Item::Department)),
            Subject::People => Box::new(portal.shown_people().map(Item::Person)),
            Subject::Goals => Box::new(portal.goals().map(Item::Goal)),
            Subject::Loops => Box::new(portal.loops().iter().copied().map(Item::Entry)),
            Subject::Entries => match self.entries_of(question) {
                Some(entries) => Box::new(entries.iter().rev().copied().map(Item::Entry)),
                None => Box::new(portal.entries().rev().map(Item::Entry)),
            },
        }
    }

    /// The entries of the one customer or department that a question is about, so that not all have to be looked at.
    fn entries_of(&self, question: &Question) -> Option<&'a [EntryId]> {
        let portal = self.portal;
        question.all.iter().find_map(|wanted| match &wanted.test {
            Test::Compare(Operator::Equal | Operator::Contains, FactValue::Page(page)) => {
                match (&wanted.field.source, *page) {
                    (FieldSource::Computed(Computed::Customers), PageId::Customer(id)) => {
                        Some(portal[id].entries.as_slice())
                    }
                    (FieldSource::Computed(Computed::Departments), PageId::Department(id)) => {
                        Some(portal[id].entries.as_slice())
                    }
                    _ => None,
                }
            }
            _ => None,
        })
    }

    fn holds(&self, wanted: &Wanted, item: Item) -> bool {
        match &wanted.test {
            Test::Empty => !self.has(&wanted.field, item, |_| true),
            Test::NotEmpty => self.has(&wanted.field, item, |_| true),
            Test::Compare(Operator::NotEqual, than) => !self.has(&wanted.field, item, |value| {
                self.passes(value, Operator::Equal, than)
            }),
            Test::Compare(operator, than) => self.has(&wanted.field, item, |value| {
                self.passes(value, *operator, than)
            }),
        }
    }

    fn has(&self, field: &Field, item: Item, fits: impl Fn(Value<'a>) -> bool) -> bool {
        let mut has = false;
        self.each_value(field, item, &mut |value| has = has || fits(value));
        has
    }

    fn passes(&self, value: Value<'a>, operator: Operator, than: &FactValue<PageId>) -> bool {
        let order = match (value, than) {
            (Value::Text(text), FactValue::Text(wanted)) => {
                return is_or_holds(&fold(text), operator, wanted);
            }
            (Value::Goal(goal), FactValue::Text(wanted)) => {
                let goal = &self.portal[goal];
                return [&goal.id, &goal.title]
                    .into_iter()
                    .any(|name| is_or_holds(&fold(name), operator, wanted));
            }
            (Value::Word(word), FactValue::Text(wanted)) => same(&word, &wanted.as_str()),
            (Value::Bool(bool), FactValue::Bool(wanted)) => same(&bool, wanted),
            (Value::Page(page), FactValue::Page(wanted)) => same(&page, wanted),
            (Value::Date(date), FactValue::Date(wanted)) => Some(date.cmp(wanted)),
            (Value::Number(number), FactValue::Number(wanted)) => Some(number.compare(*wanted)),
            (Value::Money(money), FactValue::Money(wanted))
                if money.currency == wanted.currency =>
            {
                Some(money.minor.cmp(&wanted.minor))
            }
            _ => None,
        };
        order.is_some_and(|order| match operator {
            Operator::Equal | Operator::Contains => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Less => order.is_lt(),
            Operator::AtMost => order.is_le(),
            Operator::More => order.is_gt(),
            Operator::AtLeast => order.is_ge(),
        })
    }
}

/// Order.
impl<'a> Viewpoint<'a> {
    /// The first of some rows; those that are alike keep their order.
    fn sorted(&self, found: &[Item], sort: &[Order], limit: usize) -> Vec<Item> {
        let collator = self.portal.settings.language.collator();
        let keys: Vec<Option<Key<'a>>> = found
            .iter()
            .flat_map(|item| sort.iter().map(|order| self.key(&order.field, *item)))
            .collect();
        let keys_of = |position: usize| &keys[position * sort.len()..][..sort.len()];
        let compare = |a: &usize, b: &usize| {
            let pairs = keys_of(*a).iter().zip(keys_of(*b)).zip(sort);
            let orders = pairs.map(|((a, b), order)| {
                compare_keys(&collator, a.as_ref(), b.as_ref(), order.direction)
            });
            orders.fold(Ordering::Equal, Ordering::then).then(a.cmp(b))
        };
        let mut positions: Vec<usize> = (0..found.len()).collect();
        if limit < positions.len() {
            positions.select_nth_unstable_by(limit, compare);
            positions.truncate(limit);
        }
        positions.sort_unstable_by(compare);
        positions
            .into_iter()
            .map(|position| found[position])
            .collect()
    }

    /// The key of the first value.
    fn key(&self, field: &Field, item: Item) -> Option<Key<'a>> {
        let mut first = None;
        self.each_value(field, item, &mut |value| {
            first = first.or(Some(value));
        });
        first.map(|value| self.key_of(field, value))
    }

    fn key_of(&self, field: &Field, value: Value<'a>) -> Key<'a> {
        match value {
            Value::Text(text) => Key::Text(text),
            Value::Word(word) => match &field.value_type {
                FactType::Choice(choices) => Key::Rank(
                    choices
                        .iter()
                        .position(|choice| choice == word)
                        .unwrap_or(usize::MAX),
                ),
                _ => Key::Text(word),
            },
            Value::Number(number) => Key::Number(number),
            Value::Money(money) => Key::Money(money),
            Value::Date(date) => Key::Date(date),
            Value::Bool(bool) => Key::Bool(bool),
            Value::Page(page) => {
                let page = self.portal.page(page);
                Key::Text(page.map_or("", |page| page.title.as_str()))
            }
            Value::Goal(goal) => Key::Text(&self.portal[goal].title),
        }
    }

    /// Values of one field, in order; each once.
    pub(super) fn in_order(&self, field: &Field, values: &mut [(Value<'a>, usize)]) {
        let collator = self.portal.settings.language.collator();
        values.sort_by(|(a, _), (b, _)| {
            let (a, b) = (self.key_of(field, *a), self.key_of(field, *b));
            compare_keys(&collator, Some(&a), Some(&b), Direction::Up)
        });
    }
}

/// What is not there comes last, whichever way the order goes.
fn compare_keys(
    collator: &CollatorBorrowed<'_>,
    a: Option<&Key<'_>>,
    b: Option<&Key<'_>>,
    direction: Direction,
) -> Ordering {
    let order = match (a, b) {
        (None, None) => return Ordering::Equal,
        (None, Some(_)) => return Ordering::Greater,
        (Some(_), None) => return Ordering::Less,
        (Some(Key::Text(a)), Some(Key::Text(b))) if a == b => Ordering::Equal,
        (Some(Key::Text(a)), Some(Key::Text(b))) => collator.compare(a, b).then(a.cmp(b)),
        (Some(Key::Rank(a)), Some(Key::Rank(b))) => a.cmp(b),
        (Some(Key::Number(a)), Some(Key::Number(b))) => a.compare(*b),
        (Some(Key::Money(a)), Some(Key::Money(b))) => {
            (a.currency, a.minor).cmp(&(b.currency, b.minor))
        }
        (Some(Key::Date(a)), Some(Key::Date(b))) => a.cmp(b),
        (Some(Key::Bool(a)), Some(Key::Bool(b))) => a.cmp(b),
        _ => Ordering::Equal,
    };
    match direction {
        Direction::Up => order,
        Direction::Down => order.reverse(),
    }
}

fn same<T: PartialEq>(value: &T, wanted: &T) -> Option<Ordering> {
    (value == wanted).then_some(Ordering::Equal)
}

fn is_or_holds(folded: &str, operator: Operator, wanted: &str) -> bool {
    match operator {
        Operator::Contains => folded.contains(wanted),
        _ => folded == wanted,
    }
}
