//! What is new, as an Atom feed: of the portal, of each customer and of each department.
//!
//! A [`Viewpoint`] at the feed's address and a [`Feed`] go in, a [`FeedView`] of plain texts comes out. Ids never
//! change while the portal keeps its name, or the site its address. It must never name a person who is not shown.

use jiff::civil::Date;

use super::Viewpoint;
use super::parts::Link;
use crate::path::{SitePath, fingerprint};
use crate::portal::{CustomerId, DepartmentId, EntryId, PageId, Portal};

/// What a feed is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// Everything.
    Portal,
    /// One customer.
    Customer(CustomerId),
    /// What one department did.
    Department(DepartmentId),
}

/// A feed; its dates are points in time as RFC 3339 writes them.
#[derive(Clone, Debug)]
pub struct FeedView<'a> {
    /// The code of the language.
    pub lang: &'static str,
    /// What names the feed for ever.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Whose feed it is: the portal's, never a person's.
    pub author: &'a str,
    /// When something last happened.
    pub updated: String,
    /// Where it is.
    pub address: String,
    /// The page that it is about.
    pub page: String,
    /// The newest entries, newest first.
    pub entries: Vec<FeedEntry<'a>>,
}

/// An entry of a feed.
#[derive(Clone, Debug)]
pub struct FeedEntry<'a> {
    /// What names the entry for ever, in every feed.
    pub id: String,
    /// What happened.
    pub title: &'a str,
    /// The day.
    pub updated: String,
    /// Where it stands in full.
    pub address: String,
    /// The kind by its name and by the word for readers.
    pub kind: [&'a str; 2],
    /// What, for whom and by whom.
    pub summary: String,
}

/// So many entries the feed of the portal has.
const NEWEST: usize = 50;
/// And so many the others, of which a portal has thousands.
const NEWEST_OF_ONE: usize = 10;

impl Feed {
    /// Every feed of a portal; what a department did is a view of who contributed what.
    pub fn all(portal: &Portal) -> impl Iterator<Item = Feed> + use<> {
        let departments = portal.shows_contributions().then(|| portal.departments());
        std::iter::once(Feed::Portal)
            .chain(portal.customers().map(Feed::Customer))
            .chain(departments.into_iter().flatten().map(Feed::Department))
    }

    /// The feed that a page offers: its own, or that of the portal.
    pub(super) fn of(portal: &Portal, page: Option<PageId>) -> Feed {
        match page {
            Some(PageId::Customer(customer)) => Feed::Customer(customer),
            Some(PageId::Department(department)) if portal.shows_contributions() => {
                Feed::Department(department)
            }
            _ => Feed::Portal,
        }
    }

    /// Where the feed is in the site.
    pub fn address(self, portal: &Portal) -> SitePath {
        SitePath::new(match self {
            Feed::Portal => "feed.xml".to_owned(),
            Feed::Customer(id) => format!("customers/{}.xml", portal[id].page.id),
            Feed::Department(id) => format!("departments/{}.xml", portal[id].page.id),
        })
    }

    fn page(self) -> PageId {
        match self {
            Feed::Portal => PageId::Home,
            Feed::Customer(id) => PageId::Customer(id),
            Feed::Department(id) => PageId::Department(id),
        }
    }
}

impl<'a> Viewpoint<'a> {
    pub(super) fn feed_link(&self, feed: Feed) -> Link {
        Link {
            title: self.feed_title(feed),
            href: Some(self.here.href(&feed.address(self.portal))),
        }
    }

    fn feed_title(&self, feed: Feed) -> String {
        let portal = &self.portal.settings.title;
        match feed {
            Feed::Portal => portal.clone(),
            Feed::Customer(id) => format!("{} · {portal}", self.portal[id].page.title),
            Feed::Department(id) => format!("{} · {portal}", self.portal[id].page.title),
        }
    }

    /// The newest entries of a feed; what lies ahead is not news yet.
    pub fn feed(&self, feed: Feed) -> FeedView<'a> {
        let portal = self.portal;
        match feed {
            Feed::Portal => self.feed_of(feed, portal.entries().rev(), NEWEST),
            Feed::Customer(id) => {
                let entries = portal[id].entries.iter().rev().copied();
                let on_customer = Viewpoint {
                    on_customer: Some(id),
                    ..*self
                };
                on_customer.feed_of(feed, entries, NEWEST_OF_ONE)
            }
            Feed::Department(id) => {
                let entries = portal[id].entries.iter().rev().copied();
                self.feed_of(feed, entries, NEWEST_OF_ONE)
            }
        }
    }

    fn feed_of(
        &self,
        feed: Feed,
        newest_first: impl Iterator<Item = EntryId>,
        most: usize,
    ) -> FeedView<'a> {
        let portal = self.portal;
        let entries: Vec<EntryId> = newest_first.take(most).collect();
        let newest = entries.first().map_or(portal.day, |id| portal[*id].date);
        let address = feed.address(portal);
        FeedView {
            lang: portal.settings.language.code(),
            id: self.lasting_id(address.as_str()),
            title: self.feed_title(feed),
            author: &portal.settings.title,
            updated: midnight(newest),
            page: self.link_from_feed(&portal.address(feed.page())),
            address: self.link_from_feed(&address),
            entries: entries.iter().map(|id| self.feed_entry(*id)).collect(),
        }
    }

    fn feed_entry(&self, id: EntryId) -> FeedEntry<'a> {
        let portal = self.portal;
        let kind = portal.kind(id);
        let label = kind.label.get(portal.settings.language);
        let (page, anchor) = portal.entry_address(id);
        let (here, place) = self.entry_address(id);
        // A year that moves to a page of its own makes no entry a new one.
        let customer = portal[id].customers.first();
        let page = customer.map_or(page, |customer| &portal[*customer].page.address);
        FeedEntry {
            id: self.lasting_id(&format!("{page}#{anchor}")),
            title: portal.title(id),
            updated: midnight(portal[id].date),
            address: format!("{}#{place}", self.link_from_feed(here)),
            kind: [&kind.name, label],
            summary: self.summary(id, label),
        }
    }

    /// `Order: Frames · for whom · by whom`, as far as there is something to say.
    fn summary(&self, id: EntryId, label: &str) -> String {
        let mut summary = format!("{label}: {}", self.portal.title(id));
        let customers = self.portal[id].customers.iter();
        let customers: Vec<PageId> = customers.map(|id| PageId::Customer(*id)).collect();
        let by = self.by_pages(id);
        for (word, pages) in [("", customers), (self.words.get(self.by_key(id)), by)] {
            let titles = pages.iter().filter_map(|page| self.portal.page(*page));
            for (i, page) in titles.enumerate() {
                summary.push_str(if i == 0 { " · " } else { ", " });
                if i == 0 && !word.is_empty() {
                    summary.push_str(word);
                    summary.push(' ');
                }
                summary.push_str(&page.title);
            }
        }
        summary
    }

    /// A link that is whole where the address of the site is known, else relative to the feed.
    fn link_from_feed(&self, address: &SitePath) -> String {
        match &self.portal.settings.url {
            Some(url) => format!("{url}{address}"),
            None => self.here.href(address),
        }
    }

    /// The whole address, which is known to no other site; where the site's is not known, a name made of the portal's.
    fn lasting_id(&self, address: &str) -> String {
        match &self.portal.settings.url {
            Some(url) => format!("{url}{address}"),
            None => uuid(&self.portal.settings.title, address),
        }
    }
}

/// A UUID of version 8 (RFC 9562), the one for ways of one's own, made of two texts.
fn uuid(portal: &str, address: &str) -> String {
    let [high, low] = [[portal, address], [address, portal]].map(|texts| fingerprint(&texts));
    format!(
        "urn:uuid:{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

/// Of an entry only the day is known; everybody reads the same moment.
fn midnight(day: Date) -> String {
    format!("{day}T00:00:00Z")
}
