//! The publish stage: from a site to the output directory, all or nothing.
//!
//! The whole site is written beside the output directory and then takes its place in one step, so a reader sees the
//! old site or the new one and an interrupted build changes nothing. It refuses a directory that strang did not write.
//! It must never render anything twice.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::diagnostic::Diagnostics;
use crate::path::SitePath;
use crate::pipeline::is_fit_to_publish;
use crate::site::{Rendered, Site};

/// The file by which strang knows a directory as its own.
const MANIFEST: &str = ".strang";

/// Why a site could not be published. Each names the path.
#[derive(Debug)]
pub enum PublishError {
    /// The output directory holds or is what must not be replaced.
    Refused(PathBuf, &'static str),
    /// The disk said no.
    Disk(PathBuf, io::Error),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::Refused(path, why) => write!(f, "{}: {why}", path.display()),
            PublishError::Disk(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for PublishError {}

/// What publishing came to.
pub enum Outcome {
    /// The site is out, with this many files.
    Published(usize),
    /// Pages could not be rendered; the output directory is as it was.
    Faulty(Diagnostics),
}

/// Attaches the path to an error of the disk.
fn at(path: &Path) -> impl FnOnce(io::Error) -> PublishError + '_ {
    move |error| PublishError::Disk(path.to_owned(), error)
}

/// Checks before any work that the output directory may be replaced.
pub fn guard(out: &Path, root: &Path) -> Result<(), PublishError> {
    let refuse = |why| Err(PublishError::Refused(out.to_owned(), why));
    let absolute = std::path::absolute(out).map_err(at(out))?;
    let resolved = fs::canonicalize(&absolute).unwrap_or(absolute);
    if root.starts_with(&resolved) {
        return refuse("this would replace the portal itself; choose a directory of its own");
    }
    if ["content", "themes", ".git"]
        .iter()
        .any(|source| resolved.starts_with(root.join(source)))
    {
        return refuse("this lies among the portal's sources; choose a directory of its own");
    }
    let Ok(metadata) = fs::symlink_metadata(out) else {
        return Ok(());
    };
    if !metadata.is_dir() {
        return refuse("this is not a directory");
    }
    let mut entries = fs::read_dir(out).map_err(at(out))?;
    if !out.join(MANIFEST).is_file() && entries.next().is_some() {
        return refuse(
            "this directory holds files that strang did not write; empty it or choose another",
        );
    }
    Ok(())
}

/// Renders and writes the whole site; `each` is called after every file.
pub fn publish(
    site: &Site,
    root: &Path,
    out: &Path,
    each: &(dyn Fn() + Sync),
) -> Result<Outcome, PublishError> {
    guard(out, root)?;
    let stage = Stage::beside(out)?;
    let addresses: Vec<&SitePath> = site.addresses().collect();
    for folder in folders(&addresses) {
        let path = stage.path.join(folder);
        fs::create_dir_all(&path).map_err(at(&path))?;
    }
    let said: Vec<Diagnostics> = addresses
        .par_iter()
        .map(|address| {
            let said = write(site, root, address, &stage.path.join(address.as_str()))?;
            each();
            Ok(said)
        })
        .collect::<Result<_, PublishError>>()?;
    let mut diagnostics = Diagnostics::new();
    said.into_iter().for_each(|said| diagnostics.append(said));
    if !is_fit_to_publish(&diagnostics) {
        return Ok(Outcome::Faulty(diagnostics));
    }
    let manifest = stage.path.join(MANIFEST);
    fs::write(&manifest, list(&addresses)).map_err(at(&manifest))?;
    stage.switch(out)?;
    Ok(Outcome::Published(addresses.len()))
}

fn folders<'a>(addresses: &[&'a SitePath]) -> BTreeSet<&'a str> {
    addresses
        .iter()
        .filter_map(|address| Some(address.as_str().rsplit_once('/')?.0))
        .collect()
}

fn list(addresses: &[&SitePath]) -> String {
    let mut list = "strang 1\n".to_owned();
    for address in addresses {
        list.push_str(address.as_str());
        list.push('\n');
    }
    list
}

fn write(
    site: &Site,
    root: &Path,
    address: &SitePath,
    to: &Path,
) -> Result<Diagnostics, PublishError> {
    let mut said = Diagnostics::new();
    match site.render(address, &mut said) {
        Some(Rendered::Bytes(bytes)) => fs::write(to, bytes).map_err(at(to))?,
        Some(Rendered::File(source)) => {
            let from = root.join(source.as_str());
            fs::copy(&from, to).map_err(at(&from))?;
        }
        None => {}
    }
    Ok(said)
}

/// The directory in which a site is made ready; it goes when it is not switched.
struct Stage {
    path: PathBuf,
}

impl Stage {
    fn beside(out: &Path) -> Result<Stage, PublishError> {
        let absolute = std::path::absolute(out).map_err(at(out))?;
        let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Err(PublishError::Refused(
                out.to_owned(),
                "this is not a directory that can be replaced",
            ));
        };
        fs::create_dir_all(parent).map_err(at(parent))?;
        let path = parent.join(format!(
            ".{}.strang-{}",
            name.to_string_lossy(),
            std::process::id()
        ));
        if path.exists() {
            fs::remove_dir_all(&path).map_err(at(&path))?;
        }
        fs::create_dir(&path).map_err(at(&path))?;
        Ok(Stage { path })
    }

    /// Puts the stage in the place of the output directory.
    fn switch(self, out: &Path) -> Result<(), PublishError> {
        if !out.exists() {
            return fs::rename(&self.path, out).map_err(at(out));
        }
        if renameat_with(CWD, &self.path, CWD, out, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
        // Some file systems cannot exchange: between these two steps there is no site, but never half of one.
        let old = self.path.with_extension("old");
        fs::rename(out, &old).map_err(at(out))?;
        if let Err(error) = fs::rename(&self.path, out) {
            let _ = fs::rename(&old, out);
            return Err(PublishError::Disk(out.to_owned(), error));
        }
        fs::remove_dir_all(&old).map_err(at(&old))
    }
}

impl Drop for Stage {
    /// After an exchange the stage is the old site; otherwise it is what was left unfinished.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
