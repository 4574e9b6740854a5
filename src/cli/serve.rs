//! `strang serve`.

use std::path::Path;
use std::process::{Command, Stdio};

use super::arguments::ServeArguments;
use super::{Done, Failure, clock, report};
use crate::live::serve::Preview;
use crate::pipeline;

pub(super) fn run(root: &Path, asked: &ServeArguments) -> Result<Done, Failure> {
    let as_of = clock::as_of(asked.as_of.as_deref())?;
    let built = pipeline::build(root, as_of).map_err(Failure::new)?;
    report::diagnostics(&built.diagnostics, &built.tree);
    let preview = Preview::bind(asked.port).map_err(|error| {
        Failure(format!(
            "127.0.0.1:{}: {error}; `--port` takes another one",
            asked.port
        ))
    })?;
    let address = format!("http://127.0.0.1:{}/", preview.port());
    report::line(&format!(
        "{} at {address} (Ctrl-C ends it)",
        built.portal.settings.title
    ));
    if asked.open {
        open(&address)?;
    }
    preview.run(&built, |said| report::diagnostics(said, &built.tree));
    Ok(Done::Well)
}

/// Opens an address in the browser of the system.
fn open(address: &str) -> Result<(), Failure> {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start"])
    } else {
        ("xdg-open", &[])
    };
    let quiet = || Stdio::null();
    let started = Command::new(program)
        .args(arguments)
        .arg(address)
        .stdout(quiet())
        .stderr(quiet())
        .spawn();
    started
        .map(drop)
        .map_err(|error| Failure(format!("{program}: {error}")))
}
