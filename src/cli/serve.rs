//! `strang serve`.

use std::path::Path;
use std::process::{Command, Stdio};

use super::arguments::ServeArguments;
use super::{Done, Failure, clock, report};
use crate::live::{Door, Live, News, Server, Token, Watching};
use crate::pipeline::Session;

pub(super) fn run(root: &Path, asked: &ServeArguments) -> Result<Done, Failure> {
    let first_day = clock::as_of(asked.as_of.as_deref())?;
    let server = Server::bind(asked.port).map_err(|error| {
        Failure(format!(
            "127.0.0.1:{}: {error}; `--port` takes another one",
            asked.port
        ))
    })?;
    let token = asked.token.then(Token::random).transpose();
    let door = Door {
        port: server.port(),
        token: token.map_err(Failure::new)?,
    };
    let address = door.entrance();
    let live = Live {
        session: Session::open(root).map_err(Failure::new)?,
        watching: if asked.poll {
            Watching::EachSecond
        } else {
            Watching::Events
        },
        door,
        // A preview may run for days.
        today: &|| clock::as_of(asked.as_of.as_deref()).unwrap_or(first_day),
        tell: &tell,
    };
    live.run(&server, |title| {
        report::line(&format!("{title} at {address} (Ctrl-C ends it)"));
        if asked.open
            && let Err(Failure(reason)) = open(&address)
        {
            report::failure(&reason);
        }
    })
    .map_err(Failure::new)?;
    Ok(Done::Well)
}

fn tell(news: &News<'_>) {
    match news {
        News::Said(said, tree) => report::diagnostics(said, *tree),
        News::Mended => report::line("no errors, no warnings"),
        News::EachSecond(reason) => report::line(&format!(
            "changes are looked for each second, since the system does not tell of them: {reason}"
        )),
    }
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
