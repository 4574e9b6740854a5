//! The home page: what is new, what waits, which goals need a hand, thanks.

use serde::Serialize;

use super::Viewpoint;
use super::goals::GoalRow;
use super::html::Html;
use super::parts::{Frame, Line, Link};
use crate::portal::{EntryId, PageId};

/// `index.html`.
#[derive(Clone, Debug, Serialize)]
pub struct HomeView {
    frame: Frame,
    title: String,
    html: Html,
    news: Vec<Line>,
    waiting: Vec<Line>,
    needing: Vec<GoalRow>,
    thanks: Vec<Line>,
    all_entries: String,
    all_loops: String,
    all_goals: String,
    folders: Vec<Link>,
}

const NEWS: usize = 10;
const WAITING: usize = 6;
const NEEDING: usize = 5;
const THANKS: usize = 3;

impl Viewpoint<'_> {
    /// The home page.
    pub fn home(&self) -> HomeView {
        let portal = self.portal;
        let page = portal.home();
        let newest_first = || portal.entries().rev();
        let thanks = newest_first().filter(|entry| portal.is_thanks(*entry));
        let waiting: Vec<EntryId> = self.portal.loops().iter().copied().take(WAITING).collect();
        let mut needing = self.goals_needing_a_hand();
        needing.truncate(NEEDING);
        HomeView {
            frame: self.frame(Vec::new(), page.map(|_| PageId::Home)),
            title: page.map_or_else(|| portal.settings.title.clone(), |page| page.title.clone()),
            html: page.map(|page| self.page_text(page)).unwrap_or_default(),
            news: newest_first()
                .filter(|entry| !portal.is_row(*entry))
                .take(NEWS)
                .map(|entry| self.line(entry))
                .collect(),
            waiting: waiting
                .into_iter()
                .map(|entry| self.waiting_line(entry))
                .collect(),
            needing: self.rows_with_forms(&needing),
            thanks: thanks.take(THANKS).map(|entry| self.line(entry)).collect(),
            all_entries: self.href("timeline/index.html"),
            all_loops: self.href("loops.html"),
            all_goals: self.href("goals.html"),
            folders: self.top_level(),
        }
    }

    /// Plain pages and folders that lie directly below `content/`.
    fn top_level(&self) -> Vec<Link> {
        let portal = self.portal;
        let folders = portal
            .folders()
            .filter(|id| portal[*id].parent.is_none())
            .map(|id| self.folder_link(id));
        let pages = portal
            .plain_pages()
            .filter(|id| portal[*id].folder.is_none());
        folders
            .chain(pages.map(|id| self.page_link(PageId::Plain(id))))
            .collect()
    }
}
