//! Who wrote the sources, as git tells it: one `git log` over the portal, and the pure parser of what it prints.
//!
//! The folder of a portal goes in, [`Authorship`] comes out: who brought each source in and who has worked on it of
//! late, by mail addresses alone. A folder that is no checkout has no history; what keeps a checkout from being read is
//! one warning. Neither the repository nor its configuration is trusted. This room must never write or fetch, let git
//! start a program, or count what somebody did.

mod log;

use std::collections::HashMap;
use std::env::{self, consts::EXE_SUFFIX};
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use thin_vec::ThinVec;

use self::log::{History, mail_of};
use crate::diagnostic::{Diagnostics, Place};
use crate::path::SourcePath;
use crate::settings::SETTINGS_FILE;

/// Who wrote the sources of a portal.
#[derive(Clone, Debug, Default)]
pub struct Authorship {
    mails: Vec<Box<str>>,
    places: HashMap<SourcePath, usize>,
    authors: Vec<Authors>,
}

/// Who wrote one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authors {
    /// When it was brought in and by whom, as far as the history goes back.
    pub first: Option<(Date, ThinVec<AuthorId>)>,
    /// Who has worked on it lately, the latest first.
    pub lately: ThinVec<AuthorId>,
}

/// Somebody whom git knows by a mail address; one person may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuthorId(u32);

/// Which commits count.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// The day from which work is recent.
    pub lately: Date,
    /// The last day that counts.
    pub until: Date,
}

impl Authorship {
    /// Who wrote a source, if git knows it.
    pub fn of(&self, source: &SourcePath) -> Option<&Authors> {
        self.places.get(source).map(|place| &self.authors[*place])
    }

    /// The mail addresses of all authors in small letters; [`AuthorId`] is the index.
    pub fn mails(&self) -> impl Iterator<Item = &str> {
        self.mails.iter().map(|mail| &**mail)
    }
}

impl AuthorId {
    /// The place of the author's address among [`Authorship::mails`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A git that does not answer is given up after this time.
const PATIENCE: Duration = Duration::from_secs(60);
/// Nothing that git prints about a commit or a file is longer, in bytes.
const LONGEST_FIELD: u64 = 64 * 1024;
/// Of what git complains about so many bytes are heard.
const LONGEST_REASON: u64 = 1024;
/// What git says of a repository in which nothing has been committed.
const UNBORN: &str = "does not have any commits yet";

/// What git is told whatever it does: it reads, and nothing that the repository configures runs or alters what it says.
const CAREFULLY: [&str; 18] = [
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=false",
    "-c",
    "log.showRoot=true",
    "-c",
    "log.follow=false",
    "-c",
    "mailmap.file=",
    "-c",
    "mailmap.blob=",
];

/// The commits, children before parents: of each an empty field, then the author's mail, the day, the decorations
/// (which mark the commits before which a shallow clone has none) and the co-authors, then what became of which files.
const LOG: [&str; 13] = [
    "log",
    "-z",
    "--date-order",
    "--no-show-signature",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--name-status",
    "--find-renames",
    "--relative",
    "--encoding=UTF-8",
    "--decorate=full",
    "--format=%x00%aE%x00%as%x00%D%x00%(trailers:key=Co-authored-by,valueonly,unfold)",
];

/// Why there is no history.
#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    /// There is no git.
    NotInstalled,
    /// Git could not do it, in its own words.
    Failed(String),
    /// Git took too long.
    TooSlow,
    /// What git printed makes no sense.
    Garbled,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Trouble::Failed(error.to_string())
    }
}

/// Reads the history of the portal in a folder, if it is in a checkout.
pub fn read(root: &Path, period: Period, diagnostics: &mut Diagnostics) -> Authorship {
    let Some(checkout) = checkout(root) else {
        return Authorship::default();
    };
    let place = Place::start_of(&SourcePath::new(SETTINGS_FILE));
    match Git::find(root).and_then(|git| git.authorship(checkout, period)) {
        Ok(history) => {
            if history.is_cut_off {
                diagnostics.git_shallow(place);
            }
            return history.authorship;
        }
        Err(Trouble::Failed(words)) if words.contains(UNBORN) => {}
        Err(Trouble::Failed(words)) => diagnostics.git_failed(place, &words),
        Err(Trouble::NotInstalled) => diagnostics.git_not_installed(place),
        Err(Trouble::TooSlow) => diagnostics.git_too_slow(place, PATIENCE.as_secs()),
        Err(Trouble::Garbled) => diagnostics.git_garbled(place),
    }
    Authorship::default()
}

/// The nearest folder upwards that is a checkout.
fn checkout(root: &Path) -> Option<&Path> {
    root.ancestors().find(|folder| folder.join(".git").exists())
}

/// The program, and the portal it is asked about.
struct Git<'a> {
    program: PathBuf,
    root: &'a Path,
    patience: Duration,
}

impl<'a> Git<'a> {
    /// The first git of `PATH` that is no part of the portal.
    fn find(root: &'a Path) -> Result<Git<'a>, Trouble> {
        let path = env::var_os("PATH").ok_or(Trouble::NotInstalled)?;
        let is_outside =
            |folder: &PathBuf| fs::canonicalize(folder).is_ok_and(|real| !real.starts_with(root));
        let program = env::split_paths(&path)
            .filter(|folder| folder.is_absolute() && is_outside(folder))
            .map(|folder| folder.join(format!("git{EXE_SUFFIX}")))
            .find(|program| program.is_file());
        Ok(Git {
            program: program.ok_or(Trouble::NotInstalled)?,
            root,
            patience: PATIENCE,
        })
    }

    fn authorship(&self, checkout: &Path, period: Period) -> Result<History, Trouble> {
        let mut log = self.command();
        log.args(LOG).arg("--");
        if checkout != self.root {
            // Only the portal's part of a larger repository. Git reads a whole one faster when it is not asked for all.
            log.arg(".");
        }
        let mut history = self.run(log, "", |output| log::read(output, period))?;
        self.map_contacts(&mut history.authorship.mails)?;
        Ok(history)
    }

    /// Git maps authors itself as `.mailmap` says, but not those who are named in messages.
    fn map_contacts(&self, authors: &mut [Box<str>]) -> Result<(), Trouble> {
        let mut contacts: Vec<&mut Box<str>> = authors
            .iter_mut()
            .filter(|author| author.contains('<'))
            .collect();
        if contacts.is_empty() {
            return Ok(());
        }
        let asked = contacts
            .iter()
            .fold(String::new(), |asked, contact| asked + contact + "\n");
        let mut command = self.command();
        command.args(["check-mailmap", "--stdin"]);
        let mapped = self.run(command, &asked, |output| {
            let mut answer = Vec::new();
            output.read_to_end(&mut answer)?;
            Ok(String::from_utf8_lossy(&answer).into_owned())
        })?;
        let mut mapped = mapped.lines().map(mail_of);
        for contact in &mut contacts {
            **contact = mapped.next().flatten().ok_or(Trouble::Garbled)?;
        }
        Ok(())
    }

    /// Git in the portal's folder, with nothing of the environment but what finds the user's own settings.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(self.root).env_clear();
        let kept = ["PATH", "HOME", "XDG_CONFIG_HOME"];
        command.envs(
            kept.iter()
                .filter_map(|name| Some((name, env::var_os(name)?))),
        );
        let set = [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_ALLOW_PROTOCOL", "none"),
            ("LC_ALL", "C"),
        ];
        command.envs(set).args(CAREFULLY);
        command
    }

    /// Starts git, tells it something, and reads what it prints while it prints it.
    fn run<T>(
        &self,
        mut command: Command,
        input: &str,
        read: impl FnOnce(&mut dyn BufRead) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.stderr(Stdio::piped()).spawn()?;
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            unreachable!("BUG: all three are pipes")
        };
        thread::scope(|scope| {
            // A git that goes away before it has heard all says why.
            scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
            let words = scope.spawn(|| first_words(stderr));
            let (said_all, all_said) = mpsc::channel();
            let end = scope.spawn(move || wait(child, &all_said, self.patience));
            let outcome = read(&mut BufReader::new(stdout));
            if outcome.is_ok() {
                // Nobody listens any more once time is up.
                let _ = said_all.send(());
            }
            drop(said_all);
            let end = end.join().unwrap_or_else(|panic| resume_unwind(panic));
            let words = words.join().unwrap_or_else(|panic| resume_unwind(panic));
            let Some(status) = end? else {
                return Err(Trouble::TooSlow);
            };
            match (outcome, status.code()) {
                (Ok(outcome), Some(0)) => Ok(outcome),
                (Err(trouble), Some(0) | None) => Err(trouble),
                _ => Err(Trouble::Failed(words.unwrap_or_else(|| status.to_string()))),
            }
        })
    }
}

/// Waits until git has ended, which it must when nobody reads on; `None` when it had to be stopped for taking too long.
fn wait(
    mut child: Child,
    all_said: &Receiver<()>,
    patience: Duration,
) -> io::Result<Option<ExitStatus>> {
    let heard = all_said.recv_timeout(patience);
    if heard.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    Ok((heard != Err(RecvTimeoutError::Timeout)).then_some(status))
}

/// What git gives as its reason, of all that it says.
fn first_words(mut stderr: impl Read) -> Option<String> {
    let mut said = Vec::new();
    let _ = stderr.by_ref().take(LONGEST_REASON).read_to_end(&mut said);
    let _ = io::copy(&mut stderr, &mut io::sink());
    let said = String::from_utf8_lossy(&said);
    let fatal = said.lines().find_map(|line| line.strip_prefix("fatal: "));
    fatal.or(said.lines().next()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_git_that_hangs_is_given_up() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("git");
        fs::write(&program, "#!/bin/sh\nexec sleep 30\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let git = Git {
            program,
            root: folder.path(),
            patience: Duration::from_millis(100),
        };
        let period = Period {
            lately: Date::MIN,
            until: Date::MAX,
        };
        let outcome = git.authorship(folder.path(), period);
        assert_eq!(outcome.err(), Some(Trouble::TooSlow));
    }
}
