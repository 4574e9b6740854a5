//! People: the index and the page of one. Nobody is counted or ranked here.

use serde::Serialize;

use super::Viewpoint;
use super::goals::GoalsHeld;
use super::html::Html;
use super::parts::{BacklinkView, CustomerContributions, FactView, Frame, Line, Link};
use crate::portal::{EntryId, Membership, PageId, PersonId};
use crate::settings::FactScope;

/// `people/index.html`.
#[derive(Clone, Debug, Serialize)]
pub struct PeopleView {
    frame: Frame,
    title: String,
    people: Vec<PersonRow>,
    former: Vec<PersonRow>,
}

#[derive(Clone, Debug, Serialize)]
struct PersonRow {
    title: String,
    href: String,
    departments: Vec<Link>,
    reach: Vec<Link>,
}

/// `people/<id>.html`.
#[derive(Clone, Debug, Serialize)]
pub struct PersonView {
    frame: Frame,
    title: String,
    departments: Vec<Post>,
    left: Option<String>,
    reach: Vec<Link>,
    facts: Vec<FactView>,
    html: Html,
    waiting: Vec<Line>,
    thanks: Vec<Line>,
    goals: Option<GoalsHeld>,
    contributions: Vec<CustomerContributions>,
    backlinks: Vec<BacklinkView>,
}

/// Work in a department, now or before.
#[derive(Clone, Debug, Serialize)]
struct Post {
    title: String,
    href: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

impl Viewpoint<'_> {
    /// Everybody whom the site may name.
    pub fn people(&self) -> PeopleView {
        let (former, people): (Vec<PersonId>, Vec<PersonId>) = self
            .portal
            .shown_people()
            .partition(|person| self.has_left(*person));
        let rows = |people: Vec<PersonId>| {
            people
                .into_iter()
                .map(|person| self.person_row(person))
                .collect()
        };
        PeopleView {
            frame: self.frame(self.crumbs_home(), None),
            title: self.word("people"),
            people: rows(people),
            former: rows(former),
        }
    }

    /// Whether a person is gone.
    pub fn has_left(&self, person: PersonId) -> bool {
        self.portal[person]
            .left
            .is_some_and(|left| left <= self.portal.day)
    }

    fn person_row(&self, id: PersonId) -> PersonRow {
        let person = &self.portal[id];
        let departments = self.portal.departments_on(id, self.portal.day);
        PersonRow {
            title: person.page.title.clone(),
            href: self.here.href(&person.page.address),
            departments: departments
                .map(|department| self.page_link(PageId::Department(department)))
                .collect(),
            reach: self.phones(&person.page.facts),
        }
    }

    /// The page of one person.
    pub fn person(&self, id: PersonId) -> PersonView {
        let person = &self.portal[id];
        let frame = self.frame(self.crumbs_section("people"), Some(PageId::Person(id)));
        let mut reach = self.phones(&person.page.facts);
        reach.extend(
            person
                .emails
                .iter()
                .take(1)
                .map(|address| self.mail(address)),
        );
        let mut facts = self.facts(FactScope::Person, &person.page.facts, frame.edit.as_ref());
        facts.retain(|fact| !fact.values.iter().any(|value| reach.contains(value)));
        let (thanks, mut work): (Vec<EntryId>, Vec<EntryId>) = person
            .entries
            .iter()
            .partition(|entry| self.portal.is_thanks(**entry));
        work.retain(|entry| self.portal.is_contribution(*entry));
        let contributions = self.by_customer(&work, |_| true, |entry| self.bare_line(entry));
        let waiting = person.loops.iter().map(|entry| Line {
            owner: None,
            ..self.waiting_line(*entry)
        });
        PersonView {
            title: person.page.title.clone(),
            departments: self.posts(&person.memberships),
            left: person
                .left
                .filter(|_| self.has_left(id))
                .map(|left| self.date_in_text(left)),
            reach,
            facts,
            html: self.page_text(&person.page),
            waiting: waiting.collect(),
            thanks: thanks
                .into_iter()
                .rev()
                .map(|entry| self.thanks_line(entry))
                .collect(),
            goals: self.goals_held(&work),
            contributions,
            backlinks: self.backlinks(&person.page.backlinks),
            frame,
        }
    }

    /// Thanks with those from whom they come.
    pub(super) fn thanks_line(&self, id: EntryId) -> Line {
        Line {
            customers_html: self.customers_of(id),
            ..self.bare_line(id)
        }
    }

    /// Present work first, then former, the newest first.
    fn posts(&self, memberships: &[Membership]) -> Vec<Post> {
        let mut posts: Vec<&Membership> = memberships.iter().collect();
        posts.sort_by_key(|post| {
            (
                !post.covers(self.portal.day),
                std::cmp::Reverse((post.until, post.from)),
            )
        });
        posts
            .into_iter()
            .map(|post| {
                let link = self.page_link(PageId::Department(post.department));
                Post {
                    title: link.title,
                    href: link.href,
                    since: post.from.map(|from| from.year().to_string()),
                    until: post
                        .until
                        .filter(|until| *until < self.portal.day)
                        .map(|until| until.year().to_string()),
                }
            })
            .collect()
    }
}
