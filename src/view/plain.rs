//! Plain pages, their folders, and pages that have moved or never were.

use serde::Serialize;

use super::html::Html;
use super::parts::{BacklinkView, FactView, Frame, Link};
use super::{NOT_FOUND, Viewpoint};
use crate::portal::{FolderId, Page, PageId, PlainId};
use crate::settings::FactScope;

/// A plain page at its own path.
#[derive(Clone, Debug, Serialize)]
pub struct PlainView {
    frame: Frame,
    title: String,
    facts: Vec<FactView>,
    headings: Vec<HeadingLink>,
    html: Html,
    backlinks: Vec<BacklinkView>,
}

#[derive(Clone, Debug, Serialize)]
struct HeadingLink {
    id: String,
    title: String,
}

/// The listing of a folder of plain pages.
#[derive(Clone, Debug, Serialize)]
pub struct FolderView {
    frame: Frame,
    title: String,
    facts: Vec<FactView>,
    html: Html,
    folders: Vec<Link>,
    pages: Vec<Link>,
    backlinks: Vec<BacklinkView>,
}

/// What stands where a page used to be.
#[derive(Clone, Debug, Serialize)]
pub struct MovedView {
    frame: Frame,
    title: String,
    to: Link,
}

/// `404.html`.
#[derive(Clone, Debug, Serialize)]
pub struct NotFoundView {
    frame: Frame,
    /// Where the page itself is. A server shows it at any address, from which its links would lead astray.
    base: Option<String>,
    title: String,
}

impl Viewpoint<'_> {
    /// A plain page.
    pub fn plain(&self, id: PlainId) -> PlainView {
        let page = &self.portal[id].page;
        let frame = self.frame(
            self.crumbs_folders(self.portal[id].folder),
            Some(PageId::Plain(id)),
        );
        PlainView {
            title: page.title.clone(),
            facts: self.facts(FactScope::Plain, &page.facts, frame.edit.as_ref()),
            headings: self.outline(page),
            html: self.page_text(page),
            backlinks: self.backlinks(&page.backlinks),
            frame,
        }
    }

    /// The first level of a page's headings.
    fn outline(&self, page: &Page) -> Vec<HeadingLink> {
        let body = self.portal.body(page.document);
        let headings = body.headings.iter().enumerate();
        headings
            .filter(|(_, heading)| heading.level == 1)
            .map(|(i, heading)| HeadingLink {
                id: heading.anchor.to_string(),
                title: self.heading_title(body, &page.targets, i),
            })
            .collect()
    }

    /// A folder of plain pages.
    pub fn folder(&self, id: FolderId) -> FolderView {
        let folder = &self.portal[id];
        let text = folder.text.map(PageId::Plain);
        let page = text.and_then(|text| self.portal.page(text));
        let frame = self.frame(self.crumbs_folders(folder.parent), text);
        FolderView {
            facts: page
                .map(|page| self.facts(FactScope::Plain, &page.facts, frame.edit.as_ref()))
                .unwrap_or_default(),
            frame,
            title: folder.title.clone(),
            html: text
                .and(page)
                .map(|page| self.page_text(page))
                .unwrap_or_default(),
            folders: folder
                .folders
                .iter()
                .map(|folder| self.folder_link(*folder))
                .collect(),
            pages: folder
                .pages
                .iter()
                .map(|page| self.page_link(PageId::Plain(*page)))
                .collect(),
            backlinks: page
                .map(|page| self.backlinks(&page.backlinks))
                .unwrap_or_default(),
        }
    }

    pub(super) fn folder_link(&self, id: FolderId) -> Link {
        let folder = &self.portal[id];
        Link {
            title: folder.title.clone(),
            href: Some(self.here.href(&folder.address)),
        }
    }

    /// The way from the home page through the folders above.
    fn crumbs_folders(&self, mut folder: Option<FolderId>) -> Vec<Link> {
        let mut folders = Vec::new();
        while let Some(id) = folder {
            folders.push(self.folder_link(id));
            folder = self.portal[id].parent;
        }
        folders.reverse();
        let mut crumbs = self.crumbs_home();
        crumbs.extend(folders);
        crumbs
    }

    /// Where a page used to be.
    pub fn moved(&self, former_id: &str, to: PageId) -> MovedView {
        MovedView {
            frame: self.frame(self.crumbs_home(), None),
            title: former_id.to_owned(),
            to: self.page_link(to),
        }
    }

    /// What stands where nothing is.
    pub fn not_found(&self) -> NotFoundView {
        let site = self.portal.settings.url.as_ref();
        let is_of_site = self.here.as_str() == NOT_FOUND;
        NotFoundView {
            frame: self.frame(Vec::new(), None),
            base: site
                .filter(|_| is_of_site)
                .map(|site| format!("{site}{NOT_FOUND}")),
            title: self.word("not_found"),
        }
    }
}
