//! The order of the stages: the table of contents of the program.
//!
//! Read, parse, link; views and rendering follow when somebody asks the [`Site`] for an address. A build always gives
//! a site and its diagnostics; only an environment that cannot be read is an error. A [`Session`] keeps what does not
//! change from one build to the next.

use std::io;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::{Arc, OnceLock};
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
use crate::source::{self, Look, PageSource, Shelf, Source, Tree};
use crate::text::decode;
use crate::theme::Theme;

/// So few pages are handed to a core at once that none waits long for another at the end: some take a thousand times as
/// long as others.
pub const PAGES_AT_ONCE: usize = 4;

/// A portal that has been read, parsed and linked.
pub struct Built {
    /// The sources, from which messages quote.
    pub tree: Arc<Tree>,
    /// Everything the portal knows.
    pub portal: Arc<Portal>,
    /// The files that a browser can fetch.
    pub site: Site,
    /// What there is to say to the authors, sorted.
    pub diagnostics: Diagnostics,
}

/// As [`PAGES_AT_ONCE`], for sources, which differ less.
const SOURCES_AT_ONCE: usize = 256;

/// Builds the portal in a folder as it is on a day, out of sources as they were at one moment.
pub fn build(root: &Path, as_of: impl Into<AsOf>) -> io::Result<Built> {
    build_with(root, as_of.into(), History::read)
}

/// As [`build`], of the sources alone: git is not asked who wrote them.
pub fn build_without_history(root: &Path, as_of: impl Into<AsOf>) -> io::Result<Built> {
    build_with(root, as_of.into(), |_, _, _| History::default())
}

fn build_with(
    root: &Path,
    as_of: AsOf,
    read_history: fn(&Path, &Settings, AsOf) -> History,
) -> io::Result<Built> {
    let mut session = Session::open(root)?;
    let settings = session.settings();
    thread::scope(|scope| {
        // Git reads for as long as all else together, and needs nothing of it.
        let git = scope.spawn(|| read_history(root, &settings, as_of));
        session.look(&Look::Everywhere)?;
        let ledgers = session.read_ledgers();
        session.learn(git.join().unwrap_or_else(|panic| resume_unwind(panic)));
        session.link_of_one_moment(ledgers, as_of)
    })
}

/// What has been read and parsed of a portal, so that a preview does again only what a change asks for. It is the one
/// way of building: [`build`] is its first step, and later steps give what a first one would.
pub struct Session {
    shelf: Shelf,
    settings: Read<Settings>,
    tree: Arc<Tree>,
    /// What reading the tree had to say.
    said: Diagnostics,
    parsed: Vec<Parsed>,
    theme: OnceLock<Read<Theme>>,
    history: History,
}

/// What came out of reading something, and what there was to say.
struct Read<T> {
    value: Arc<T>,
    said: Diagnostics,
}

/// What came out of parsing one source.
struct Parsed {
    source: Arc<PageSource>,
    document: Option<Arc<Document>>,
    said: Diagnostics,
}

/// The rows of all ledgers, and what there was to say.
struct Ledgers {
    documents: Vec<LedgerDocument>,
    said: Diagnostics,
}

/// Who wrote the sources, and what git had to say.
#[derive(Default)]
pub struct History {
    authorship: Arc<Authorship>,
    said: Diagnostics,
}

impl Session {
    /// Begins with the settings of the portal in a folder.
    pub fn open(root: &Path) -> io::Result<Session> {
        let file = source::read_settings(root)?;
        let shelf = Shelf::new(root);
        Ok(Session {
            settings: Read::settings(&file),
            tree: Arc::new(shelf.tree(file, &mut Diagnostics::new())),
            shelf,
            said: Diagnostics::new(),
            parsed: Vec::new(),
            theme: OnceLock::new(),
            history: History::default(),
        })
    }

    /// The folder of the portal.
    pub fn root(&self) -> &Path {
        self.shelf.root()
    }

    /// What `strang.toml` decides.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.value)
    }

    /// Reads and parses what has changed; gives back whether anything has.
    pub fn look(&mut self, look: &Look) -> io::Result<bool> {
        let file = source::read_settings(self.root())?;
        let are_settings_new = file != self.tree.settings;
        if are_settings_new {
            // All is parsed anew, for which it has to be read.
            self.settings = Read::settings(&file);
            self.parsed.clear();
            self.shelf = Shelf::new(self.root());
            self.shelf.look(&Look::Everywhere);
        } else if !self.shelf.look(look) {
            return Ok(false);
        }
        self.said = Diagnostics::new();
        let tree = Arc::new(self.shelf.tree(file, &mut self.said));
        if are_settings_new || tree.theme_files != self.tree.theme_files {
            self.theme = OnceLock::new();
        }
        self.tree = tree;
        self.parse();
        Ok(true)
    }

    /// Takes in what git has told; gives back whether it tells anything, now or before.
    pub fn learn(&mut self, history: History) -> bool {
        let tells = !history.is_empty() || !self.history.is_empty();
        self.history = history;
        tells
    }

    /// Links what was read last.
    pub fn link(&self, as_of: AsOf) -> Built {
        self.link_with(self.read_ledgers(), as_of)
    }

    /// Links what was read last, its ledgers included, and looks meanwhile whether the sources are still what was read:
    /// then there was a moment at which they were. Somebody who saves just then is let finish once.
    fn link_of_one_moment(&mut self, ledgers: Ledgers, as_of: AsOf) -> io::Result<Built> {
        let (built, is_as_it_was) = self.link_and_look(ledgers, as_of);
        if is_as_it_was? {
            return Ok(built);
        }
        drop(built);
        self.look(&Look::Everywhere)?;
        let (mut built, is_as_it_was) = self.link_and_look(self.read_ledgers(), as_of);
        if !is_as_it_was? {
            let settings = &self.tree.settings.path;
            let said = &mut built.diagnostics;
            said.changed_while_building(Place::start_of(settings));
            built.diagnostics = std::mem::take(said).sorted();
        }
        Ok(built)
    }

    fn link_and_look(&self, ledgers: Ledgers, as_of: AsOf) -> (Built, io::Result<bool>) {
        rayon::join(|| self.link_with(ledgers, as_of), || self.is_as_it_was())
    }

    /// Reads all ledgers. They are too large to be kept, so each build reads them again.
    fn read_ledgers(&self) -> Ledgers {
        let mut said = Diagnostics::new();
        let documents = read_ledgers(&self.tree, &self.settings.value, &mut said);
        Ledgers { documents, said }
    }

    fn is_as_it_was(&self) -> io::Result<bool> {
        Ok(source::read_settings(self.root())? == self.tree.settings && self.shelf.is_as_it_was())
    }

    fn link_with(&self, ledgers: Ledgers, as_of: AsOf) -> Built {
        let mut diagnostics = self.said.clone();
        diagnostics.append(ledgers.said);
        let settings = self.settings();
        let theme = self.theme.get_or_init(|| {
            Read::with(|said| Theme::load(&self.tree.theme_files, &settings, said))
        });
        let mut documents = Vec::with_capacity(self.parsed.len());
        for parsed in &self.parsed {
            documents.extend(parsed.document.clone());
            diagnostics.append(parsed.said.clone());
        }
        let said = [&self.settings.said, &self.history.said, &theme.said];
        said.into_iter()
            .for_each(|said| diagnostics.append(said.clone()));
        let written = Written {
            documents,
            ledgers: ledgers.documents,
            attachments: &self.tree.attachments,
            authorship: Arc::clone(&self.history.authorship),
        };
        let portal = portal::link(written, settings, as_of, &mut diagnostics);
        portal.check_typed_names(&self.tree, &mut diagnostics);
        let portal = Arc::new(portal);
        let site = Site::new(
            Arc::clone(&portal),
            Arc::clone(&theme.value),
            &mut diagnostics,
        );
        Built {
            tree: Arc::clone(&self.tree),
            portal,
            site,
            diagnostics: diagnostics.sorted(),
        }
    }

    /// Parses the sources that are not those of before, each on its own; the order is that of paths.
    fn parse(&mut self) {
        let settings = &self.settings.value;
        let mut before = std::mem::take(&mut self.parsed).into_iter().peekable();
        let pairs: Vec<(&Arc<PageSource>, Option<Parsed>)> = self
            .tree
            .pages
            .iter()
            .map(|source| {
                let same = |old: &Parsed| Arc::ptr_eq(&old.source, source);
                if !before.peek().is_some_and(same) {
                    // Something has gone, or come in between.
                    while before
                        .next_if(|old| old.source.path < source.path)
                        .is_some()
                    {}
                }
                (source, before.next_if(same))
            })
            .collect();
        self.parsed = pairs
            .into_par_iter()
            .with_max_len(SOURCES_AT_ONCE)
            .map(|(source, before)| before.unwrap_or_else(|| Parsed::of(source, settings)))
            .collect();
    }
}

impl<T> Read<T> {
    fn with(read: impl FnOnce(&mut Diagnostics) -> T) -> Read<T> {
        let mut said = Diagnostics::new();
        let value = Arc::new(read(&mut said));
        Read { value, said }
    }
}

impl Read<Settings> {
    fn settings(file: &Source) -> Read<Settings> {
        Read::with(|said| {
            let decoded = decode(&file.path, &file.bytes, said);
            let settings = decoded.map(|decoded| Settings::parse(&file.path, decoded.text(), said));
            said.forgive_missing();
            settings.unwrap_or_default()
        })
    }
}

impl Parsed {
    fn of(source: &Arc<PageSource>, settings: &Settings) -> Parsed {
        let mut said = Diagnostics::new();
        let bytes = source
            .take()
            .expect("BUG: a page is parsed once it was read");
        let document = document::parse(&source.path, &bytes, settings, &mut said);
        said.forgive_missing();
        Parsed {
            source: Arc::clone(source),
            document: document.map(Arc::new),
            said,
        }
    }
}

impl History {
    /// Asks git. Work of the last twelve months is recent. What was committed after a day that somebody asked for was
    /// not known then; whatever is there today counts, since the clocks of authors need not agree with ours.
    pub fn read(root: &Path, settings: &Settings, as_of: AsOf) -> History {
        if !settings.history {
            return History::default();
        }
        let period = Period {
            lately: as_of.day().saturating_sub(12.months()),
            until: match as_of {
                AsOf::Today(_) => Date::MAX,
                AsOf::Day(day) => day,
            },
        };
        let mut said = Diagnostics::new();
        let authorship = Arc::new(git::read(root, period, &mut said));
        History { authorship, said }
    }

    /// Whether git knows nobody and has nothing to say.
    fn is_empty(&self) -> bool {
        self.said.is_empty() && self.authorship.mails().next().is_none()
    }
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
