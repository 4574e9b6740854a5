//! Where a site may be put, and where not: never over sources, never over what strang did not write.
//!
//! A path goes in, the same path comes out with its links resolved, or the reason why no site must take its place. It
//! must never change anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::disk::{Disk, Found, Kind, Leave};
use super::manifest::{CARRIED, MANIFEST, Manifest, OWN};
use super::{PublishError, Refusal, ask, tree};

/// How many foreign files a refusal names.
const FOREIGN_NAMED: usize = 5;
/// Where authors' files lie in a portal.
const SOURCES: [&str; 3] = ["content", "themes", ".git"];

/// The site that is replaced.
pub(super) struct Before {
    /// Its files, as it listed them itself.
    pub(super) manifest: Manifest,
    /// What of them is there, with the lists and with folders that have become empty.
    pub(super) files: BTreeMap<String, Found>,
    /// Who may enter it.
    pub(super) mode: u32,
}

/// The path with its links resolved, if a site there would neither hold the portal nor lie among its sources nor in
/// another site.
pub(super) fn place(disk: &dyn Disk, out: &Path, root: &Path) -> Result<PathBuf, PublishError> {
    let refuse = |code, why: &str| Err(PublishError::Refused(out.to_owned(), code, why.to_owned()));
    let path = resolve(disk, out)?;
    let found = ask(&path, || disk.look(&path))?;
    if found.is_some_and(|found| found.kind != Kind::Folder) {
        let why = "this is not a directory; choose one that strang may replace, not a link to it";
        return refuse(Refusal::NotOurs, why);
    }
    if root.starts_with(&path) {
        let why = "this would replace the portal itself; choose a directory of its own";
        return refuse(Refusal::Overlaps, why);
    }
    if is_among_sources(&path, root) {
        let why = "this lies among the portal's sources; choose a directory of its own";
        return refuse(Refusal::Overlaps, why);
    }
    for above in path.ancestors().skip(1) {
        if is_own(disk, above)? {
            let why = format!(
                "this lies in {}, which is a site that strang wrote and replaces as a whole; choose another directory",
                above.display()
            );
            return refuse(Refusal::Overlaps, &why);
        }
    }
    Ok(path)
}

/// Whether a file at a path would be one that authors write.
pub(super) fn is_among_sources(path: &Path, root: &Path) -> bool {
    SOURCES
        .iter()
        .any(|source| path.starts_with(root.join(source)))
}

/// The path with the links of what is above it resolved; what does not exist yet must not lead upwards.
fn resolve(disk: &dyn Disk, out: &Path) -> Result<PathBuf, PublishError> {
    let absolute =
        std::path::absolute(out).map_err(|error| PublishError::Disk(out.to_owned(), error))?;
    let mut existing = absolute.as_path();
    let mut rest = Vec::new();
    // What ends with `..` is the folder above, and a link at the end of a path is a link.
    while let Some(name) = existing.file_name() {
        rest.push(name);
        existing = existing.parent().unwrap_or(existing);
        if ask(existing, || disk.look(existing))?.is_some() {
            break;
        }
    }
    let mut path = ask(existing, || disk.resolve(existing))?;
    path.extend(rest.into_iter().rev());
    Ok(path)
}

fn is_own(disk: &dyn Disk, folder: &Path) -> Result<bool, PublishError> {
    let manifest = folder.join(MANIFEST);
    match ask(&manifest, || disk.look(&manifest))? {
        Some(found) if found.kind == Kind::File => {
            let text = ask(&manifest, || disk.read(&manifest))?;
            Ok(text.starts_with(OWN.as_bytes()))
        }
        _ => Ok(false),
    }
}

/// The site that is there, if nothing else is with it; `None` where there is nothing.
pub(super) fn before(disk: &dyn Disk, out: &Path) -> Result<Option<Before>, PublishError> {
    let Some(found) = ask(out, || disk.look(out))? else {
        return Ok(None);
    };
    let refuse = |code, why: String| PublishError::Refused(out.to_owned(), code, why);
    if ask(out, || disk.may_replace(out))? == Leave::Mounted {
        let why =
            "something is mounted here, which cannot be replaced; mount the directory above it"
                .to_owned();
        return Err(refuse(Refusal::Mounted, why));
    }
    let files = tree::files(disk, out)?;
    let list = |name: &str| -> Result<Option<Manifest>, PublishError> {
        let path = out.join(name);
        match files.get(name) {
            Some(found) if found.kind == Kind::File => {
                Ok(Manifest::parse(&ask(&path, || disk.read(&path))?))
            }
            _ => Ok(None),
        }
    };
    let carried = list(CARRIED)?.unwrap_or_default();
    let manifest = match list(MANIFEST)? {
        Some(manifest) => manifest,
        None if files.is_empty() => Manifest::default(),
        None if is_own(disk, out)? => {
            let why = "strang wrote this, but not this release of it, or its list `.strang` is damaged; \
                delete the directory, or choose another one";
            return Err(refuse(Refusal::NotOurs, why.to_owned()));
        }
        None => {
            let why = format!(
                "this directory holds what strang did not write: {}; move it away, or choose another directory",
                some(files.keys())
            );
            return Err(refuse(Refusal::NotOurs, why));
        }
    };
    let lists = [&manifest.files, &carried.files];
    let foreign = files.iter().filter(|(path, found)| match found.kind {
        Kind::File => {
            let is_list = matches!(path.as_str(), MANIFEST | CARRIED);
            !is_list && !lists.iter().any(|list| list.contains_key(path.as_str()))
        }
        // An empty one, which is ours where files of ours are missing in it.
        Kind::Folder => {
            let below = format!("{path}/");
            let mut listed = lists.iter().flat_map(|list| list.keys());
            !listed.any(|file| file.starts_with(&below))
        }
        Kind::Other => true,
    });
    let mut foreign = foreign.map(|(path, _)| path).peekable();
    if foreign.peek().is_some() {
        let why = format!(
            "this directory holds what strang did not write: {}; move it away, or choose another directory \
            (what belongs to every site lies in `themes/<name>/assets`)",
            some(foreign)
        );
        return Err(refuse(Refusal::ForeignFile, why));
    }
    Ok(Some(Before {
        manifest,
        files,
        mode: found.mode,
    }))
}

fn some<'a>(paths: impl Iterator<Item = &'a String>) -> String {
    let named = paths.take(FOREIGN_NAMED);
    let named: Vec<String> = named
        .map(|path| format!("`{}`", path.escape_debug()))
        .collect();
    named.join(", ")
}
