//! `strang new`.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use super::arguments::{NewArguments, NewCommand, NewPageArguments};
use super::{Done, Failure, clock, report};
use crate::document::{Folder, PageKind};
use crate::path::{is_id, slug};
use crate::pipeline;
use crate::portal::Portal;
use crate::skeleton::{
    Audience, EntryForms, NewEntry, NewPage, Skeleton, Writer, page_path, title_of,
};

pub(super) fn run(root: &Path, asked: &NewArguments) -> Result<Done, Failure> {
    let day = clock::as_of(None)?;
    let built = pipeline::build_without_history(root, day).map_err(Failure::new)?;
    let writer = Writer {
        portal: &built.portal,
        words: built.site.words(),
        audience: Audience::Authors,
    };
    let skeleton = match &asked.what {
        NewCommand::Customer(page) => new_page(root, &writer, PageKind::Customer, page)?,
        NewCommand::Department(page) => new_page(root, &writer, PageKind::Department, page)?,
        NewCommand::Person(page) => new_page(root, &writer, PageKind::Person, page)?,
        NewCommand::Entry {
            folder,
            kind,
            title,
        } => new_entry(&writer, folder, kind, title)?,
    };
    write(root, &skeleton)?;
    report::line(&format!("{} is ready to be filled in", skeleton.path));
    Ok(Done::Well)
}

fn new_page(
    root: &Path,
    writer: &Writer<'_>,
    kind: PageKind,
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
    let path = page_path(kind, id);
    let bare = path.as_str().trim_end_matches(".md");
    let bare = bare.trim_end_matches("/index");
    for taken in [format!("{bare}.md"), format!("{bare}/index.md")] {
        if root.join(&taken).exists() {
            return Err(Failure(format!("{taken} is already there")));
        }
    }
    let title = asked.title.clone().unwrap_or_else(|| title_of(id));
    let text = writer.page(&NewPage {
        kind,
        id,
        title: &title,
    });
    Ok(Skeleton { path, text })
}

fn new_entry(
    writer: &Writer<'_>,
    folder: &str,
    kind: &str,
    title: &str,
) -> Result<Skeleton, Failure> {
    let portal: &Portal = writer.portal;
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
    let Some(kind) = portal.settings.kind_called(kind) else {
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
    let name = slug(title);
    if name.is_empty() {
        return Err(Failure(
            "the title needs at least one letter or digit".to_owned(),
        ));
    }
    Ok(EntryForms::new(writer).skeleton(&NewEntry {
        folder: &folder,
        kind,
        stem: &format!("{}-{name}", portal.day),
        title,
        goal: None,
    }))
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
