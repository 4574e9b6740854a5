//! Publishing, and the faults it is tried with: kills, stops, errors of the disk, power cuts, readers, other builds.

mod laws;
mod model;
mod processes;
mod steps;
mod trial;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use rayon::ThreadPoolBuilder;
use strang::pipeline::{self, Built};
use strang::publish::changes::Changes;
use strang::publish::disk::{Disk, Kind};
use strang::publish::{Outcome, Output, PublishError, Twins, publish};
use tempfile::TempDir;

use crate::case::everything_said;
use crate::trials::{is_long, skip, tell, times};

/// The files of a site by their paths.
type Files = BTreeMap<String, Vec<u8>>;

const DAY: Date = Date::constant(2025, 3, 3);
/// The list of a site, and that of what it keeps.
const LISTS: [&str; 2] = [".strang", ".strang-carried"];

fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Writes a small portal. A version shows in its style, at the head and at the tail of a page, and in a page that no
/// other version has.
fn write_version(folder: &Path, version: &str) {
    put(folder, "strang.toml", "title = \"Portal\"\n");
    put(
        folder,
        "content/customers/adler.md",
        "+++\ntitle = \"Adler\"\n+++\n",
    );
    put(folder, "content/handbuch/bleibt.md", "# Bleibt\n");
    put(
        folder,
        "content/handbuch/fassung.md",
        &format!("+++\ntitle = \"Fassung {version}\"\n+++\n\nEnde der Fassung {version}.\n"),
    );
    put(
        folder,
        &format!("content/handbuch/nur-{version}.md"),
        "# Nur hier\n",
    );
    put(
        folder,
        "themes/default/assets/css/90-fassung.css",
        &format!("main{{--fassung:\"{version}\"}}\n"),
    );
}

fn version(version: &str) -> (TempDir, Built) {
    version_with(version, 0)
}

/// A version with so many more pages, every fourth of which differs from those of other versions.
fn version_with(version: &str, pages: usize) -> (TempDir, Built) {
    let folder = tempfile::tempdir().unwrap();
    write_version(folder.path(), version);
    for page in 0..pages {
        let of = if page % 4 == 0 { version } else { "jeder" };
        let text = format!("# Seite {page}\n\nVon {of}.\n");
        put(
            folder.path(),
            &format!("content/seiten/seite-{page}.md"),
            &text,
        );
    }
    let built = pipeline::build(folder.path(), DAY).unwrap();
    assert!(everything_said(&built).is_empty());
    (folder, built)
}

/// Publishes with one thread, so that calls of the disk come in one order.
fn publish_on(disk: &dyn Disk, out: &Path, built: &Built) -> Result<Changes, PublishError> {
    let one = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    one.install(|| {
        let output = Output::open(disk, out, &built.tree.root, &|| {})?;
        match publish(&built.site, &built.tree, output, Twins::None, &|| {})? {
            Outcome::Published(changes) => Ok(changes),
            Outcome::Faulty(_) => panic!("the portal has no fault"),
        }
    })
}

/// All files below a folder of a disk; nothing where there is no folder.
fn files_on(disk: &dyn Disk, folder: &Path) -> Files {
    let mut files = Files::new();
    gather(disk, folder, "", &mut files);
    files
}

fn gather(disk: &dyn Disk, folder: &Path, prefix: &str, files: &mut Files) {
    for (name, found) in disk.list(folder).unwrap_or_default() {
        let path = format!("{prefix}{}", name.to_string_lossy());
        match found.kind {
            Kind::Folder => gather(disk, &folder.join(&name), &format!("{path}/"), files),
            Kind::File | Kind::Other => {
                files.insert(path, disk.read(&folder.join(&name)).unwrap());
            }
        }
    }
}

/// A site without what it keeps of the one before it.
fn own(mut files: Files) -> Files {
    if let Some(carried) = files.remove(LISTS[1]) {
        for line in String::from_utf8(carried).unwrap().lines().skip(1) {
            files.remove(line.splitn(3, ' ').nth(2).unwrap()).unwrap();
        }
    }
    files
}

/// What lies in a folder, hidden or not.
fn names_in(disk: &dyn Disk, folder: &Path) -> Vec<String> {
    let list = disk.list(folder).unwrap_or_default();
    let mut names: Vec<String> = list
        .into_iter()
        .map(|(name, _)| name.into_string().unwrap())
        .collect();
    names.sort();
    names
}
