//! The site: a map from addresses to recipes, and the rendering of one address.
//!
//! A portal and a theme go in. A recipe says what stands at an address; the bytes are made only when somebody asks, by
//! `build` for all of them and by `serve` for those that a browser wants, so there is one way of building. It must
//! never write.

mod atom;
mod json;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use pulldown_cmark_escape::escape_html;
use serde::Serialize;

use self::json::Json;
use crate::diagnostic::{Diagnostics, Place};
use crate::path::{SitePath, SourcePath};
use crate::portal::{
    AttachmentId, CustomerId, DepartmentId, FolderId, MatrixPageId, MonthId, PageId, PersonId,
    PlainId, Portal,
};
use crate::search;
use crate::skeleton::{Audience, Writer};
use crate::theme::{RenderError, Theme};
use crate::view::{
    ABOUT_DATA, ASSESSMENTS, DATA_VERSION, DataFile, Feed, NOT_FOUND, NewEntries, SEARCH, Viewpoint,
};
use crate::words::Words;

/// What stands at an address.
#[derive(Clone, Debug)]
enum Recipe {
    Home,
    Customers,
    Customer(CustomerId),
    CustomerYear(CustomerId, i16),
    Departments,
    Department(DepartmentId),
    Assessments,
    Assessment(DepartmentId, i16),
    People,
    Person(PersonId),
    Plain(PlainId),
    Folder(FolderId),
    Timeline,
    Month(MonthId),
    Matrix(MatrixPageId),
    Goals,
    Loops,
    Search,
    AboutData,
    Moved(String, PageId),
    NotFound,
    Data(DataFile),
    Feed(Feed),
    Asset,
    Attachment(AttachmentId),
}

/// The files that a browser can fetch.
pub struct Site {
    portal: Arc<Portal>,
    theme: Arc<Theme>,
    new_entries: NewEntries,
    recipes: BTreeMap<SitePath, Recipe>,
    /// The files of the search index. Their names come from what they hold, so all are made when one is asked for.
    index: OnceLock<Vec<(SitePath, Vec<u8>)>>,
}

/// What an address holds.
#[derive(Debug)]
pub enum Rendered<'a> {
    /// These bytes.
    Bytes(Cow<'a, [u8]>),
    /// The bytes of a file of the portal.
    File(&'a SourcePath),
}

impl Rendered<'static> {
    fn text(text: String) -> Self {
        Rendered::Bytes(Cow::Owned(text.into_bytes()))
    }
}

impl Site {
    /// Lays out the site; two things for one address are reported.
    pub fn new(portal: Arc<Portal>, theme: Arc<Theme>, diagnostics: &mut Diagnostics) -> Site {
        let mut recipes = BTreeMap::new();
        for (address, recipe) in pages(&portal) {
            recipes.insert(address, recipe);
        }
        for address in theme.assets().keys() {
            recipes.insert(address.clone(), Recipe::Asset);
        }
        for id in portal.linked_attachments() {
            let attachment = &portal[id];
            let is_of_index = attachment.address.as_str().starts_with(search::FOLDER);
            if is_free(&recipes, &attachment.address) && !is_of_index {
                recipes.insert(attachment.address.clone(), Recipe::Attachment(id));
            } else {
                diagnostics.reserved_address(
                    Place::start_of(&attachment.source),
                    attachment.address.as_str(),
                );
            }
        }
        let writer = Writer {
            portal: &portal,
            words: theme.words(),
            audience: Audience::Readers,
        };
        let new_entries = NewEntries::new(&writer, |menu| {
            let html = theme.render("parts/add.html", menu);
            html.unwrap_or_else(|error| {
                diagnostics.template_error(error.place, &error.message);
                String::new()
            })
        });
        Site {
            portal,
            theme,
            new_entries,
            recipes,
            index: OnceLock::new(),
        }
    }

    /// The words in which the site speaks.
    pub fn words(&self) -> &Words {
        self.theme.words()
    }

    /// The files of the search index with their addresses, in order; made when they are asked for the first time.
    pub fn index(&self) -> &[(SitePath, Vec<u8>)] {
        if !self.portal.settings.search.enabled {
            return &[];
        }
        self.index.get_or_init(|| {
            let root = SitePath::new("index.html");
            search::files(&self.portal, self.viewpoint(&root))
        })
    }

    fn index_file(&self, address: &SitePath) -> Option<&[u8]> {
        if !address.as_str().starts_with(search::FOLDER) {
            return None;
        }
        let index = self.index();
        let at = index.binary_search_by(|(file, _)| file.cmp(address)).ok()?;
        Some(&index[at].1)
    }

    /// Every address of the site but those of the index, in order.
    pub fn addresses(&self) -> impl ExactSizeIterator<Item = &SitePath> {
        self.recipes.keys()
    }

    /// Whether it looks as another one does: both have one theme.
    pub fn looks_like(&self, other: &Site) -> bool {
        Arc::ptr_eq(&self.theme, &other.theme)
    }

    /// Renders one page of each template and keeps nothing but what there is to say: whether a theme is fit for use.
    pub fn try_theme(&self) -> Diagnostics {
        let mut tried = HashSet::new();
        let mut said = Diagnostics::new();
        for (address, recipe) in &self.recipes {
            let is_page = address.as_str().ends_with(".html");
            if is_page && tried.insert(mem::discriminant(recipe)) {
                self.render(address, &mut said);
            }
        }
        said
    }

    /// Whether the site has something at an address.
    pub fn holds(&self, address: &SitePath) -> bool {
        self.recipes.contains_key(address) || self.index_file(address).is_some()
    }

    /// What a server answers for an address that holds nothing; its links lead on from there.
    pub fn not_found(&self, asked: &SitePath) -> Result<String, RenderError> {
        let from = self.viewpoint(asked);
        self.theme.render(NOT_FOUND, from.not_found())
    }

    /// What an address holds; `None` where the site has nothing. A fault is reported, never thrown.
    pub fn render(
        &self,
        address: &SitePath,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rendered<'_>> {
        let Some((address, recipe)) = self.recipes.get_key_value(address) else {
            let file = self.index_file(address)?;
            return Some(Rendered::Bytes(Cow::Borrowed(file)));
        };
        match catch_unwind(AssertUnwindSafe(|| self.cook(address, recipe))) {
            Ok(Ok(rendered)) => Some(rendered),
            Ok(Err(error)) => {
                diagnostics.template_error(error.place, &error.message);
                None
            }
            Err(_) => {
                let message = format!("the page `{address}` could not be rendered");
                diagnostics.internal_error(Place::start_of(&self.source(recipe)), &message);
                None
            }
        }
    }

    /// The source to which a fault in a page belongs most.
    fn source(&self, recipe: &Recipe) -> SourcePath {
        let source = self.own_source(recipe).or_else(|| {
            let home = self.portal.home()?;
            Some(&self.portal[home.document].source)
        });
        source.map_or_else(
            || SourcePath::new(crate::settings::SETTINGS_FILE),
            SourcePath::clone,
        )
    }

    /// The path of the source that an address shows, if it shows one and not what many say.
    pub fn source_of(&self, address: &SitePath) -> Option<String> {
        let source = self.own_source(self.recipes.get(address)?)?;
        let nobody = self.words().get("somebody");
        let source = Cow::Borrowed(source.as_str());
        let source = self.portal.redacted(source, nobody, str::to_owned);
        Some(source.into_owned())
    }

    fn own_source(&self, recipe: &Recipe) -> Option<&SourcePath> {
        let page = match recipe {
            Recipe::Home => self.portal.home(),
            Recipe::Customer(id) | Recipe::CustomerYear(id, _) => {
                self.portal.page(PageId::Customer(*id))
            }
            Recipe::Department(id) | Recipe::Assessment(id, _) => {
                self.portal.page(PageId::Department(*id))
            }
            Recipe::Person(id) => self.portal.page(PageId::Person(*id)),
            Recipe::Plain(id) => self.portal.page(PageId::Plain(*id)),
            Recipe::Folder(id) => {
                let text = self.portal[*id].text?;
                self.portal.page(PageId::Plain(text))
            }
            Recipe::Attachment(id) => return Some(&self.portal[*id].source),
            _ => None,
        };
        page.map(|page| &self.portal[page.document].source)
    }

    fn cook<'a>(
        &'a self,
        here: &'a SitePath,
        recipe: &Recipe,
    ) -> Result<Rendered<'a>, RenderError> {
        // In tests of this crate a page of this name has a fault, so that they see what one costs.
        assert!(!cfg!(test) || here.as_str() != "panics.html");
        let from = self.viewpoint(here);
        match recipe {
            Recipe::Home => self.page("home.html", from.home()),
            Recipe::Customers => self.page("customers.html", from.customers()),
            Recipe::Customer(id) => self.page("customer.html", from.customer(*id)),
            Recipe::CustomerYear(id, year) => {
                self.page("customer_year.html", from.customer_year(*id, *year))
            }
            Recipe::Departments => self.page("departments.html", from.departments()),
            Recipe::Department(id) => self.page("department.html", from.department(*id)),
            Recipe::Assessments => self.page("assessments.html", from.assessments()),
            Recipe::Assessment(id, year) => {
                self.page("assessment.html", from.assessment(*id, *year))
            }
            Recipe::People => self.page("people.html", from.people()),
            Recipe::Person(id) => self.page("person.html", from.person(*id)),
            Recipe::Plain(id) => self.page("plain.html", from.plain(*id)),
            Recipe::Folder(id) => self.page("folder.html", from.folder(*id)),
            Recipe::Timeline => self.page("timeline.html", from.timeline()),
            Recipe::Month(id) => self.page("month.html", from.month(*id)),
            Recipe::Matrix(id) => self.page("contributions.html", from.matrix(*id)),
            Recipe::Goals => self.page("goals.html", from.goals()),
            Recipe::Loops => self.page("loops.html", from.loops()),
            Recipe::Search => self.page("search.html", from.search()),
            Recipe::AboutData => self.page("about_data.html", from.about_data()),
            Recipe::Moved(former_id, to) => self.page("moved.html", from.moved(former_id, *to)),
            Recipe::NotFound => self.page(NOT_FOUND, from.not_found()),
            Recipe::Data(file) => Ok(self.redacted(self.data(*file), json::escape)),
            Recipe::Feed(feed) => Ok(self.redacted(atom::write(&from.feed(*feed)), escape_markup)),
            Recipe::Asset => Ok(Rendered::Bytes(Cow::Borrowed(
                self.theme.assets().get(here).map_or(&[], |bytes| bytes),
            ))),
            Recipe::Attachment(id) => Ok(Rendered::File(&self.portal[*id].source)),
        }
    }

    /// A file for machines; its addresses are relative to the root of the site, wherever the file is.
    fn data(&self, file: DataFile) -> String {
        let root = SitePath::new("index.html");
        let from = self.viewpoint(&root);
        let portal = &self.portal;
        let mut json = Json::of_version(DATA_VERSION);
        match file {
            DataFile::Index => {
                json.field("portal", &from.portal_record());
                json.list("files", from.file_records());
                json.list("kinds", from.kind_records());
                json.list("facts", from.fact_records());
            }
            DataFile::Customers => {
                let records = portal.customers().map(|id| from.customer_record(id));
                json.list(file.list(), records);
            }
            DataFile::Departments => {
                let records = portal.departments().map(|id| from.department_record(id));
                json.list(file.list(), records);
            }
            DataFile::People => {
                let records = portal.shown_people().map(|id| from.person_record(id));
                json.list(file.list(), records);
            }
            DataFile::Goals => {
                json.list(file.list(), portal.goals().map(|id| from.goal_record(id)));
            }
            DataFile::Loops => {
                let records = portal.loops().iter().map(|id| from.entry_record(*id));
                json.list(file.list(), records);
            }
            DataFile::Month(month) => {
                let entries = portal[month].entries.iter();
                json.list(file.list(), entries.map(|id| from.entry_record(*id)));
            }
        }
        json.finish()
    }

    fn viewpoint<'a>(&'a self, here: &'a SitePath) -> Viewpoint<'a> {
        Viewpoint::new(
            &self.portal,
            self.theme.words(),
            &self.new_entries,
            self.theme.loaded(),
            here,
        )
    }

    fn page(&self, template: &str, view: impl Serialize) -> Result<Rendered<'static>, RenderError> {
        if self.portal.redacts() {
            let page = self.theme.render(template, view)?;
            return Ok(self.redacted(page, escape_markup));
        }
        let page = self.theme.render_bytes(template, view)?;
        Ok(Rendered::Bytes(Cow::Owned(page)))
    }

    /// The last thing that happens to what authors typed: it names nobody who is not to be named.
    fn redacted(&self, text: String, escape: impl Fn(&str) -> String) -> Rendered<'static> {
        let nobody = self.words().get("somebody");
        let text = self.portal.redacted(Cow::Owned(text), nobody, escape);
        Rendered::text(text.into_owned())
    }
}

/// Whether a file may stand at an address: nothing else does, and neither is a folder where the other is a file.
fn is_free(recipes: &BTreeMap<SitePath, Recipe>, address: &SitePath) -> bool {
    let mut folders = address.as_str().match_indices('/');
    let below_a_page =
        folders.any(|(slash, _)| recipes.contains_key(&SitePath::new(&address.as_str()[..slash])));
    let below = format!("{address}/");
    let above_a_page = recipes
        .range(SitePath::new(below.as_str())..)
        .next()
        .is_some_and(|(next, _)| next.as_str().starts_with(&below));
    !recipes.contains_key(address) && !below_a_page && !above_a_page
}

/// Every page with its address. What people may not be named by has no pages of people.
fn pages(portal: &Portal) -> Vec<(SitePath, Recipe)> {
    let mut pages: Vec<(SitePath, Recipe)> = vec![
        (SitePath::new("index.html"), Recipe::Home),
        (SitePath::new("customers/index.html"), Recipe::Customers),
        (SitePath::new("departments/index.html"), Recipe::Departments),
        (SitePath::new(ASSESSMENTS), Recipe::Assessments),
        (SitePath::new("timeline/index.html"), Recipe::Timeline),
        (SitePath::new("goals.html"), Recipe::Goals),
        (SitePath::new("loops.html"), Recipe::Loops),
        (SitePath::new(ABOUT_DATA), Recipe::AboutData),
        (SitePath::new(NOT_FOUND), Recipe::NotFound),
    ];
    if portal.settings.search.enabled {
        pages.push((SitePath::new(SEARCH), Recipe::Search));
    }
    if portal.names_people() {
        pages.push((SitePath::new("people/index.html"), Recipe::People));
    }
    pages.extend(
        portal
            .customers()
            .map(|id| (portal[id].page.address.clone(), Recipe::Customer(id))),
    );
    for id in portal.customers() {
        let years = portal[id].year_pages.iter();
        pages.extend(years.map(|page| (page.address.clone(), Recipe::CustomerYear(id, page.year))));
    }
    pages.extend(
        portal
            .departments()
            .map(|id| (portal[id].page.address.clone(), Recipe::Department(id))),
    );
    for id in portal.departments() {
        let years = portal[id].assessments.iter();
        pages.extend(years.map(|of| (of.address.clone(), Recipe::Assessment(id, of.year))));
    }
    pages.extend(
        portal
            .shown_people()
            .map(|id| (portal[id].page.address.clone(), Recipe::Person(id))),
    );
    let has_own_page = |id: &PlainId| {
        portal[*id]
            .folder
            .is_none_or(|folder| portal[folder].text != Some(*id))
    };
    pages.extend(
        portal
            .plain_pages()
            .filter(has_own_page)
            .map(|id| (portal[id].page.address.clone(), Recipe::Plain(id))),
    );
    pages.extend(
        portal
            .folders()
            .map(|id| (portal[id].address.clone(), Recipe::Folder(id))),
    );
    pages.extend(
        portal
            .months()
            .map(|id| (portal[id].address.clone(), Recipe::Month(id))),
    );
    pages.extend(
        portal
            .matrix_pages()
            .map(|id| (portal[id].address.clone(), Recipe::Matrix(id))),
    );
    pages.extend(DataFile::all(portal).map(|file| (file.address(portal), Recipe::Data(file))));
    pages.extend(Feed::all(portal).map(|feed| (feed.address(portal), Recipe::Feed(feed))));
    pages.extend(
        portal
            .moved()
            .filter(|(_, _, to)| portal.has_page(*to))
            .map(|(address, former_id, to)| {
                (address.clone(), Recipe::Moved(former_id.to_owned(), to))
            }),
    );
    pages
}

fn escape_markup(text: &str) -> String {
    let mut markup = String::new();
    escape_html(&mut markup, text).expect("BUG: writing to a string does not fail");
    markup
}
