//! `strang build`.

use std::path::Path;
use std::time::Instant;

use super::arguments::BuildArguments;
use super::{Done, Failure, clock, report};
use crate::pipeline::{self, is_fit_to_publish};
use crate::publish::{Outcome, Output, publish};

const NOTHING_WRITTEN: &str = "nothing was written; a site that was there is as it was";

pub(super) fn run(root: &Path, asked: &BuildArguments) -> Result<Done, Failure> {
    let start = Instant::now();
    let as_of = clock::as_of(asked.as_of.as_deref())?;
    let out = Output::new(&root.join(&asked.out), root).map_err(Failure::new)?;
    let mut built = pipeline::build(root, as_of).map_err(Failure::new)?;
    if asked.strict {
        built.diagnostics = built.diagnostics.strict();
    }
    report::diagnostics(&built.diagnostics, &built.tree);
    if !is_fit_to_publish(&built.diagnostics) {
        report::line(NOTHING_WRITTEN);
        return Ok(Done::WithErrors);
    }
    let files = built.site.addresses().len() + built.site.index().len();
    let progress = report::progress(files);
    let outcome = publish(&built.site, root, &out, &|| progress.inc(1)).map_err(Failure::new)?;
    progress.finish_and_clear();
    let done = match outcome {
        Outcome::Published(files) => {
            let seconds = start.elapsed().as_secs_f64();
            report::line(&format!(
                "{} in {} ({seconds:.2} s)",
                report::counted(files, "file"),
                asked.out.display()
            ));
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
