//! By what results are picked and counted: filter terms with their records, and columns of values.

use std::collections::{BTreeMap, HashMap};

use super::records::{Records, id_of};
use crate::portal::{CustomerId, DepartmentId, EntryId, Portal};
use crate::settings::{FactId, FactType};
use crate::view::{FoundStatus, Values};

/// So many ids make a block of a column.
pub(super) const COLUMN_BLOCK: usize = 65_536;

/// What there is to pick from.
pub(super) struct Facets {
    /// Filter terms in their order, each with the ids that it picks.
    pub(super) filters: Vec<(Vec<u8>, Vec<u32>)>,
    /// Kind, status, departments, customers.
    pub(super) columns: [Column; 4],
}

/// A set of values for each id.
#[derive(Default)]
pub(super) struct Column {
    sets: Vec<u32>,
    known: HashMap<Vec<u32>, u32>,
    by_number: Vec<Vec<u32>>,
}

/// A part of a column with only the sets that it needs, in the order in which they come.
pub(super) struct ColumnBlock<'a> {
    pub(super) sets: Vec<&'a [u32]>,
    pub(super) numbers: Vec<u32>,
}

impl Column {
    fn push(&mut self, set: &[u32]) {
        let number = match self.known.get(set) {
            Some(number) => *number,
            None => {
                let number = id_of(self.by_number.len());
                self.known.insert(set.to_vec(), number);
                self.by_number.push(set.to_vec());
                number
            }
        };
        self.sets.push(number);
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = ColumnBlock<'_>> {
        self.sets.chunks(COLUMN_BLOCK).map(|numbers| {
            let mut block = ColumnBlock {
                sets: Vec::new(),
                numbers: Vec::with_capacity(numbers.len()),
            };
            let mut renumbered = HashMap::new();
            for number in numbers {
                let next = id_of(block.sets.len());
                let new = *renumbered.entry(*number).or_insert(next);
                if new == next {
                    block.sets.push(&self.by_number[*number as usize]);
                }
                block.numbers.push(new);
            }
            block
        })
    }
}

/// The ids that each value picks, while they are collected in order.
struct Picked<'a> {
    portal: &'a Portal,
    customers: Vec<Vec<u32>>,
    departments: Vec<Vec<u32>>,
    people: Vec<Vec<u32>>,
    goals: Vec<Vec<u32>>,
    kinds: Vec<Vec<u32>>,
    statuses: [Vec<u32>; 2],
    choices: BTreeMap<(&'a str, &'a str), Vec<u32>>,
}

impl Facets {
    pub(super) fn of(records: &Records<'_>) -> Facets {
        let portal = records.portal;
        let nothing = |count| vec![Vec::new(); count];
        let mut picked = Picked {
            portal,
            customers: nothing(portal.customers().count()),
            departments: nothing(portal.departments().count()),
            people: nothing(portal.people().count()),
            goals: nothing(portal.goals().count()),
            kinds: nothing(portal.settings.kinds.len()),
            statuses: [Vec::new(), Vec::new()],
            choices: BTreeMap::new(),
        };
        let mut columns: [Column; 4] = Default::default();
        for (id, found) in records.undated().enumerate() {
            picked.add(id_of(id), &found.values);
            picked.add_status(id_of(id), found.status);
            push_row(&mut columns, records, None, found.status, &found.values);
        }
        for _ in records.undated().len()..records.base {
            columns.iter_mut().for_each(|column| column.push(&[]));
        }
        let of_customers: Vec<Vec<(FactId, &str)>> = choices_of_customers(records);
        let mut values = Values::default();
        for (id, entry) in (id_of(records.base)..).zip(&records.entries) {
            let status = records.from.status_of_entry(*entry);
            let kind = portal[*entry].kind.index();
            records.from.set_values(*entry, &mut values);
            add_choices(portal, *entry, &of_customers, &mut values);
            picked.add(id, &values);
            picked.add_status(id, status);
            picked.kinds[kind].push(id);
            push_row(&mut columns, records, Some(id_of(kind)), status, &values);
        }
        Facets {
            filters: picked.into_terms(records),
            columns,
        }
    }
}

/// A customer's choices hold for what happens for it, too.
fn add_choices<'a>(
    portal: &Portal,
    entry: EntryId,
    of_customers: &[Vec<(FactId, &'a str)>],
    values: &mut Values<'a>,
) {
    for customer in &portal[entry].customers {
        values
            .choices
            .extend_from_slice(&of_customers[customer.index()]);
    }
}

fn choices_of_customers<'a>(records: &Records<'a>) -> Vec<Vec<(FactId, &'a str)>> {
    let choices = |customer: CustomerId| {
        let head = records.head_of_customer(customer) as usize;
        records.head(head).values.choices.clone()
    };
    records.portal.customers().map(choices).collect()
}

fn push_row(
    columns: &mut [Column; 4],
    records: &Records<'_>,
    kind: Option<u32>,
    status: FoundStatus,
    values: &Values<'_>,
) {
    let [kinds, statuses, departments, customers] = columns;
    kinds.push(kind.as_slice());
    statuses.push(match status {
        FoundStatus::Silent => &[],
        FoundStatus::Open => &[1],
        FoundStatus::Done => &[2],
    });
    departments.push(&positions(&values.departments).collect::<Vec<_>>());
    let mut heads: Vec<u32> = values
        .customers
        .iter()
        .map(|customer| records.head_of_customer(*customer))
        .collect();
    heads.sort_unstable();
    customers.push(&heads);
}

/// Departments as the root lists them.
pub(super) fn positions(departments: &[DepartmentId]) -> impl Iterator<Item = u32> {
    departments
        .iter()
        .map(|department| id_of(department.index()))
}

impl<'a> Picked<'a> {
    fn add(&mut self, id: u32, values: &Values<'a>) {
        for customer in &values.customers {
            pick(&mut self.customers[customer.index()], id);
        }
        for department in &values.departments {
            pick(&mut self.departments[department.index()], id);
        }
        for person in &values.people {
            pick(&mut self.people[person.index()], id);
        }
        for goal in &values.goals {
            pick(&mut self.goals[goal.index()], id);
        }
        for (fact, choice) in &values.choices {
            let name = self.portal.settings.schema.fact(*fact).name.as_str();
            pick(self.choices.entry((name, choice)).or_default(), id);
        }
    }

    fn add_status(&mut self, id: u32, status: FoundStatus) {
        match status {
            FoundStatus::Silent => {}
            FoundStatus::Open => self.statuses[0].push(id),
            FoundStatus::Done => self.statuses[1].push(id),
        }
    }

    fn into_terms(self, records: &Records<'_>) -> Vec<(Vec<u8>, Vec<u32>)> {
        let portal = self.portal;
        let kinds = portal.settings.kinds.iter().map(|kind| kind.name.as_str());
        let mut terms: Vec<(Vec<u8>, Vec<u32>)> = Vec::new();
        let mut add = |key: &str, value: &str, ids: Vec<u32>| {
            if !ids.is_empty() {
                terms.push((term(key, value), ids));
            }
        };
        for (id, ids) in portal.customers().zip(self.customers) {
            add("customer", &portal[id].page.id, ids);
        }
        for (id, ids) in portal.departments().zip(self.departments) {
            add("department", &portal[id].page.id, ids);
        }
        for (id, ids) in portal.people().zip(self.people) {
            add("person", &portal[id].page.id, ids);
        }
        for (id, ids) in portal.goals().zip(self.goals) {
            let customer = &portal[portal[id].customer].page.id;
            let value = format!("{customer}/{}", records.from.id_of_goal(id));
            add("goal", &value, ids);
        }
        for (kind, ids) in kinds.zip(self.kinds) {
            add("kind", kind, ids);
        }
        for (status, ids) in ["open", "done"].into_iter().zip(self.statuses) {
            add("status", status, ids);
        }
        for ((fact, choice), ids) in self.choices {
            let choice = records.from.redacted(choice.into());
            add(&format!("fact:{fact}"), &choice, ids);
        }
        terms.sort_unstable();
        merge_alike(terms)
    }
}

/// What differs only in names that are not said is one.
fn merge_alike(terms: Vec<(Vec<u8>, Vec<u32>)>) -> Vec<(Vec<u8>, Vec<u32>)> {
    let mut merged: Vec<(Vec<u8>, Vec<u32>)> = Vec::with_capacity(terms.len());
    for (term, ids) in terms {
        match merged.last_mut() {
            Some((last, of_last)) if *last == term => {
                of_last.extend(ids);
                of_last.sort_unstable();
                of_last.dedup();
            }
            _ => merged.push((term, ids)),
        }
    }
    merged
}

/// An id that a record has twice, such as by two customers, is picked once.
fn pick(ids: &mut Vec<u32>, id: u32) {
    if ids.last() != Some(&id) {
        ids.push(id);
    }
}

fn term(key: &str, value: &str) -> Vec<u8> {
    [&[1], key.as_bytes(), &[2], value.as_bytes()].concat()
}

/// A fact of choices with what can be chosen.
pub(super) struct Choices<'a> {
    pub(super) key: &'a str,
    pub(super) label: &'a str,
    pub(super) values: Vec<&'a str>,
}

/// All facts of choices, those of one name as one.
pub(super) fn choice_facts(portal: &Portal) -> Vec<Choices<'_>> {
    let mut facts: Vec<Choices<'_>> = Vec::new();
    for fact in portal.settings.schema.facts() {
        let FactType::Choice(choices) = &fact.value_type else {
            continue;
        };
        let at = match facts.iter().position(|known| known.key == fact.name) {
            Some(at) => at,
            None => {
                facts.push(Choices {
                    key: &fact.name,
                    label: fact.label.get(portal.settings.language),
                    values: Vec::new(),
                });
                facts.len() - 1
            }
        };
        for choice in choices {
            if !facts[at].values.contains(&choice.as_str()) {
                facts[at].values.push(choice);
            }
        }
    }
    facts
}
