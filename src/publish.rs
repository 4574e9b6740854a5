//! The publish stage: from a site to the output directory, all or nothing.
//!
//! The whole site is made ready beside the output directory, out of what is new and of what the old site has already,
//! and put in its place in one step. So a reader sees the old site or the new one, and a build that is killed, or whose
//! disk fails, changes nothing. A directory that strang did not write is refused. It must never render anything twice,
//! and never touch the system but through a [`Disk`].

pub mod changes;
mod compress;
pub mod disk;
mod guard;
mod manifest;
mod stage;
mod switch;
mod tree;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rayon::prelude::*;

use self::changes::{ChangedPage, Changes};
use self::disk::{Disk, Lock};
use self::guard::Before;
use self::manifest::Manifest;
use self::stage::{Fate, File, Filling, Stage};
use self::switch::Spot;
use self::tree::Made;
use crate::diagnostic::Diagnostics;
use crate::path::SitePath;
use crate::pipeline::{PAGES_AT_ONCE, is_fit_to_publish};
use crate::site::{Rendered, Site};
use crate::source::Tree;
use crate::theme::is_stamped;

/// How often another build is asked whether it is done, and how long to wait each time: a minute in all.
const ASKED: (u32, Duration) = (1200, Duration::from_millis(50));

/// So many bytes the disk gets at once while others are still rendered.
const SYNCED_AT_ONCE: u64 = 32 * 1024 * 1024;

/// Why a site could not be published. Each names the path.
#[derive(Debug)]
pub enum PublishError {
    /// The output directory must not be replaced, or cannot be now.
    Refused(PathBuf, Refusal, String),
    /// The disk said no; the old site is where it was.
    Disk(PathBuf, io::Error),
    /// The disk said no when the new site was already in its place.
    AfterSwitch(PathBuf, io::Error),
}

/// Why an output directory is not replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It holds the portal, or lies among its sources or in another site.
    Overlaps,
    /// Something else is there.
    NotOurs,
    /// Somebody put files into it.
    ForeignFile,
    /// It is a mount.
    Mounted,
    /// Another build goes on for more than a minute.
    Locked,
    /// Another program has it open.
    Busy,
    /// The disk has no room for the site.
    DiskFull,
}

impl Refusal {
    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Refusal::Overlaps => "out-overlaps",
            Refusal::NotOurs => "out-not-ours",
            Refusal::ForeignFile => "out-foreign-file",
            Refusal::Mounted => "out-mounted",
            Refusal::Locked => "out-locked",
            Refusal::Busy => "out-busy",
            Refusal::DiskFull => "disk-full",
        }
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::Refused(path, code, why) => {
                write!(f, "{}: error[{}]: {why}", path.display(), code.as_str())
            }
            PublishError::Disk(path, error) => write!(f, "{}: {error}", path.display()),
            PublishError::AfterSwitch(path, error) => write!(
                f,
                "{}: {error}; the new site is in its place, build again to be sure that it stays",
                path.display()
            ),
        }
    }
}

impl std::error::Error for PublishError {}

/// Asks the disk for something, again where only a signal came between, and names the path where it says no.
fn ask<T>(path: &Path, mut call: impl FnMut() -> io::Result<T>) -> Result<T, PublishError> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done.map_err(|error| PublishError::Disk(path.to_owned(), error)),
        }
    }
}

/// What publishing came to.
pub enum Outcome {
    /// The site is out.
    Published(Changes),
    /// Pages could not be rendered; the output directory is as it was.
    Faulty(Diagnostics),
}

/// Which files are written beside those of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twins {
    /// None.
    None,
    /// A compressed one for each text that it makes smaller: `index.html.gz`.
    Gzip,
}

/// A directory that may be replaced by the site, held against other builds.
pub struct Output<'d> {
    disk: &'d dyn Disk,
    spot: Spot,
    before: Option<Before>,
    stage: Stage<'d>,
    /// The folders above it that were missing. They can go only when the stage has, so they stand behind it.
    made: Made<'d>,
    /// Let go of last.
    _lock: Lock,
}

impl<'d> Output<'d> {
    /// Takes hold of a directory before any work: no other build is at it, what is there is strang's own, and a new
    /// site can be written beside it. `waiting` is called once if another build has to end first.
    pub fn open(
        disk: &'d dyn Disk,
        out: &Path,
        root: &Path,
        waiting: &dyn Fn(),
    ) -> Result<Output<'d>, PublishError> {
        let path = guard::place(disk, out, root)?;
        let spot = Spot::new(&path).ok_or_else(|| {
            let why = "this is not a directory that can be replaced".to_owned();
            PublishError::Refused(out.to_owned(), Refusal::NotOurs, why)
        })?;
        let (made, lock) = hold(disk, &spot, waiting)?;
        switch::recover(disk, &spot)?;
        Ok(Output {
            disk,
            before: guard::before(disk, &spot.out)?,
            stage: Stage::new(disk, spot.new_stage())?,
            spot,
            made,
            _lock: lock,
        })
    }

    /// Whether a file at a path would be one of the site or of the portal's sources.
    pub fn must_not_hold(&self, file: &Path, root: &Path) -> bool {
        file.starts_with(&self.spot.out) || guard::is_among_sources(file, root)
    }
}

/// Makes the folder of the output if need be, and locks it.
fn hold<'d>(
    disk: &'d dyn Disk,
    spot: &Spot,
    waiting: &dyn Fn(),
) -> Result<(Made<'d>, Lock), PublishError> {
    let parent = &spot.parent;
    loop {
        let made = tree::create_folders(disk, parent)?;
        // A build that was waited for, and failed, takes away the folder that it had made.
        match lock(disk, spot, waiting) {
            Err(PublishError::Disk(_, error)) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(lock) if ask(parent, || disk.look(parent))?.is_some() => return Ok((made, lock)),
            Ok(_) => {}
            Err(error) => return Err(error),
        }
    }
}

fn lock(disk: &dyn Disk, spot: &Spot, waiting: &dyn Fn()) -> Result<Lock, PublishError> {
    let parent = &spot.parent;
    for time in 0..ASKED.0 {
        if let Some(lock) = ask(parent, || disk.lock(parent))? {
            return Ok(lock);
        }
        if time == 0 {
            waiting();
        }
        disk.wait(ASKED.1);
    }
    let why = "another build is at this directory, or at one beside it, for more than a minute";
    let out = spot.out.clone();
    Err(PublishError::Refused(out, Refusal::Locked, why.to_owned()))
}

/// Renders and writes the whole site; `each` is called after every address but those of the index.
pub fn publish(
    site: &Site,
    sources: &Tree,
    output: Output<'_>,
    twins: Twins,
    each: &(dyn Fn() + Sync),
) -> Result<Outcome, PublishError> {
    let (stage, before) = (&output.stage, output.before.as_ref());
    let filling = Filling::new(stage, &output.spot.out, before)?;
    let carried = carried(site, &filling, before)?;
    let carried_paths = carried.files.keys().map(|path| &**path);
    let pages: Vec<&SitePath> = site.addresses().collect();
    stage.create_folders(&folders(texts(&pages).chain(carried_paths)))?;
    let filled = with_early_syncs(stage, |written| {
        let fill_each = |addresses: &[&SitePath], each: &(dyn Fn() + Sync)| {
            let filled = addresses.par_iter().with_max_len(PAGES_AT_ONCE);
            let filled = filled.map(|address| {
                let mut said = Diagnostics::new();
                let files = fill(site, sources, address, twins, &filling, &mut said)?;
                written(&files);
                each();
                Ok((files, said))
            });
            filled.collect::<Result<Vec<_>, PublishError>>()
        };
        // No page waits for the index, and parts of the index are work for one core.
        let (pages, index) = rayon::join(
            || fill_each(&pages, each),
            || {
                let index = site.index().iter().map(|(address, _)| address);
                let index: Vec<&SitePath> = index.collect();
                stage.create_folders(&folders(texts(&index)))?;
                fill_each(&index, &|| {})
            },
        );
        let mut filled = pages?;
        filled.extend(index?);
        Ok(filled)
    })?;
    let mut diagnostics = Diagnostics::new();
    let mut files = Vec::with_capacity(filled.len());
    for (of_address, said) in filled {
        files.extend(of_address);
        diagnostics.append(said);
    }
    if !is_fit_to_publish(&diagnostics) {
        return Ok(Outcome::Faulty(diagnostics));
    }
    let changes = changes(site, &files, &filling, before)?;
    let listed = files.iter().map(|file| (file.path.clone(), file.print));
    let manifest = Manifest {
        files: listed.collect(),
    };
    let is_same = before.is_some_and(|before| before.manifest == manifest);
    if is_same && changes.files.written == 0 {
        return Ok(Outcome::Published(changes));
    }
    let kept = files.par_iter().filter(|file| file.fate == Fate::Kept);
    let kept = kept.map(|file| &file.path);
    kept.chain(carried.files.par_iter().map(|(path, _)| path))
        .try_for_each(|path| filling.keep(path))?;
    filling.check_room()?;
    stage.list(&manifest, &carried)?;
    stage.verify(&manifest, &carried)?;
    output.switch()?;
    Ok(Outcome::Published(changes))
}

impl Output<'_> {
    /// Puts the stage, which holds all, in its place. What comes after the switch can only be said, not undone.
    fn switch(mut self) -> Result<(), PublishError> {
        let (disk, parent) = (self.disk, &self.spot.parent);
        self.stage.open_to_readers(self.before.as_ref())?;
        self.stage.sync()?;
        let old = switch::switch(disk, &self.stage.path, &self.spot)?;
        self.stage.release();
        self.made.keep();
        ask(parent, || disk.sync_names(parent)).map_err(PublishError::after_switch)?;
        old.map_or(Ok(()), |old| tree::remove(disk, &old))
            .map_err(PublishError::after_switch)
    }
}

impl PublishError {
    fn after_switch(self) -> PublishError {
        match self {
            PublishError::Disk(path, error) => PublishError::AfterSwitch(path, error),
            other => other,
        }
    }
}

/// Fills a stage while another thread hands to the disk what is there already: at the end, all of it would be waited
/// for. The filling says what it has written.
fn with_early_syncs<T>(
    stage: &Stage<'_>,
    fill: impl FnOnce(&(dyn Fn(&[File]) + Sync)) -> Result<T, PublishError>,
) -> Result<T, PublishError> {
    let bytes = AtomicU64::new(0);
    let (much, waiting) = mpsc::channel();
    thread::scope(|scope| {
        let syncing = scope.spawn(move || waiting.iter().try_for_each(|()| stage.sync()));
        let filled = fill(&|files| {
            let written = files.iter().filter(|file| file.fate != Fate::Kept);
            let size = written.map(|file| file.print.size).sum();
            let before = bytes.fetch_add(size, Ordering::Relaxed);
            if (before + size) / SYNCED_AT_ONCE > before / SYNCED_AT_ONCE {
                // Nobody listens any more once the disk has failed, which is told below.
                let _ = much.send(());
            }
        });
        drop(much);
        let synced = syncing.join().unwrap_or_else(|panic| resume_unwind(panic));
        synced.and(filled)
    })
}

fn texts<'a>(addresses: &'a [&SitePath]) -> impl Iterator<Item = &'a str> {
    addresses.iter().map(|address| address.as_str())
}

/// The folders that paths lie in, each behind the one it lies in itself.
fn folders<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    paths
        .flat_map(|path| path.match_indices('/').map(|(slash, _)| &path[..slash]))
        .collect()
}

/// What pages of the old site load and the new site has no more: whoever has such a page open goes on with it. It stays
/// for one release, so the old site's own old files go.
fn carried(
    site: &Site,
    filling: &Filling<'_>,
    before: Option<&Before>,
) -> Result<Manifest, PublishError> {
    let mut carried = Manifest::default();
    let old = before
        .into_iter()
        .flat_map(|before| before.manifest.files.keys());
    for path in old.filter(|path| is_stamped(path)) {
        let of = path.strip_suffix(compress::ENDING).unwrap_or(path);
        let is_gone = !site.holds(&SitePath::new(of));
        if is_gone && let Some(print) = filling.undamaged(path)? {
            carried.files.insert(path.clone(), print);
        }
    }
    Ok(carried)
}

/// Renders an address and puts what it holds into the stage.
fn fill(
    site: &Site,
    sources: &Tree,
    address: &SitePath,
    twins: Twins,
    filling: &Filling<'_>,
    said: &mut Diagnostics,
) -> Result<Vec<File>, PublishError> {
    let bytes = match site.render(address, said) {
        Some(Rendered::Bytes(bytes)) => bytes,
        // Not a copy of the file: its permissions are those of the author, not those of a page.
        Some(Rendered::File(source)) => sources
            .read(source)
            .map_err(|error| PublishError::Disk(sources.root.join(source.as_str()), error))?
            .into(),
        None => return Ok(Vec::new()),
    };
    let file = filling.put(address.as_str(), &bytes)?;
    let has_twin = twins == Twins::Gzip && compress::is_text(&file.path);
    let twin = if has_twin && !site.holds(&SitePath::new(compress::twin(&file.path))) {
        filling.put_twin(&file, &bytes)?
    } else {
        None
    };
    Ok(std::iter::once(file).chain(twin).collect())
}

/// What readers see differently.
fn changes(
    site: &Site,
    files: &[File],
    filling: &Filling<'_>,
    before: Option<&Before>,
) -> Result<Changes, PublishError> {
    let mut changes = Changes::default();
    for file in files {
        let page = file.title.as_ref().map(|title| ChangedPage {
            address: file.path.to_string(),
            title: title.clone(),
            source: site.source_of(&SitePath::new(file.path.clone())),
        });
        match file.fate {
            Fate::Kept => changes.files.unchanged += 1,
            Fate::Added => changes.added.extend(page),
            Fate::Changed => changes.changed.extend(page),
            Fate::Repaired => changes.repaired.push(file.path.to_string()),
        }
    }
    changes.files.written = files.len() - changes.files.unchanged;
    let is_there: BTreeSet<&str> = files.iter().map(|file| &*file.path).collect();
    let old = before
        .into_iter()
        .flat_map(|before| before.manifest.files.keys());
    for path in old.filter(|path| !is_there.contains(&***path)) {
        changes.files.removed += 1;
        if changes::is_page(path) && filling.is_there(path) {
            changes.removed.push(ChangedPage {
                address: path.to_string(),
                title: changes::title_of(&filling.old(path)?, path),
                source: None,
            });
        }
    }
    Ok(changes)
}
