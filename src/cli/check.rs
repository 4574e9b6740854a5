//! `strang check`.

use std::path::Path;

use super::arguments::{CheckArguments, CheckFormat};
use super::{Done, Failure, clock, report};
use crate::diagnostic::Format;
use crate::pipeline::{self, is_fit_to_publish};

pub(super) fn run(root: &Path, asked: &CheckArguments) -> Result<Done, Failure> {
    let as_of = clock::as_of(asked.as_of.as_deref())?;
    let built = pipeline::build(root, as_of).map_err(Failure::new)?;
    let progress = report::progress(built.site.addresses().len());
    let mut said = pipeline::render_all(&built.site, &|| progress.inc(1));
    progress.finish_and_clear();
    said.append(built.diagnostics);
    let mut said = said.sorted();
    if asked.strict {
        said = said.strict();
    }
    match asked.format {
        CheckFormat::Text => report::diagnostics(&said, &built.tree),
        CheckFormat::Json => report::machine_readable(&said, &built.tree, Format::Json),
        CheckFormat::Github => report::machine_readable(&said, &built.tree, Format::Github),
        CheckFormat::Gitlab => report::machine_readable(&said, &built.tree, Format::Gitlab),
    }
    Ok(if is_fit_to_publish(&said) {
        Done::Well
    } else {
        Done::WithErrors
    })
}
