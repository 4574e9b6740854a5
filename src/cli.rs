//! The command line: from arguments to one of the commands, and its exit status.
//!
//! The only room that prints. Arguments become complete requests here; the stages below never see them. Exit status:
//! 0 done, 1 the content has errors, 2 usage or environment.

mod arguments;
mod build;
mod check;
mod clock;
mod init;
mod new;
mod report;
mod serve;

use std::fmt;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;

use crate::settings::SETTINGS_FILE;
use crate::source::find_root;

use arguments::{Arguments, Command};

/// How a command ended.
enum Done {
    /// As asked.
    Well,
    /// The content has errors, which were printed.
    WithErrors,
}

/// Why a command could not be carried out: usage or environment, never content.
struct Failure(String);

impl Failure {
    fn new(message: impl fmt::Display) -> Self {
        Failure(message.to_string())
    }
}

/// Runs the command that the arguments of the process name.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    // A panic in one page is caught and told as a diagnostic that names its source; any other is told here.
    std::panic::set_hook(Box::new(|_| {}));
    let done = catch_unwind(|| dispatch(arguments)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        let message = message.unwrap_or("no message");
        Err(Failure(format!(
            "this is a fault of strang, please report it: {message}"
        )))
    });
    match done {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::WithErrors) => ExitCode::from(1),
        Err(Failure(message)) => {
            report::failure(&message);
            ExitCode::from(2)
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<Done, Failure> {
    let start = arguments.directory.unwrap_or_else(|| PathBuf::from("."));
    match arguments.command {
        Command::Build(asked) => build::run(&portal_root(&start)?, &asked),
        Command::Check(asked) => check::run(&portal_root(&start)?, &asked),
        Command::Serve(asked) => serve::run(&portal_root(&start)?, &asked),
        Command::New(asked) => new::run(&portal_root(&start)?, &asked),
        Command::Init(asked) => init::run(&start, &asked),
    }
}

fn portal_root(start: &Path) -> Result<PathBuf, Failure> {
    if !start.is_dir() {
        return Err(Failure(format!(
            "{}: there is no such folder",
            start.display()
        )));
    }
    find_root(start).ok_or_else(|| {
        let start = start.display();
        Failure(format!(
            "no `{SETTINGS_FILE}` in {start} or above; `strang init` makes a new portal"
        ))
    })
}
