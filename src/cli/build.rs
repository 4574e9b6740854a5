//! `strang build`.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::arguments::BuildArguments;
use super::{Done, Failure, clock, report};
use crate::pipeline::{self, is_fit_to_publish};
use crate::publish::changes::Changes;
use crate::publish::disk::System;
use crate::publish::{Outcome, Output, Twins, publish};

const NOTHING_WRITTEN: &str = "nothing was written; a site that was there is as it was";

pub(super) fn run(root: &Path, asked: &BuildArguments) -> Result<Done, Failure> {
    let start = Instant::now();
    let as_of = clock::as_of(asked.as_of.as_deref())?;
    let waiting = || report::line("another build is at work here; this one waits for it");
    let output =
        Output::open(&System, &root.join(&asked.out), root, &waiting).map_err(Failure::new)?;
    let list = asked.changes.as_deref();
    let list = list
        .map(|file| ChangesFile::new(&root.join(file), root, &output))
        .transpose()?;
    let mut built = pipeline::build(root, as_of).map_err(Failure::new)?;
    if asked.strict {
        built.diagnostics = built.diagnostics.strict();
    }
    report::diagnostics(&built.diagnostics, &built.tree);
    if !is_fit_to_publish(&built.diagnostics) {
        report::line(NOTHING_WRITTEN);
        return Ok(Done::WithErrors);
    }
    let twins = if asked.compress {
        Twins::Gzip
    } else {
        Twins::None
    };
    let progress = report::progress(built.site.addresses().len());
    let each = || progress.inc(1);
    let outcome = publish(&built.site, &built.tree, output, twins, &each).map_err(Failure::new)?;
    progress.finish_and_clear();
    let done = match outcome {
        Outcome::Published(changes) => {
            if let Some(list) = list {
                list.write(&changes)?;
            }
            report_changes(&changes, &asked.out, start);
            Ok(Done::Well)
        }
        Outcome::Faulty(said) => {
            report::diagnostics(&said.sorted(), &built.tree);
            report::line(NOTHING_WRITTEN);
            Ok(Done::WithErrors)
        }
    };
    // The process ends now, and the system takes the memory back faster than we could hand it over.
    std::mem::forget(built);
    done
}

fn report_changes(changes: &Changes, out: &Path, start: Instant) {
    for path in &changes.repaired {
        report::line(&format!(
            "warning[out-changed]: {} was not as strang wrote it; it is again",
            out.join(path).display()
        ));
    }
    let files = &changes.files;
    report::line(&format!(
        "{} written, {} unchanged, {} removed in {} ({:.2} s)",
        report::counted(files.written, "file"),
        files.unchanged,
        files.removed,
        out.display(),
        start.elapsed().as_secs_f64()
    ));
}

/// Where the list of changed pages goes.
struct ChangesFile {
    path: PathBuf,
    text: fn(&Changes) -> String,
}

impl ChangesFile {
    /// Refuses before any work what could not be written or would destroy something.
    fn new(path: &Path, root: &Path, output: &Output<'_>) -> Result<ChangesFile, Failure> {
        let fail = |why: &str| Err(Failure(format!("--changes {}: {why}", path.display())));
        let ending = path.extension().and_then(|ending| ending.to_str());
        let text = match ending {
            Some("json") => Changes::to_json,
            Some("md") => Changes::to_markdown,
            _ => return fail("the name must end with `.json` or `.md`, which says the format"),
        };
        let (Some(name), Some(Ok(folder))) =
            (path.file_name(), path.parent().map(fs::canonicalize))
        else {
            return fail("there is no such folder");
        };
        let path = folder.join(name);
        if output.must_not_hold(&path, root) {
            return fail("this lies in the site or among the sources; choose another place");
        }
        Ok(ChangesFile { path, text })
    }

    fn write(&self, changes: &Changes) -> Result<(), Failure> {
        // Beside it first: a link in its place is replaced, not followed, and nobody reads half a list.
        let mut beside = self.path.clone().into_os_string();
        beside.push(".strang-new");
        let beside = PathBuf::from(beside);
        let _ = fs::remove_file(&beside);
        let written = File::create_new(&beside)
            .and_then(|mut file| file.write_all((self.text)(changes).as_bytes()))
            .and_then(|()| fs::rename(&beside, &self.path));
        written.map_err(|error| {
            let _ = fs::remove_file(&beside);
            let path = self.path.display();
            Failure(format!("{path}: {error}; the new site is in its place"))
        })
    }
}
