//! The one moment at which readers get the new site, and what a run that was killed has left.
//!
//! Everything that publishing puts beside the output bears its name: `.public.strang-…`. It must never leave half a
//! site in the place of a whole one.

use std::ffi::OsString;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::disk::Disk;
use super::{PublishError, Refusal, ask, tree};

/// How the old site is called while the new one takes its place in two steps.
const OLD: &str = "old";
/// How many signs tell one stage from others.
const RANDOM_SIGNS: usize = 16;
/// How often a folder is tried again that another program holds, and how long each time.
const BUSY: (u32, Duration) = (50, Duration::from_millis(100));

/// The output directory and what may lie beside it.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// The output directory.
    pub(super) out: PathBuf,
    /// The directory above it.
    pub(super) parent: PathBuf,
    prefix: OsString,
}

impl Spot {
    /// `None` for what is no folder of another one.
    pub(super) fn new(out: &Path) -> Option<Spot> {
        let mut prefix = OsString::from(".");
        prefix.push(out.file_name()?);
        prefix.push(".strang-");
        Some(Spot {
            out: out.to_owned(),
            parent: out.parent()?.to_owned(),
            prefix,
        })
    }

    /// A name that no other run has.
    pub(super) fn new_stage(&self) -> PathBuf {
        self.beside(&format!("{:016x}", RandomState::new().hash_one(())))
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.prefix.clone();
        name.push(ending);
        self.parent.join(name)
    }

    fn is_remains(&self, name: &OsString) -> bool {
        let name = name.to_string_lossy();
        let ending = name.strip_prefix(&*self.prefix.to_string_lossy());
        ending.is_some_and(|ending| {
            let is_random = ending.bytes().all(|b| b.is_ascii_hexdigit());
            ending == OLD || (is_random && ending.len() == RANDOM_SIGNS)
        })
    }
}

/// Puts things in order after a run that was killed: a site that was about to be replaced gets its place back, and all
/// else goes.
pub(super) fn recover(disk: &dyn Disk, spot: &Spot) -> Result<(), PublishError> {
    let Spot { out, parent, .. } = spot;
    let old = spot.beside(OLD);
    if ask(out, || disk.look(out))?.is_none() && ask(&old, || disk.look(&old))?.is_some() {
        ask(out, || disk.rename(&old, out))?;
        ask(parent, || disk.sync_names(parent))?;
    }
    let names = ask(parent, || disk.list(parent))?;
    names
        .iter()
        .filter(|(name, _)| spot.is_remains(name))
        .try_for_each(|(name, _)| tree::remove(disk, &parent.join(name)))
}

/// Puts a staged site, which must be safe on the disk, in the place of the output directory; gives back where the old
/// one is then.
pub(super) fn switch(
    disk: &dyn Disk,
    stage: &Path,
    spot: &Spot,
) -> Result<Option<PathBuf>, PublishError> {
    let Spot { out, parent, .. } = spot;
    if ask(out, || disk.look(out))?.is_none() {
        ask(out, || disk.rename(stage, out))?;
        return Ok(None);
    }
    match ask(out, || disk.exchange(stage, out)) {
        Ok(()) => return Ok(Some(stage.to_owned())),
        Err(PublishError::Disk(_, error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(error) => return Err(error),
    }
    // Between these two steps there is no site, but never half of one; `recover` knows the old one by its name.
    let old = spot.beside(OLD);
    move_away(disk, out, &old)?;
    let moved =
        ask(parent, || disk.sync_names(parent)).and_then(|()| ask(out, || disk.rename(stage, out)));
    if let Err(error) = moved {
        let _ = disk.rename(&old, out);
        return Err(error);
    }
    Ok(Some(old))
}

/// Windows moves no folder of which a program has a file open, and most programs have one open for a moment only.
fn move_away(disk: &dyn Disk, out: &Path, old: &Path) -> Result<(), PublishError> {
    for _ in 0..BUSY.0 {
        match ask(out, || disk.rename(out, old)) {
            Err(PublishError::Disk(_, error))
                if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied =>
            {
                disk.wait(BUSY.1);
            }
            done => return done,
        }
    }
    let why = "a program has a file in this directory open; close it and build again".to_owned();
    Err(PublishError::Refused(out.to_owned(), Refusal::Busy, why))
}
