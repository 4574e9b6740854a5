//! `strang new`.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use super::arguments::{NewArguments, NewCommand, NewPageArguments};
use super::{Done, Failure, clock, report};
use crate::document::Folder;
use crate::path::{is_id, slug};
use crate::pipeline;
use crate::portal::Portal;
use crate::skeleton::{self, NewPage, Skeleton};

pub(super) fn run(root: &Path, asked: &NewArguments) -> Result<Done, Failure> {
    let built = pipeline::build(root, clock::as_of(None)?).map_err(Failure::new)?;
    let portal = &*built.portal;
    let skeleton = match &asked.what {
        NewCommand::Customer(page) => new_page(root, portal, NewPage::Customer, page)?,
        NewCommand::Department(page) => new_page(root, portal, NewPage::Department, page)?,
        NewCommand::Person(page) => new_page(root, portal, NewPage::Person, page)?,
        NewCommand::Entry {
            folder,
            kind,
            title,
        } => new_entry(portal, folder, kind, title)?,
    };
    write(root, &skeleton)?;
    report::line(&format!("{} is ready to be filled in", skeleton.path));
    Ok(Done::Well)
}

fn new_page(
    root: &Path,
    portal: &Portal,
    kind: NewPage,
    asked: &NewPageArguments,
) -> Result<Skeleton, Failure> {
    let id = &asked.id;
    if id == "index" {
        return Err(Failure(
            "the id `index` stands for a folder itself; choose another".to_owned(),
        ));
    }
    if asked
        .title
        .as_ref()
        .is_some_and(|title| title.trim().is_empty())
    {
        return Err(Failure("the title is empty".to_owned()));
    }
    if !is_id(id) {
        let proposal = slug(id);
        let hint = if proposal.is_empty() {
            String::new()
        } else {
            format!("; call it `{proposal}`")
        };
        return Err(Failure(format!(
            "the id `{}` may hold only a-z, 0-9 and `-`{hint}",
            id.escape_debug()
        )));
    }
    let folder = match kind {
        NewPage::Customer => "customers",
        NewPage::Department => "departments",
        NewPage::Person => "people",
    };
    for taken in [
        format!("content/{folder}/{id}.md"),
        format!("content/{folder}/{id}/index.md"),
    ] {
        if root.join(&taken).exists() {
            return Err(Failure(format!("{taken} is already there")));
        }
    }
    Ok(skeleton::page(
        portal,
        kind,
        id,
        asked.title.as_deref().unwrap_or(&title_of(id)),
    ))
}

fn new_entry(portal: &Portal, folder: &str, kind: &str, title: &str) -> Result<Skeleton, Failure> {
    let customer = folder.strip_prefix("customers/").unwrap_or(folder);
    let customer = portal
        .customers()
        .find(|id| portal[*id].page.id == customer);
    let department = folder.strip_prefix("departments/").unwrap_or(folder);
    let department = portal
        .departments()
        .find(|id| portal[*id].page.id == department);
    let folder = match (customer, department) {
        (Some(id), _) => Folder::Customer(portal[id].page.id.clone()),
        (None, Some(id)) => Folder::Department(portal[id].page.id.clone()),
        (None, None) => {
            let folder = folder.escape_debug();
            return Err(Failure(format!(
                "there is no customer or department `{folder}`"
            )));
        }
    };
    let Some(kind) = portal.settings.kind_named(kind) else {
        let known: Vec<&str> = portal
            .settings
            .kinds
            .iter()
            .map(|kind| kind.name.as_str())
            .collect();
        return Err(Failure(format!(
            "there is no kind `{}`; possible are {}",
            kind.escape_debug(),
            known.join(", ")
        )));
    };
    if slug(title).is_empty() {
        return Err(Failure(
            "the title needs at least one letter or digit".to_owned(),
        ));
    }
    Ok(skeleton::entry(portal, &folder, kind, title))
}

/// Writes a file that must not exist yet.
fn write(root: &Path, skeleton: &Skeleton) -> Result<(), Failure> {
    let path = root.join(skeleton.path.as_str());
    let fail = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure(format!("{} is already there", skeleton.path)),
        _ => Failure(format!("{}: {error}", skeleton.path)),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(fail)?;
    file.write_all(skeleton.text.as_bytes()).map_err(fail)
}

/// What a page is called until somebody says otherwise: its id in words.
fn title_of(id: &str) -> String {
    let words = id.split('-').filter(|word| !word.is_empty()).map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect::<Vec<_>>().join(" ")
}
