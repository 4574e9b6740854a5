//! Goals: on their customer's page in full, and across customers in a table.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use super::Viewpoint;
use super::drawing::{self, Rope, Strand};
use super::html::Links;
use super::parts::{Due, Frame, Line, Link, days_between, is_false};
use crate::document::GoalStatus;
use crate::portal::{DepartmentId, EntryId, GoalId, PageId};

/// A goal on its customer's page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GoalView {
    id: String,
    title: String,
    status: &'static str,
    due: Option<Due>,
    measure: Option<String>,
    idle_days: Option<usize>,
    rope: Option<Rope>,
    contributions: Vec<GoalContribution>,
    waiting: Vec<Line>,
    evidence: Option<Line>,
    /// The form for something that is done for it.
    add: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct GoalContribution {
    line: Line,
    enables: Vec<Link>,
}

/// A goal among those of all customers.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GoalRow {
    title: String,
    href: String,
    customer_html: Links,
    status: &'static str,
    #[serde(skip_serializing_if = "is_false")]
    closed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Due>,
    /// The last contribution, where there is one.
    #[serde(skip_serializing_if = "Links::is_empty")]
    last_html: Links,
    /// Its date as tables are sorted by it.
    last_day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle_days: Option<usize>,
    /// The form for something that is done for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    add: Option<String>,
}

/// `goals.html`.
#[derive(Clone, Debug, Serialize)]
pub struct GoalsView {
    frame: Frame,
    title: String,
    needing: Vec<GoalRow>,
    open: Vec<GoalRow>,
    closed: Vec<GoalRow>,
}

/// The goals that somebody has a hand in, the open ones first. Nobody's are counted.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GoalsHeld {
    shown: Vec<GoalHeld>,
    folded: Vec<GoalHeld>,
    /// Where all goals are, if there are more.
    all: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct GoalHeld {
    title: String,
    href: String,
    /// Whose goal it is and where it stands, in words.
    state: String,
}

/// So many of them are listed, and so many more folded away.
const SHOWN_HELD: usize = 10;
const FOLDED_HELD: usize = 190;
/// So many goals that have waited longest come with a form; that of the others is on their customers' pages.
const MOST_FORMS: usize = 100;
/// One contribution is no rope.
const LEAST_IN_A_ROPE: usize = 2;
/// The first departments have a strand each, all others one together.
const STRANDS: usize = 8;

impl Viewpoint<'_> {
    /// All goals of all customers.
    pub fn goals(&self) -> GoalsView {
        let mut open: Vec<GoalId> = self
            .portal
            .goals()
            .filter(|goal| self.is_open(*goal))
            .collect();
        open.sort_by_key(|goal| {
            (
                self.portal[*goal].due.is_none(),
                self.portal[*goal].due,
                *goal,
            )
        });
        let mut closed: Vec<GoalId> = self
            .portal
            .goals()
            .filter(|goal| !self.is_open(*goal))
            .collect();
        closed.sort_by_key(|goal| (Reverse(self.portal[*goal].due), *goal));
        let rows = |goals: &[GoalId]| goals.iter().map(|goal| self.goal_row(*goal)).collect();
        GoalsView {
            frame: self.frame(self.crumbs_home(), None),
            title: self.word("goals"),
            needing: self.rows_with_forms(&self.goals_needing_a_hand()),
            open: rows(&open),
            closed: rows(&closed),
        }
    }

    /// Open goals to which nobody has contributed lately, those that have waited longest first.
    pub(super) fn goals_needing_a_hand(&self) -> Vec<GoalId> {
        let mut goals: Vec<GoalId> = self
            .portal
            .goals()
            .filter(|goal| self.needs_a_hand(*goal))
            .collect();
        goals.sort_by_key(|goal| {
            (
                self.last_contribution(*goal)
                    .map(|entry| self.portal[entry].date),
                *goal,
            )
        });
        goals
    }

    pub(super) fn rows_with_forms(&self, goals: &[GoalId]) -> Vec<GoalRow> {
        let rows = goals.iter().enumerate();
        rows.map(|(i, goal)| GoalRow {
            add: (i < MOST_FORMS).then(|| self.form_for(*goal)).flatten(),
            ..self.goal_row(*goal)
        })
        .collect()
    }

    pub(super) fn goal_link(&self, id: GoalId) -> Link {
        Link {
            title: self.portal[id].title.clone(),
            href: Some(self.goal_href(id)),
        }
    }

    pub(super) fn goal_href(&self, id: GoalId) -> String {
        let goal = &self.portal[id];
        format!(
            "{}#{}",
            self.here.href(&self.portal[goal.customer].page.address),
            goal_anchor(&goal.id)
        )
    }

    /// The goals that entries pay into; `None` where there are none. Thanks are not what somebody did.
    pub(super) fn goals_held(&self, entries: &[EntryId]) -> Option<GoalsHeld> {
        let work = entries
            .iter()
            .filter(|entry| !self.portal.is_thanks(**entry));
        let goals: BTreeSet<GoalId> = work
            .flat_map(|entry| self.portal[*entry].goals.iter().copied())
            .collect();
        let mut goals: Vec<GoalId> = goals.into_iter().collect();
        goals.sort_by_key(|goal| (!self.is_open(*goal), *goal));
        let mut held = goals.iter().map(|goal| self.goal_held(*goal));
        let shown: Vec<GoalHeld> = held.by_ref().take(SHOWN_HELD).collect();
        (!shown.is_empty()).then(|| GoalsHeld {
            shown,
            folded: held.by_ref().take(FOLDED_HELD).collect(),
            all: held.next().map(|_| self.href("goals.html")),
        })
    }

    fn goal_held(&self, id: GoalId) -> GoalHeld {
        let goal = &self.portal[id];
        let customer = &self.portal[goal.customer].page.title;
        let status = self.word(&format!("goal_{}", self.status(id)));
        GoalHeld {
            title: goal.title.clone(),
            href: self.goal_href(id),
            state: format!("{customer}, {status}"),
        }
    }

    fn is_open(&self, id: GoalId) -> bool {
        self.portal[id].status == GoalStatus::Open
    }

    pub(super) fn last_contribution(&self, id: GoalId) -> Option<EntryId> {
        self.portal[id]
            .entries
            .iter()
            .rev()
            .copied()
            .find(|entry| !self.portal[*entry].open)
    }

    /// Days since the last contribution, or nothing where there is none yet.
    fn idle_days(&self, id: GoalId) -> Option<usize> {
        let last = self.last_contribution(id)?;
        usize::try_from(days_between(self.portal[last].date, self.portal.day)).ok()
    }

    pub(super) fn needs_a_hand(&self, id: GoalId) -> bool {
        let slack = usize::from(self.portal.settings.slack_days);
        self.is_open(id)
            && self
                .last_contribution(id)
                .is_none_or(|_| self.idle_days(id).is_some_and(|days| days > slack))
    }

    pub(super) fn status(&self, id: GoalId) -> &'static str {
        match self.portal[id].status {
            GoalStatus::Open if self.last_contribution(id).is_none() => "open",
            GoalStatus::Open => "under_way",
            GoalStatus::Reached => "reached",
            GoalStatus::Missed => "missed",
            GoalStatus::Dropped => "dropped",
        }
    }

    /// Where something that is done for a goal is written down. A form that would name somebody who is not named leaves
    /// out the goal.
    fn form_for(&self, id: GoalId) -> Option<String> {
        let goal = &self.portal[id];
        let says_nobody = self.id_of_goal(id) == goal.id;
        self.add_link(goal.customer, "action", says_nobody.then_some(&*goal.id))
    }

    fn goal_row(&self, id: GoalId) -> GoalRow {
        let goal = &self.portal[id];
        let last = self.last_contribution(id);
        let date_of = |entry: EntryId| Link {
            title: self.date_in_table(self.portal[entry].date),
            href: Some(self.entry_href(entry)),
        };
        GoalRow {
            title: goal.title.clone(),
            href: self.goal_href(id),
            customer_html: self.links_to([PageId::Customer(goal.customer)]),
            status: self.status(id),
            closed: !self.is_open(id),
            due: self.due(goal.due.filter(|_| self.is_open(id))),
            last_html: last.map(date_of).into_iter().collect(),
            last_day: last.map(|entry| self.portal[entry].date.to_string()),
            idle_days: self.idle_days(id).filter(|_| self.needs_a_hand(id)),
            add: None,
        }
    }

    pub(super) fn goal(&self, id: GoalId) -> GoalView {
        let goal = &self.portal[id];
        let (waiting, done): (Vec<EntryId>, Vec<EntryId>) = goal
            .entries
            .iter()
            .copied()
            .partition(|entry| self.portal[*entry].open);
        let contribution = |entry: EntryId| GoalContribution {
            line: self.line_of_customer(entry),
            enables: self.portal[entry]
                .enables
                .iter()
                .map(|enabled| self.entry_link(*enabled))
                .collect(),
        };
        GoalView {
            id: goal_anchor(&goal.id),
            title: goal.title.clone(),
            status: self.status(id),
            due: self.due(goal.due.filter(|_| self.is_open(id))),
            measure: goal.measure.clone(),
            idle_days: self.idle_days(id).filter(|_| self.needs_a_hand(id)),
            rope: self.rope(id, &done),
            contributions: done.into_iter().map(contribution).collect(),
            waiting: waiting
                .into_iter()
                .map(|entry| self.line_of_customer(entry))
                .collect(),
            evidence: goal.evidence.map(|entry| self.line_of_customer(entry)),
            add: self.is_open(id).then(|| self.form_for(id)).flatten(),
        }
    }

    /// The departments that did something for a goal, in the order in which they joined in.
    fn rope(&self, id: GoalId, done: &[EntryId]) -> Option<Rope> {
        if done.len() < LEAST_IN_A_ROPE {
            return None;
        }
        let mut strands: Vec<(DepartmentId, Strand)> = Vec::new();
        let mut others = Strand {
            name: self.word("other_departments"),
            days: Vec::new(),
        };
        for entry in done.iter().map(|entry| &self.portal[*entry]) {
            for department in &entry.departments {
                let known = strands.iter().position(|(other, _)| other == department);
                match known {
                    Some(at) => strands[at].1.days.push(entry.date),
                    None if strands.len() == STRANDS => others.days.push(entry.date),
                    None => {
                        let name = self.portal[*department].page.title.clone();
                        let days = vec![entry.date];
                        strands.push((*department, Strand { name, days }));
                    }
                }
            }
            if entry.departments.is_empty() {
                others.days.push(entry.date);
            }
        }
        let mut strands: Vec<Strand> = strands.into_iter().map(|(_, strand)| strand).collect();
        strands.extend(Some(others).filter(|others| !others.days.is_empty()));
        Some(drawing::rope(&strands, self.joined(id, done)))
    }

    /// The day on which all that is done for a goal comes together.
    fn joined(&self, id: GoalId, done: &[EntryId]) -> Date {
        let last = done.last().map(|entry| self.portal[*entry].date);
        let today = self.portal.day;
        let otherwise = if self.is_open(id) { None } else { last };
        self.portal[id].due.or(otherwise).unwrap_or(today)
    }
}

pub(super) fn goal_anchor(id: &str) -> String {
    format!("goal-{id}")
}
