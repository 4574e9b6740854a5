//! The page that searches, as it reads before anybody has typed: how to search, and where the lists are.

use serde::Serialize;

use super::Viewpoint;
use super::parts::Frame;

/// `search.html`.
#[derive(Clone, Debug, Serialize)]
pub struct SearchView {
    frame: Frame,
    title: String,
    /// Whether people are named, so that they can be searched for.
    names_people: bool,
}

impl Viewpoint<'_> {
    /// The page that searches.
    pub fn search(&self) -> SearchView {
        SearchView {
            frame: self.frame(self.crumbs_home(), None),
            title: self.word("search"),
            names_people: self.portal.names_people(),
        }
    }
}
