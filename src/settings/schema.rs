//! The schema: which facts pages and entries may carry, and of which type each is.

use super::{Kind, KindId, Label};
use crate::diagnostic::{Diagnostics, Place, Spanned};
use crate::table::{Item, Table};

/// An index into the schema's list of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(u16);

impl FactId {
    /// The position in the schema.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What may carry a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactScope {
    /// Customers.
    Customer,
    /// Departments.
    Department,
    /// People.
    Person,
    /// Plain pages.
    Plain,
    /// Entries of every kind.
    AnyEntry,
    /// Entries of one kind.
    Entry(KindId),
}

/// What the value of a fact is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactType {
    /// Free text.
    Text,
    /// One of these words.
    Choice(Vec<String>),
    /// An exact number.
    Number,
    /// An exact sum.
    Money,
    /// A day.
    Date,
    /// Yes or no.
    Bool,
    /// A web address.
    Url,
    /// A mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A person by id.
    Person,
    /// A department by id.
    Department,
    /// A customer by id.
    Customer,
}

impl FactType {
    /// The word for it in `strang.toml`.
    pub fn word(&self) -> &'static str {
        match self {
            FactType::Text => "text",
            FactType::Choice(_) => "choice",
            FactType::Number => "number",
            FactType::Money => "money",
            FactType::Date => "date",
            FactType::Bool => "bool",
            FactType::Url => "url",
            FactType::Email => "email",
            FactType::Phone => "phone",
            FactType::Person => "person",
            FactType::Department => "department",
            FactType::Customer => "customer",
        }
    }
}

/// One fact of the schema.
#[derive(Clone, Debug)]
pub struct FactDefinition {
    /// The key in front matter.
    pub name: String,
    /// What may carry it.
    pub scope: FactScope,
    /// What its value is.
    pub value_type: FactType,
    /// Whether it has several values.
    pub list: bool,
    /// The word readers see.
    pub label: Label,
    /// Whether it must be there.
    pub required: bool,
    /// Whether no two pages may share its value.
    pub unique: bool,
}

impl FactDefinition {
    /// Where a word stands among the choices of the fact, counted from 0.
    pub fn position_of(&self, choice: &str) -> Option<usize> {
        match &self.value_type {
            FactType::Choice(choices) => choices.iter().position(|known| known == choice),
            _ => None,
        }
    }
}

/// All facts, in the order of `strang.toml`, which is the order in which pages show them.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    facts: Vec<FactDefinition>,
}

impl Schema {
    /// The definition with this index.
    pub fn fact(&self, id: FactId) -> &FactDefinition {
        &self.facts[id.index()]
    }

    /// The facts that a page or entry may carry; for an entry those of its kind and those of every kind.
    pub fn of(&self, scope: FactScope) -> impl Iterator<Item = (FactId, &FactDefinition)> {
        self.facts.iter().enumerate().filter_map(move |(i, fact)| {
            let fits = fact.scope == scope
                || (fact.scope == FactScope::AnyEntry && matches!(scope, FactScope::Entry(_)));
            fits.then(|| {
                (
                    FactId(
                        u16::try_from(i).expect("BUG: the number of facts is checked when read"),
                    ),
                    fact,
                )
            })
        })
    }

    /// All facts.
    pub fn facts(&self) -> &[FactDefinition] {
        &self.facts
    }

    /// Reads the tables `[facts.customer.NAME]` and so on.
    pub(super) fn read(
        table: Option<Table<'_>>,
        kinds: &[Kind],
        diagnostics: &mut Diagnostics,
    ) -> Schema {
        let mut schema = Schema::default();
        for (name, item) in table.map(|mut table| table.take_all()).unwrap_or_default() {
            let Some(scope) = read_scope(&name, &item, kinds, diagnostics) else {
                continue;
            };
            let Some(mut facts) = item.table(diagnostics) else {
                continue;
            };
            for (name, item) in facts.take_all() {
                if let Some(fact) = read_fact(scope, &name, &item, diagnostics) {
                    schema.push(fact, &item, diagnostics);
                }
            }
        }
        schema
    }

    fn push(&mut self, fact: FactDefinition, item: &Item<'_>, diagnostics: &mut Diagnostics) {
        let overlaps = |other: &FactDefinition| {
            let entries = |scope| matches!(scope, FactScope::AnyEntry | FactScope::Entry(_));
            let any = [other.scope, fact.scope].contains(&FactScope::AnyEntry);
            other.name == fact.name && any && entries(other.scope) && entries(fact.scope)
        };
        if self.facts.iter().any(overlaps) {
            let message = format!("entries of this kind have the fact `{}` twice", fact.name);
            diagnostics.bad_setting(item.place(), &message, "give one of the two another name");
        } else if self.facts.len() == usize::from(u16::MAX) {
            diagnostics.bad_setting(item.place(), "a schema has at most 65,535 facts", "");
        } else {
            self.facts.push(fact);
        }
    }
}

const SCOPES: [(&str, FactScope); 5] = [
    ("customer", FactScope::Customer),
    ("department", FactScope::Department),
    ("person", FactScope::Person),
    ("page", FactScope::Plain),
    ("entry", FactScope::AnyEntry),
];

fn read_scope(
    name: &Spanned<&str>,
    item: &Item<'_>,
    kinds: &[Kind],
    diagnostics: &mut Diagnostics,
) -> Option<FactScope> {
    let built_in = SCOPES
        .iter()
        .find(|(word, _)| *word == name.value)
        .map(|(_, scope)| *scope);
    let kind = || {
        KindId::all(kinds)
            .find(|id| kinds[id.index()].name == name.value)
            .map(FactScope::Entry)
    };
    let scope = built_in.or_else(kind);
    if scope.is_none() {
        let known: Vec<&str> = SCOPES
            .iter()
            .map(|(word, _)| *word)
            .chain(kinds.iter().map(|kind| kind.name.as_str()))
            .collect();
        diagnostics.unknown_key(
            Place {
                span: name.span,
                ..item.place()
            },
            name.value,
            &known,
        );
    }
    scope
}

/// The keys that strang itself gives a meaning, which a fact may therefore not take.
pub fn built_in_keys(scope: FactScope) -> &'static [&'static str] {
    match scope {
        FactScope::Customer => &["title", "aliases", "former_ids", "owner", "goals"],
        FactScope::Department => &[
            "title",
            "aliases",
            "former_ids",
            "contact",
            "lead",
            "promise",
            "assessment",
        ],
        FactScope::Person => &[
            "title",
            "aliases",
            "former_ids",
            "departments",
            "emails",
            "left",
            "shown_as",
        ],
        FactScope::Plain => &["title", "aliases", "former_ids"],
        FactScope::AnyEntry | FactScope::Entry(_) => &[
            "kind",
            "title",
            "date",
            "by",
            "departments",
            "customers",
            "goals",
            "enables",
            "closes",
            "status",
            "owner",
            "due",
            "amount",
            "number",
            "order",
            "score",
        ],
    }
}

fn read_fact(
    scope: FactScope,
    name: &Spanned<&str>,
    item: &Item<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<FactDefinition> {
    let mut table = item.table(diagnostics)?;
    let place = Place {
        span: name.span,
        ..item.place()
    };
    if built_in_keys(scope).contains(&name.value) {
        diagnostics.bad_setting(
            place,
            &format!("`{}` has a meaning of its own", name.value),
            "choose another name",
        );
        return None;
    }
    let choices = table.texts("choices", diagnostics);
    let (value_type, list) = match table.take("type") {
        None => {
            diagnostics.missing_key(place.clone(), "type", "type = \"text\"");
            (FactType::Text, false)
        }
        Some(item) => read_type(&item, &choices, diagnostics)?,
    };
    if !choices.is_empty() && !matches!(value_type, FactType::Choice(_)) {
        diagnostics.bad_setting(
            place.clone(),
            "`choices` belong to a fact of type \"choice\"",
            "set type = \"choice\"",
        );
    }
    if choices.is_empty() && matches!(value_type, FactType::Choice(_)) {
        diagnostics.bad_setting(
            place,
            "a fact of type \"choice\" needs its choices",
            "such as choices = [\"A\", \"B\"]",
        );
    }
    let fact = FactDefinition {
        name: name.value.to_owned(),
        scope,
        value_type,
        list,
        label: Label::read(&mut table, &Label::same(name.value), diagnostics),
        required: table.bool("required", diagnostics).unwrap_or(false),
        unique: table.bool("unique", diagnostics).unwrap_or(false),
    };
    table.finish(diagnostics);
    Some(fact)
}

fn read_type(
    item: &Item<'_>,
    choices: &[Spanned<String>],
    diagnostics: &mut Diagnostics,
) -> Option<(FactType, bool)> {
    let text = item.text(diagnostics)?.value;
    let (word, list) = text
        .strip_prefix("list of ")
        .map_or((text.as_str(), false), |word| (word, true));
    let value_type = match word {
        "text" => FactType::Text,
        "choice" => FactType::Choice(choices.iter().map(|choice| choice.value.clone()).collect()),
        "number" => FactType::Number,
        "money" => FactType::Money,
        "date" => FactType::Date,
        "bool" => FactType::Bool,
        "url" => FactType::Url,
        "email" => FactType::Email,
        "phone" => FactType::Phone,
        "person" => FactType::Person,
        "department" => FactType::Department,
        "customer" => FactType::Customer,
        _ => {
            let words = [
                "text",
                "choice",
                "number",
                "money",
                "date",
                "bool",
                "url",
                "email",
                "phone",
                "person",
                "department",
                "customer",
            ];
            diagnostics.wrong_choice(item.place(), "type", word, &words);
            return None;
        }
    };
    Some((value_type, list))
}
