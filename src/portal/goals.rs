//! Goals: what customers want to reach, and the entries that pay into it.

use super::lookup::{Entries, Found};
use super::{CustomerId, EntryId, Goal, GoalId, Portal};
use crate::diagnostic::{Diagnostics, Place};
use crate::document::{Folder, GoalStatus, PageRole};

/// Gives every goal its place, customer by customer.
pub(super) fn add(portal: &mut Portal) {
    for customer in CustomerId::all(portal.customers.len()) {
        let content = portal.page_content(portal[customer].page.document);
        let PageRole::Customer { goals, .. } = &content.role else {
            continue;
        };
        let goals: Vec<Goal> = goals
            .iter()
            .map(|written| Goal {
                customer,
                id: written.id.value.clone(),
                title: written.title.clone(),
                measure: written.measure.clone(),
                due: written.due,
                status: written.status,
                evidence: None,
                entries: Vec::new(),
            })
            .collect();
        let first = portal.goals.len();
        portal.goals.extend(goals);
        portal.customers[customer.index()].goals =
            (first..portal.goals.len()).map(GoalId::at).collect();
    }
}

/// Joins goals with the entries that pay into them and with the evidence that they name.
/// Evidence that lies after the day of the portal shows nothing yet, so such a goal is still open.
pub(super) fn connect(portal: &mut Portal, entries: &Entries<'_>, diagnostics: &mut Diagnostics) {
    for (entry, id) in portal
        .entries
        .iter()
        .zip(EntryId::all(portal.entries.len()))
    {
        for goal in &entry.goals {
            portal.goals[goal.index()].entries.push(id);
        }
    }
    let mut found = Vec::new();
    for customer in portal.customers() {
        let document = &portal[portal[customer].page.document];
        let PageRole::Customer { goals, .. } =
            &portal.page_content(portal[customer].page.document).role
        else {
            continue;
        };
        for (written, goal) in goals.iter().zip(&portal[customer].goals) {
            let folder = Folder::Customer(portal[customer].page.id.clone());
            let Some(evidence) = &written.evidence else {
                continue;
            };
            match entries.find(portal, Some(&folder), &evidence.value) {
                Some(evidence) => found.push((*goal, evidence)),
                None => {
                    let place = Place::new(&document.source, evidence.span);
                    let known = entries.near(&portal[customer].page.id);
                    diagnostics.unknown_entry(place, &evidence.value, known.into_iter());
                }
            }
        }
    }
    for (goal, evidence) in found {
        let goal = &mut portal.goals[goal.index()];
        goal.evidence = evidence.entry();
        if evidence == Found::Later {
            goal.status = GoalStatus::Open;
        }
    }
}
