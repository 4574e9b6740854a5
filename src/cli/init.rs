//! `strang init`: a small portal that builds, from the folder `starter` beside this file.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::arguments::{InitArguments, InitLanguage};
use super::{Done, Failure, report};
use crate::settings::SETTINGS_FILE;

static STARTER_DE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/de");
static STARTER_EN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/en");

pub(super) fn run(start: &Path, asked: &InitArguments) -> Result<Done, Failure> {
    let root = start.join(&asked.folder);
    let starter = match asked.language {
        InitLanguage::De => &STARTER_DE,
        InitLanguage::En => &STARTER_EN,
    };
    for taken in [SETTINGS_FILE, "content"] {
        let path = root.join(taken);
        if fs::symlink_metadata(&path).is_ok() {
            return Err(Failure(format!(
                "{} is already there; nothing was written",
                path.display()
            )));
        }
    }
    for file in files(starter) {
        let path = root.join(file.path());
        let fail = |error| Failure(format!("{}: {error}", path.display()));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(fail)?;
        }
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut new) => new.write_all(file.contents()).map_err(fail)?,
            // A repository that a forge has made comes with a `.gitignore` of its own.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fail(error)),
        }
    }
    let folder = asked.folder.display();
    report::line(&match asked.folder.as_os_str().to_str() {
        Some(".") => "the portal is ready; `strang serve` shows it".to_owned(),
        _ => format!("the portal is ready; `strang -C {folder} serve` shows it"),
    });
    Ok(Done::Well)
}

fn files<'a>(dir: &'a Dir<'a>) -> Vec<&'a include_dir::File<'a>> {
    dir.files().chain(dir.dirs().flat_map(files)).collect()
}
