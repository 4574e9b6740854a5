//! The order of the stages: the table of contents of the program.
//!
//! Read, parse, link; views and rendering follow when somebody asks the [`Site`] for an address. A build always gives
//! a site and its diagnostics; only an environment that cannot be read is an error.

use std::io;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use jiff::ToSpan;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::diagnostic::{Diagnostics, Place, Severity};
use crate::document::ledger::{self, LedgerDocument};
use crate::document::{self, Document};
use crate::git::{self, Authorship, Period};
use crate::path::SourcePath;
use crate::portal::{self, AsOf, Portal, Written};
use crate::settings::{LedgerId, Settings};
use crate::site::Site;
use crate::source::{self, Source, Tree};
use crate::text::decode;
use crate::theme::Theme;

/// So few pages are handed to a core at once that none waits long for another at the end: some take a thousand times as
/// long as others.
pub const PAGES_AT_ONCE: usize = 4;

/// A portal that has been read, parsed and linked.
pub struct Built {
    /// The sources, from which messages quote.
    pub tree: Tree,
    /// Everything the portal knows.
    pub portal: Arc<Portal>,
    /// The files that a browser can fetch.
    pub site: Site,
    /// What there is to say to the authors, sorted.
    pub diagnostics: Diagnostics,
}

/// As [`PAGES_AT_ONCE`], for sources, which differ less.
const SOURCES_AT_ONCE: usize = 256;

/// Builds the portal in a folder as it is on a day.
pub fn build(root: &Path, as_of: impl Into<AsOf>) -> io::Result<Built> {
    build_with(root, as_of.into(), read_authorship)
}

/// As [`build`], of the sources alone: git is not asked who wrote them.
pub fn build_without_history(root: &Path, as_of: impl Into<AsOf>) -> io::Result<Built> {
    build_with(root, as_of.into(), |_, _, _| Default::default())
}

fn build_with(
    root: &Path,
    as_of: AsOf,
    read_authorship: fn(&Path, &Settings, AsOf) -> (Authorship, Diagnostics),
) -> io::Result<Built> {
    let mut diagnostics = Diagnostics::new();
    let settings_file = source::read_settings(root)?;
    let settings = Arc::new(settings(&settings_file, &mut diagnostics));
    let (tree, documents, ledgers, authorship) = thread::scope(|scope| {
        // Git reads for as long as all else together, and needs nothing of it.
        let git = scope.spawn(|| read_authorship(root, &settings, as_of));
        let tree = source::read(root, settings_file, &mut diagnostics);
        let documents = parse_all(&tree.pages, &settings, &mut diagnostics);
        let ledgers = read_ledgers(&tree, &settings, &mut diagnostics);
        let (authorship, said) = git.join().unwrap_or_else(|panic| resume_unwind(panic));
        diagnostics.append(said);
        (tree, documents, ledgers, authorship)
    });
    let written = Written {
        documents,
        ledgers,
        attachments: &tree.attachments,
        authorship,
    };
    let portal = portal::link(written, Arc::clone(&settings), as_of, &mut diagnostics);
    portal.check_typed_names(&tree.pages, &mut diagnostics);
    let portal = Arc::new(portal);
    let theme = Arc::new(Theme::load(&tree.theme_files, &settings, &mut diagnostics));
    let site = Site::new(Arc::clone(&portal), theme, &mut diagnostics);
    Ok(Built {
        tree,
        portal,
        site,
        diagnostics: diagnostics.sorted(),
    })
}

/// Renders every address and keeps nothing but what there is to say: what `check` does beyond [`build`].
pub fn render_all(site: &Site, each: &(dyn Fn() + Sync)) -> Diagnostics {
    let addresses: Vec<_> = site.addresses().collect();
    let said: Vec<Diagnostics> = addresses
        .into_par_iter()
        .with_max_len(PAGES_AT_ONCE)
        .map(|address| {
            let mut said = Diagnostics::new();
            site.render(address, &mut said);
            each();
            said
        })
        .collect();
    let mut diagnostics = Diagnostics::new();
    said.into_iter().for_each(|said| diagnostics.append(said));
    diagnostics
}

/// Whether what was said keeps the site from being published.
pub fn is_fit_to_publish(diagnostics: &Diagnostics) -> bool {
    diagnostics.count(Severity::Error) == 0
}

fn settings(source: &Source, diagnostics: &mut Diagnostics) -> Settings {
    let mut said = Diagnostics::new();
    let settings = match decode(&source.path, &source.bytes, &mut said) {
        Some(decoded) => Settings::parse(&source.path, decoded.text(), &mut said),
        None => Settings::default(),
    };
    said.forgive_missing();
    diagnostics.append(said);
    settings
}

/// Work of the last twelve months is recent. What was committed after a day that somebody asked for was not known then;
/// whatever is there today counts, since the clocks of authors need not agree with ours.
fn read_authorship(root: &Path, settings: &Settings, as_of: AsOf) -> (Authorship, Diagnostics) {
    let mut said = Diagnostics::new();
    if !settings.history {
        return (Authorship::default(), said);
    }
    let period = Period {
        lately: as_of.day().saturating_sub(12.months()),
        until: match as_of {
            AsOf::Today(_) => Date::MAX,
            AsOf::Day(day) => day,
        },
    };
    (git::read(root, period, &mut said), said)
}

/// Reads the files of all ledgers, each as a stream; their order is that of ledgers, then of paths.
fn read_ledgers(
    tree: &Tree,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Vec<LedgerDocument> {
    let tables = tree.attachments.iter().map(|file| &file.path);
    let tables = tables.filter(|path| path.extension().eq_ignore_ascii_case("csv"));
    let mut files: Vec<(LedgerId, &SourcePath)> = Vec::new();
    for path in tables {
        match settings.ledger_of(path) {
            Some(ledger) if settings.ledger(ledger).is_complete => files.push((ledger, path)),
            Some(_) => {}
            None if path
                .below_content()
                .is_some_and(|below| below.starts_with("ledgers/")) =>
            {
                diagnostics.ledger_unread(Place::start_of(path));
            }
            None => {}
        }
    }
    files.sort_unstable();
    for (id, ledger) in LedgerId::all(&settings.ledgers).zip(&settings.ledgers) {
        if ledger.is_complete && !files.iter().any(|(of, _)| *of == id) {
            diagnostics.ledger_without_files(ledger.place());
        }
    }
    let read: Vec<(Option<LedgerDocument>, Diagnostics)> = files
        .into_par_iter()
        .with_max_len(SOURCES_AT_ONCE)
        .map(|(ledger, path)| {
            let mut said = Diagnostics::new();
            let file = tree.open(path).map_err(|error| {
                said.unreadable(Place::start_of(path), &error.to_string());
            });
            let document = file
                .ok()
                .map(|file| ledger::parse(path, file, ledger, settings, &mut said));
            (document, said)
        })
        .collect();
    let mut documents = Vec::with_capacity(read.len());
    for (document, said) in read {
        documents.extend(document);
        diagnostics.append(said);
    }
    documents
}

/// Parses all sources, each on its own; the order of documents is that of paths.
fn parse_all(
    sources: &[Source],
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Vec<Arc<Document>> {
    let parsed: Vec<(Option<Document>, Diagnostics)> = sources
        .par_iter()
        .with_max_len(SOURCES_AT_ONCE)
        .map(|source| {
            let mut said = Diagnostics::new();
            let document = document::parse(source, settings, &mut said);
            said.forgive_missing();
            (document, said)
        })
        .collect();
    let mut documents = Vec::with_capacity(parsed.len());
    for (document, said) in parsed {
        documents.extend(document.map(Arc::new));
        diagnostics.append(said);
    }
    documents
}
