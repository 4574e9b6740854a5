//! The view stage: what one page shows, and nothing else.
//!
//! A [`Viewpoint`], which is the portal as seen from one address, and the id of a page go in; a small struct comes out
//! that is all that its template may see: texts in the reader's language, relative links, lists in their order. It must
//! never read files or resolve links, and no type of the portal is handed to a template.

mod about;
mod add;
mod answer;
mod assessments;
mod chains;
mod contributions;
mod customer;
mod customers;
mod data;
mod departments;
mod drawing;
mod feed;
mod filter;
mod found;
mod goals;
mod history;
mod home;
mod html;
mod loops;
mod parts;
mod people;
mod plain;
mod satisfaction;
mod search;
mod text;
mod timeline;

pub use about::AboutDataView;
pub use add::{MenuView, NewEntries};
pub use assessments::{ASSESSMENTS, AssessmentView, AssessmentsView};
pub use contributions::MatrixView;
pub use customer::CustomerView;
pub use customers::CustomersView;
pub use data::{
    CustomerRecord, DATA_VERSION, DataFile, DepartmentRecord, EntryRecord, FactRecord, FileRecord,
    GoalRecord, KindRecord, PersonRecord, PortalRecord,
};
pub use departments::{DepartmentView, DepartmentsView};
pub use feed::{Feed, FeedEntry, FeedView};
pub use found::{Field, Found, FoundPlace, FoundStatus, Values};
pub use goals::GoalsView;
pub use history::CustomerYearView;
pub use home::HomeView;
pub use loops::LoopsView;
pub use parts::{Frame, Link};
pub use people::{PeopleView, PersonView};
pub use plain::{FolderView, MovedView, NotFoundView, PlainView};
pub use search::SearchView;
pub use timeline::{MonthView, TimelineView};

use crate::path::SitePath;
use crate::portal::{CustomerId, PageId, Portal};
use crate::words::Words;

/// The portal as seen from one page.
#[derive(Clone, Copy)]
pub struct Viewpoint<'a> {
    /// What there is to see.
    portal: &'a Portal,
    /// The words to say it with.
    words: &'a Words,
    /// What it takes to offer new entries.
    new_entries: &'a NewEntries,
    /// What the page loads.
    loaded: &'a Loaded,
    /// The address of the page.
    here: &'a SitePath,
    /// The customer whose page it is: entries that stand there, too, are linked there.
    on_customer: Option<CustomerId>,
}

impl<'a> Viewpoint<'a> {
    /// The portal as seen from an address.
    pub fn new(
        portal: &'a Portal,
        words: &'a Words,
        new_entries: &'a NewEntries,
        loaded: &'a Loaded,
        here: &'a SitePath,
    ) -> Self {
        Viewpoint {
            portal,
            words,
            new_entries,
            loaded,
            here,
            on_customer: None,
        }
    }
}

/// The pages that every page leads to, in the order of the menu: the key of the word, the address.
const SECTIONS: [(&str, &str); 7] = [
    ("customers", "customers/index.html"),
    ("departments", "departments/index.html"),
    ("people", "people/index.html"),
    ("timeline", "timeline/index.html"),
    ("contributions", "contributions/index.html"),
    ("goals", "goals.html"),
    ("loops", "loops.html"),
];

/// Where the sheet is that says what the site tells of people.
pub const ABOUT_DATA: &str = "about-data.html";

/// Where readers search.
pub const SEARCH: &str = "search.html";

/// Where the page stands that servers show where there is nothing.
pub const NOT_FOUND: &str = "404.html";

/// What every page loads, at addresses that change with what stands there: a page that was opened before a publish goes
/// on with what it was made for.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The one style sheet.
    pub style: SitePath,
    /// The script that runs before anything is shown.
    pub early: SitePath,
    /// The script that runs when all is there.
    pub script: SitePath,
    /// The script of the search.
    pub search: SitePath,
}

impl Viewpoint<'_> {
    fn href(&self, address: &str) -> String {
        self.here.href(&SitePath::new(address))
    }

    /// What surrounds every page; `source` is the page that the reader may edit.
    fn frame(&self, crumbs: Vec<Link>, source: Option<PageId>) -> Frame {
        let portal = self.portal;
        let feed = Feed::of(portal, source);
        let keepers = source.map(|page| portal.keepers(page)).unwrap_or_default();
        let source = source
            .and_then(|id| portal.page(id))
            .map(|page| &portal[page.document].source);
        let edit =
            source.and_then(|source| Some(portal.settings.forge.as_ref()?.edit(source.as_str())));
        Frame {
            lang: portal.settings.language.code(),
            portal: portal.settings.title.clone(),
            home: self.href("index.html"),
            css: self.here.href(&self.loaded.style),
            early: self.here.href(&self.loaded.early),
            script: self.here.href(&self.loaded.script),
            search: portal.settings.search.enabled.then(|| parts::SearchLinks {
                page: self.href(SEARCH),
                script: self.here.href(&self.loaded.search),
            }),
            icon: self.href("assets/favicon.svg"),
            nav: self.navigation(),
            crumbs,
            as_of: self.date_in_text(portal.day),
            feed: self.feed_link(feed),
            about_data: self.href(ABOUT_DATA),
            edit,
            kept_by: self.page_links(&keepers),
        }
    }

    fn navigation(&self) -> Vec<parts::NavLink> {
        let is_shown = |key: &str| match key {
            "people" => self.portal.names_people(),
            "contributions" => self.portal.shows_contributions(),
            _ => true,
        };
        SECTIONS
            .iter()
            .filter(|(key, _)| is_shown(key))
            .map(|(key, address)| {
                let folder = address.strip_suffix("index.html").unwrap_or(address);
                let current = if self.here.as_str() == *address {
                    Some("page")
                } else {
                    self.here.as_str().starts_with(folder).then_some("true")
                };
                parts::NavLink {
                    title: self.words.get(key).to_owned(),
                    href: self.href(address),
                    current,
                }
            })
            .collect()
    }

    /// The way from the home page to a page directly below it.
    fn crumbs_home(&self) -> Vec<Link> {
        vec![Link {
            title: self.words.get("home").to_owned(),
            href: Some(self.href("index.html")),
        }]
    }

    /// The way from the home page to a page of a section, by the key of its word.
    fn crumbs_section(&self, key: &str) -> Vec<Link> {
        let mut crumbs = self.crumbs_home();
        crumbs.extend(SECTIONS.iter().filter(|(section, _)| *section == key).map(
            |(key, address)| Link {
                title: self.words.get(key).to_owned(),
                href: Some(self.href(address)),
            },
        ));
        crumbs
    }
}
