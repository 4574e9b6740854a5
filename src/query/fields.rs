//! The fields of each subject: what strang computes, and the facts of the schema.

use super::Subject;
use crate::settings::{FactDefinition, FactId, FactScope, FactType, KindId, Settings};

/// Something that customers, entries and so on have: what can be shown, sorted by and tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The word for it in a block.
    pub name: String,
    /// Where its values come from.
    pub source: FieldSource,
    /// What its values are.
    pub value_type: FactType,
    /// Whether it has several values.
    pub list: bool,
}

/// Where the values of a field come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldSource {
    /// From facts of the schema; of entries, several kinds may have one of this name.
    Facts(Vec<FactId>),
    /// From all that the portal knows.
    Computed(Computed),
}

macro_rules! computed {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A field that no schema has to name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Computed { $($(#[$doc])* $name,)* }
    };
}

computed! {
    /// What it is called; it leads to its page.
    Title,
    /// The name of its file.
    Id,
    /// Who is in charge.
    Owner,
    /// The day of the latest contact with the customer.
    LastTouch,
    /// The day on which something was last done for the customer.
    LastAction,
    /// The earliest day on which something open is due.
    NextDue,
    /// How many entries wait for somebody.
    OpenLoops,
    /// How many entries there are.
    Entries,
    /// From 0 to 10; of a customer, the latest one.
    Score,
    /// How many goals are under way.
    OpenGoals,
    /// Near the customer or far.
    Contact,
    /// Who leads a department.
    Lead,
    /// What customers get from a department.
    Promise,
    /// The day of the latest contribution.
    LastContribution,
    /// Where a person works; which departments did it.
    Departments,
    /// The day from which a person is gone.
    Left,
    /// What sort of event.
    Kind,
    /// When it happened.
    Date,
    /// The year of that.
    Year,
    /// For whom.
    Customers,
    /// Whose goal.
    Customer,
    /// Who did it.
    By,
    /// A sum.
    Amount,
    /// An order or invoice number.
    Number,
    /// Where it stands.
    Status,
    /// By when.
    Due,
    /// What it pays into.
    Goals,
    /// How a goal is measured.
    Measure,
    /// Days since the latest contribution to a goal.
    IdleDays,
    /// Whether a goal has waited too long for a contribution.
    NeedsAHand,
    /// Days since an entry that is still open.
    AgeDays,
    /// Whether an entry is late.
    Overdue,
}

/// What the values of a computed field are, where [`FactType`] alone does not say it.
#[derive(Clone, Copy)]
enum Of {
    One(fn(&Settings) -> FactType),
    List(fn(&Settings) -> FactType),
}

const TEXT: Of = Of::One(|_| FactType::Text);
const NUMBER: Of = Of::One(|_| FactType::Number);
const DATE: Of = Of::One(|_| FactType::Date);
const BOOL: Of = Of::One(|_| FactType::Bool);
const PERSON: Of = Of::One(|_| FactType::Person);

const ALL: &[Subject] = &[
    Subject::Customers,
    Subject::Departments,
    Subject::People,
    Subject::Entries,
    Subject::Goals,
    Subject::Loops,
];
const CUSTOMERS: &[Subject] = &[Subject::Customers];
const DEPARTMENTS: &[Subject] = &[Subject::Departments];
const PEOPLE: &[Subject] = &[Subject::People];
const ENTRIES: &[Subject] = &[Subject::Entries, Subject::Loops];
const GOALS: &[Subject] = &[Subject::Goals];
const LOOPS: &[Subject] = &[Subject::Loops];

/// Every computed field: the word for it, what has it, what it is, and what its values are.
const FIELDS: &[(&str, &[Subject], Computed, Of)] = &[
    ("title", ALL, Computed::Title, TEXT),
    ("id", ALL, Computed::Id, TEXT),
    ("owner", CUSTOMERS, Computed::Owner, PERSON),
    ("last_touch", CUSTOMERS, Computed::LastTouch, DATE),
    ("last_action", CUSTOMERS, Computed::LastAction, DATE),
    ("next_due", CUSTOMERS, Computed::NextDue, DATE),
    ("open_loops", CUSTOMERS, Computed::OpenLoops, NUMBER),
    ("open_goals", CUSTOMERS, Computed::OpenGoals, NUMBER),
    ("entries", CUSTOMERS, Computed::Entries, NUMBER),
    ("score", CUSTOMERS, Computed::Score, NUMBER),
    (
        "contact",
        DEPARTMENTS,
        Computed::Contact,
        Of::One(|_| choice(&["near", "far"])),
    ),
    ("lead", DEPARTMENTS, Computed::Lead, PERSON),
    ("promise", DEPARTMENTS, Computed::Promise, TEXT),
    ("open_loops", DEPARTMENTS, Computed::OpenLoops, NUMBER),
    (
        "last_contribution",
        DEPARTMENTS,
        Computed::LastContribution,
        DATE,
    ),
    (
        "departments",
        PEOPLE,
        Computed::Departments,
        Of::List(|_| FactType::Department),
    ),
    ("left", PEOPLE, Computed::Left, DATE),
    ("kind", ENTRIES, Computed::Kind, Of::One(kinds)),
    ("date", ENTRIES, Computed::Date, DATE),
    ("year", ENTRIES, Computed::Year, NUMBER),
    (
        "customers",
        ENTRIES,
        Computed::Customers,
        Of::List(|_| FactType::Customer),
    ),
    (
        "departments",
        ENTRIES,
        Computed::Departments,
        Of::List(|_| FactType::Department),
    ),
    ("by", ENTRIES, Computed::By, Of::List(|_| FactType::Person)),
    ("owner", ENTRIES, Computed::Owner, PERSON),
    (
        "status",
        ENTRIES,
        Computed::Status,
        Of::One(|_| choice(&["open", "done"])),
    ),
    ("due", ENTRIES, Computed::Due, DATE),
    (
        "amount",
        ENTRIES,
        Computed::Amount,
        Of::One(|_| FactType::Money),
    ),
    ("number", ENTRIES, Computed::Number, TEXT),
    ("score", ENTRIES, Computed::Score, NUMBER),
    (
        "goals",
        ENTRIES,
        Computed::Goals,
        Of::List(|_| FactType::Text),
    ),
    ("age_days", LOOPS, Computed::AgeDays, NUMBER),
    ("overdue", LOOPS, Computed::Overdue, BOOL),
    (
        "customer",
        GOALS,
        Computed::Customer,
        Of::One(|_| FactType::Customer),
    ),
    (
        "status",
        GOALS,
        Computed::Status,
        Of::One(|_| choice(&["open", "reached", "missed", "dropped"])),
    ),
    ("due", GOALS, Computed::Due, DATE),
    ("measure", GOALS, Computed::Measure, TEXT),
    ("last_contribution", GOALS, Computed::LastContribution, DATE),
    ("idle_days", GOALS, Computed::IdleDays, NUMBER),
    ("needs_a_hand", GOALS, Computed::NeedsAHand, BOOL),
];

fn choice(words: &[&str]) -> FactType {
    FactType::Choice(words.iter().map(|word| (*word).to_owned()).collect())
}

fn kinds(settings: &Settings) -> FactType {
    let names = settings.kinds.iter().map(|kind| kind.name.clone());
    FactType::Choice(names.collect())
}

impl Subject {
    /// All fields of the subject. A fact that is named like a computed field stands in its place: a portal's own words
    /// come first.
    pub fn fields(self, settings: &Settings) -> Vec<Field> {
        let facts = self.facts(settings);
        let is_free = |name: &str| !facts.iter().any(|fact| fact.name == name);
        let computed = FIELDS
            .iter()
            .filter(|(name, subjects, ..)| subjects.contains(&self) && is_free(name))
            .map(|(name, _, computed, of)| {
                let (value_type, list) = match of {
                    Of::One(value_type) => (value_type(settings), false),
                    Of::List(value_type) => (value_type(settings), true),
                };
                Field {
                    name: (*name).to_owned(),
                    source: FieldSource::Computed(*computed),
                    value_type,
                    list,
                }
            });
        let mut fields: Vec<Field> = computed.collect();
        fields.extend(facts);
        fields
    }

    fn facts(self, settings: &Settings) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for scope in self.scopes(settings) {
            for (id, definition) in settings.schema.of(scope) {
                match fields
                    .iter_mut()
                    .find(|field| field.name == definition.name)
                {
                    Some(field) => field.add(id, definition),
                    None => fields.push(Field::of_fact(id, definition)),
                }
            }
        }
        fields
    }

    fn scopes(self, settings: &Settings) -> Vec<FactScope> {
        match self {
            Subject::Customers => vec![FactScope::Customer],
            Subject::Departments => vec![FactScope::Department],
            Subject::People => vec![FactScope::Person],
            Subject::Entries | Subject::Loops => {
                KindId::all(&settings.kinds).map(FactScope::Entry).collect()
            }
            Subject::Goals => Vec::new(),
        }
    }

    /// What is shown where a block does not say it.
    pub fn usual_columns(self) -> &'static [&'static str] {
        match self {
            Subject::Customers => &["title", "owner", "open_loops", "last_touch", "score"],
            Subject::Departments => &["title", "contact", "lead", "last_contribution"],
            Subject::People => &["title", "departments"],
            Subject::Entries => &["title", "date", "kind", "customers", "departments"],
            Subject::Goals => &["title", "customer", "status", "due", "last_contribution"],
            Subject::Loops => &["title", "due", "customers", "owner", "date"],
        }
    }

    /// By what is sorted where a block does not say it and the subject has no order of its own.
    pub fn usual_order(self) -> &'static [&'static str] {
        match self {
            Subject::Goals => &["due"],
            _ => &[],
        }
    }
}

impl Field {
    fn of_fact(id: FactId, definition: &FactDefinition) -> Field {
        Field {
            name: definition.name.clone(),
            source: FieldSource::Facts(vec![id]),
            value_type: definition.value_type.clone(),
            list: definition.list,
        }
    }

    /// Takes in the fact of another kind with the same name: it may have other choices.
    fn add(&mut self, id: FactId, definition: &FactDefinition) {
        if let FieldSource::Facts(ids) = &mut self.source
            && !ids.contains(&id)
        {
            ids.push(id);
        }
        if let (FactType::Choice(known), FactType::Choice(more)) =
            (&mut self.value_type, &definition.value_type)
        {
            let new = more.iter().filter(|choice| !known.contains(choice));
            let new: Vec<String> = new.cloned().collect();
            known.extend(new);
        }
    }

    /// Whether all facts of this name have values of one type.
    pub fn is_of_one_type(&self, settings: &Settings) -> bool {
        let FieldSource::Facts(ids) = &self.source else {
            return true;
        };
        let alike = |fact: &FactDefinition| {
            let types = (&fact.value_type, &self.value_type);
            let choices = matches!(types, (FactType::Choice(_), FactType::Choice(_)));
            fact.list == self.list && (choices || types.0 == types.1)
        };
        ids.iter().all(|id| alike(settings.schema.fact(*id)))
    }

    /// Whether its values are words without an order but that of the alphabet.
    pub fn is_text(&self) -> bool {
        matches!(
            self.value_type,
            FactType::Text | FactType::Url | FactType::Email | FactType::Phone
        )
    }

    /// Whether one of its values may be smaller than another.
    pub fn has_order(&self) -> bool {
        matches!(
            self.value_type,
            FactType::Number | FactType::Money | FactType::Date
        )
    }

    /// Whether its values say how much, so that people would be ranked by them.
    pub fn is_amount(&self) -> bool {
        matches!(self.value_type, FactType::Number | FactType::Money)
    }

    /// Whether its values are people, or the departments that did something: of a small one, its people.
    pub fn tells_who(&self) -> bool {
        let who_did_it = FieldSource::Computed(Computed::Departments);
        self.value_type == FactType::Person || self.source == who_did_it
    }

    /// Whether it makes sense to count how often each of its values occurs.
    pub fn is_countable(&self) -> bool {
        let names = [Computed::Title, Computed::Id].map(FieldSource::Computed);
        let counted = matches!(
            self.value_type,
            FactType::Text
                | FactType::Choice(_)
                | FactType::Number
                | FactType::Bool
                | FactType::Department
                | FactType::Customer
        );
        counted && !names.contains(&self.source)
    }
}
