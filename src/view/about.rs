//! `about-data.html`: what the portal tells of people, for what, where that stands and who sees it.
//!
//! The settings go in, the sheet that a works council asks for comes out: a row for each field that is about people,
//! the built-in ones from one table, the others from the schema and from the columns of ledgers. It must never name
//! anybody.

use serde::Serialize;

use super::Viewpoint;
use super::parts::Frame;
use crate::settings::{
    Column, FactDefinition, FactScope, FactType, Ledger, Meaning, PeopleMode, Schema,
};

/// `about-data.html`.
#[derive(Clone, Debug, Serialize)]
pub struct AboutDataView {
    frame: Frame,
    title: String,
    /// `named`, `departments` or `off`.
    mode: &'static str,
    names_people: bool,
    fields: Vec<FieldRow>,
}

#[derive(Clone, Debug, Serialize)]
struct FieldRow {
    label: String,
    /// What authors call it.
    name: String,
    purpose: String,
    /// Where it stands for readers, and in which files for machines.
    pages: String,
    files: Vec<&'static str>,
    who: String,
}

/// A field that is about people, named by its words.
struct Field {
    /// What authors call it.
    name: &'static str,
    label: &'static str,
    purpose: &'static str,
    place: Place,
    unnamed: Unnamed,
}

/// Where a field shows in a portal that names people.
#[derive(Clone, Copy)]
struct Place {
    /// The words for sorts of pages; none where it is not shown.
    pages: &'static [&'static str],
    files: &'static [&'static str],
}

/// What becomes of a field where people are not named.
#[derive(Clone, Copy, PartialEq)]
enum Unnamed {
    /// The department stands in its place.
    AsDepartment,
    /// It is left out.
    LeftOut,
    /// It stays: it is not about one of our people, as far as the schema tells.
    Stays,
}

const NOWHERE: Place = Place {
    pages: &[],
    files: &[],
};
const PERSON: Place = Place {
    pages: &["people"],
    files: &["data/people.json"],
};
const REACH: Place = Place {
    pages: &["people", "departments", "customers", "loops"],
    files: &["data/people.json"],
};
const POST: Place = Place {
    pages: &["people", "departments"],
    files: &["data/people.json"],
};
const CUSTOMER: Place = Place {
    pages: &["customers"],
    files: &["data/customers.json"],
};
const DEPARTMENT: Place = Place {
    pages: &["departments"],
    files: &["data/departments.json"],
};
const PLAIN: Place = Place {
    pages: &["pages"],
    files: &[],
};
const ENTRY: Place = Place {
    pages: &["customers", "timeline"],
    files: &["data/entries/*.json"],
};
const DOING: Place = Place {
    pages: &[
        "home",
        "customers",
        "departments",
        "people",
        "timeline",
        "feed",
    ],
    files: &["data/entries/*.json"],
};
const ROW: Place = Place {
    pages: &["customers", "departments", "people"],
    files: &["data/entries/*.json"],
};
const RECORDED: Place = Place {
    pages: &["customers", "departments", "people", "timeline", "pages"],
    files: &["data/entries/*.json"],
};
const LOOP: Place = Place {
    pages: &["home", "customers", "departments", "people", "loops"],
    files: &[
        "data/customers.json",
        "data/entries/*.json",
        "data/loops.json",
    ],
};
const EVERYWHERE: Place = Place {
    pages: &[
        "home",
        "people",
        "customers",
        "departments",
        "timeline",
        "pages",
        "feed",
    ],
    files: &["data/*.json", "data/entries/*.json"],
};

/// The fields of every portal, in the order of the sheet. A source of names that is added gets a row here.
const BUILT_IN: [Field; 14] = [
    Field {
        name: "people: title",
        label: "name",
        purpose: "about_name",
        place: EVERYWHERE,
        unnamed: Unnamed::AsDepartment,
    },
    Field {
        name: "people: id, aliases, former_ids",
        label: "about_other_names",
        purpose: "about_other_names_purpose",
        place: PERSON,
        unnamed: Unnamed::LeftOut,
    },
    Field {
        name: "people: departments",
        label: "departments",
        purpose: "about_posts",
        place: POST,
        unnamed: Unnamed::LeftOut,
    },
    Field {
        name: "people: emails",
        label: "about_emails",
        purpose: "about_emails_purpose",
        place: PERSON,
        unnamed: Unnamed::LeftOut,
    },
    Field {
        name: "git: author, co-author",
        label: "recorded_by",
        purpose: "about_git",
        place: RECORDED,
        unnamed: Unnamed::AsDepartment,
    },
    Field {
        name: "people: left",
        label: "left_on",
        purpose: "about_left",
        place: PERSON,
        unnamed: Unnamed::LeftOut,
    },
    Field {
        name: "people: shown_as",
        label: "about_shown_as",
        purpose: "about_shown_as_purpose",
        place: NOWHERE,
        unnamed: Unnamed::LeftOut,
    },
    Field {
        name: "content/people/*.md",
        label: "about_own_text",
        purpose: "about_own_text_purpose",
        place: Place {
            files: &[],
            ..PERSON
        },
        unnamed: Unnamed::LeftOut,
    },
    Field {
        name: "entries: by",
        label: "done_by",
        purpose: "about_by",
        place: DOING,
        unnamed: Unnamed::AsDepartment,
    },
    Field {
        name: "entries: by, kind = \"thanks\"",
        label: "thanks",
        purpose: "about_thanks",
        place: DOING,
        unnamed: Unnamed::AsDepartment,
    },
    Field {
        name: "customers, entries: owner",
        label: "in_charge",
        purpose: "about_owner",
        place: LOOP,
        unnamed: Unnamed::AsDepartment,
    },
    Field {
        name: "departments: lead",
        label: "lead",
        purpose: "about_lead",
        place: DEPARTMENT,
        unnamed: Unnamed::LeftOut,
    },
    Field {
        name: "departments: assessment",
        label: "assessment",
        purpose: "about_assessment",
        place: DEPARTMENT,
        unnamed: Unnamed::AsDepartment,
    },
    Field {
        name: "[[…]]",
        label: "about_links",
        purpose: "about_links_purpose",
        place: EVERYWHERE,
        unnamed: Unnamed::AsDepartment,
    },
];

impl Viewpoint<'_> {
    /// The sheet on what the portal tells of people.
    pub fn about_data(&self) -> AboutDataView {
        let settings = &self.portal.settings;
        let built_in = BUILT_IN.iter().map(|field| self.built_in(field));
        let facts = settings.schema.facts().iter();
        let facts = facts.filter_map(|fact| self.fact_of_people(fact));
        let ledgers = settings.ledgers.iter();
        let columns = ledgers.flat_map(|ledger| self.columns_of_people(ledger, &settings.schema));
        AboutDataView {
            frame: self.frame(self.crumbs_home(), None),
            title: self.word("about_data"),
            mode: match settings.people {
                PeopleMode::Named => "named",
                PeopleMode::Departments => "departments",
                PeopleMode::Off => "off",
            },
            names_people: self.portal.names_people(),
            fields: built_in.chain(facts).chain(columns).collect(),
        }
    }

    fn built_in(&self, field: &Field) -> FieldRow {
        FieldRow {
            label: self.word(field.label),
            name: field.name.to_owned(),
            purpose: self.word(field.purpose),
            ..self.placed(field.place, field.unnamed)
        }
    }

    /// A row that says no more than where something stands and who sees it there.
    fn placed(&self, place: Place, unnamed: Unnamed) -> FieldRow {
        let place = match unnamed {
            Unnamed::LeftOut if !self.portal.names_people() => NOWHERE,
            _ => place,
        };
        // Without names there are no pages of people to name.
        let is_there = |of_people: bool| self.portal.names_people() || !of_people;
        let pages = place
            .pages
            .iter()
            .filter(|page| is_there(PERSON.pages.contains(page)));
        let pages: Vec<&str> = pages.map(|page| self.words.get(page)).collect();
        let mut pages = pages.join(", ");
        if unnamed == Unnamed::AsDepartment && !self.portal.names_people() {
            let values = [("x", pages.as_str())];
            let as_department = self.words.fill("about_as_department", None, &values);
            pages = as_department.unwrap_or(pages);
        }
        let files = place
            .files
            .iter()
            .filter(|file| is_there(PERSON.files.contains(file)));
        let who = if place.pages.is_empty() {
            "about_repository"
        } else {
            "about_everybody"
        };
        FieldRow {
            label: String::new(),
            name: String::new(),
            purpose: String::new(),
            pages,
            files: files.copied().collect(),
            who: self.word(who),
        }
    }

    /// Facts of people, and facts that name people or tell how to reach somebody.
    fn fact_of_people(&self, fact: &FactDefinition) -> Option<FieldRow> {
        let (purpose, unnamed) = purpose(fact)?;
        let place = match fact.scope {
            FactScope::Person if fact.value_type == FactType::Phone => REACH,
            FactScope::Person => PERSON,
            FactScope::Customer => CUSTOMER,
            FactScope::Department => DEPARTMENT,
            FactScope::Plain => PLAIN,
            FactScope::AnyEntry | FactScope::Entry(_) => ENTRY,
        };
        Some(FieldRow {
            label: fact.label.get(self.portal.settings.language).to_owned(),
            name: format!("{}: {}", self.scope_name(fact.scope), fact.name),
            purpose: self.word(purpose),
            ..self.placed(place, unnamed)
        })
    }

    /// What authors call those who may carry a fact.
    fn scope_name(&self, scope: FactScope) -> String {
        match scope {
            FactScope::Customer => "customers".to_owned(),
            FactScope::Department => "departments".to_owned(),
            FactScope::Person => "people".to_owned(),
            FactScope::Plain => "page".to_owned(),
            FactScope::AnyEntry => "entry".to_owned(),
            FactScope::Entry(kind) => self.portal.settings.kind(kind).name.clone(),
        }
    }

    /// The columns of a ledger that name people or tell how to reach somebody.
    fn columns_of_people(&self, ledger: &Ledger, schema: &Schema) -> Vec<FieldRow> {
        let label = ledger.label.get(self.portal.settings.language);
        let row = |column: &Column| {
            let (purpose, unnamed) = match column.meaning {
                Meaning::By => ("about_by", Unnamed::AsDepartment),
                Meaning::Fact(column) => ledger.facts[column]
                    .facts()
                    .find_map(|fact| purpose(schema.fact(fact)))?,
                _ => return None,
            };
            let place = match column.meaning {
                Meaning::By => ROW,
                _ => Place {
                    pages: CUSTOMER.pages,
                    ..ENTRY
                },
            };
            let values = [("x", label)];
            Some(FieldRow {
                label: column.title.clone(),
                name: self.words.fill("from_ledger", None, &values)?,
                purpose: self.word(purpose),
                ..self.placed(place, unnamed)
            })
        };
        ledger.columns.iter().filter_map(row).collect()
    }
}

/// What a fact is for that is about people, and what becomes of it where they are not named; `None` for all others.
fn purpose(fact: &FactDefinition) -> Option<(&'static str, Unnamed)> {
    Some(match (fact.scope, &fact.value_type) {
        (FactScope::Person, FactType::Number | FactType::Money) => {
            ("about_fact_amount", Unnamed::LeftOut)
        }
        (FactScope::Person, _) => ("about_fact", Unnamed::LeftOut),
        (_, FactType::Person) => ("about_fact_person", Unnamed::AsDepartment),
        (_, FactType::Email | FactType::Phone) => ("about_fact_reach", Unnamed::Stays),
        _ => return None,
    })
}
