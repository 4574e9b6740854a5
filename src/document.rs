//! The parse stage: from one source to one [`Document`].
//!
//! A document holds what its file says, as written: typed front matter, the body, references as text with their
//! places. It is a pure function of one source and the settings, and it must never look at another source: whether a
//! reference leads anywhere is settled when documents are linked. A document always results; where front matter cannot
//! be read, placeholders keep the page there for others to link to, and the diagnostics keep it from being published.

mod assessment;
mod entry;
mod facts;
mod front_matter;
pub mod ledger;
mod markdown;
mod page;
mod role;
mod table_block;

use jiff::civil::Date;
use thin_vec::ThinVec;

use crate::diagnostic::{Diagnostics, Spanned};
use crate::path::SourcePath;
use crate::settings::{Aspect, FactId, KindId, Settings};
use crate::text::decode;
use crate::value::{FactValue, Money};

pub use entry::UNDATED;
pub use markdown::{Body, BodyLink, Heading, Hole, HoleKind, Piece, Skip, Wanted};
pub use role::{Folder, Role};

/// One source as its author wrote it. There may be a hundred thousand of them, so what most have not takes hardly any.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file.
    pub source: SourcePath,
    /// The Markdown below the front matter.
    pub body: Body,
    /// The facts of the schema, in its order.
    pub facts: ThinVec<WrittenFact>,
    /// What the front matter says beyond facts.
    pub content: Content,
}

/// What a source is.
#[derive(Clone, Debug)]
pub enum Content {
    /// A page with an address of its own.
    Page(PageContent),
    /// One dated event.
    Entry(EntryContent),
}

/// A fact with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenFact {
    /// Which fact of the schema.
    pub id: FactId,
    /// Its value, pages named as written.
    pub value: Spanned<FactValue<WrittenPage>>,
}

/// A page named by id in a fact.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenPage {
    /// What kind of page the fact's type asks for.
    pub kind: PageKind,
    /// The id.
    pub id: Spanned<String>,
}

/// What a condition of a table block compares with.
#[derive(Clone, Debug, PartialEq)]
pub enum WrittenOperand {
    /// A value, pages named as written. Of texts that are compared without regard to case it is the folded form.
    Value(FactValue<WrittenPage>),
    /// A day so many days after that of the build.
    DaysFromToday(i32),
}

/// The four kinds of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageKind {
    /// Below `content/customers/`.
    Customer,
    /// Below `content/departments/`.
    Department,
    /// Below `content/people/`.
    Person,
    /// Anywhere else.
    Plain,
}

/// The front matter of a page.
#[derive(Clone, Debug)]
pub struct PageContent {
    /// The file or folder name; for plain pages the path below `content/` without its ending.
    pub id: String,
    /// What the page is called.
    pub title: Spanned<String>,
    /// Other names by which it is linked and found.
    pub aliases: ThinVec<Spanned<String>>,
    /// Ids it had before.
    pub former_ids: ThinVec<Spanned<String>>,
    /// What only its kind of page has.
    pub role: PageRole,
}

/// What only one kind of page has.
#[derive(Clone, Debug)]
pub enum PageRole {
    /// The text of the home page.
    Home,
    /// A customer.
    Customer {
        /// The person in charge.
        owner: Option<Spanned<String>>,
        /// What the customer wants to reach.
        goals: Vec<WrittenGoal>,
    },
    /// A department.
    Department {
        /// How close its daily work is to customers.
        contact: Contact,
        /// The person who leads it.
        lead: Option<Spanned<String>>,
        /// What customers get from it, in one sentence.
        promise: Option<String>,
        /// How it sees itself, in the order of years.
        assessments: Vec<WrittenAssessment>,
    },
    /// A person.
    Person {
        /// Where the person works or worked.
        memberships: Vec<WrittenMembership>,
        /// Addresses by which git authors are recognised.
        emails: Vec<String>,
        /// The day from which the person is gone.
        left: Option<Spanned<Date>>,
        /// Whether the site may name the person.
        shown_as: ShownAs,
    },
    /// A plain page.
    Plain,
}

/// How close a department's daily work is to customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// With the customer.
    Near,
    /// It makes possible what others do.
    Far,
}

/// Whether the site names a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownAs {
    /// By name.
    Name,
    /// As the department.
    Department,
}

/// A department in a person's front matter.
#[derive(Clone, Debug)]
pub struct WrittenMembership {
    /// The department's id.
    pub department: Spanned<String>,
    /// The first day, if it is known.
    pub from: Option<Date>,
    /// The last day, if it is over.
    pub until: Option<Date>,
}

/// A goal as a customer's page states it.
#[derive(Clone, Debug)]
pub struct WrittenGoal {
    /// Its id, unique within the customer.
    pub id: Spanned<String>,
    /// The customer's words.
    pub title: String,
    /// How it is measured.
    pub measure: Option<String>,
    /// By when.
    pub due: Option<Date>,
    /// Where it stands.
    pub status: GoalStatus,
    /// The entry that shows it was reached.
    pub evidence: Option<Spanned<String>>,
}

/// Where a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalStatus {
    /// Work is under way.
    Open,
    /// Reached, with evidence.
    Reached,
    /// The day came before the goal did.
    Missed,
    /// The customer no longer wants it.
    Dropped,
}

/// How a department sees itself in one year.
#[derive(Clone, Debug)]
pub struct WrittenAssessment {
    /// The year.
    pub year: Spanned<i16>,
    /// Its answers, in the order of the questions.
    pub answers: Vec<WrittenAnswer>,
}

/// An answer to one question of an assessment.
#[derive(Clone, Debug)]
pub struct WrittenAnswer {
    /// What the question is about.
    pub aspect: Aspect,
    /// 1 to 5.
    pub answer: u8,
    /// The entries and pages that show it.
    pub evidence: Vec<Spanned<String>>,
    /// A remark, as plain text.
    pub note: Option<String>,
}

/// The front matter of an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryContent {
    /// In whose folder it lies.
    pub folder: Folder,
    /// The file name without its ending: the id within the folder.
    pub stem: Box<str>,
    /// What sort of event it is.
    pub kind: KindId,
    /// What happened, in a few words.
    pub title: Box<str>,
    /// When, with its place.
    pub date: Spanned<Date>,
    /// Who did it.
    pub by: ThinVec<Spanned<String>>,
    /// Which departments did it; if empty, those of `by`.
    pub departments: ThinVec<Spanned<String>>,
    /// For which customers; if empty, the one of the folder.
    pub customers: ThinVec<Spanned<String>>,
    /// Into which goals it pays.
    pub goals: ThinVec<Spanned<String>>,
    /// Which entries it made possible.
    pub enables: ThinVec<Spanned<String>>,
    /// Which entries it closes.
    pub closes: ThinVec<Spanned<String>>,
    /// Open or done, if it says so.
    pub status: Option<EntryStatus>,
    /// Who looks after it while it is open.
    pub owner: Option<Box<Spanned<String>>>,
    /// By when it should be done.
    pub due: Option<Spanned<Date>>,
    /// A sum.
    pub amount: Option<Money>,
    /// An order or invoice number.
    pub number: Option<Box<str>>,
    /// The number of the order that is paid.
    pub order: Option<Box<Spanned<String>>>,
    /// 0 to 10.
    pub score: Option<u8>,
}

/// Whether an entry still waits for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryStatus {
    /// It waits.
    Open,
    /// It does not.
    Done,
}

/// Parses one source, or nothing where its path is none that strang gives a meaning.
pub fn parse(
    path: &SourcePath,
    bytes: &[u8],
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Document> {
    let role = Role::of(path, diagnostics)?;
    let Some(decoded) = decode(path, bytes, diagnostics) else {
        return Some(placeholder(path, role));
    };
    let Some(split) = front_matter::split(path, decoded.text(), diagnostics) else {
        return Some(placeholder(path, role));
    };
    let mut body = markdown::parse(path, split.body, settings, diagnostics);
    let (facts, content) = match role {
        Role::Page(kind, id) => {
            page::read(path, kind, id, &split, &mut body, settings, diagnostics)
        }
        Role::Entry(folder, stem) => entry::read(path, folder, stem, &split, settings, diagnostics),
    };
    Some(Document {
        source: path.clone(),
        body,
        facts,
        content,
    })
}

/// The page that stands in for a source that cannot be read.
fn placeholder(source: &SourcePath, role: Role) -> Document {
    let content = match role {
        Role::Page(kind, id) => page::placeholder(kind, id),
        Role::Entry(folder, stem) => entry::placeholder(folder, stem),
    };
    Document {
        source: source.clone(),
        body: Body::default(),
        facts: ThinVec::new(),
        content,
    }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;

    #[test]
    fn a_document_takes_little_room() {
        // With the counts of its `Arc` 320 bytes, and the next size that allocators know is a fifth larger.
        assert!(size_of::<Document>() <= 304);
    }
}
