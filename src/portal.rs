//! The link stage: from all documents to one [`Portal`] in which everything is resolved.
//!
//! Documents, settings and the day go in. Out comes what the portal knows: pages, entries, goals, who did what, what
//! links where, all by index; what leads nowhere is a value ([`Target::Missing`]) and a diagnostic. Lists are ordered
//! once, here: pages as the portal's language sorts titles, entries by time, so that the order of ids is the order for
//! readers. It must never format text for people.

mod assessments;
mod attachments;
mod authors;
mod chains;
mod checks;
mod circles;
mod goals;
mod history;
mod ledgers;
mod links;
mod lookup;
mod matrix;
mod names;
mod numbers;
mod orders;
mod pages;
mod queries;
mod redaction;
mod years;

use std::collections::BTreeMap;
use std::ops::Index;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use thin_vec::ThinVec;

use crate::diagnostic::Diagnostics;
use crate::document::ledger::LedgerDocument;
use crate::document::{
    Body, Contact, Content, Document, EntryContent, GoalStatus, PageContent, PageKind, ShownAs,
};
use crate::git::Authorship;
use crate::path::{Anchor, SitePath, SourcePath};
use crate::query::Query;
use crate::settings::{FactId, Kind, KindId, LedgerId, Settings};
use crate::source::AttachmentFile;
use crate::value::{FactValue, Money};

pub use assessments::{Answer, Assessment, Figures, Share, Wait};
pub use chains::Reach;
pub use matrix::MatrixPage;
pub use names::Shown;
pub use years::YearPage;

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident => $field:ident: $item:ty,)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $id(u32);

            impl $id {
                /// The id of the item at a position.
                fn at(position: usize) -> Self {
                    Self(u32::try_from(position).expect("BUG: a portal has fewer than 4 billion of anything"))
                }

                /// The ids of a list of this length, in order.
                fn all(length: usize) -> impl DoubleEndedIterator<Item = Self> + Clone {
                    (0..length).map(Self::at)
                }

                /// The position among all of its kind.
                pub fn index(self) -> usize {
                    self.0 as usize
                }
            }

            impl Index<$id> for Portal {
                type Output = $item;

                fn index(&self, id: $id) -> &$item {
                    &self.$field[id.index()]
                }
            }
        )*
    };
}

ids! {
    /// A customer; in the order of titles.
    CustomerId => customers: Customer,
    /// A department; in the order of titles.
    DepartmentId => departments: Department,
    /// A person; in the order of names.
    PersonId => people: Person,
    /// A plain page; in the order of paths.
    PlainId => plain_pages: PlainPage,
    /// A folder of plain pages; in the order of paths.
    FolderId => folders: PlainFolder,
    /// A goal; by customer, in the order written.
    GoalId => goals: Goal,
    /// An entry; in the order of time.
    EntryId => entries: Entry,
    /// A month in which something happened; in the order of time.
    MonthId => months: Month,
    /// A page of the matrix of contributions; in the order of its customers.
    MatrixPageId => matrix_pages: MatrixPage,
    /// A file that pages may link to; in the order of paths.
    AttachmentId => attachments: Attachment,
    /// A file of a ledger; in the order of ledgers, then of paths.
    LedgerFileId => ledger_files: LedgerFile,
    /// A source; in the order of paths.
    DocumentId => documents: Arc<Document>,
}

/// A page with an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageId {
    /// The home page.
    Home,
    /// A customer's page.
    Customer(CustomerId),
    /// A department's page.
    Department(DepartmentId),
    /// A person's page.
    Person(PersonId),
    /// A plain page.
    Plain(PlainId),
}

impl PageId {
    /// Of which kind the page is; the home page is of none.
    fn kind(self) -> Option<PageKind> {
        match self {
            PageId::Home => None,
            PageId::Customer(_) => Some(PageKind::Customer),
            PageId::Department(_) => Some(PageKind::Department),
            PageId::Person(_) => Some(PageKind::Person),
            PageId::Plain(_) => Some(PageKind::Plain),
        }
    }
}

/// What every page has.
#[derive(Clone, Debug)]
pub struct Page {
    /// The source.
    pub document: DocumentId,
    /// The id by which other sources name it.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Where it is in the site.
    pub address: SitePath,
    /// Facts of the schema, in its order.
    pub facts: Vec<Fact>,
    /// Where the links of its body lead, in the order of the body.
    pub targets: Vec<Target>,
    /// What links to it.
    pub backlinks: Vec<Backlink>,
}

/// A resolved fact.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Which fact of the schema.
    pub id: FactId,
    /// Its value.
    pub value: FactValue<PageId>,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a page, or a heading of it by position.
    Page(PageId, Option<usize>),
    /// To a folder of plain pages that has no text of its own.
    Folder(FolderId),
    /// To an entry, or a heading of it.
    Entry(EntryId, Option<usize>),
    /// To a heading of the same body.
    Here(usize),
    /// To a file.
    Attachment(AttachmentId),
    /// To an entry that lies after the day of the portal, so that it is not there yet.
    Later,
    /// To somebody of whom there is no page, in a portal that names nobody.
    Somebody,
    /// Nowhere.
    Missing,
}

/// A link from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Backlink {
    /// What links.
    pub from: Origin,
    /// Which link of its body.
    pub link: u32,
}

/// What has a body that links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A page.
    Page(PageId),
    /// An entry.
    Entry(EntryId),
}

/// A customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// What every page has.
    pub page: Page,
    /// The person in charge.
    pub owner: Option<PersonId>,
    /// What the customer wants to reach, in the order written.
    pub goals: Vec<GoalId>,
    /// Everything that happened, in the order of time.
    pub entries: Vec<EntryId>,
    /// The place of each of them on the customer's page, or on that of its year.
    pub anchors: Anchors,
    /// The older years of a long history, in the order of time; all others stand on the customer's page.
    pub year_pages: Vec<YearPage>,
}

/// A department.
#[derive(Clone, Debug)]
pub struct Department {
    /// What every page has.
    pub page: Page,
    /// How close its daily work is to customers.
    pub contact: Contact,
    /// The person who leads it.
    pub lead: Option<PersonId>,
    /// What customers get from it.
    pub promise: Option<String>,
    /// What it did, in the order of time.
    pub entries: Vec<EntryId>,
    /// How it sees itself, in the order of years.
    pub assessments: Vec<Assessment>,
    /// The customers that this reached, in the order of titles.
    pub reaches: Vec<Reach>,
    /// What of it reaches no customer yet, the newest first.
    pub apart: Vec<EntryId>,
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// What every page has.
    pub page: Page,
    /// Where the person works or worked.
    pub memberships: Vec<Membership>,
    /// Addresses by which git authors are recognised.
    pub emails: Vec<String>,
    /// The day from which the person is gone.
    pub left: Option<Date>,
    /// Whether the site may name the person.
    pub shown_as: ShownAs,
    /// What the person did, in the order of time.
    pub entries: Vec<EntryId>,
    /// The open loops of which the person is in charge, in the order of [`Portal::loops`].
    pub loops: Vec<EntryId>,
}

/// Work in a department.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The department.
    pub department: DepartmentId,
    /// The first day, if it is known.
    pub from: Option<Date>,
    /// The last day, if it is over.
    pub until: Option<Date>,
}

impl Membership {
    /// Whether the person worked there on a day.
    pub fn covers(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// A plain page.
#[derive(Clone, Debug)]
pub struct PlainPage {
    /// What every page has.
    pub page: Page,
    /// The folder it lies in; `None` at the top.
    pub folder: Option<FolderId>,
}

/// A folder of plain pages.
#[derive(Clone, Debug)]
pub struct PlainFolder {
    /// The path below `content/`.
    pub path: String,
    /// What it is called: the title of its `index.md`, else its name.
    pub title: String,
    /// Where its listing is in the site.
    pub address: SitePath,
    /// The folder it lies in.
    pub parent: Option<FolderId>,
    /// Its `index.md`.
    pub text: Option<PlainId>,
    /// The other pages in it, in the order of titles.
    pub pages: Vec<PlainId>,
    /// The folders in it, in the order of titles.
    pub folders: Vec<FolderId>,
}

/// What a customer wants to reach.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Whose goal it is.
    pub customer: CustomerId,
    /// Its id, unique within the customer.
    pub id: String,
    /// The customer's words.
    pub title: String,
    /// How it is measured.
    pub measure: Option<String>,
    /// By when.
    pub due: Option<Date>,
    /// Where it stands.
    pub status: GoalStatus,
    /// The entry that shows it was reached.
    pub evidence: Option<EntryId>,
    /// The entries that pay into it, in the order of time.
    pub entries: Vec<EntryId>,
}

/// One dated thing that happened. There may be a million of them, so what most have not takes no room.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it is written.
    pub source: EntrySource,
    /// In whose folder it lies.
    pub home: EntryHome,
    /// What sort of event it is.
    pub kind: KindId,
    /// When.
    pub date: Date,
    /// What happened, in a few words.
    pub title: Box<str>,
    /// For whom, in the order of titles; that of its own folder first.
    pub customers: ThinVec<CustomerId>,
    /// Which departments did it.
    pub departments: ThinVec<DepartmentId>,
    /// Who did it.
    pub by: ThinVec<PersonId>,
    /// What it pays into.
    pub goals: ThinVec<GoalId>,
    /// What it made possible.
    pub enables: ThinVec<EntryId>,
    /// What made it possible.
    pub enabled_by: ThinVec<EntryId>,
    /// What it closes.
    pub closes: ThinVec<EntryId>,
    /// What closed it.
    pub closed_by: ThinVec<EntryId>,
    /// Whether it waits for somebody.
    pub open: bool,
    /// Who looks after it.
    pub owner: Option<PersonId>,
    /// By when it should be done.
    pub due: Option<Date>,
    /// A sum.
    pub amount: Option<Money>,
    /// An order or invoice number.
    pub number: Option<Box<str>>,
    /// The number of the order that is paid, as written.
    pub order: Option<Box<str>>,
    /// That order.
    pub pays: Option<EntryId>,
    /// What pays this order, in the order of time.
    pub paid_by: ThinVec<EntryId>,
    /// 0 to 10.
    pub score: Option<u8>,
    /// Facts of the schema, in its order.
    pub facts: ThinVec<Fact>,
    /// Where the links of its body lead.
    pub targets: ThinVec<Target>,
}

/// Where an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntrySource {
    /// In a file of its own.
    Document(DocumentId),
    /// In a ledger, as the row that begins on this line, counted from 1.
    Row(LedgerFileId, u32),
}

/// In whose folder an entry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryHome {
    /// A customer's.
    Customer(CustomerId),
    /// A department's.
    Department(DepartmentId),
    /// Nobody's: a ledger that covers many customers.
    Ledgers,
}

/// A file of a ledger.
#[derive(Clone, Debug)]
pub struct LedgerFile {
    /// Where it lies.
    pub source: SourcePath,
    /// The ledger of the settings that it is a part of.
    pub ledger: LedgerId,
}

/// A month in which something happened.
#[derive(Clone, Debug)]
pub struct Month {
    /// Its first day.
    pub first_day: Date,
    /// Where its page is in the site.
    pub address: SitePath,
    /// What happened, in the order of time.
    pub entries: Vec<EntryId>,
    /// The place on the month's page of each entry that may stand there in full: those that have files of their own.
    pub anchors: Anchors,
}

/// A file that pages may link to.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Where it lies.
    pub source: SourcePath,
    /// Where it is in the site.
    pub address: SitePath,
    /// Width and height in pixels, for pictures that say so.
    pub pixels: Option<(u32, u32)>,
}

/// What a table block asks, the pages and days of its conditions resolved.
pub type Question = Query<FactValue<PageId>>;

/// Everything the portal knows, on one day.
#[derive(Clone, Debug)]
pub struct Portal {
    /// What `strang.toml` decides.
    pub settings: Arc<Settings>,
    /// The day from which ages are counted.
    pub day: Date,
    home: Option<Page>,
    customers: Vec<Customer>,
    departments: Vec<Department>,
    people: Vec<Person>,
    plain_pages: Vec<PlainPage>,
    folders: Vec<PlainFolder>,
    goals: Vec<Goal>,
    entries: Vec<Entry>,
    months: Vec<Month>,
    loops: Vec<EntryId>,
    matrix_pages: Vec<MatrixPage>,
    attachments: Vec<Attachment>,
    ledger_files: Vec<LedgerFile>,
    documents: Arc<Vec<Arc<Document>>>,
    /// Who wrote each document; none where git knows nobody of the portal.
    writers: Vec<authors::Writers>,
    /// The questions of each body that asks some; one that names what does not exist is none.
    questions: BTreeMap<DocumentId, Vec<Option<Question>>>,
    /// Old addresses and where they lead now.
    moved: BTreeMap<SitePath, (String, PageId)>,
    /// Finds people who are not named in what authors typed; none where everybody is.
    redaction: Option<redaction::Redaction>,
}

/// What all sources say, each read on its own.
#[derive(Default)]
pub struct Written<'a> {
    /// Pages and entries, in the order of paths.
    pub documents: Vec<Arc<Document>>,
    /// Files of ledgers, in the order of ledgers, then of paths.
    pub ledgers: Vec<LedgerDocument>,
    /// Other files, in the order of paths.
    pub attachments: &'a [AttachmentFile],
    /// Who wrote the documents, as git knows it.
    pub authorship: Arc<Authorship>,
}

/// The day from which ages are counted; what is later is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// The day on which the site is built: what is later was probably written so by mistake, and is told.
    Today(Date),
    /// A day that somebody asked for: what is later is simply not there yet.
    Day(Date),
}

impl AsOf {
    /// The day itself.
    pub fn day(self) -> Date {
        match self {
            AsOf::Today(day) | AsOf::Day(day) => day,
        }
    }
}

impl From<Date> for AsOf {
    fn from(day: Date) -> Self {
        AsOf::Today(day)
    }
}

/// Links what all sources say.
pub fn link(
    written: Written<'_>,
    settings: Arc<Settings>,
    as_of: AsOf,
    diagnostics: &mut Diagnostics,
) -> Portal {
    let Written {
        documents,
        ledgers,
        attachments,
        authorship,
    } = written;
    let mut portal = Portal {
        settings,
        day: as_of.day(),
        home: None,
        customers: Vec::new(),
        departments: Vec::new(),
        people: Vec::new(),
        plain_pages: Vec::new(),
        folders: Vec::new(),
        goals: Vec::new(),
        entries: Vec::new(),
        months: Vec::new(),
        loops: Vec::new(),
        matrix_pages: Vec::new(),
        attachments: Vec::new(),
        ledger_files: Vec::new(),
        documents: Arc::new(documents),
        writers: Vec::new(),
        questions: BTreeMap::new(),
        moved: BTreeMap::new(),
        redaction: None,
    };
    pages::add(&mut portal, diagnostics);
    let names = lookup::Names::of(&portal);
    pages::add_moved(&mut portal, diagnostics);
    pages::connect(&mut portal, &names, diagnostics);
    authors::add(&mut portal, &authorship);
    goals::add(&mut portal);
    let documents = Arc::clone(&portal.documents);
    let mut added = history::documents(&portal, &names, as_of, diagnostics);
    added.extend(ledgers::rows(
        &mut portal,
        &names,
        ledgers,
        as_of,
        diagnostics,
    ));
    let entries = history::add(&mut portal, &documents, &names, added, diagnostics);
    goals::connect(&mut portal, &entries, diagnostics);
    assessments::connect(&mut portal, &names, &entries, as_of, diagnostics);
    chains::add(&mut portal);
    matrix::add(&mut portal);
    checks::check(&portal, &names, &entries, diagnostics);
    attachments::add(&mut portal, attachments);
    queries::add(&mut portal, &names, diagnostics);
    links::link_bodies(&mut portal, &names, &entries, attachments, diagnostics);
    names::retitle(&mut portal);
    portal.redaction = redaction::Redaction::of(&portal);
    attachments::check(&portal, diagnostics);
    portal
}

impl Portal {
    /// All customers, in the order of titles.
    pub fn customers(&self) -> impl DoubleEndedIterator<Item = CustomerId> + Clone + use<> {
        CustomerId::all(self.customers.len())
    }

    /// All departments, in the order of titles.
    pub fn departments(&self) -> impl DoubleEndedIterator<Item = DepartmentId> + Clone + use<> {
        DepartmentId::all(self.departments.len())
    }

    /// All people, in the order of names.
    pub fn people(&self) -> impl DoubleEndedIterator<Item = PersonId> + Clone + use<> {
        PersonId::all(self.people.len())
    }

    /// All plain pages, in the order of paths.
    pub fn plain_pages(&self) -> impl DoubleEndedIterator<Item = PlainId> + Clone + use<> {
        PlainId::all(self.plain_pages.len())
    }

    /// All folders of plain pages, in the order of paths.
    pub fn folders(&self) -> impl DoubleEndedIterator<Item = FolderId> + Clone + use<> {
        FolderId::all(self.folders.len())
    }

    /// All goals, customer by customer.
    pub fn goals(&self) -> impl DoubleEndedIterator<Item = GoalId> + Clone + use<> {
        GoalId::all(self.goals.len())
    }

    /// All entries, in the order of time.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = EntryId> + Clone + use<> {
        EntryId::all(self.entries.len())
    }

    /// Everything that waits for somebody: what is late first, then what has waited longest.
    pub fn loops(&self) -> &[EntryId] {
        &self.loops
    }

    /// All months in which something happened, in the order of time.
    pub fn months(&self) -> impl DoubleEndedIterator<Item = MonthId> + Clone + use<> {
        MonthId::all(self.months.len())
    }

    /// The pages of the matrix of contributions, in the order of its customers.
    pub fn matrix_pages(&self) -> impl DoubleEndedIterator<Item = MatrixPageId> + Clone + use<> {
        MatrixPageId::all(self.matrix_pages.len())
    }

    /// The month before in which something happened.
    pub fn month_before(&self, id: MonthId) -> Option<MonthId> {
        id.index().checked_sub(1).map(MonthId::at)
    }

    /// The month after in which something happened.
    pub fn month_after(&self, id: MonthId) -> Option<MonthId> {
        Some(id.index() + 1)
            .filter(|next| *next < self.months.len())
            .map(MonthId::at)
    }

    /// The text of the home page, if the portal has one.
    pub fn home(&self) -> Option<&Page> {
        self.home.as_ref()
    }

    /// Old addresses, the ids they carried, and the pages that they lead to now.
    pub fn moved(&self) -> impl Iterator<Item = (&SitePath, &str, PageId)> {
        self.moved
            .iter()
            .map(|(address, (id, page))| (address, id.as_str(), *page))
    }

    /// What every page has; `None` for a home page without text of its own.
    pub fn page(&self, id: PageId) -> Option<&Page> {
        match id {
            PageId::Home => self.home.as_ref(),
            PageId::Customer(id) => Some(&self[id].page),
            PageId::Department(id) => Some(&self[id].page),
            PageId::Person(id) => Some(&self[id].page),
            PageId::Plain(id) => Some(&self[id].page),
        }
    }

    /// Where a page is in the site.
    pub fn address(&self, id: PageId) -> SitePath {
        self.page(id)
            .map_or_else(|| SitePath::new("index.html"), |page| page.address.clone())
    }

    /// Whether a file is one of the portal's sources.
    pub fn has_source(&self, path: &SourcePath) -> bool {
        let sources = &self.documents;
        sources
            .binary_search_by(|document| document.source.cmp(path))
            .is_ok()
    }

    /// The Markdown of a source.
    pub fn body(&self, document: DocumentId) -> &Body {
        &self[document].body
    }

    /// A question of a body, by its position.
    pub fn question(&self, document: DocumentId, position: usize) -> Option<&Question> {
        self.questions.get(&document)?.get(position)?.as_ref()
    }

    /// The file of an entry that has one of its own.
    pub fn document(&self, entry: EntryId) -> Option<DocumentId> {
        match self[entry].source {
            EntrySource::Document(document) => Some(document),
            EntrySource::Row(..) => None,
        }
    }

    /// What an entry's author wrote in its front matter, if it has a file of its own.
    fn written(&self, entry: EntryId) -> Option<&EntryContent> {
        match &self[self.document(entry)?].content {
            Content::Entry(content) => Some(content),
            Content::Page(_) => unreachable!("BUG: an entry's document is an entry"),
        }
    }

    /// Whether an entry is a row of a ledger, which stands in full on its customer's page and nowhere else.
    pub fn is_row(&self, entry: EntryId) -> bool {
        self.ledger(entry).is_some()
    }

    /// The ledger that an entry is a row of.
    pub fn ledger(&self, entry: EntryId) -> Option<LedgerId> {
        match self[entry].source {
            EntrySource::Row(file, _) => Some(self[file].ledger),
            EntrySource::Document(_) => None,
        }
    }

    /// The name of an entry's file without its ending, if it has a file of its own.
    pub fn stem(&self, entry: EntryId) -> Option<&str> {
        self.written(entry).map(|written| &*written.stem)
    }

    /// The text of an entry, if it has a file of its own.
    pub fn entry_body(&self, entry: EntryId) -> Option<&Body> {
        self.document(entry).map(|document| self.body(document))
    }

    /// What happened, in a few words.
    pub fn title(&self, entry: EntryId) -> &str {
        &self[entry].title
    }

    /// What sort of event an entry is.
    pub fn kind(&self, entry: EntryId) -> &Kind {
        self.settings.kind(self[entry].kind)
    }

    /// Whether somebody is thanked, so that those who are named did something before.
    pub fn is_thanks(&self, entry: EntryId) -> bool {
        self.kind(entry).name == "thanks"
    }

    /// Whether those who are named did something: who only promised has not yet, and who is thanked did before.
    pub fn is_contribution(&self, entry: EntryId) -> bool {
        let is_promise = self[entry].open && self.kind(entry).for_customer;
        !is_promise && !self.is_thanks(entry)
    }

    /// Where an entry stands in full: with its first customer, else on the page of its month.
    pub fn entry_address(&self, entry: EntryId) -> (&SitePath, &Anchor) {
        match self[entry].customers.first() {
            Some(customer) => self.entry_address_at(entry, *customer),
            None => {
                let first_day = self[entry].date.first_of_month();
                let month = self
                    .months
                    .binary_search_by_key(&first_day, |month| month.first_day);
                let month = MonthId::at(month.expect("BUG: every entry has its month"));
                (&self[month].address, self.month_anchor(month, entry))
            }
        }
    }

    /// The ids that a page had before.
    pub fn former_ids(&self, page: &Page) -> impl Iterator<Item = &str> {
        let content = self.page_content(page.document);
        content.former_ids.iter().map(|id| id.value.as_str())
    }

    /// What a page's author wrote in its front matter.
    fn page_content(&self, document: DocumentId) -> &PageContent {
        match &self[document].content {
            Content::Page(content) => content,
            Content::Entry(_) => unreachable!("BUG: a page's document is a page"),
        }
    }
}

/// The places of entries on one page, which are found when the first is asked for: a preview asks for few.
#[derive(Clone, Debug, Default)]
pub struct Anchors(OnceLock<(Vec<EntryId>, Vec<Anchor>)>);

impl Anchors {
    /// The place of an entry that has one. Entries stand apart from their places, so that few lines of memory are read:
    /// pages ask a million times.
    fn of(&self, entry: EntryId, find: impl FnOnce() -> (Vec<EntryId>, Vec<Anchor>)) -> &Anchor {
        let (entries, anchors) = self.0.get_or_init(find);
        let position = entries.binary_search(&entry);
        &anchors[position.expect("BUG: an entry is asked for on a page that shows it")]
    }
}

/// Where the page of a month is in the site.
pub fn month_address(day: Date) -> SitePath {
    SitePath::new(format!(
        "timeline/{:04}-{:02}.html",
        day.year(),
        day.month()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    const LEDGER: &str = "title = \"P\"\n[ledgers.bank]\nfiles = \"*.csv\"\nkind = \"payment\"\n\
        columns = { date = \"Datum\", title = \"Text\" }\n";

    /// A portal of rows that say nothing but when and where they are written.
    fn portal_of_rows(rows: usize) -> Portal {
        let source = SourcePath::new("strang.toml");
        let text = Text {
            text: LEDGER,
            offset: 0,
        };
        let day = Date::constant(2025, 1, 7);
        let said = &mut Diagnostics::new();
        let settings = Arc::new(Settings::parse(&source, text, said));
        let mut portal = link(Written::default(), settings, AsOf::Today(day), said);
        assert!(said.is_empty(), "{said:?}");
        let ledger = LedgerId::all(&portal.settings.ledgers).next();
        portal.ledger_files.push(LedgerFile {
            source: SourcePath::new("content/bank.csv"),
            ledger: ledger.expect("the ledger is one"),
        });
        portal.entries = (0..rows).map(row).collect();
        portal
    }

    fn row(position: usize) -> Entry {
        let line = u32::try_from(position).expect("a test has few rows") + 2;
        Entry {
            source: EntrySource::Row(LedgerFileId::at(0), line),
            home: EntryHome::Ledgers,
            kind: KindId::default(),
            date: Date::constant(2025, 1, 7),
            title: "".into(),
            customers: ThinVec::new(),
            departments: ThinVec::new(),
            by: ThinVec::new(),
            goals: ThinVec::new(),
            enables: ThinVec::new(),
            enabled_by: ThinVec::new(),
            closes: ThinVec::new(),
            closed_by: ThinVec::new(),
            open: false,
            owner: None,
            due: None,
            amount: None,
            number: None,
            order: None,
            pays: None,
            paid_by: ThinVec::new(),
            score: None,
            facts: ThinVec::new(),
            targets: ThinVec::new(),
        }
    }

    fn enable(portal: &mut Portal, cause: usize, effect: usize) {
        portal.entries[cause].enables.push(EntryId::at(effect));
        portal.entries[effect].enabled_by.push(EntryId::at(cause));
    }

    #[test]
    fn a_circle_may_be_as_long_as_the_portal() {
        const LENGTH: usize = 100_000;
        let mut portal = portal_of_rows(LENGTH);
        for cause in 0..LENGTH - 1 {
            enable(&mut portal, cause, cause + 1);
        }
        assert!(circles::Circles::of(&portal).chains.is_empty());
        enable(&mut portal, LENGTH - 1, 0);
        let chains = circles::Circles::of(&portal).chains;
        assert_eq!(chains, [portal.entries().collect::<Vec<_>>()]);
    }

    #[test]
    fn circles_that_lead_to_each_other_are_told_apart() {
        let mut portal = portal_of_rows(6);
        for (cause, effect) in [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 3), (4, 5)] {
            enable(&mut portal, cause, effect);
        }
        let circles = circles::Circles::of(&portal);
        let mut chains = circles.chains.clone();
        chains.sort();
        let ids = |positions: &[usize]| positions.iter().copied().map(EntryId::at).collect();
        let expected: [Vec<EntryId>; 2] = [ids(&[0, 1, 2]), ids(&[3, 4])];
        assert_eq!(chains, expected);
        assert!(circles.join(EntryId::at(0), EntryId::at(2)));
        assert!(!circles.join(EntryId::at(2), EntryId::at(3)));
        assert!(!circles.join(EntryId::at(5), EntryId::at(5)));
    }

    #[test]
    fn orders_that_nobody_knows_are_told_once_for_each_ledger() {
        let mut portal = portal_of_rows(7);
        for row in [5, 1, 4, 2] {
            portal.entries[row].order = Some("A-1".into());
        }
        portal.entries[3].order = Some("-".into());
        let mut said = Diagnostics::new();
        orders::connect(&mut portal, &[], &mut said);
        let messages: Vec<&str> = said.iter().map(|said| said.message.as_str()).collect();
        let expected = "4 rows name orders that their customers never placed: \
            `A-1` in line 3, `A-1` in line 4, `A-1` in line 6, …";
        assert_eq!(messages, [expected]);
    }
}
