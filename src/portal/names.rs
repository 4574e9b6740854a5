//! What the site may show of a person: the name, or the department in its stead.
//!
//! The one way from a person to something shown. Whatever names people asks here, so that a portal that shows
//! departments only, and a person who is to be shown as one, hold everywhere at once.

use jiff::civil::Date;

use super::{DepartmentId, PageId, PersonId, Portal};
use crate::document::ShownAs;
use crate::settings::PeopleMode;

/// What is shown in a person's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// The person.
    Person(PersonId),
    /// The department where the person works.
    Department(DepartmentId),
    /// Nothing: the person has no department.
    Nobody,
}

impl Shown {
    /// The page that may be linked.
    pub fn page(self) -> Option<PageId> {
        match self {
            Shown::Person(person) => Some(PageId::Person(person)),
            Shown::Department(department) => Some(PageId::Department(department)),
            Shown::Nobody => None,
        }
    }
}

impl Portal {
    /// Whether the site names people at all.
    pub fn names_people(&self) -> bool {
        self.settings.people == PeopleMode::Named
    }

    /// Whether the site shows who contributed what.
    pub fn shows_contributions(&self) -> bool {
        self.settings.people != PeopleMode::Off
    }

    /// What is shown in a person's place, for something that happened on a day.
    pub fn shown(&self, person: PersonId, day: Date) -> Shown {
        if self.is_named(person) {
            return Shown::Person(person);
        }
        self.departments_on(person, day)
            .next()
            .map_or(Shown::Nobody, Shown::Department)
    }

    /// Whether the site names this person and gives them a page.
    pub fn is_named(&self, person: PersonId) -> bool {
        self.names_people() && self[person].shown_as == ShownAs::Name
    }

    /// Whether a page is in the site.
    pub fn has_page(&self, page: PageId) -> bool {
        match page {
            PageId::Person(person) => self.is_named(person),
            _ => true,
        }
    }

    /// The people who have a page of their own.
    pub fn shown_people(&self) -> impl Iterator<Item = PersonId> + '_ {
        self.people().filter(|person| self.is_named(*person))
    }

    /// The departments a person worked in on a day; if none is known for that day, all that are known.
    pub fn departments_on(
        &self,
        person: PersonId,
        day: Date,
    ) -> impl Iterator<Item = DepartmentId> + '_ {
        let memberships = &self[person].memberships;
        let known = memberships.iter().any(|membership| membership.covers(day));
        memberships
            .iter()
            .filter(move |membership| !known || membership.covers(day))
            .map(|membership| membership.department)
    }
}
