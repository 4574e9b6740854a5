//! Who recorded what and who keeps which page, out of real repositories: what git knows, what it cannot, and what none
//! of it may show.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::civil::Date;
use strang::diagnostic::{Colour, Format, render};
use strang::path::SitePath;
use strang::pipeline::{self, Built};
use strang::portal::AsOf;
use tempfile::TempDir;

use crate::{case, html, machine_check, site_check};

const DAY: Date = Date::constant(2025, 3, 31);

const JANA: &str = "Jana Roth <jana@firma.example>";
const MEHMET: &str = "Mehmet Kaya <Mehmet.Kaya@Firma.Example>";
const STRANGER: &str = "Git Canary <stranger-canary@else.example>";

/// A checkout that vanishes with the value.
struct Repository {
    folder: TempDir,
}

impl Repository {
    /// A portal with two departments and two people, committed by somebody whom it does not know.
    fn new() -> Repository {
        let repository = Repository::empty();
        repository.write_portal("", "");
        repository.commit(STRANGER, "2023-01-01", "everything");
        repository
    }

    fn empty() -> Repository {
        let repository = Repository {
            folder: tempfile::tempdir().unwrap(),
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// The sources in a folder of the repository, with settings beyond the title.
    fn write_portal(&self, folder: &str, settings: &str) {
        let write = |path: &str, text: &str| self.write(&format!("{folder}{path}"), text);
        write(
            "strang.toml",
            &format!("title = \"P\"\nlanguage = \"en\"\n{settings}"),
        );
        write(
            "content/departments/vertrieb.md",
            "+++\ntitle = \"Vertrieb\"\n+++\n",
        );
        write(
            "content/departments/kantine.md",
            "+++\ntitle = \"Kantine\"\n+++\n",
        );
        let jana = "title = \"Jana Roth\"\ndepartments = \"vertrieb\"\n\
            emails = [\"jana@firma.example\", \"jr@home.example\"]";
        write("content/people/jana.md", &format!("+++\n{jana}\n+++\n"));
        let mehmet = "title = \"Mehmet Kaya\"\ndepartments = \"kantine\"\nemails = \"mehmet.kaya@firma.example\"";
        write("content/people/mehmet.md", &format!("+++\n{mehmet}\n+++\n"));
        write(
            "content/customers/adler.md",
            "+++\ntitle = \"Adler\"\n+++\n\nEin Kunde.\n",
        );
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn append(&self, path: &str, text: &str) {
        let before = fs::read_to_string(self.path().join(path)).unwrap();
        self.write(path, &(before + text));
    }

    /// An action for the customer Adler.
    fn write_entry(&self, name: &str, by: &str) {
        let text = format!(
            "+++\nkind = \"action\"\ntitle = \"{name}\"\nby = [{by}]\n+++\n\nViele Worte dazu.\n"
        );
        self.write(
            &format!("content/customers/adler/2025-01-07-{name}.md"),
            &text,
        );
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.git_as(STRANGER, "2023-01-01", arguments)
    }

    fn git_as(&self, author: &str, day: &str, arguments: &[&str]) -> String {
        let (name, mail) = author.trim_end_matches('>').split_once(" <").unwrap();
        let day = format!("{day}T12:00:00+00:00");
        let output = Command::new("git")
            .current_dir(self.path())
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([("GIT_AUTHOR_NAME", name), ("GIT_AUTHOR_EMAIL", mail)])
            .envs([
                ("GIT_COMMITTER_NAME", "Committer Canary"),
                ("GIT_COMMITTER_EMAIL", "c-canary@else.example"),
            ])
            .envs([("GIT_AUTHOR_DATE", &day), ("GIT_COMMITTER_DATE", &day)])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Commits all that has changed.
    fn commit(&self, author: &str, day: &str, message: &str) {
        self.git(&["add", "--all"]);
        self.git_as(
            author,
            day,
            &["commit", "--quiet", "--allow-empty", "-m", message],
        );
    }

    fn site(&self) -> Pages {
        Pages::of(self.path(), AsOf::Today(DAY))
    }
}

/// A portal that is built, and what it said.
struct Pages {
    built: Built,
    said: String,
}

impl Pages {
    fn of(root: &Path, as_of: AsOf) -> Pages {
        let built = pipeline::build(root, as_of).unwrap();
        let said = case::everything_said(&built);
        Pages {
            said: render(&said, &built.tree, Format::Text(Colour::Plain)),
            built,
        }
    }

    fn excerpt(&self, address: &str, selector: &str) -> String {
        let bytes = case::bytes(&self.built, address).unwrap();
        html::excerpt(&String::from_utf8(bytes).unwrap(), selector)
    }

    /// What stands after the words for recording, on the page of the customer.
    fn recorder(&self, entry: &str) -> Option<String> {
        let by = self.excerpt(
            "customers/adler.html",
            &format!("[id=\"2025-01-07-{entry}\"] .by"),
        );
        text(&by)
            .split_once("recorded by ")
            .map(|(_, names)| names.to_owned())
    }

    fn keepers(&self, address: &str) -> Option<String> {
        let foot = text(&self.excerpt(address, ".foot"));
        let (_, names) = foot.split_once("Page kept by ")?;
        Some(names.split(" Feed").next().unwrap().to_owned())
    }
}

/// A page's words without its markup.
fn text(html: &str) -> String {
    let words = html.split('<').filter_map(|part| part.split_once('>'));
    let words: String = words.map(|(_, text)| format!("{text} ")).collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    words.join(" ").replace(" ,", ",")
}

#[test]
fn who_typed_is_named_apart_from_who_did_it() {
    let repository = Repository::new();
    repository.write_entry("own", "\"jana\"");
    repository.write_entry("for-another", "\"mehmet\"");
    repository.commit(JANA, "2025-01-08", "two");
    repository.write_entry("by-a-stranger", "\"jana\"");
    repository.commit(STRANGER, "2025-01-09", "one");
    repository.write_entry("uncommitted", "\"jana\"");
    let site = repository.site();
    assert_eq!(site.recorder("own"), None);
    assert_eq!(site.recorder("for-another").as_deref(), Some("Jana Roth"));
    assert_eq!(site.recorder("by-a-stranger"), None);
    assert_eq!(site.recorder("uncommitted"), None);
    assert_eq!(site.said, "");
    let data = case::bytes(&site.built, "data/entries/2025-01.json").unwrap();
    let data = String::from_utf8(data).unwrap();
    assert_eq!(
        data.matches("\"recorded_by\":[\"people/jana.html\"]")
            .count(),
        1
    );
    assert_eq!(data.matches("recorded_by").count(), 1);
    let rendered = site_check::render(&site.built);
    assert!(machine_check::faults(&rendered).is_empty());
    let docs =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/data.md")).unwrap();
    assert!(docs.contains("| `recorded_by` |"));
}

#[test]
fn a_page_is_kept_by_whoever_worked_on_it_lately() {
    let repository = Repository::new();
    repository.append("content/customers/adler.md", "\nZuerst.\n");
    repository.commit(JANA, "2024-02-01", "more than a year ago");
    assert_eq!(repository.site().keepers("customers/adler.html"), None);
    repository.append("content/customers/adler.md", "\nDann.\n");
    repository.commit(MEHMET, "2024-09-01", "lately");
    repository.append("content/customers/adler.md", "\nUnd.\n");
    repository.commit(JANA, "2025-02-01", "last");
    repository.append("content/departments/kantine.md", "\nKocht.\n");
    repository.commit(MEHMET, "2025-02-02", "kitchen");
    let site = repository.site();
    assert_eq!(
        site.keepers("customers/adler.html").as_deref(),
        Some("Jana Roth, Mehmet Kaya")
    );
    assert_eq!(
        site.keepers("departments/kantine.html").as_deref(),
        Some("Mehmet Kaya")
    );
    assert_eq!(site.keepers("departments/vertrieb.html"), None);
    assert_eq!(site.keepers("timeline/index.html"), None);
    let mehmet = repository.path().join("content/people/mehmet.md");
    let gone = fs::read_to_string(&mehmet)
        .unwrap()
        .replace("emails", "left = 2025-03-01\nemails");
    fs::write(mehmet, gone).unwrap();
    assert_eq!(
        repository.site().keepers("customers/adler.html").as_deref(),
        Some("Jana Roth")
    );
}

#[test]
fn renames_are_followed_and_moving_is_not_recording() {
    let repository = Repository::new();
    repository.write_entry("before", "\"mehmet\"");
    repository.commit(JANA, "2025-01-08", "one");
    repository.git(&[
        "mv",
        "content/customers/adler/2025-01-07-before.md",
        "content/customers/adler/2025-01-07-between.md",
    ]);
    repository.commit(STRANGER, "2025-01-09", "a better name");
    repository.git(&[
        "mv",
        "content/customers/adler/2025-01-07-between.md",
        "content/customers/adler/2025-01-07-after.md",
    ]);
    repository.append("content/customers/adler/2025-01-07-after.md", "Mehr.\n");
    repository.git(&[
        "mv",
        "content/customers/adler.md",
        "content/customers/adler/index.md",
    ]);
    repository.commit(MEHMET, "2025-01-10", "an even better one");
    let site = repository.site();
    assert_eq!(site.recorder("after").as_deref(), Some("Jana Roth"));
    assert_eq!(site.keepers("customers/adler.html"), None);
}

#[test]
fn one_person_has_several_addresses_and_several_people_one_commit() {
    let repository = Repository::new();
    let map = "Jana Roth <jana@firma.example> <old@else.example>\n\
        Mehmet Kaya <mehmet.kaya@firma.example> <noreply-canary@forge.example>\n";
    repository.write(".mailmap", map);
    repository.write_entry("from-home", "\"mehmet\"");
    repository.commit("J <JR@home.example>", "2025-01-08", "home");
    repository.write_entry("mapped", "\"mehmet\"");
    repository.commit("Somebody <old@else.example>", "2025-01-08", "mapped");
    repository.write_entry("together", "");
    let message = "pair\n\nCo-authored-by: Mehmet <noreply-canary@forge.example>\n\
        Co-Authored-By: X <x-canary@y>\nCo-authored-by: broken\nCo-authored-by: <>\n\
        Co-authored-by: > odd < <jana@firma.example> >x\n";
    repository.commit(STRANGER, "2025-01-08", message);
    let site = repository.site();
    assert_eq!(site.recorder("from-home").as_deref(), Some("Jana Roth"));
    assert_eq!(site.recorder("mapped").as_deref(), Some("Jana Roth"));
    assert_eq!(
        site.recorder("together").as_deref(),
        Some("Jana Roth, Mehmet Kaya")
    );
    assert_eq!(site.said, "");
}

#[test]
fn a_merge_doubles_nothing_and_loses_nobody() {
    let repository = Repository::new();
    repository.git(&["switch", "--quiet", "--create", "side"]);
    repository.write_entry("aside", "\"mehmet\"");
    repository.commit(JANA, "2025-01-08", "aside");
    repository.append("content/customers/adler.md", "\nVom Zweig.\n");
    repository.commit(MEHMET, "2025-02-09", "on the branch, under the old name");
    repository.git(&["switch", "--quiet", "main"]);
    fs::create_dir(repository.path().join("content/customers/adler")).unwrap();
    repository.git(&[
        "mv",
        "content/customers/adler.md",
        "content/customers/adler/index.md",
    ]);
    repository.commit(STRANGER, "2025-01-10", "elsewhere");
    repository.git_as(
        STRANGER,
        "2025-03-01",
        &["merge", "--quiet", "--no-ff", "-m", "both", "side"],
    );
    let site = repository.site();
    assert_eq!(site.recorder("aside").as_deref(), Some("Jana Roth"));
    assert_eq!(
        site.keepers("customers/adler.html").as_deref(),
        Some("Mehmet Kaya")
    );
}

#[test]
fn what_was_committed_after_the_day_asked_for_was_not_known_then() {
    let repository = Repository::new();
    repository.write_entry("early", "\"mehmet\"");
    repository.commit(JANA, "2025-01-08", "early");
    repository.write_entry("late", "\"mehmet\"");
    repository.append("content/customers/adler.md", "\nSpäter.\n");
    repository.commit(JANA, "2025-03-08", "late");
    let site = Pages::of(repository.path(), AsOf::Day(Date::constant(2025, 2, 1)));
    assert_eq!(site.recorder("early").as_deref(), Some("Jana Roth"));
    assert_eq!(site.recorder("late"), None);
    assert_eq!(site.keepers("customers/adler.html"), None);
    assert_eq!(
        repository.site().recorder("late").as_deref(),
        Some("Jana Roth")
    );
}

#[test]
fn a_shallow_clone_says_so_and_credits_nobody_with_all_that_was_there() {
    let repository = Repository::new();
    repository.write_entry("old", "\"mehmet\"");
    repository.commit(STRANGER, "2025-01-08", "old");
    repository.commit(JANA, "2025-01-09", "nothing");
    repository.write_entry("new", "\"mehmet\"");
    repository.commit(JANA, "2025-01-10", "new");
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", repository.path().display());
    let to = clone.path().join("clone");
    repository.git(&[
        "clone",
        "--quiet",
        "--depth",
        "2",
        &from,
        to.to_str().unwrap(),
    ]);
    let site = Pages::of(&to, AsOf::Today(DAY));
    assert_eq!(site.recorder("new").as_deref(), Some("Jana Roth"));
    assert_eq!(site.recorder("old"), None);
    assert!(
        site.said
            .starts_with("strang.toml:1:1: warning[git-shallow]: this is a shallow clone"),
        "{}",
        site.said
    );
    assert!(site.said.contains("git fetch --unshallow"));
    assert_eq!(site.said.matches("warning").count(), 1);
}

#[test]
fn a_folder_without_commits_or_without_git_has_no_history_and_nothing_to_say() {
    let unborn = Repository::empty();
    unborn.write_portal("", "");
    let site = unborn.site();
    assert_eq!(
        (site.keepers("customers/adler.html"), site.said.as_str()),
        (None, "")
    );
    fs::remove_dir_all(unborn.path().join(".git")).unwrap();
    let site = unborn.site();
    assert_eq!(
        (site.keepers("customers/adler.html"), site.said.as_str()),
        (None, "")
    );
}

#[test]
fn a_detached_head_a_worktree_and_a_subfolder_are_checkouts_like_others() {
    let repository = Repository::empty();
    repository.write("other/a.txt", "x");
    repository.write_portal("deep/portal/", "");
    repository.commit(STRANGER, "2023-01-01", "everything");
    repository.append("deep/portal/content/customers/adler.md", "\nMehr.\n");
    repository.commit(JANA, "2025-02-01", "more");
    repository.git(&["checkout", "--quiet", "--detach"]);
    let kept = |root: &Path| Pages::of(root, AsOf::Today(DAY)).keepers("customers/adler.html");
    assert_eq!(
        kept(&repository.path().join("deep/portal")).as_deref(),
        Some("Jana Roth")
    );
    let other = tempfile::tempdir().unwrap();
    let worktree = other.path().join("tree");
    repository.git(&[
        "worktree",
        "add",
        "--quiet",
        worktree.to_str().unwrap(),
        "HEAD~1",
    ]);
    assert_eq!(kept(&worktree.join("deep/portal")), None);
}

#[test]
fn names_of_files_and_folders_may_be_anything() {
    let repository = Repository::empty();
    let folder = "Größe\n& \"Maß\"/";
    repository.write_portal(folder, "");
    let old = format!("{folder}content/Über\tuns\n.md");
    repository.write(&old, "+++\ntitle = \"Wir\"\n+++\n\nViele Worte.\n");
    repository.write("-rf", "x");
    repository.commit(JANA, "2025-02-01", "odd");
    let new = format!("{folder}content/ueber-uns.md");
    repository.git(&["mv", &old, &new]);
    repository.append(&new, "Mehr.\n");
    repository.commit(STRANGER, "2025-02-02", "better");
    let site = Pages::of(&repository.path().join(folder), AsOf::Today(DAY));
    assert_eq!(site.said, "");
    assert_eq!(site.keepers("ueber-uns.html").as_deref(), Some("Jana Roth"));
}

#[test]
fn nothing_that_a_repository_configures_runs() {
    let repository = Repository::new();
    let canary = repository.path().join("canary");
    let program = repository.path().join("program");
    script(
        &program,
        &format!("echo \"$0 $*\" >> '{}'", canary.display()),
    );
    let program = program.to_str().unwrap();
    repository.write(".gitattributes", "*.md diff=evil filter=evil\n");
    repository.write_entry("signed", "\"mehmet\"");
    repository.commit(JANA, "2025-01-08", "signed");
    let commit = repository.git(&["cat-file", "commit", "HEAD"]);
    let (head, message) = commit.split_once("\n\n").unwrap();
    let signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----";
    let signed = git_with_input(
        &repository,
        &["hash-object", "-t", "commit", "-w", "--stdin"],
        &format!("{head}\n{signature}\n\n{message}"),
    );
    repository.git(&["update-ref", "HEAD", signed.trim()]);
    for (key, value) in [
        ("core.fsmonitor", program),
        ("core.pager", program),
        ("pager.log", program),
        ("core.sshCommand", program),
        ("core.editor", program),
        ("core.hooksPath", repository.path().to_str().unwrap()),
        ("gpg.program", program),
        ("log.showSignature", "true"),
        ("log.showRoot", "false"),
        ("log.follow", "true"),
        ("log.date", "relative"),
        ("log.decorate", "short"),
        ("log.mailmap", "false"),
        ("color.ui", "always"),
        ("diff.external", program),
        ("diff.evil.command", program),
        ("diff.evil.textconv", program),
        ("diff.renames", "false"),
        ("filter.evil.smudge", program),
        ("filter.evil.clean", program),
        ("alias.log", &format!("!{program}")),
        ("trailer.co-authored-by.command", program),
        ("credential.helper", program),
        ("mailmap.file", "/etc/passwd"),
        ("i18n.logOutputEncoding", "UTF-16"),
    ] {
        repository.git(&["config", key, value]);
    }
    for hook in [
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "fsmonitor-watchman",
    ] {
        fs::copy(program, repository.path().join(hook)).unwrap();
    }
    let site = repository.site();
    assert_eq!(site.recorder("signed").as_deref(), Some("Jana Roth"));
    assert_eq!(site.said, "");
    let ran = fs::read_to_string(canary).unwrap_or_default();
    assert_eq!(ran, "", "programs of the repository ran");
}

fn git_with_input(repository: &Repository, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new("git")
        .current_dir(repository.path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn script(path: &PathBuf, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// What `check` says where `git` is what a script does; without one there is no git.
fn check_with(root: &Path, git: Option<&str>) -> (i32, String) {
    run_with(root, git, &["check", "--as-of", "2025-03-31"])
}

fn run_with(root: &Path, git: Option<&str>, arguments: &[&str]) -> (i32, String) {
    let programs = tempfile::tempdir().unwrap();
    if let Some(text) = git {
        script(&programs.path().join("git"), text);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_strang"))
        .args(["-C", root.to_str().unwrap()])
        .args(arguments)
        .env("PATH", programs.path())
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_git_that_fails_is_told_once_and_stops_nothing() {
    let repository = Repository::new();
    repository.write_entry("one", "\"mehmet\"");
    repository.commit(JANA, "2025-01-08", "one");
    for (git, expected) in [
        (
            None,
            "warning[git-unavailable]: there is no git here, so nothing says who recorded what",
        ),
        (
            Some("echo 'warning: x' >&2; echo 'fatal: dubious ownership' >&2; exit 128"),
            "git cannot read the history: dubious ownership, so",
        ),
        (
            Some("exit 1"),
            "git cannot read the history: exit status: 1, so",
        ),
        (
            Some("kill -9 $$"),
            "git cannot read the history: signal: 9 (SIGKILL), so",
        ),
        (
            Some("printf '\\000a@x\\0002025-01-01\\000\\000'; command -p sleep 0.1; exit 3"),
            "git cannot read the history: exit status: 3, so",
        ),
        (
            Some("echo hello"),
            "what git prints of the history cannot be understood, so",
        ),
        (
            Some("while :; do echo 0123456789012345678901234567890123456789; done"),
            "what git prints of the history cannot be understood, so",
        ),
    ] {
        let (status, said) = check_with(repository.path(), git);
        assert_eq!(status, 0, "{said}");
        assert!(
            said.starts_with("strang.toml:1:1: warning[git-unavailable]"),
            "{said}"
        );
        assert!(said.contains(expected), "{expected} is not in\n{said}");
        assert!(said.ends_with("0 errors, 1 warning\n"), "{said}");
    }
    let (_, said) = check_with(
        repository.path(),
        Some("echo 'fatal: your current branch does not have any commits yet' >&2; exit 128"),
    );
    assert_eq!(said, "");
}

#[test]
fn a_broken_repository_is_told() {
    let repository = Repository::new();
    fs::write(
        repository.path().join(".git/refs/heads/main"),
        format!("{}\n", "1".repeat(40)),
    )
    .unwrap();
    let said = repository.site().said;
    assert!(
        said.contains("warning[git-unavailable]: git cannot read the history: "),
        "{said}"
    );
    fs::write(repository.path().join(".git/HEAD"), "garbage\n").unwrap();
    let said = repository.site().said;
    assert!(
        said.contains("git cannot read the history: not a git repository"),
        "{said}"
    );
}

#[test]
fn damaged_objects_are_told_and_stop_nothing() {
    let repository = Repository::new();
    for entry in 0..9 {
        repository.write_entry(&format!("entry-{entry}"), "\"mehmet\"");
        repository.commit(JANA, "2025-01-08", "one more");
    }
    repository.git(&["repack", "-adfq"]);
    let whole = repository.site();
    assert_eq!(whole.recorder("entry-3").as_deref(), Some("Jana Roth"));
    let files = fs::read_dir(repository.path().join(".git/objects/pack")).unwrap();
    for path in files.map(|file| file.unwrap().path()) {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let bytes = fs::read(&path).unwrap();
        let damaged = (0..12).map(|part| {
            let mut damaged = bytes.clone();
            damaged[part * bytes.len() / 12] ^= 0x55;
            damaged
        });
        let cut = (0..2).map(|part| bytes[..part * bytes.len() / 2].to_vec());
        for (number, damaged) in damaged.chain(cut).enumerate() {
            fs::write(&path, damaged).unwrap();
            let site = repository.site();
            let is_told = site.said.contains("warning[git-unavailable]");
            let recorder = site.recorder("entry-3");
            assert!(
                is_told || recorder.as_deref() == Some("Jana Roth"),
                "{} {number}: {recorder:?} {}",
                path.display(),
                site.said
            );
        }
        fs::write(&path, bytes).unwrap();
    }
    assert_eq!(repository.site().said, "");
}

#[test]
fn objects_that_are_missing_are_told() {
    let repository = Repository::new();
    repository.write_entry("one", "\"mehmet\"");
    repository.commit(JANA, "2025-01-08", "one");
    let tree = repository.git(&["rev-parse", "HEAD:content/customers"]);
    let (folder, file) = tree.trim().split_at(2);
    let object = repository
        .path()
        .join(".git/objects")
        .join(folder)
        .join(file);
    let bytes = fs::read(&object).unwrap();
    fs::remove_file(&object).unwrap();
    let said = repository.site().said;
    assert!(said.contains("warning[git-unavailable]"), "{said}");
    fs::write(&object, &bytes[..bytes.len() / 2]).unwrap();
    let said = repository.site().said;
    assert!(said.contains("warning[git-unavailable]"), "{said}");
}

#[test]
fn a_repository_with_longer_ids_is_read_as_others_are() {
    let repository = Repository {
        folder: tempfile::tempdir().unwrap(),
    };
    repository.git(&[
        "init",
        "--quiet",
        "--initial-branch=main",
        "--object-format=sha256",
    ]);
    repository.write_portal("", "");
    repository.commit(STRANGER, "2023-01-01", "everything");
    repository.write_entry("one", "\"mehmet\"");
    repository.commit(JANA, "2025-01-08", "one");
    let site = repository.site();
    assert_eq!(site.recorder("one").as_deref(), Some("Jana Roth"));
    assert_eq!(site.said, "");
}

#[test]
fn a_git_that_dies_midway_is_told_once() {
    let repository = Repository::new();
    repository.write_entry("draft", "\"mehmet\"");
    repository.commit(JANA, "2025-01-08", "a draft");
    let old = "content/customers/adler/2025-01-07-draft.md";
    repository.git(&["mv", old, "content/customers/adler/2025-01-07-one.md"]);
    repository.append("content/customers/adler/2025-01-07-one.md", "Mehr.\n");
    repository.commit(MEHMET, "2025-01-09", "a better name");
    let real = Command::new("sh")
        .args(["-c", "command -v git"])
        .output()
        .unwrap();
    let real = String::from_utf8(real.stdout).unwrap();
    let real = format!("exec {} \"$@\"", real.trim());
    let (_, said) = check_with(repository.path(), Some(&real));
    assert_eq!(said, "");
    for (asked, done, expected) in [
        (
            "rev-parse",
            "exit 1",
            "git cannot read the history: exit status: 1, so",
        ),
        (
            "rev-parse",
            "echo hello; exit 0",
            "cannot be understood, so",
        ),
        ("diff-tree", "kill -9 $$", "signal: 9 (SIGKILL), so"),
        (
            "diff-tree",
            "echo hello; exit 0",
            "cannot be understood, so",
        ),
        (
            "diff-tree",
            "while :; do echo 0123456789; done",
            "cannot be understood, so",
        ),
    ] {
        let git = format!("case \" $* \" in *' {asked} '*) {done};; esac\n{real}");
        let (status, said) = check_with(repository.path(), Some(&git));
        assert_eq!(status, 0, "{said}");
        assert!(
            said.contains(expected),
            "{asked}: {expected} is not in\n{said}"
        );
        assert!(said.ends_with("0 errors, 1 warning\n"), "{said}");
    }
}

#[test]
fn git_is_not_asked_where_nothing_of_it_is_wanted() {
    let repository = Repository::new();
    let canary = repository.path().join("asked");
    let git = format!("echo > '{}'", canary.display());
    for (settings, command) in [
        ("history = false", "check"),
        ("people = \"off\"", "check"),
        ("people = \"named\"", "new customer brandt"),
    ] {
        repository.write_portal("", &format!("[contributions]\n{settings}\n"));
        let command: Vec<&str> = command.split(' ').collect();
        let (status, said) = run_with(repository.path(), Some(&git), &command);
        assert_eq!((status, said.contains("git")), (0, false), "{said}");
        assert!(!canary.exists(), "{settings}");
    }
}

/// A history full of names and addresses that nobody may read.
fn gossip(people: &str) -> Repository {
    let repository = Repository::empty();
    repository.write_portal("", &format!("[contributions]\npeople = \"{people}\"\n"));
    repository.write(
        ".mailmap",
        "Mapped Canary <mapped-canary@else.example> <old@else.example>\n",
    );
    let secret = "title = \"Nora Geheim-Canary\"\ndepartments = \"kantine\"\n\
        shown_as = \"department\"\nemails = \"nora-canary@firma.example\"";
    repository.write(
        "content/people/nora-canary.md",
        &format!("+++\n{secret}\n+++\n"),
    );
    repository.commit(
        "<script>\"'Canary <x-canary@\"><script>.example>",
        "2025-01-01",
        "canary",
    );
    repository.write_entry("one", "");
    repository.append("content/customers/adler.md", "\nMehr.\n");
    repository.commit(
        "Nora Canary <nora-canary@firma.example>",
        "2025-01-08",
        "canary\n\nCo-authored-by: Helper Canary <h-canary@else.example>",
    );
    repository.append("content/customers/adler.md", "\nMehr.\n");
    repository.commit("Old Canary <old@else.example>", "2025-01-09", "canary");
    repository.write_entry("two", "\"mehmet\"");
    repository.commit(
        "Jana Git-Canary <jana@firma.example>",
        "2025-01-10",
        "canary",
    );
    repository
}

#[test]
fn what_git_knows_of_people_is_in_no_byte() {
    for people in ["named", "departments", "off"] {
        let site = gossip(people).site();
        assert_eq!(site.said, "");
        for (address, bytes) in site_check::render(&site.built) {
            let bytes = String::from_utf8_lossy(&bytes).to_lowercase();
            assert!(!bytes.contains("canary"), "{people}: {address}");
            if people != "named" {
                assert!(
                    !bytes.contains("jana") && !bytes.contains("mehmet"),
                    "{people}: {address}"
                );
            }
        }
        let shown = match people {
            "named" => (Some("Kantine"), Some("Jana Roth"), Some("Kantine")),
            "departments" => (Some("Kantine"), Some("Vertrieb"), Some("Kantine")),
            _ => (None, None, None),
        };
        let (one, two) = (site.recorder("one"), site.recorder("two"));
        let kept = site.keepers("customers/adler.html");
        assert_eq!(
            (one.as_deref(), two.as_deref(), kept.as_deref()),
            shown,
            "{people}"
        );
    }
}

#[test]
fn without_names_two_histories_of_other_people_give_the_same_bytes() {
    let build = |first: &str, second: &str| {
        let repository = Repository::empty();
        repository.write_portal("", "[contributions]\npeople = \"departments\"\n");
        for id in ["a-canary", "z-canary"] {
            let text = format!(
                "title = \"{id}\"\ndepartments = \"kantine\"\nemails = \"{id}@firma.example\""
            );
            repository.write(
                &format!("content/people/{id}.md"),
                &format!("+++\n{text}\n+++\n"),
            );
        }
        repository.write_entry("one", "");
        repository.append("content/customers/adler.md", "\nMehr.\n");
        repository.commit(
            &format!("{first} <{first}@firma.example>"),
            "2025-01-08",
            "x",
        );
        repository.append("content/customers/adler.md", "\nMehr.\n");
        repository.commit(
            &format!("{second} <{second}@firma.example>"),
            "2025-01-09",
            "x",
        );
        let site = repository.site();
        let pages = site.built.site.addresses().map(SitePath::clone);
        pages
            .map(|page| (page.clone(), case::bytes(&site.built, page.as_str())))
            .collect::<Vec<_>>()
    };
    assert!(build("a-canary", "z-canary") == build("z-canary", "a-canary"));
}
