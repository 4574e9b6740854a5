//! `strang init`: a small portal that builds, and the files by which it is checked and published unattended, from the
//! folder `starter` beside this file.
//!
//! A portal that is there already gets those files alone. Nothing is ever overwritten: where one file is there, none is
//! written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::arguments::{InitArguments, InitForge, InitLanguage};
use super::{Done, Failure, report};
use crate::settings::SETTINGS_FILE;

static STARTER_DE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/de");
static STARTER_EN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/en");
static GITLAB: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/ci/gitlab");
static GITHUB: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/ci/github");
static FORGEJO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/ci/forgejo");
static HOOK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/starter/hook");

pub(super) fn run(start: &Path, asked: &InitArguments) -> Result<Done, Failure> {
    let root = start.join(&asked.folder);
    let mut folders = unattended(asked);
    let begins = folders.is_empty() || !is_there(&root.join(SETTINGS_FILE));

    let mut ours: Vec<&Path> = paths(&folders);
    if begins {
        ours.extend([SETTINGS_FILE, "content"].map(Path::new));
        folders.push(starter(asked.language));
    }
    let mut ours = ours.into_iter().map(|path| root.join(path));
    if let Some(taken) = ours.find(|path| is_there(path)) {
        let plain = taken.components().filter(|part| *part != Component::CurDir);
        let taken = plain.collect::<PathBuf>();
        return Err(Failure(format!(
            "{} is already there; nothing was written: move it away, or ask for what is missing alone",
            taken.display()
        )));
    }
    for file in folders.into_iter().flat_map(files) {
        let path = root.join(file.path());
        write(&path, file.contents())
            .map_err(|error| Failure(format!("{}: {error}", path.display())))?;
    }

    if begins {
        say_how_to_look(asked);
    }
    say_what_is_left_to_do(asked, &root);
    Ok(Done::Well)
}

fn say_how_to_look(asked: &InitArguments) {
    let folder = asked.folder.display();
    report::line(&match asked.folder.as_os_str().to_str() {
        Some(".") => "the portal is ready; `strang serve` shows it".to_owned(),
        _ => format!("the portal is ready; `strang -C {folder} serve` shows it"),
    });
}

fn say_what_is_left_to_do(asked: &InitArguments, root: &Path) {
    if !asked.ci.is_empty() {
        report::line(
            "the forge checks every push from the next one on; the head of its file says how it finds strang",
        );
    }
    if asked.hook {
        report::line(
            "`git config core.hooksPath .githooks` switches the hook on, once in each clone",
        );
    }
    if let Some(top) = repository_above(root).filter(|_| asked.hook || !asked.ci.is_empty()) {
        report::line(&format!(
            "forges and git look for these files in {}; move them there, and give strang the folder with `-C`",
            top.display()
        ));
    }
}

fn starter(language: InitLanguage) -> &'static Dir<'static> {
    match language {
        InitLanguage::De => &STARTER_DE,
        InitLanguage::En => &STARTER_EN,
    }
}

/// What was asked for beside the portal.
fn unattended(asked: &InitArguments) -> Vec<&'static Dir<'static>> {
    let forges = [
        (InitForge::Gitlab, &GITLAB),
        (InitForge::Github, &GITHUB),
        (InitForge::Forgejo, &FORGEJO),
    ];
    let forges = forges
        .into_iter()
        .filter(|(forge, _)| asked.ci.contains(forge))
        .map(|(_, files)| files);
    forges.chain(asked.hook.then_some(&HOOK)).collect()
}

fn paths(folders: &[&'static Dir<'static>]) -> Vec<&'static Path> {
    let files = folders.iter().flat_map(|folder| files(folder));
    files.map(include_dir::File::path).collect()
}

fn files<'a>(dir: &'a Dir<'a>) -> Vec<&'a include_dir::File<'a>> {
    dir.files().chain(dir.dirs().flat_map(files)).collect()
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut new = match OpenOptions::new().write(true).create_new(true).open(path) {
        // A repository that a forge has made comes with a `.gitignore` of its own.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        opened => opened?,
    };
    new.write_all(contents)?;
    if contents.starts_with(b"#!") {
        make_executable(&new)?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_executable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = file.metadata()?.permissions();
    // Whoever may read it may start it.
    permissions.set_mode(permissions.mode() | (permissions.mode() & 0o444) >> 2);
    file.set_permissions(permissions)
}

/// Elsewhere git starts every hook.
#[cfg(not(unix))]
fn make_executable(_: &File) -> io::Result<()> {
    Ok(())
}

/// The top of the repository in which the portal is a folder.
fn repository_above(root: &Path) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    let top = root
        .ancestors()
        .find(|folder| is_there(&folder.join(".git")))?;
    (top != root).then(|| top.to_owned())
}
