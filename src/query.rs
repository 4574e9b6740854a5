//! What a table block asks: of what, under which conditions, shown how.
//!
//! Values only. A [`Query`] is asked of customers, departments, people, entries, goals or loops, whose fields are the
//! facts of the schema and what strang computes. `V` is what its conditions compare with: as written in a document, as
//! meant in a portal. It must never look at content.

mod fields;

pub use fields::{Computed, Field, FieldSource};

/// What a table block asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Query<V> {
    /// Of what.
    pub subject: Subject,
    /// What stands above the answer.
    pub title: Option<String>,
    /// What must all hold.
    pub all: Vec<Condition<V>>,
    /// Of which one must hold, unless there are none.
    pub any: Vec<Condition<V>>,
    /// How the answer is shown.
    pub shape: Shape,
}

/// What there are fields of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All customers.
    Customers,
    /// All departments.
    Departments,
    /// Everybody whom the site may name.
    People,
    /// Everything that happened.
    Entries,
    /// What customers want to reach.
    Goals,
    /// The entries that wait for somebody.
    Loops,
}

impl Subject {
    /// All subjects by the words for them.
    pub const ALL: [(&'static str, Subject); 6] = [
        ("customers", Subject::Customers),
        ("departments", Subject::Departments),
        ("people", Subject::People),
        ("entries", Subject::Entries),
        ("goals", Subject::Goals),
        ("loops", Subject::Loops),
    ];

    /// Whether an order by a field would be a ranking of people: what such a field says is shown and no more.
    pub fn is_ranked_by(self, field: &Field) -> bool {
        self == Subject::People && field.is_amount()
    }

    /// The word for it in a block.
    pub fn name(self) -> &'static str {
        let named = Subject::ALL.iter().find(|(_, subject)| *subject == self);
        named.expect("BUG: every subject is listed").0
    }
}

/// One condition: a field and how its values are tested.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition<V> {
    /// What is tested.
    pub field: Field,
    /// How.
    pub test: Test<V>,
}

/// How the values of a field are tested; one of several that passes is enough.
#[derive(Clone, Debug, PartialEq)]
pub enum Test<V> {
    /// Against a value.
    Compare(Operator, V),
    /// There is none.
    Empty,
    /// There is one.
    NotEmpty,
}

/// How a value is compared with that of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// It is the same.
    Equal,
    /// None of the values is the same.
    NotEqual,
    /// It is smaller, or earlier.
    Less,
    /// It is not larger, not later.
    AtMost,
    /// It is larger, or later.
    More,
    /// It is not smaller, not earlier.
    AtLeast,
    /// A text holds it; a list has it.
    Contains,
}

impl Operator {
    /// All operators by the signs for them.
    pub const ALL: [(&'static str, Operator); 7] = [
        ("=", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<", Operator::Less),
        ("<=", Operator::AtMost),
        (">", Operator::More),
        (">=", Operator::AtLeast),
        ("contains", Operator::Contains),
    ];

    /// Whether it tells less from more.
    pub fn asks_how_much(self) -> bool {
        !matches!(
            self,
            Operator::Equal | Operator::NotEqual | Operator::Contains
        )
    }

    /// The operators that fit a field, by their signs.
    pub fn fitting(field: &Field) -> impl Iterator<Item = (&'static str, Operator)> + '_ {
        let fits = |operator: Operator| match operator {
            Operator::Equal | Operator::NotEqual => true,
            Operator::Contains => field.list || field.is_text(),
            _ => field.has_order(),
        };
        Operator::ALL
            .into_iter()
            .filter(move |(_, operator)| fits(*operator))
    }
}

/// How an answer is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A row for each.
    Table {
        /// The fields of the columns.
        columns: Vec<Field>,
        /// By which fields, the first one first; without any, in the order that the subject has of its own.
        sort: Vec<Order>,
        /// How many rows at most.
        limit: usize,
    },
    /// How many there are of each value of a field.
    Bars(Field),
}

/// One step of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// By what.
    pub field: Field,
    /// Which way.
    pub direction: Direction,
}

/// Which way an order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, the earliest, A first.
    Up,
    /// The largest, the latest, Z first.
    Down,
}

impl<V> Query<V> {
    /// The same query with the values of its conditions named in another way, if `f` knows all of them.
    pub fn resolve<W>(&self, f: &mut impl FnMut(&V) -> Option<W>) -> Option<Query<W>> {
        let mut resolve = |conditions: &[Condition<V>]| {
            let resolved: Vec<Option<Condition<W>>> = conditions
                .iter()
                .map(|condition| condition.resolve(f))
                .collect();
            resolved.into_iter().collect::<Option<Vec<_>>>()
        };
        let (all, any) = (resolve(&self.all), resolve(&self.any));
        Some(Query {
            subject: self.subject,
            title: self.title.clone(),
            all: all?,
            any: any?,
            shape: self.shape.clone(),
        })
    }

    /// All conditions.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition<V>> {
        self.all.iter().chain(&self.any)
    }
}

impl<V> Condition<V> {
    fn resolve<W>(&self, f: &mut impl FnMut(&V) -> Option<W>) -> Option<Condition<W>> {
        let test = match &self.test {
            Test::Compare(operator, value) => Test::Compare(*operator, f(value)?),
            Test::Empty => Test::Empty,
            Test::NotEmpty => Test::NotEmpty,
        };
        Some(Condition {
            field: self.field.clone(),
            test,
        })
    }

    /// Whether the condition is about certain people or what certain departments did.
    pub fn names_somebody(&self) -> bool {
        self.field.tells_who() && matches!(self.test, Test::Compare(..))
    }
}
