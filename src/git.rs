//! Who wrote the sources, as git tells it: one `git log` over the portal, and the pure parser of what it prints.
//!
//! The folder of a portal goes in, [`Authorship`] comes out: who brought each source in and who has worked on it of
//! late, by mail addresses alone. A folder that is no checkout has no history; what keeps a checkout from being read is
//! one warning. Neither the repository nor its configuration is trusted. This room must never write or fetch, let git
//! start a program, or count what somebody did.

mod log;
mod objects;
mod trees;

use std::collections::HashMap;
use std::env::{self, consts::EXE_SUFFIX};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use memchr::memmem;
use thin_vec::ThinVec;

use self::log::{History, Log, mail_of};
use self::objects::Objects;
use self::trees::Told;
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

    fn from_index(index: usize) -> AuthorId {
        AuthorId(u32::try_from(index).expect("BUG: fewer than 4 billion authors"))
    }
}

/// A git that does not answer is given up after this time.
const PATIENCE: Duration = Duration::from_secs(60);
/// So long git may take to end once what it says makes no sense.
const GRACE: Duration = Duration::from_millis(500);
/// Nothing that git prints about a commit or a file is longer, in bytes.
const LONGEST_FIELD: u64 = 64 * 1024;
/// Git is heard no longer, in bytes, on what became of files: it would speak of four million.
const LONGEST_ANSWER: u64 = 256 << 20;
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

/// The commits, children before parents. The decorations mark those before which a shallow clone has none.
const LOG: [&str; 8] = [
    "log",
    "-z",
    "--date-order",
    "--no-show-signature",
    "--no-color",
    "--encoding=UTF-8",
    "--decorate=full",
    "--format=%H %T %P%x00%aE%x00%as%x00%D%x00%(trailers:key=Co-authored-by,valueonly,unfold)",
];

/// What became of which files of the portal in the commits that git is told.
const DIFFERENCES: [&str; 10] = [
    "diff-tree",
    "--stdin",
    "-z",
    "-r",
    "--root",
    "--no-ext-diff",
    "--no-textconv",
    "--name-status",
    "--find-renames",
    "--relative",
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
    if !is_in_checkout(root) {
        return Authorship::default();
    }
    let place = Place::start_of(&SourcePath::new(SETTINGS_FILE));
    match Git::find(root).and_then(|git| git.authorship(period)) {
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

fn is_in_checkout(root: &Path) -> bool {
    root.ancestors().any(|folder| folder.join(".git").exists())
}

/// The program, and the portal it is asked about.
struct Git<'a> {
    program: PathBuf,
    root: &'a Path,
    /// When all of it must be known.
    until: Instant,
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
            until: Instant::now() + PATIENCE,
        })
    }

    fn authorship(&self, period: Period) -> Result<History, Trouble> {
        let mut log = self.command();
        log.args(LOG);
        let log = self.run(log, "", |output| log::read(output, period))?;
        let (objects, portal) = self.folders()?;
        let mut told = trees::compare(&log.commits, &portal, &Objects::open(&objects), self.until);
        self.ask(&log, &portal, &mut told)?;
        let told = told.iter().map(|told| told.as_deref().unwrap_or_default());
        let mut history = log::follow(log, told, period)?;
        self.map_contacts(&mut history.authorship.mails)?;
        Ok(history)
    }

    /// Where the objects of the repository are, and where in it the portal is.
    fn folders(&self) -> Result<(PathBuf, Vec<u8>), Trouble> {
        let mut command = self.command();
        command.args(["rev-parse", "--git-path", "objects", "--show-prefix"]);
        let folders = self.run(command, "", |output| {
            let mut folders = Vec::new();
            output.take(LONGEST_FIELD).read_to_end(&mut folders)?;
            Ok(folders)
        })?;
        // A folder may be called anything, but the first of the two is always called that.
        let end = memmem::find(&folders, b"/objects\n").ok_or(Trouble::Garbled)?;
        let (objects, portal) = folders.split_at(end + "/objects\n".len());
        let objects = OsStr::from_bytes(objects.trim_ascii_end());
        let portal = portal.strip_suffix(b"\n").unwrap_or_default();
        Ok((self.root.join(objects), portal.to_owned()))
    }

    /// Asks of the commits whose trees do not say it what became of which files.
    fn ask(&self, log: &Log, portal: &[u8], told: &mut [Told]) -> Result<(), Trouble> {
        let commits = log.commits.iter().zip(told);
        let unknown = commits.filter(|(_, told)| told.is_none());
        let mut unknown: HashMap<&str, &mut Told> =
            unknown.map(|(commit, told)| (&*commit.id, told)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let commits = log.commits.iter().map(|commit| &*commit.id);
        let asked = commits.filter(|id| unknown.contains_key(id));
        let asked = asked.fold(String::new(), |asked, id| asked + id + "\n");
        let mut command = self.command();
        command.args(DIFFERENCES).arg("--");
        if !portal.is_empty() {
            // Git reads a whole repository faster when it is not asked for all of it.
            command.arg(".");
        }
        self.run(command, &asked, |output| {
            log::split(&mut output.take(LONGEST_ANSWER), |id, changes| {
                **unknown.get_mut(id).ok_or(Trouble::Garbled)? = Some(changes.into());
                Ok(())
            })
        })
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
            let end = scope.spawn(move || wait(child, &all_said, self.until));
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
    until: Instant,
) -> io::Result<Option<ExitStatus>> {
    let heard = all_said.recv_timeout(until.saturating_duration_since(Instant::now()));
    if heard == Err(RecvTimeoutError::Disconnected) {
        // What it says makes no sense, perhaps because it is about to fail; then its own reason is to be told.
        let patience = until.min(Instant::now() + GRACE);
        while child.try_wait()?.is_none() && Instant::now() < patience {
            thread::sleep(GRACE / 50);
        }
    }
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
    use std::fmt::Write as _;

    use super::*;

    const ALWAYS: Period = Period {
        lately: Date::MIN,
        until: Date::MAX,
    };

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
            until: Instant::now() + Duration::from_millis(100),
        };
        let outcome = git.authorship(ALWAYS);
        assert_eq!(outcome.err(), Some(Trouble::TooSlow));
    }

    fn git(root: &Path, arguments: &[&str], input: &[u8]) {
        said(root, arguments, input);
    }

    fn said(root: &Path, arguments: &[&str], input: &[u8]) -> String {
        let mut command = Command::new("git");
        command
            .current_dir(root)
            .args(arguments)
            .stdin(Stdio::piped());
        command.envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// A hundred lines that say more than anybody can read.
    #[test]
    fn folders_without_number_are_given_up() {
        for (mode, kind, name) in [("100644", "blob", "a.md"), ("040000", "tree", "a")] {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path();
            git(root, &["init", "--quiet", "--initial-branch=main"], b"");
            let mut id = said(root, &["hash-object", "-w", "--stdin", "-t", kind], b"");
            let mut line = format!("{mode} {kind} {id}\t{name}\n");
            for level in 0..12 {
                id = said(root, &["mktree"], line.as_bytes());
                let name = |number| match level {
                    11 => "content".to_owned(),
                    _ => format!("{number}"),
                };
                let width = if level == 11 { 1 } else { 10 };
                let lines =
                    (0..width).map(|number| format!("040000 tree {id}\t{}\n", name(number)));
                line = lines.collect();
            }
            id = said(root, &["mktree"], line.as_bytes());
            let commit = said(
                root,
                &[
                    "-c",
                    "user.name=A",
                    "-c",
                    "user.email=a@x",
                    "commit-tree",
                    &id,
                ],
                b"x",
            );
            git(root, &["update-ref", "HEAD", &commit], b"");
            let mut git = Git::find(root).unwrap();
            git.until = Instant::now() + Duration::from_millis(500);
            assert_eq!(git.authorship(ALWAYS).err(), Some(Trouble::TooSlow));
            assert!(git.until.elapsed() < Duration::from_secs(5));
        }
    }

    /// Numbers that look as if they were drawn.
    struct Dice(u64);

    impl Dice {
        fn throw(&mut self, sides: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(self.0 >> 33).unwrap() % sides
        }

        /// A file of the portal or beside it; some are the folders of others.
        fn path(&mut self) -> String {
            let portal = ["portal/", "portal/", "portal/", ""][self.throw(4)];
            let names = [
                "a",
                "a.md",
                "a/b.md",
                "a.b/c.md",
                "a0",
                "100644 a.md",
                "ä/40000 b.md",
                "Größe\n.md",
            ];
            match self.throw(3) {
                0 => format!("{portal}content/{}", names[self.throw(names.len())]),
                1 => format!("{portal}content/many/{}.md", self.throw(500)),
                _ => format!("{portal}{}", names[self.throw(names.len())]),
            }
        }
    }

    /// Commits that do to files all that can be done to them, for `git fast-import`.
    fn wild_history(commits: usize) -> Vec<u8> {
        let mut dice = Dice(4);
        let mut stream = String::new();
        let mut files: Vec<String> = (0..500)
            .map(|file| format!("portal/content/many/{file}.md"))
            .collect();
        for commit in 1..=commits {
            let _ = write!(
                stream,
                "commit refs/heads/main\nmark :{commit}\ncommitter A <a@x> {commit}00000 +0000\ndata 1\nx\n"
            );
            if commit > 1 {
                let _ = writeln!(stream, "from :{}", commit - 1);
            }
            if commit > 9 && dice.throw(9) == 0 {
                let _ = writeln!(stream, "merge :{}", commit - 2 - dice.throw(7));
            }
            if commit == 1 {
                for file in &files {
                    let _ = write!(
                        stream,
                        "M 100644 inline \"{file}\"\ndata {}\n{file}\n",
                        file.len()
                    );
                }
            }
            for _ in 0..dice.throw(4) {
                let mode = ["100644", "100644", "100644", "100755", "120000"][dice.throw(5)];
                let text = format!("{}\n", dice.throw(9)).repeat(dice.throw(40));
                let (old, new) = (files[dice.throw(files.len())].clone(), dice.path());
                let new = new.replace('\n', "\\n");
                match dice.throw(6) {
                    0 => drop(writeln!(stream, "D \"{old}\"")),
                    1 | 2 if old.contains("many") => {
                        files.retain(|file| *file != old);
                        let _ = writeln!(stream, "D \"{old}\"");
                        let more = ["", "more\n"][dice.throw(2)];
                        let text = format!("{old}{more}");
                        let _ = write!(
                            stream,
                            "M 100644 inline \"{new}\"\ndata {}\n{text}\n",
                            text.len()
                        );
                    }
                    _ => drop(write!(
                        stream,
                        "M {mode} inline \"{new}\"\ndata {}\n{text}\n",
                        text.len()
                    )),
                }
            }
            stream.push('\n');
        }
        stream.into_bytes()
    }

    /// What was done to sources, one thing after the other.
    fn done(told: &[u8]) -> Vec<Vec<String>> {
        let mut words = told.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let mut done = Vec::new();
        while let Some(status) = words.next().filter(|status| !status.is_empty()) {
            let paths = 1 + usize::from(status.starts_with('R'));
            let paths: Vec<String> = words.by_ref().take(paths).map(String::from).collect();
            let is_source = |path: &String| log::is_source(path.as_bytes());
            match (&status[..1], paths.iter().rev().position(is_source)) {
                (_, None) => {}
                // A source that became another file is gone.
                ("R", Some(1)) => done.push(vec!["D".to_owned(), paths[0].clone()]),
                _ => done.push([vec![status.replace('T', "M")], paths].concat()),
            }
        }
        done.sort();
        done
    }

    #[test]
    fn trees_say_what_git_says() {
        let stream = wild_history(250);
        for (format, stored) in [
            ("sha1", "as it came"),
            ("sha1", "repacked"),
            ("sha1", "told by name"),
            ("sha1", "loose"),
            ("sha256", "as it came"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path();
            let format_option = format!("--object-format={format}");
            git(
                root,
                &["init", "--quiet", "--initial-branch=main", &format_option],
                b"",
            );
            let limit = if stored == "loose" { "9999999" } else { "1" };
            git(
                root,
                &[
                    "-c",
                    &format!("fastimport.unpackLimit={limit}"),
                    "fast-import",
                    "--quiet",
                ],
                &stream,
            );
            match stored {
                "repacked" => git(root, &["repack", "-adfq", "--depth=50"], b""),
                "told by name" => {
                    git(
                        root,
                        &["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"],
                        b"",
                    );
                }
                _ => {}
            }
            fs::create_dir_all(root.join("portal")).unwrap();
            let portal = root.join("portal");
            for root in [root, &portal] {
                let git = Git::find(root).unwrap();
                let mut log = git.command();
                log.args(LOG);
                let log = git
                    .run(log, "", |output| log::read(output, ALWAYS))
                    .unwrap();
                let (objects, portal) = git.folders().unwrap();
                let objects = Objects::open(&objects);
                let told = trees::compare(&log.commits, &portal, &objects, git.until);
                let known = told.iter().filter(|told| told.is_some()).count();
                let least = if format == "sha1" { 150 } else { 0 };
                assert!((least..250).contains(&known), "{stored}: {known}");
                let mut asked = vec![None; told.len()];
                git.ask(&log, &portal, &mut asked).unwrap();
                for ((commit, told), asked) in log.commits.iter().zip(told).zip(asked) {
                    let asked = asked.unwrap_or_default();
                    let Some(told) = told else { continue };
                    assert_eq!(done(&told), done(&asked), "{stored}: {}", commit.id);
                }
            }
        }
    }
}
