//! Self-assessments of departments: the evidence of each answer, and what the portal itself can count beside it.
//!
//! Counted is what a department did, never what a person did. The entries of a department are passed through once, and
//! those of a year once for that year.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::links::{full_name, known};
use super::lookup::{Entries, Names};
use super::{AsOf, DepartmentId, EntryId, GoalId, Portal, Target};
use crate::diagnostic::{Diagnostics, Place, Spanned};
use crate::document::{Document, Folder, GoalStatus, PageRole, WrittenAssessment};
use crate::path::SitePath;
use crate::settings::{Aspect, PeopleMode};

/// How a department sees itself in one year.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// The year.
    pub year: i16,
    /// Where its page is in the site.
    pub address: SitePath,
    /// Its answers, in the order of the questions; there is at least one.
    pub answers: Vec<Answer>,
    /// What the portal counts beside them, unless it is not to say who contributed what.
    pub figures: Option<Figures>,
}

impl Assessment {
    /// The answer to one question.
    pub fn answer(&self, aspect: Aspect) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.aspect == aspect)
    }
}

/// An answer to one question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the question is about.
    pub aspect: Aspect,
    /// 1 to 5.
    pub answer: u8,
    /// The pages and entries that show it, in the order written.
    pub evidence: Vec<Target>,
    /// A remark, as plain text.
    pub note: Option<String>,
}

/// What the portal counts of a department and a year; what there is nothing of is absent.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Of the goals that the department had done something for and that were open on the last day counted: to how many
    /// somebody had contributed of late.
    pub goals: Option<Share>,
    /// How long it took from the inquiries of the year that the department took in or closed until something was done
    /// for the customer or closed the inquiry.
    pub answers: Option<Wait>,
    /// Of the complaints of the year that the department took in or closed: how many something done closed.
    pub complaints: Option<Share>,
}

/// Some of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// How many it holds for.
    pub part: usize,
    /// Of how many.
    pub whole: usize,
}

/// How long it took after inquiries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Of the inquiries: how many were answered.
    pub answered: Share,
    /// Of at least half of those at most so many days; `None` where none was answered.
    pub days: Option<usize>,
}

impl Portal {
    /// How a department sees itself in a year.
    pub fn assessment(&self, department: DepartmentId, year: i16) -> Option<&Assessment> {
        let mut assessments = self[department].assessments.iter();
        assessments.find(|assessment| assessment.year == year)
    }

    /// The last day that figures of a year count, which may be the day of the portal.
    pub fn last_day_of(&self, year: i16) -> Date {
        Date::new(year, 12, 31).map_or(self.day, |last| last.min(self.day))
    }
}

/// Gives every department its assessments. A year that has not begun is not there yet.
pub(super) fn connect(
    portal: &mut Portal,
    names: &Names,
    entries: &Entries<'_>,
    as_of: AsOf,
    diagnostics: &mut Diagnostics,
) {
    let assessor = Assessor {
        portal,
        names,
        entries,
        as_of,
    };
    let departments = portal.departments();
    let assessments: Vec<(DepartmentId, Vec<Assessment>)> = departments
        .map(|id| (id, assessor.department(id, diagnostics)))
        .filter(|(_, assessments)| !assessments.is_empty())
        .collect();
    for (department, assessments) in assessments {
        portal.departments[department.index()].assessments = assessments;
    }
    if portal.settings.people != PeopleMode::Off {
        add_figures(portal);
    }
}

struct Assessor<'a> {
    portal: &'a Portal,
    names: &'a Names,
    entries: &'a Entries<'a>,
    as_of: AsOf,
}

impl Assessor<'_> {
    fn department(&self, id: DepartmentId, diagnostics: &mut Diagnostics) -> Vec<Assessment> {
        let page = &self.portal[id].page;
        let PageRole::Department { assessments, .. } =
            &self.portal.page_content(page.document).role
        else {
            return Vec::new();
        };
        assessments
            .iter()
            .filter_map(|written| self.assessment(id, written, diagnostics))
            .collect()
    }

    /// A year with its answers; one that has none yet, or lies ahead, is none.
    fn assessment(
        &self,
        department: DepartmentId,
        written: &WrittenAssessment,
        diagnostics: &mut Diagnostics,
    ) -> Option<Assessment> {
        let page = &self.portal[department].page;
        let document = &self.portal[page.document];
        let folder = Folder::Department(page.id.clone());
        let answers = written.answers.iter().map(|answer| Answer {
            aspect: answer.aspect,
            answer: answer.answer,
            evidence: self.all_evidence(document, &folder, &answer.evidence, diagnostics),
            note: answer.note.clone(),
        });
        let answers: Vec<Answer> = answers.collect();
        let year = written.year.value;
        if year > self.portal.day.year() {
            if let AsOf::Today(_) = self.as_of {
                let place = Place::new(&document.source, written.year.span);
                diagnostics.future_assessment(place, year);
            }
            return None;
        }
        (!answers.is_empty()).then(|| Assessment {
            year,
            address: SitePath::new(format!("assessments/{}-{year}.html", page.id)),
            answers,
            figures: None,
        })
    }

    /// What is named, each once.
    fn all_evidence(
        &self,
        document: &Document,
        folder: &Folder,
        names: &[Spanned<String>],
        diagnostics: &mut Diagnostics,
    ) -> Vec<Target> {
        let mut all = Vec::new();
        for name in names {
            let found = self.evidence(document, folder, name, diagnostics);
            all.extend(found.filter(|found| !all.contains(found)));
        }
        all
    }

    /// The page or entry that is named; one that lies after the day of the portal shows nothing yet.
    fn evidence(
        &self,
        document: &Document,
        folder: &Folder,
        name: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Target> {
        let place = || Place::new(&document.source, name.span);
        let path = name_of_path(document, &name.value);
        let name = path.as_ref().unwrap_or(&name.value);
        match self.names.pages(name) {
            [page] => return Some(Target::Page(*page, None)),
            [] => {}
            pages => {
                let names = pages.iter().map(|page| full_name(self.portal, *page));
                let candidates: Vec<String> = names.collect();
                diagnostics.ambiguous_link(place(), name, &candidates);
                return None;
            }
        }
        let found = self.entries.find(self.portal, Some(folder), name);
        if found.is_none() {
            let own = self.entries.near(folder.id()).into_iter();
            let others = known(self.portal, self.entries, name);
            let known = own.chain(others.iter().map(String::as_str));
            diagnostics.unknown_evidence(place(), name, known);
        }
        Some(Target::Entry(found?.entry()?, None))
    }
}

/// The name of what a path to a source leads to, if evidence is written as one.
fn name_of_path(document: &Document, written: &str) -> Option<String> {
    let without_ending = written.strip_suffix(".md");
    if without_ending.is_none() && !written.starts_with(['.', '/']) {
        return None;
    }
    let source = document.source.join(without_ending.unwrap_or(written))?;
    let name = source.below_content()?;
    Some(name.strip_suffix("/index").unwrap_or(name).to_owned())
}

/// Counts for the departments that assess themselves.
fn add_figures(portal: &mut Portal) {
    let assessed = |id: &DepartmentId| !portal[*id].assessments.is_empty();
    let departments: Vec<DepartmentId> = portal.departments().filter(assessed).collect();
    if departments.is_empty() {
        return;
    }
    for department in departments {
        let counter = Counter::new(portal, department);
        let years = portal[department].assessments.iter();
        let figures: Vec<Figures> = years.map(|of| counter.figures(of.year)).collect();
        let assessments = &mut portal.departments[department.index()].assessments;
        for (assessment, figures) in assessments.iter_mut().zip(figures) {
            assessment.figures = Some(figures);
        }
    }
}

/// Counts for one department, in all of its years.
struct Counter<'a> {
    portal: &'a Portal,
    /// The goals that it did something for, and since when.
    goals: BTreeMap<GoalId, Date>,
    /// The inquiries that it took in or closed, in the order of time.
    inquiries: Vec<EntryId>,
    /// The complaints that it took in or closed, in the order of time.
    complaints: Vec<EntryId>,
}

impl<'a> Counter<'a> {
    fn new(portal: &'a Portal, department: DepartmentId) -> Self {
        let mut goals = BTreeMap::new();
        let mut concerned = BTreeSet::new();
        for id in &portal[department].entries {
            let entry = &portal[*id];
            concerned.insert(*id);
            if !entry.open {
                concerned.extend(&entry.closes);
                for goal in &entry.goals {
                    goals.entry(*goal).or_insert(entry.date);
                }
            }
        }
        let of_kind = |name: &str| {
            let kind = portal.settings.kind_named(name);
            let concerned = concerned.iter().copied();
            concerned
                .filter(|id| Some(portal[*id].kind) == kind)
                .collect()
        };
        Counter {
            portal,
            goals,
            inquiries: of_kind("inquiry"),
            complaints: of_kind("complaint"),
        }
    }

    fn figures(&self, year: i16) -> Figures {
        Figures {
            goals: self.goals(self.portal.last_day_of(year)),
            answers: self.answers(year),
            complaints: self.complaints(year),
        }
    }

    fn goals(&self, day: Date) -> Option<Share> {
        let helped = self.goals.iter().filter(|(_, since)| **since <= day);
        let open: Vec<GoalId> = helped
            .map(|(goal, _)| *goal)
            .filter(|goal| self.was_open(*goal, day))
            .collect();
        let lately = open.iter().filter(|goal| self.had_lately(**goal, day));
        share(lately.count(), open.len())
    }

    /// Whether a goal was open on a day: until its evidence, else its due day, else the last thing done for it.
    fn was_open(&self, goal: GoalId, day: Date) -> bool {
        let goal = &self.portal[goal];
        let date = |entry: EntryId| self.portal[entry].date;
        let closed = goal.evidence.map(date).or(goal.due);
        let closed = closed.or_else(|| goal.entries.last().copied().map(date));
        goal.status == GoalStatus::Open
            || closed.is_some_and(|closed| day < closed.min(self.portal.day))
    }

    /// Whether anybody had contributed to a goal within the days of slack before a day.
    fn had_lately(&self, goal: GoalId, day: Date) -> bool {
        let slack = i64::from(self.portal.settings.slack_days);
        let since = day.saturating_sub(slack.days());
        let entries = self.portal[goal].entries.iter().rev();
        entries
            .map(|id| &self.portal[*id])
            .skip_while(|entry| day < entry.date)
            .take_while(|entry| since <= entry.date)
            .any(|entry| !entry.open)
    }

    fn answers(&self, year: i16) -> Option<Wait> {
        let inquiries = self.of_year(&self.inquiries, year);
        let answers = inquiries.iter().filter_map(|id| {
            let answered = self.answered(*id)?;
            Some((answered - self.portal[*id].date).get_days())
        });
        let mut days: Vec<i32> = answers.collect();
        days.sort_unstable();
        let middle = days.get(days.len().saturating_sub(1) / 2);
        (!inquiries.is_empty()).then(|| Wait {
            days: middle.and_then(|days| usize::try_from(*days).ok()),
            answered: Share {
                part: days.len(),
                whole: inquiries.len(),
            },
        })
    }

    /// When an inquiry was closed or something was first done for one of its customers, by whomever.
    fn answered(&self, inquiry: EntryId) -> Option<Date> {
        let portal = self.portal;
        let asked = portal[inquiry].date;
        let closed = portal[inquiry].closed_by.iter().copied();
        let closed = closed.filter(|by| !portal[*by].open && portal[*by].date >= asked);
        let acted = portal[inquiry].customers.iter().filter_map(|customer| {
            let entries = &portal[*customer].entries;
            let since = entries.partition_point(|id| portal[*id].date < asked);
            let mut since = entries[since..].iter().copied();
            since.find(|id| self.is_done_for_customers(*id))
        });
        closed.chain(acted).map(|id| portal[id].date).min()
    }

    fn complaints(&self, year: i16) -> Option<Share> {
        let complaints = self.of_year(&self.complaints, year);
        let is_mended = |id: &&EntryId| {
            let mut closed_by = self.portal[**id].closed_by.iter();
            closed_by.any(|id| self.is_done_for_customers(*id))
        };
        share(
            complaints.iter().filter(is_mended).count(),
            complaints.len(),
        )
    }

    fn is_done_for_customers(&self, id: EntryId) -> bool {
        self.portal.kind(id).for_customer && !self.portal[id].open
    }

    /// Those of a year, out of entries in the order of time.
    fn of_year<'b>(&self, entries: &'b [EntryId], year: i16) -> &'b [EntryId] {
        let year_of = |id: &EntryId| self.portal[*id].date.year();
        let start = entries.partition_point(|id| year_of(id) < year);
        let end = entries.partition_point(|id| year_of(id) <= year);
        &entries[start..end]
    }
}

fn share(part: usize, whole: usize) -> Option<Share> {
    (whole > 0).then_some(Share { part, whole })
}
