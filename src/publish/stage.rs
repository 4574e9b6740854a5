//! The directory in which a site is made ready, out of what is new and what the old site has already.
//!
//! Bytes go in one file at a time, in any order and on all cores; what became of each comes out. One that stays as it
//! is keeps its time stamp. It must never open a file of the old site for writing, nor let anybody in who may not see a
//! site that is not ready, nor put itself in the place of the old one.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::disk::{Disk, Watch};
use super::guard::Before;
use super::manifest::{CARRIED, MANIFEST, Manifest, Print};
use super::{PublishError, Refusal, ask, tree};
use super::{changes, compress};

/// Only its owner may look into a stage: no server is to show a site that is not ready.
const PRIVATE: u32 = 0o700;
/// What stays free when the site is written, in bytes.
const SPARE: u64 = 64 * MEBIBYTE;
const MEBIBYTE: u64 = 1024 * 1024;
/// Files take whole blocks of the disk.
const BLOCK: u64 = 4096;

/// A directory beside the output; it goes with the value, unless it was released.
pub(super) struct Stage<'d> {
    disk: &'d dyn Disk,
    pub(super) path: PathBuf,
    /// Who may enter a directory that this process makes.
    usual_mode: u32,
    watch: Watch,
    released: bool,
}

impl<'d> Stage<'d> {
    pub(super) fn new(disk: &'d dyn Disk, path: PathBuf) -> Result<Stage<'d>, PublishError> {
        ask(&path, || disk.create_folder(&path))?;
        let mut stage = Stage {
            disk,
            path,
            usual_mode: PRIVATE,
            watch: Watch::default(),
            released: false,
        };
        let path = &stage.path;
        if let Some(found) = ask(path, || disk.look(path))? {
            stage.usual_mode = found.mode;
        }
        ask(path, || disk.set_mode(path, PRIVATE))?;
        stage.watch = ask(path, || disk.watch(path))?;
        Ok(stage)
    }

    pub(super) fn create_folders(&self, paths: &BTreeSet<&str>) -> Result<(), PublishError> {
        paths.iter().try_for_each(|path| {
            let path = self.path.join(path);
            ask(&path, || self.disk.create_folder(&path))
        })
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), PublishError> {
        let path = self.path.join(path);
        let mut file = ask(&path, || self.disk.create(&path))?;
        file.write_all(bytes)
            .map_err(|error| PublishError::Disk(path, error))
    }

    /// Lists the files of the site, and those that it keeps of the one before.
    pub(super) fn list(&self, site: &Manifest, carried: &Manifest) -> Result<(), PublishError> {
        if !carried.files.is_empty() {
            self.write(CARRIED, carried.text().as_bytes())?;
        }
        self.write(MANIFEST, site.text().as_bytes())
    }

    /// Looks whether all that was listed is there, and nothing else.
    pub(super) fn verify(&self, site: &Manifest, carried: &Manifest) -> Result<(), PublishError> {
        let found = tree::files(self.disk, &self.path)?;
        let is_list = |path: &str| matches!(path, MANIFEST | CARRIED);
        let found = found.iter().filter(|(path, _)| !is_list(path));
        let mut found: Vec<(&str, u64)> = found.map(|(path, of)| (&**path, of.size)).collect();
        let listed = site.files.iter().chain(&carried.files);
        let mut listed: Vec<(&str, u64)> = listed.map(|(path, of)| (&**path, of.size)).collect();
        // Maps are in order, but not two behind each other.
        found.sort_unstable();
        listed.sort_unstable();
        if found == listed {
            return Ok(());
        }
        let why = "another program changed what was about to be published";
        Err(PublishError::Disk(self.path.clone(), io::Error::other(why)))
    }

    /// Lets others in, as they were let into the site before.
    pub(super) fn open_to_readers(&self, before: Option<&Before>) -> Result<(), PublishError> {
        let mode = before.map_or(self.usual_mode, |before| before.mode);
        ask(&self.path, || self.disk.set_mode(&self.path, mode))
    }

    /// Returns when all that was written so far would survive a power cut. A failure is final: what the disk has lost
    /// once it does not miss a second time.
    pub(super) fn sync(&self) -> Result<(), PublishError> {
        ask(&self.path, || self.disk.sync_tree(&self.path, &self.watch))
    }

    /// Leaves the directory where it is, whatever comes.
    pub(super) fn release(&mut self) {
        self.released = true;
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        if !self.released {
            let _ = tree::remove(self.disk, &self.path);
        }
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The old site has the same.
    Kept,
    /// The old site has none of this name.
    Added,
    /// The old site has another one.
    Changed,
    /// The old site should have the same, and somebody has changed it.
    Repaired,
}

/// A file of the new site.
pub(super) struct File {
    pub(super) path: Box<str>,
    pub(super) print: Print,
    pub(super) fate: Fate,
    /// Of a page that is not as it was.
    pub(super) title: Option<String>,
}

/// Fills a stage.
pub(super) struct Filling<'a> {
    disk: &'a dyn Disk,
    stage: &'a Stage<'a>,
    out: &'a Path,
    before: Option<&'a Before>,
    free: u64,
    needed: AtomicU64,
}

impl<'a> Filling<'a> {
    pub(super) fn new(
        stage: &'a Stage<'a>,
        out: &'a Path,
        before: Option<&'a Before>,
    ) -> Result<Filling<'a>, PublishError> {
        let disk = stage.disk;
        Ok(Filling {
            disk,
            stage,
            out,
            before,
            free: ask(&stage.path, || disk.free(&stage.path))?,
            needed: AtomicU64::new(SPARE),
        })
    }

    /// Puts a file into the stage, unless the old site has the same.
    pub(super) fn put(&self, path: &str, bytes: &[u8]) -> Result<File, PublishError> {
        let print = Print::of(bytes);
        let fate = self.fate(path, bytes, &print)?;
        if fate != Fate::Kept {
            self.write(path, bytes)?;
        }
        let is_told = fate != Fate::Kept && changes::is_page(path);
        Ok(File {
            path: path.into(),
            print,
            fate,
            title: is_told.then(|| changes::title_of(bytes, path)),
        })
    }

    /// Puts the compressed twin of a file into the stage, if it is any smaller. One whose file stays as it is need not
    /// be made again.
    pub(super) fn put_twin(&self, of: &File, bytes: &[u8]) -> Result<Option<File>, PublishError> {
        let path = compress::twin(&of.path);
        if of.fate == Fate::Kept
            && let Some(print) = self.undamaged(&path)?
        {
            return Ok(Some(File {
                path: path.into(),
                print,
                fate: Fate::Kept,
                title: None,
            }));
        }
        let compressed = compress::gzip(bytes);
        let is_smaller = compressed.len() < bytes.len();
        is_smaller.then(|| self.put(&path, &compressed)).transpose()
    }

    fn fate(&self, path: &str, bytes: &[u8], print: &Print) -> Result<Fate, PublishError> {
        let Some(listed) = self.before.and_then(|old| old.manifest.files.get(path)) else {
            return Ok(Fate::Added);
        };
        if listed != print {
            return Ok(Fate::Changed);
        }
        let is_same = self.found_size(path) == Some(print.size) && self.old(path)? == bytes;
        Ok(if is_same { Fate::Kept } else { Fate::Repaired })
    }

    /// The print of a file of the old site that nobody has changed since.
    pub(super) fn undamaged(&self, path: &str) -> Result<Option<Print>, PublishError> {
        let listed = self.before.and_then(|old| old.manifest.files.get(path));
        match listed {
            Some(print) if self.found_size(path) == Some(print.size) => {
                Ok((Print::of(&self.old(path)?) == *print).then_some(*print))
            }
            _ => Ok(None),
        }
    }

    /// Whether the old site has a file.
    pub(super) fn is_there(&self, path: &str) -> bool {
        self.found_size(path).is_some()
    }

    fn found_size(&self, path: &str) -> Option<u64> {
        Some(self.before?.files.get(path)?.size)
    }

    /// The bytes of a file of the old site.
    pub(super) fn old(&self, path: &str) -> Result<Vec<u8>, PublishError> {
        let path = self.out.join(path);
        ask(&path, || self.disk.read(&path))
    }

    /// Takes a file over from the old site.
    pub(super) fn keep(&self, path: &str) -> Result<(), PublishError> {
        let (from, to) = (self.out.join(path), self.stage.path.join(path));
        match ask(&to, || self.disk.link(&from, &to)) {
            Err(PublishError::Disk(_, error)) if knows_no_links(&error) => {
                self.write(path, &self.old(path)?)
            }
            done => done,
        }
    }

    /// Once the disk has no room for the site, nothing more is written, but all of it is counted.
    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), PublishError> {
        let size = (bytes.len() as u64).next_multiple_of(BLOCK);
        let needed = self.needed.fetch_add(size, Ordering::Relaxed) + size;
        if needed > self.free {
            return Ok(());
        }
        self.stage.write(path, bytes)
    }

    /// Whether all that was put into the stage found room there.
    pub(super) fn check_room(&self) -> Result<(), PublishError> {
        let needed = self.needed.load(Ordering::Relaxed);
        if needed <= self.free {
            return Ok(());
        }
        let why = format!(
            "the site needs {} MiB on this disk, and only {} MiB are free",
            needed.div_ceil(MEBIBYTE),
            self.free / MEBIBYTE
        );
        Err(PublishError::Refused(
            self.out.to_owned(),
            Refusal::DiskFull,
            why,
        ))
    }
}

fn knows_no_links(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::CrossesDevices
    )
}
