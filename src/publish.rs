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
use walkdir::WalkDir;

use crate::diagnostic::Diagnostics;
use crate::path::SitePath;
use crate::pipeline::{PAGES_AT_ONCE, is_fit_to_publish};
use crate::site::{Rendered, Site};

/// The file by which strang knows a directory as its own.
const MANIFEST: &str = ".strang";
/// How many foreign files a refusal names.
const FOREIGN_NAMED: usize = 5;

/// Why a site could not be published. Each names the path.
#[derive(Debug)]
pub enum PublishError {
    /// The output directory holds or is what must not be replaced.
    Refused(PathBuf, String),
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

/// A directory that may be replaced by the site.
pub struct Output {
    path: PathBuf,
}

impl Output {
    /// Checks before any work that a directory may be replaced: it is not among the sources of the portal, and holds
    /// nothing that strang did not write.
    pub fn new(out: &Path, root: &Path) -> Result<Output, PublishError> {
        let path = resolve(out)?;
        let refuse = |why: &str| Err(PublishError::Refused(out.to_owned(), why.to_owned()));
        if root.starts_with(&path) {
            return refuse("this would replace the portal itself; choose a directory of its own");
        }
        let sources = ["content", "themes", ".git"];
        if sources
            .iter()
            .any(|source| path.starts_with(root.join(source)))
        {
            return refuse("this lies among the portal's sources; choose a directory of its own");
        }
        match fs::symlink_metadata(&path) {
            Err(_) => {}
            Ok(metadata) if !metadata.is_dir() => return refuse("this is not a directory"),
            Ok(_) => {
                let foreign = foreign_files(&path)?;
                if !foreign.is_empty() {
                    return refuse(&format!(
                        "this directory holds what strang did not write: {}; move it away, or choose another directory",
                        foreign.join(", ")
                    ));
                }
            }
        }
        Ok(Output { path })
    }
}

/// The path with the links of what exists of it resolved; what does not exist yet must not lead upwards.
fn resolve(out: &Path) -> Result<PathBuf, PublishError> {
    let absolute = std::path::absolute(out).map_err(at(out))?;
    let mut existing = absolute.as_path();
    let mut rest = Vec::new();
    while !existing.exists() {
        match (existing.parent(), existing.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name);
                existing = parent;
            }
            _ => {
                return Err(PublishError::Refused(
                    out.to_owned(),
                    "this path leads nowhere".to_owned(),
                ));
            }
        }
    }
    let mut path = fs::canonicalize(existing).map_err(at(existing))?;
    path.extend(rest.into_iter().rev());
    Ok(path)
}

/// Some of the files in a directory that its manifest does not name.
fn foreign_files(out: &Path) -> Result<Vec<String>, PublishError> {
    let manifest = fs::read_to_string(out.join(MANIFEST)).unwrap_or_default();
    let own: BTreeSet<&str> = manifest.lines().skip(1).chain([MANIFEST]).collect();
    let mut foreign = Vec::new();
    for entry in WalkDir::new(out).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|error| PublishError::Disk(out.to_owned(), error.into()))?;
        let path = entry.path().strip_prefix(out).unwrap_or(entry.path());
        let name = path.to_string_lossy().replace('\\', "/");
        if !entry.file_type().is_dir() && !own.contains(name.as_str()) {
            foreign.push(format!("`{}`", name.escape_debug()));
            if foreign.len() == FOREIGN_NAMED {
                break;
            }
        }
    }
    Ok(foreign)
}

/// Renders and writes the whole site; `each` is called after every file.
pub fn publish(
    site: &Site,
    root: &Path,
    out: &Output,
    each: &(dyn Fn() + Sync),
) -> Result<Outcome, PublishError> {
    let stage = Stage::beside(&out.path)?;
    let index = site.index().iter().map(|(address, _)| address);
    let mut addresses: Vec<&SitePath> = site.addresses().chain(index).collect();
    addresses.sort_unstable();
    for folder in folders(&addresses) {
        let path = stage.path.join(folder);
        fs::create_dir_all(&path).map_err(at(&path))?;
    }
    let said: Vec<Diagnostics> = addresses
        .par_iter()
        .with_max_len(PAGES_AT_ONCE)
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
    stage.switch(&out.path)?;
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
            // Not a copy of the file: its permissions are those of the author, not those of a page.
            let bytes = fs::read(&from).map_err(at(&from))?;
            fs::write(to, bytes).map_err(at(to))?;
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
        let (Some(parent), Some(name)) = (out.parent(), out.file_name()) else {
            let why = "this is not a directory that can be replaced".to_owned();
            return Err(PublishError::Refused(out.to_owned(), why));
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
        let old = self.path.with_added_extension("old");
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
