//! Departments: the index, near and far alike, and the page of one.

use serde::Serialize;

use super::Viewpoint;
use super::add::AddView;
use super::assessments::ASSESSMENTS;
use super::chains::{ChainsView, NotReached};
use super::goals::GoalsHeld;
use super::html::Html;
use super::parts::{BacklinkView, CustomerContributions, FactView, Frame, Line, Link};
use crate::document::{Contact, Folder};
use crate::portal::{DepartmentId, EntryId, PageId, PersonId};
use crate::settings::FactScope;

/// `departments/index.html`.
#[derive(Clone, Debug, Serialize)]
pub struct DepartmentsView {
    frame: Frame,
    title: String,
    groups: Vec<DepartmentGroup>,
    /// The overview of self-assessments.
    assessments: String,
}

#[derive(Clone, Debug, Serialize)]
struct DepartmentGroup {
    contact: &'static str,
    departments: Vec<DepartmentRow>,
}

#[derive(Clone, Debug, Serialize)]
struct DepartmentRow {
    title: String,
    href: String,
    promise: Option<String>,
    lead: Vec<Link>,
}

/// `departments/<id>.html`.
#[derive(Clone, Debug, Serialize)]
pub struct DepartmentView {
    frame: Frame,
    title: String,
    add: AddView,
    contact: &'static str,
    promise: Option<String>,
    lead: Vec<Link>,
    people: Vec<Link>,
    facts: Vec<FactView>,
    html: Html,
    /// Nothing where the site does not show who contributed what.
    work: Option<WorkView>,
    waiting: Vec<Line>,
    thanks: Vec<Line>,
    /// How the department sees itself, year by year.
    assessments: Vec<Link>,
    backlinks: Vec<BacklinkView>,
}

/// What a department did: over which chains, for whom, for which goals, and for whom nothing yet.
#[derive(Clone, Debug, Serialize)]
struct WorkView {
    chains: ChainsView,
    contributions: Vec<CustomerContributions>,
    /// Where customers are seen for whom the page tells nothing, if there are any that the department reached.
    others: Option<String>,
    goals: Option<GoalsHeld>,
    not_reached: Option<NotReached>,
}

/// On the page of a department with more contributions, each says what and when; who did it stands with the entry.
const MOST_WITH_PEOPLE: usize = 300;

pub(super) fn contact_word(contact: Contact) -> &'static str {
    match contact {
        Contact::Near => "near",
        Contact::Far => "far",
    }
}

impl Viewpoint<'_> {
    /// All departments.
    pub fn departments(&self) -> DepartmentsView {
        let group = |contact| {
            let ids = self
                .portal
                .departments()
                .filter(|id| self.portal[*id].contact == contact);
            DepartmentGroup {
                contact: contact_word(contact),
                departments: ids.map(|id| self.department_row(id)).collect(),
            }
        };
        let mut groups = vec![group(Contact::Near), group(Contact::Far)];
        groups.retain(|group| !group.departments.is_empty());
        DepartmentsView {
            frame: self.frame(self.crumbs_home(), None),
            title: self.word("departments"),
            groups,
            assessments: self.href(ASSESSMENTS),
        }
    }

    fn department_row(&self, id: DepartmentId) -> DepartmentRow {
        let department = &self.portal[id];
        DepartmentRow {
            title: department.page.title.clone(),
            href: self.here.href(&department.page.address),
            promise: department.promise.clone(),
            lead: self.shown_lead(id),
        }
    }

    /// The lead, unless the department itself would have to stand in for the name.
    pub(super) fn shown_lead(&self, id: DepartmentId) -> Vec<Link> {
        let lead = self.portal[id]
            .lead
            .filter(|lead| self.portal.is_named(*lead));
        lead.map(|lead| self.person_with_phone(lead))
            .unwrap_or_default()
    }

    /// The page of one department.
    pub fn department(&self, id: DepartmentId) -> DepartmentView {
        let portal = self.portal;
        let department = &portal[id];
        let frame = self.frame(
            self.crumbs_section("departments"),
            Some(PageId::Department(id)),
        );
        let facts = self.facts(
            FactScope::Department,
            &department.page.facts,
            frame.edit.as_ref(),
        );
        let people = portal
            .shown_people()
            .filter(|person| Some(*person) != department.lead && self.works_in(*person, id));
        DepartmentView {
            title: department.page.title.clone(),
            add: self.add(&Folder::Department(department.page.id.clone())),
            contact: contact_word(department.contact),
            promise: department.promise.clone(),
            lead: self.shown_lead(id),
            people: people
                .map(|person| self.page_link(PageId::Person(person)))
                .collect(),
            facts,
            html: self.page_text(&department.page),
            work: portal.shows_contributions().then(|| self.work(id)),
            waiting: self.loops_of(id),
            thanks: self.thanks_to(id),
            assessments: self.assessment_links(id),
            backlinks: self.backlinks(&department.page.backlinks),
            frame,
        }
    }

    fn work(&self, id: DepartmentId) -> WorkView {
        let entries = self.portal[id].entries.iter().copied();
        let work: Vec<EntryId> = entries
            .filter(|entry| self.portal.is_contribution(*entry))
            .collect();
        let mut contributions = self.contributions_of(id, &work);
        contributions.extend(self.reached_over_others(id));
        contributions.sort_by_key(|group| (group.customer.is_none(), group.customer));
        WorkView {
            chains: self.chains(id),
            contributions,
            others: self.untold(id),
            goals: self.goals_held(&work),
            not_reached: self.not_reached(id),
        }
    }

    fn contributions_of(&self, id: DepartmentId, work: &[EntryId]) -> Vec<CustomerContributions> {
        let is_long = work.len() > MOST_WITH_PEOPLE;
        let is_told = |customer| self.reach(id, customer).is_some_and(|reach| reach.is_told);
        self.by_customer(work, is_told, |entry| {
            if is_long {
                return self.bare_line(entry);
            }
            let by = self.by_pages(entry).into_iter();
            let others = by.filter(|page| *page != PageId::Department(id));
            self.line_by(entry, self.links_to(others))
        })
    }

    /// Whoever thanked the department, the newest first.
    fn thanks_to(&self, id: DepartmentId) -> Vec<Line> {
        let entries = self.portal[id].entries.iter().rev().copied();
        let thanks = entries.filter(|entry| self.portal.is_thanks(*entry));
        thanks.map(|entry| self.thanks_line(entry)).collect()
    }

    fn works_in(&self, person: PersonId, department: DepartmentId) -> bool {
        let person = &self.portal[person];
        person.left.is_none_or(|left| self.portal.day < left)
            && person.memberships.iter().any(|membership| {
                membership.department == department && membership.covers(self.portal.day)
            })
    }

    fn loops_of(&self, department: DepartmentId) -> Vec<Line> {
        let loops = self.open_of(department);
        loops.map(|id| self.waiting_line(id)).collect()
    }

    /// What waits for somebody of the department, or for the department itself where nobody is in charge.
    pub(super) fn open_of(&self, department: DepartmentId) -> impl Iterator<Item = EntryId> {
        let waits = move |id: &EntryId| {
            let entry = &self.portal[*id];
            match entry.owner {
                Some(owner) => self.works_in(owner, department),
                None => entry.departments.contains(&department),
            }
        };
        self.portal.loops().iter().copied().filter(waits)
    }
}
