//! The program as people and forges start it: exit status, what goes where, and what never happens to files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::laws::files_below;

/// A small portal with nothing wrong.
fn portal() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "strang.toml", "title = \"Portal\"\n");
    put(
        folder.path(),
        "content/customers/adler.md",
        "+++\ntitle = \"Adler\"\n+++\n",
    );
    put(
        folder.path(),
        "content/departments/kantine.md",
        "+++\ntitle = \"Kantine\"\n+++\n",
    );
    folder
}

fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const WARNING: (&str, &str) = ("content/handbuch/a.md", "[[nirgends]]\n");
const ERROR: (&str, &str) = (
    "content/customers/brandt.md",
    "+++\ntilte = \"Brandt\"\n+++\n",
);

/// How a run ended: its status, and what it said where.
pub struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

fn run_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let program = env!("CARGO_BIN_EXE_strang");
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(program)
        .current_dir(folder)
        .args(arguments)
        .env_remove("SOURCE_DATE_EPOCH")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run {
        status: status.code().unwrap(),
        out: text(stdout),
        err: text(stderr),
    }
}

pub fn run(folder: &Path, arguments: &[&str]) -> Run {
    run_with(folder, arguments, &[])
}

#[test]
fn a_portal_without_faults_is_built_with_status_0() {
    let portal = portal();
    let run = run(portal.path(), &["build"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{}", run.err);
    assert!(run.err.contains("in public"), "{}", run.err);
    let site = files_below(&portal.path().join("public"));
    assert!(site.contains_key("customers/adler.html") && site.contains_key("404.html"));
    assert!(!run.err.contains('\u{1b}'), "a pipe gets no colour");
}

#[test]
fn warnings_are_told_and_published_and_errors_only_when_strict() {
    let portal = portal();
    put(portal.path(), WARNING.0, WARNING.1);
    let built = run(portal.path(), &["build"]);
    assert_eq!(built.status, 0);
    assert!(
        built
            .err
            .contains("content/handbuch/a.md:1:1: warning[broken-link]"),
        "{}",
        built.err
    );
    assert!(built.err.contains("0 errors, 1 warning"), "{}", built.err);
    for command in ["build", "check"] {
        let strict = run(portal.path(), &[command, "--strict"]);
        assert_eq!(strict.status, 1);
        assert!(strict.err.contains("error[broken-link]"), "{}", strict.err);
    }
}

#[test]
fn an_error_leaves_the_old_site_untouched() {
    let portal = portal();
    assert_eq!(run(portal.path(), &["build"]).status, 0);
    let before = files_below(&portal.path().join("public"));
    put(portal.path(), ERROR.0, ERROR.1);
    let failed = run(portal.path(), &["build"]);
    assert_eq!(failed.status, 1);
    assert!(failed.err.contains("error[unknown-key]"), "{}", failed.err);
    assert_eq!(files_below(&portal.path().join("public")), before);
    assert_eq!(beside(portal.path()), ["content", "public", "strang.toml"]);
}

#[test]
fn a_page_that_cannot_be_rendered_leaves_the_old_site_untouched() {
    let portal = portal();
    assert_eq!(run(portal.path(), &["build"]).status, 0);
    let before = files_below(&portal.path().join("public"));
    put(
        portal.path(),
        "themes/default/templates/404.html",
        "{{ nirgends }}",
    );
    for command in ["build", "check"] {
        let failed = run(portal.path(), &[command]);
        assert_eq!(failed.status, 1, "{command}");
        assert!(
            failed
                .err
                .contains("themes/default/templates/404.html:1:4: error[template-error]"),
            "{}",
            failed.err
        );
    }
    assert_eq!(files_below(&portal.path().join("public")), before);
    assert_eq!(
        beside(portal.path()),
        ["content", "public", "strang.toml", "themes"]
    );
}

/// What lies in a folder, hidden or not.
fn beside(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_second_build_replaces_the_whole_site() {
    let portal = portal();
    put(portal.path(), "content/handbuch/alt.md", "# Alt\n");
    assert_eq!(run(portal.path(), &["build"]).status, 0);
    fs::remove_dir_all(portal.path().join("content/handbuch")).unwrap();
    assert_eq!(run(portal.path(), &["build"]).status, 0);
    let site = files_below(&portal.path().join("public"));
    assert!(!site.keys().any(|address| address.contains("handbuch")));
    assert_eq!(beside(portal.path()), ["content", "public", "strang.toml"]);
}

#[test]
fn what_is_not_its_own_is_never_replaced() {
    let portal = portal();
    put(portal.path(), "foreign/letter.txt", "mine");
    put(portal.path(), "letter.txt", "mine");
    fs::create_dir(portal.path().join("empty")).unwrap();
    let before = files_below(portal.path());
    let inside = portal.path().join("content/site");
    for out in [
        "foreign",
        "letter.txt",
        ".",
        "..",
        "/",
        "content",
        "content/site",
        "themes",
        inside.to_str().unwrap(),
    ] {
        let refused = run(portal.path(), &["build", "--out", out]);
        assert_eq!(refused.status, 2, "--out {out}: {}", refused.err);
        assert!(refused.err.starts_with("strang: "), "{}", refused.err);
        assert_eq!(files_below(portal.path()), before, "--out {out}");
    }
    assert_eq!(run(portal.path(), &["build", "--out", "empty"]).status, 0);
    assert_eq!(
        run(portal.path(), &["build", "--out", "new/deep"]).status,
        0
    );
}

#[test]
fn what_others_put_into_the_output_is_refused_and_stays() {
    let portal = portal();
    assert_eq!(run(portal.path(), &["build"]).status, 0);
    put(portal.path(), "public/CNAME", "portal.example");
    put(portal.path(), "public/.git/HEAD", "ref: refs/heads/pages");
    let before = files_below(portal.path());
    let refused = run(portal.path(), &["build"]);
    assert_eq!(refused.status, 2, "{}", refused.err);
    assert!(
        refused.err.contains("`.git/HEAD`, `CNAME`"),
        "{}",
        refused.err
    );
    assert_eq!(files_below(portal.path()), before);
}

#[test]
fn no_way_round_leads_among_the_sources() {
    let portal = portal();
    std::os::unix::fs::symlink("content", portal.path().join("link")).unwrap();
    for out in ["nope/../content/sub", "link/sub", "content/../content/new"] {
        let refused = run(portal.path(), &["build", "--out", out]);
        assert_eq!(refused.status, 2, "--out {out}: {}", refused.err);
        assert!(!portal.path().join("content/sub").exists());
    }
    assert_eq!(
        run(portal.path(), &["build", "--out", "public/."]).status,
        0
    );
}

#[test]
fn check_writes_nothing_and_says_what_build_says() {
    let portal = portal();
    put(portal.path(), WARNING.0, WARNING.1);
    put(portal.path(), ERROR.0, ERROR.1);
    let before = files_below(portal.path());
    let checked = run(portal.path(), &["check"]);
    assert_eq!((checked.status, checked.out.as_str()), (1, ""));
    assert_eq!(files_below(portal.path()), before);
    let built = run(portal.path(), &["build"]).err;
    let nothing = "nothing was written; a site that was there is as it was\n";
    assert_eq!(built, format!("{}{nothing}", checked.err));
}

#[test]
fn formats_for_programs_go_to_standard_output() {
    let portal = portal();
    put(portal.path(), WARNING.0, WARNING.1);
    let json: Value =
        serde_json::from_str(&run(portal.path(), &["check", "--format", "json"]).out).unwrap();
    assert_eq!(
        (&json[0]["code"], &json[0]["severity"]),
        (&Value::from("broken-link"), &Value::from("warning"))
    );
    let gitlab: Value =
        serde_json::from_str(&run(portal.path(), &["check", "--format", "gitlab"]).out).unwrap();
    assert_eq!(gitlab[0]["check_name"], "broken-link");
    let github = run(portal.path(), &["check", "--strict", "--format", "github"]);
    assert_eq!(github.status, 1);
    assert!(
        github
            .out
            .starts_with("::error file=content/handbuch/a.md,line=1,"),
        "{}",
        github.out
    );
    let text = run(portal.path(), &["check", "--format", "text"]);
    assert_eq!(text.out, "");
}

#[test]
fn the_clock_is_asked_for_or_given() {
    let portal = portal();
    let day_of = |arguments: &[&str], variables: &[(&str, &str)]| {
        let run = run_with(portal.path(), &[&["build"], arguments].concat(), variables);
        assert_eq!(run.status, 0, "{}", run.err);
        let home = fs::read_to_string(portal.path().join("public/index.html")).unwrap();
        home.split("Stand ")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(day_of(&["--as-of", "2024-02-29"], &[]), "29. Februar 2024");
    assert_eq!(
        day_of(&[], &[("SOURCE_DATE_EPOCH", "1709164800")]),
        "29. Februar 2024"
    );
    assert_eq!(
        day_of(
            &["--as-of", "2025-01-01"],
            &[("SOURCE_DATE_EPOCH", "1709164800")]
        ),
        "1. Januar 2025"
    );
    for (arguments, variables) in [
        (&["build", "--as-of", "29.2.2024"][..], &[][..]),
        (&["build", "--as-of", "2023-02-29"], &[]),
        (&["build"], &[("SOURCE_DATE_EPOCH", "gestern")]),
    ] {
        assert_eq!(
            run_with(portal.path(), arguments, variables).status,
            2,
            "{arguments:?}"
        );
    }
}

#[test]
fn usage_and_environment_end_with_status_2() {
    let empty = tempfile::tempdir().unwrap();
    for arguments in [
        &["build"][..],
        &["check"],
        &["new", "customer", "a"],
        &["-C", "nowhere", "build"],
        &["biuld"],
        &[],
    ] {
        let run = run(empty.path(), arguments);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{arguments:?}");
        assert!(!run.err.is_empty());
    }
    assert_eq!(run(empty.path(), &["--help"]).status, 0);
    assert_eq!(run(empty.path(), &["--version"]).status, 0);
}

#[test]
fn the_portal_is_the_nearest_folder_upward() {
    let portal = portal();
    let deep = portal.path().join("content/customers");
    assert_eq!(run(&deep, &["build"]).status, 0);
    assert!(portal.path().join("public/index.html").is_file());
    let elsewhere = tempfile::tempdir().unwrap();
    assert_eq!(
        run(elsewhere.path(), &["-C", deep.to_str().unwrap(), "check"]).status,
        0
    );
}

/// Every kind of fact that must be there.
const DEMANDING: &str = r#"title = "Portal"
[facts.customer]
a = { type = "text", required = true }
b = { type = "choice", choices = ["Ü", "B"], required = true }
c = { type = "number", required = true }
d = { type = "money", required = true }
e = { type = "date", required = true }
f = { type = "bool", required = true }
g = { type = "url", required = true }
h = { type = "email", required = true }
i = { type = "phone", required = true }
j = { type = "department", required = true }
k = { type = "list of department", required = true }
l = { type = "customer" }
[facts.department.a]
type = "text"
required = true
[facts.person.a]
type = "list of text"
required = true
[facts.entry.a]
type = "date"
required = true
[facts.complaint.b]
type = "choice"
choices = ["x"]
required = true
"#;

#[test]
fn a_new_source_passes_check_as_it_is() {
    let portal = tempfile::tempdir().unwrap();
    put(portal.path(), "strang.toml", DEMANDING);
    for arguments in [
        &[
            "new",
            "department",
            "kantine",
            "--title",
            "Küche \"Süd\" \\ Nord",
        ][..],
        &["new", "customer", "adler", "--title", "Adler & <Söhne>"],
        &["new", "customer", "brandt"],
        &["new", "person", "jana"],
        &["new", "entry", "adler", "complaint", "Zu spät!"],
        &["new", "entry", "customers/adler", "order", "Auftrag"],
        &["new", "entry", "departments/kantine", "feedback", "Ä"],
        &["new", "entry", "kantine", "inquiry", "Anfrage"],
    ] {
        let new = run(portal.path(), arguments);
        assert_eq!(new.status, 0, "{arguments:?}: {}", new.err);
        let path = new.err.split(" is ready").next().unwrap();
        assert!(portal.path().join(path).is_file(), "{path}");
        let check = run(portal.path(), &["check", "--strict"]);
        assert_eq!(check.status, 0, "{arguments:?}: {}", check.err);
    }
}

#[test]
fn a_second_customer_passes_check_where_a_required_fact_is_unique() {
    let portal = tempfile::tempdir().unwrap();
    let settings = "title = \"Portal\"\n[facts.customer.debitor]\ntype = \"text\"\nrequired = true\nunique = true\n";
    put(portal.path(), "strang.toml", settings);
    for id in ["adler", "brandt"] {
        assert_eq!(run(portal.path(), &["new", "customer", id]).status, 0);
    }
    let check = run(portal.path(), &["check"]);
    assert_eq!(check.status, 0, "{}", check.err);
}

#[test]
fn new_never_overwrites_and_never_leaves_its_folder() {
    let portal = portal();
    put(
        portal.path(),
        "content/customers/brandt/index.md",
        "+++\ntitle = \"Brandt\"\n+++\n",
    );
    let before = files_below(portal.path());
    for arguments in [
        &["new", "customer", "adler"][..],
        &["new", "customer", "brandt"],
        &["new", "department", "kantine"],
        &["new", "customer", "../x"],
        &["new", "customer", "Ädler"],
        &["new", "customer", "index"],
        &["new", "customer", ""],
        &["new", "customer", "-rf"],
        &["new", "person", "a/b"],
        &["new", "entry", "nobody", "note", "x"],
        &["new", "entry", "adler", "anruf", "x"],
        &["new", "entry", "adler", "note", "…"],
        &["new", "entry", "../adler/..", "note", "x"],
    ] {
        let refused = run(portal.path(), arguments);
        assert_eq!(refused.status, 2, "{arguments:?}");
        assert_eq!(files_below(portal.path()), before, "{arguments:?}");
    }
    assert_eq!(
        run(portal.path(), &["new", "entry", "adler", "note", "Anruf"]).status,
        0
    );
    assert_eq!(
        run(portal.path(), &["new", "entry", "adler", "note", "anruf"]).status,
        2
    );
}

#[test]
fn init_makes_a_portal_that_passes_the_strictest_check_and_overwrites_nothing() {
    for language in ["de", "en"] {
        let folder = tempfile::tempdir().unwrap();
        let made = run(folder.path(), &["init", "portal", "--language", language]);
        assert_eq!(made.status, 0, "{}", made.err);
        let portal: PathBuf = folder.path().join("portal");
        let check = run(&portal, &["check", "--strict"]);
        assert_eq!((check.status, check.err.as_str()), (0, ""));
        let before = files_below(&portal);
        assert_eq!(run(&portal, &["init"]).status, 2);
        assert_eq!(files_below(&portal), before);
        let new = run(&portal, &["new", "customer", "adler"]);
        assert_eq!(new.status, 0, "{}", new.err);
        let check = run(&portal, &["check", "--strict"]);
        assert_eq!(check.status, 0, "{}", check.err);
    }
}
