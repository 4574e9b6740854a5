//! What a source is, told by its path alone.

use super::PageKind;
use crate::diagnostic::{Diagnostics, Place};
use crate::path::{CONTENT, SourcePath, is_id, proposed_id};

/// What the path of a source makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A page; `None` is the home page. A plain page's id is its path.
    Page(Option<PageKind>, String),
    /// An entry in a folder, with its file's stem.
    Entry(Folder, Box<str>),
}

/// In whose folder an entry lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Folder {
    /// A customer's, by id.
    Customer(String),
    /// A department's, by id.
    Department(String),
}

impl Folder {
    /// The id of the customer or department.
    pub fn id(&self) -> &str {
        match self {
            Folder::Customer(id) | Folder::Department(id) => id,
        }
    }

    /// Where the folder lies in the portal.
    pub fn path(&self) -> String {
        match self {
            Folder::Customer(id) => format!("{CONTENT}/customers/{id}"),
            Folder::Department(id) => format!("{CONTENT}/departments/{id}"),
        }
    }
}

/// Names that the site itself uses at its root, so no plain page may.
const RESERVED_PAGES: [&str; 6] = ["404", "goals", "loops", "search", "about-data", "feed"];
const RESERVED_FOLDERS: [&str; 7] = [
    "assessments",
    "assets",
    "contributions",
    "data",
    "ledgers",
    "search",
    "timeline",
];

impl Role {
    /// The folder of a customer or department in which a file lies, directly or deeper.
    pub fn folder(source: &SourcePath) -> Option<Folder> {
        let parts: Vec<&str> = source.below_content()?.split('/').collect();
        match parts.as_slice() {
            ["customers", id, .., _] => Some(Folder::Customer((*id).to_owned())),
            ["departments", id, .., _] => Some(Folder::Department((*id).to_owned())),
            _ => None,
        }
    }

    /// The role of a source, or nothing where its path has none; that is reported.
    pub fn of(source: &SourcePath, diagnostics: &mut Diagnostics) -> Option<Role> {
        let below = source.below_content()?.strip_suffix(".md")?;
        let place = || Place::start_of(source);
        let parts: Vec<&str> = below.split('/').collect();
        if let Some(bad) = parts.iter().position(|part| !is_id(part)) {
            // Told at the folder, if it is one: all sources in it say the same, which then is told once.
            let last = bad + 1 == parts.len();
            let folder = format!("{CONTENT}/{}", parts[..=bad].join("/"));
            let at = if last {
                place()
            } else {
                Place::start_of(&SourcePath::new(folder))
            };
            diagnostics.bad_id(at, parts[bad], &proposed_id(parts[bad]));
            return None;
        }
        match parts.as_slice() {
            ["index"] => Some(Role::Page(None, String::new())),
            ["customers" | "departments" | "people", "index", ..] => {
                diagnostics.reserved_address(place(), &format!("{below}.html"));
                None
            }
            ["customers", id] | ["customers", id, "index"] => page(PageKind::Customer, id),
            ["departments", id] | ["departments", id, "index"] => page(PageKind::Department, id),
            ["people", id] => page(PageKind::Person, id),
            ["customers", id, .., stem] => Some(Role::Entry(
                Folder::Customer((*id).to_owned()),
                (*stem).into(),
            )),
            ["departments", id, .., stem] => Some(Role::Entry(
                Folder::Department((*id).to_owned()),
                (*stem).into(),
            )),
            ["people", ..] => {
                diagnostics.misplaced_file(
                    place(),
                    "people have no folders; a person is one file `content/people/<id>.md`",
                );
                None
            }
            [name] if RESERVED_PAGES.contains(name) => reserved(source, below, diagnostics),
            [folder, ..] if RESERVED_FOLDERS.contains(folder) => {
                reserved(source, below, diagnostics)
            }
            _ => page(PageKind::Plain, below),
        }
    }
}

fn page(kind: PageKind, id: &str) -> Option<Role> {
    Some(Role::Page(Some(kind), id.to_owned()))
}

fn reserved(source: &SourcePath, below: &str, diagnostics: &mut Diagnostics) -> Option<Role> {
    diagnostics.reserved_address(Place::start_of(source), &format!("{below}.html"));
    None
}
