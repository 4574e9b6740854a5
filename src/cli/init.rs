//! `strang init`: a small portal that builds, from the folder `starter` beside this file.

use std::fs;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::arguments::{InitArguments, InitLanguage};
use super::{Done, Failure, report};
use crate::settings::SETTINGS_FILE;

static STARTER_DE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/de");
static STARTER_EN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/en");

pub(super) fn run(start: &Path, asked: &InitArguments) -> Result<Done, Failure> {
    let root = start.join(&asked.directory);
    let starter = match asked.language {
        InitLanguage::De => &STARTER_DE,
        InitLanguage::En => &STARTER_EN,
    };
    let files = files(starter);
    if let Some(file) = files.iter().find(|file| root.join(file.path()).exists()) {
        let path = root.join(file.path());
        return Err(Failure(format!(
            "{} is already there; nothing was written",
            path.display()
        )));
    }
    if root.join("content").exists() {
        return Err(Failure(format!(
            "{} is already there; nothing was written",
            root.join("content").display()
        )));
    }
    for file in files {
        let path = root.join(file.path());
        let fail = |error| Failure(format!("{}: {error}", path.display()));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(fail)?;
        }
        fs::write(&path, file.contents()).map_err(fail)?;
    }
    report::line(&format!(
        "{} is ready; `strang serve` shows the portal",
        root.join(SETTINGS_FILE).display()
    ));
    Ok(Done::Well)
}

fn files<'a>(dir: &'a Dir<'a>) -> Vec<&'a include_dir::File<'a>> {
    dir.files().chain(dir.dirs().flat_map(files)).collect()
}
