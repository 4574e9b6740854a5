//! What lies below a folder: all of it at once, and taking all of it away.
//!
//! Paths go in, what the disk says of them comes out. It must never follow a link, nor know what a site is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::disk::{Disk, Found, Kind};
use super::{PublishError, ask};

/// Everything below a folder but folders that hold something, by its path with `/` between the parts.
pub(super) fn files(
    disk: &dyn Disk,
    folder: &Path,
) -> Result<BTreeMap<String, Found>, PublishError> {
    Ok(below(disk, folder, "")?.into_iter().collect())
}

fn below(
    disk: &dyn Disk,
    folder: &Path,
    prefix: &str,
) -> Result<Vec<(String, Found)>, PublishError> {
    let entries = ask(folder, || disk.list(folder))?;
    let parts: Vec<Vec<(String, Found)>> = entries
        .par_iter()
        .map(|(name, found)| {
            let path = format!("{prefix}{}", name.to_string_lossy());
            match found.kind {
                Kind::Folder => {
                    let inside = below(disk, &folder.join(name), &format!("{path}/"))?;
                    Ok(if inside.is_empty() {
                        vec![(path, *found)]
                    } else {
                        inside
                    })
                }
                Kind::File | Kind::Other => Ok(vec![(path, *found)]),
            }
        })
        .collect::<Result<_, _>>()?;
    Ok(parts.into_iter().flatten().collect())
}

/// Takes away what lies at a path, with all that is below it. Links are taken away, not followed.
pub(super) fn remove(disk: &dyn Disk, path: &Path) -> Result<(), PublishError> {
    match ask(path, || disk.look(path))? {
        None => Ok(()),
        Some(found) => remove_found(disk, path, found),
    }
}

fn remove_found(disk: &dyn Disk, path: &Path, found: Found) -> Result<(), PublishError> {
    if found.kind != Kind::Folder {
        return ask(path, || disk.remove_file(path));
    }
    let entries = ask(path, || disk.list(path))?;
    entries
        .par_iter()
        .try_for_each(|(name, found)| remove_found(disk, &path.join(name), *found))?;
    ask(path, || disk.remove_folder(path))
}

/// Folders that were made for a site. They go with the value if they are still empty then, unless they are kept.
pub(super) struct Made<'d> {
    disk: &'d dyn Disk,
    /// Each behind the one it lies in.
    folders: Vec<PathBuf>,
}

impl Made<'_> {
    pub(super) fn keep(&mut self) {
        self.folders.clear();
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        for folder in self.folders.iter().rev() {
            let _ = self.disk.remove_folder(folder);
        }
    }
}

/// Makes a folder with those above it that are missing, so that they are there after a power cut, too.
pub(super) fn create_folders<'d>(
    disk: &'d dyn Disk,
    folder: &Path,
) -> Result<Made<'d>, PublishError> {
    let mut missing: Vec<PathBuf> = Vec::new();
    for above in folder.ancestors() {
        if ask(above, || disk.look(above))?.is_some() {
            break;
        }
        missing.push(above.to_owned());
    }
    let mut made = Made {
        disk,
        folders: Vec::with_capacity(missing.len()),
    };
    for folder in missing.into_iter().rev() {
        ask(&folder, || disk.create_folder(&folder))?;
        let above = folder.parent().map(Path::to_owned);
        made.folders.push(folder);
        if let Some(above) = above {
            ask(&above, || disk.sync_names(&above))?;
        }
    }
    Ok(made)
}
