//! What lies below a folder: all of it at once, and taking all of it away.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::disk::{Disk, Found, Kind};
use super::{PublishError, ask};

/// Everything below a folder that is no folder itself, by its path with `/` between the parts.
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
                Kind::Folder => below(disk, &folder.join(name), &format!("{path}/")),
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

/// Makes a folder with those above it that are missing, so that they are there after a power cut, too.
pub(super) fn create_folders(disk: &dyn Disk, folder: &Path) -> Result<(), PublishError> {
    let mut missing: Vec<PathBuf> = Vec::new();
    for above in folder.ancestors() {
        if ask(above, || disk.look(above))?.is_some() {
            break;
        }
        missing.push(above.to_owned());
    }
    missing.iter().rev().try_for_each(|folder| {
        ask(folder, || disk.create_folder(folder))?;
        folder
            .parent()
            .map_or(Ok(()), |above| ask(above, || disk.sync_names(above)))
    })
}
