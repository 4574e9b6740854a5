//! What `init` writes for forges and for git: the files say what they should, their commands do what they say, and the
//! hook lets through what is right and nothing else.
//!
//! The files are read by a YAML parser that knows nothing of strang, and their commands run in a clone, as a forge's
//! runner runs them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::laws::files_below;
use crate::shell::{Machine, Ran};

/// A forge, where its file lies, and the name of its job that publishes.
struct Forge {
    name: &'static str,
    file: &'static str,
    publishes: &'static str,
}

const GITLAB: Forge = Forge {
    name: "gitlab",
    file: ".gitlab-ci.yml",
    publishes: "pages",
};
const GITHUB: Forge = Forge {
    name: "github",
    file: ".github/workflows/portal.yml",
    publishes: "publish",
};
const FORGEJO: Forge = Forge {
    name: "forgejo",
    file: ".forgejo/workflows/portal.yml",
    publishes: "publish",
};
const FORGES: [Forge; 3] = [GITLAB, GITHUB, FORGEJO];

const RED_LINK: (&str, &str) = ("content/handbook/a.md", "[[nowhere]]\n");
const MISTAKE: (&str, &str) = ("content/handbook/b.md", "+++\ntilte = \"B\"\n+++\n");

impl Forge {
    fn machine(&self) -> Machine {
        Machine::with_portal(&format!("--language en --ci {}", self.name))
    }

    fn yaml(&self, machine: &Machine) -> Yaml {
        let text = machine.read(&format!("portal/{}", self.file));
        let mut documents = YamlLoader::load_from_str(&text).unwrap();
        assert_eq!(documents.len(), 1);
        documents.remove(0)
    }

    /// The commands of a job on a runner that has strang and nothing set.
    fn script(&self, machine: &Machine, job: &str) -> String {
        let yaml = self.yaml(machine);
        let commands: Vec<&str> = if self.name == "gitlab" {
            let script = list(&yaml[job]["script"]);
            script.iter().map(text).collect()
        } else {
            let steps = list(&yaml["jobs"][job]["steps"]).iter();
            let always = steps.filter(|step| step["if"].is_badvalue());
            always.filter_map(|step| step["run"].as_str()).collect()
        };
        assert!(!commands.is_empty(), "{} has no {job}", self.name);
        commands.join("\n")
    }

    fn check(&self, machine: &Machine, folder: &str) -> Ran {
        machine.run(folder, &self.script(machine, "check"))
    }

    fn publish(&self, machine: &Machine, folder: &str) -> Ran {
        machine.run(folder, &self.script(machine, self.publishes))
    }
}

fn list(yaml: &Yaml) -> &[Yaml] {
    yaml.as_vec()
        .unwrap_or_else(|| panic!("{yaml:?} is no list"))
}

fn text(yaml: &Yaml) -> &str {
    yaml.as_str()
        .unwrap_or_else(|| panic!("{yaml:?} is no text"))
}

/// Commits a file and pushes it.
fn push(machine: &Machine, (path, content): (&str, &str)) {
    machine.write(&format!("portal/{path}"), content);
    machine
        .run(
            "portal",
            "git add --all && git commit --quiet -m more && git push --quiet",
        )
        .well();
}

#[test]
fn gitlab_is_told_depth_branches_artifacts_and_report() {
    let machine = GITLAB.machine();
    let yaml = GITLAB.yaml(&machine);
    assert_eq!(text(&yaml["default"]["image"]), "$STRANG_IMAGE");
    assert_eq!(text(&yaml["variables"]["GIT_DEPTH"]), "0");
    let (check, pages) = (&yaml["check"], &yaml["pages"]);
    assert_eq!(text(&check["rules"][0]["if"]), "$CI_COMMIT_BRANCH");
    let report = text(&check["artifacts"]["reports"]["codequality"]);
    assert!(text(&check["script"][0]).contains(&format!("--format gitlab > {report} ")));
    assert_eq!(text(&check["artifacts"]["when"]), "always");
    let main = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH";
    assert_eq!(text(&pages["rules"][0]["if"]), main);
    assert_eq!(list(&pages["rules"]).len(), 1);
    assert_eq!(text(&pages["artifacts"]["paths"][0]), "public");
    let known = ["default", "variables", "check", "pages"];
    let keys = yaml.as_hash().unwrap().keys().map(text);
    assert_eq!(keys.collect::<Vec<_>>(), known);
}

#[test]
fn github_and_forgejo_are_told_depth_branches_and_where_to_publish() {
    for forge in [GITHUB, FORGEJO] {
        let machine = forge.machine();
        let yaml = forge.yaml(&machine);
        assert_eq!(text(&yaml["on"]["push"]["branches"][0]), "**");
        let day = text(&yaml["on"]["schedule"][0]["cron"]);
        assert_eq!(day.split(' ').count(), 5, "{day}");
        let jobs = yaml["jobs"].as_hash().unwrap();
        let named: Vec<&str> = jobs.keys().map(text).collect();
        assert_eq!(named, ["check", "publish"]);
        for job in jobs.values() {
            assert_eq!(text(&job["container"]), "${{ vars.STRANG_IMAGE }}");
            let checkout = &job["steps"][0];
            assert!(text(&checkout["uses"]).starts_with("actions/checkout@v"));
            assert_eq!(checkout["with"]["fetch-depth"].as_i64(), Some(0));
        }
        let (check, publish) = (&yaml["jobs"]["check"], &yaml["jobs"]["publish"]);
        assert!(check["if"].is_badvalue(), "every branch is checked");
        assert_eq!(text(&publish["if"]), "github.ref == 'refs/heads/main'");
        let script = forge.script(&machine, "check");
        assert_eq!(script, "strang check --strict --format github");
    }
}

#[test]
fn github_pages_are_written_only_where_somebody_has_said_so() {
    let yaml = GITHUB.yaml(&GITHUB.machine());
    let steps = list(&yaml["jobs"]["publish"]["steps"]);
    let of_pages = steps.iter().filter(|step| {
        step["uses"]
            .as_str()
            .is_some_and(|uses| uses.contains("-pages"))
    });
    let conditions: Vec<&str> = of_pages.map(|step| text(&step["if"])).collect();
    assert_eq!(conditions, ["vars.STRANG_PAGES == 'yes'"; 2]);
    let upload = steps
        .iter()
        .find(|step| !step["with"]["path"].is_badvalue())
        .unwrap();
    assert_eq!(text(&upload["with"]["path"]), "public");
    let rights = &yaml["jobs"]["publish"]["permissions"];
    let rights = ["contents", "pages", "id-token"].map(|right| text(&rights[right]));
    assert_eq!(rights, ["read", "write", "write"]);
    assert_eq!(text(&yaml["permissions"]["contents"]), "read");
}

#[test]
fn what_a_container_needs_for_the_history_runs_in_a_shell() {
    let machine = GITHUB.machine();
    let yaml = GITHUB.yaml(&machine);
    for job in ["check", "publish"] {
        let steps = list(&yaml["jobs"][job]["steps"]).iter();
        let mut of_images =
            steps.filter(|step| step["if"].as_str() == Some("vars.STRANG_IMAGE != ''"));
        let run = text(&of_images.next().unwrap()["run"]);
        let workspace = [("GITHUB_WORKSPACE", "/a place/portal")];
        machine.run_with("portal", run, &workspace).well();
        let safe = machine
            .run("portal", "git config --global safe.directory")
            .well();
        assert_eq!(safe.out, "/a place/portal\n");
    }
}

#[test]
fn a_good_portal_is_checked_and_published_on_every_forge() {
    for forge in FORGES {
        let machine = forge.machine();
        machine
            .run(".", "git clone --quiet origin.git runner")
            .well();
        let check = forge.check(&machine, "runner").well();
        assert_eq!(
            (check.out.as_str(), check.err.as_str()),
            ("", ""),
            "{}",
            forge.name
        );
        forge.publish(&machine, "runner").well();
        assert!(
            machine
                .read("runner/public/index.html")
                .contains("Customer portal")
        );
        if forge.name == "gitlab" {
            assert_eq!(machine.read("runner/code-quality.json"), "[]\n");
        }
    }
}

#[test]
fn a_red_link_fails_the_check_at_its_line_and_keeps_no_site_back() {
    for forge in FORGES {
        let machine = forge.machine();
        push(&machine, RED_LINK);
        machine
            .run(".", "git clone --quiet origin.git runner")
            .well();
        let check = forge.check(&machine, "runner");
        assert_eq!(check.status, 1, "{}", forge.name);
        if forge.name == "gitlab" {
            let report: Value =
                serde_json::from_str(&machine.read("runner/code-quality.json")).unwrap();
            assert_eq!(report[0]["location"]["path"], RED_LINK.0);
            assert!(
                check
                    .err
                    .contains("content/handbook/a.md:1:1: error[broken-link]"),
                "{}",
                check.err
            );
        } else {
            let annotation = "::error file=content/handbook/a.md,line=1,";
            assert!(check.out.starts_with(annotation), "{}", check.out);
        }
        forge.publish(&machine, "runner").well();
        assert!(machine.path("runner/public/handbook/a.html").is_file());
    }
}

#[test]
fn an_error_fails_both_jobs_and_the_last_site_stays() {
    for forge in FORGES {
        let machine = forge.machine();
        machine
            .run(".", "git clone --quiet origin.git runner")
            .well();
        forge.publish(&machine, "runner").well();
        let before = files_below(&machine.path("runner/public"));
        push(&machine, MISTAKE);
        machine.run("runner", "git pull --quiet").well();
        assert_eq!(forge.check(&machine, "runner").status, 1, "{}", forge.name);
        let publish = forge.publish(&machine, "runner");
        assert_eq!(publish.status, 1, "{}", forge.name);
        assert!(
            publish
                .err
                .contains("content/handbook/b.md:2:1: error[unknown-key]"),
            "{}",
            publish.err
        );
        assert_eq!(files_below(&machine.path("runner/public")), before);
    }
}

#[test]
fn a_checkout_of_the_last_commit_alone_fails_the_check() {
    let machine = GITLAB.machine();
    push(&machine, ("content/handbook/c.md", "C.\n"));
    let clone = "git clone --quiet --depth 1 \"file://$PWD/origin.git\" runner";
    machine.run(".", clone).well();
    let check = GITLAB.check(&machine, "runner");
    assert_eq!(check.status, 1);
    assert!(check.err.contains("error[git-shallow]"), "{}", check.err);
}

#[test]
fn a_runner_without_strang_fails_with_its_name() {
    for forge in FORGES {
        let machine = forge.machine();
        machine.without_strang();
        for job in ["check", forge.publishes] {
            let ran = machine.run("portal", &forge.script(&machine, job));
            assert_eq!(ran.status, 127);
            assert!(ran.err.contains("strang"), "{}", ran.err);
        }
    }
}

#[test]
fn forgejo_publishes_where_the_web_server_looks() {
    let machine = FORGEJO.machine();
    let yaml = FORGEJO.yaml(&machine);
    let given = text(&yaml["jobs"]["publish"]["env"]["STRANG_OUT"]);
    assert_eq!(given, "${{ vars.STRANG_OUT }}");
    let out = machine.path("www/the site");
    let script = FORGEJO.script(&machine, "publish");
    let given = [("STRANG_OUT", out.to_str().unwrap())];
    machine.run_with("portal", &script, &given).well();
    assert!(out.join("index.html").is_file());
    assert!(!machine.path("portal/public").exists());
    machine
        .run_with("portal", &script, &[("STRANG_OUT", "")])
        .well();
    assert!(machine.path("portal/public/index.html").is_file());
}

#[test]
fn init_adds_to_a_portal_that_is_there_and_changes_nothing_else() {
    let machine = Machine::with_portal("--language en");
    let before = files_below(&machine.path("portal"));
    let added = machine
        .run(
            "portal",
            "strang init --ci gitlab,github --ci forgejo --hook",
        )
        .well();
    assert!(
        added.err.contains("git config core.hooksPath .githooks"),
        "{}",
        added.err
    );
    assert!(!added.err.contains("the portal is ready"), "{}", added.err);
    let mut after = files_below(&machine.path("portal"));
    for file in [
        GITLAB.file,
        GITHUB.file,
        FORGEJO.file,
        ".githooks/pre-commit",
        ".githooks/.gitattributes",
    ] {
        assert!(after.remove(file).is_some(), "{file}");
    }
    assert_eq!(after, before);
    machine.run("portal", "strang check --strict").well();
}

#[test]
fn where_one_file_is_there_init_writes_none() {
    let machine = Machine::new();
    machine.write("portal/.github/workflows/portal.yml", "mine\n");
    let refused = |arguments: &str| {
        let before = files_below(&machine.path("portal"));
        let refused = machine.run("portal", &format!("strang init {arguments}"));
        assert_eq!(refused.status, 2, "{arguments}");
        assert!(
            refused
                .err
                .contains("is already there; nothing was written"),
            "{}",
            refused.err
        );
        assert_eq!(files_below(&machine.path("portal")), before, "{arguments}");
    };
    refused("--ci gitlab --ci github --hook");
    machine.run("portal", "strang init --ci forgejo").well();
    refused("--ci gitlab,github");
    refused("--ci forgejo --hook");
    refused("");
}

#[test]
fn a_portal_in_a_folder_of_a_repository_is_told_where_forges_look() {
    let machine = Machine::new();
    machine
        .run(".", "mkdir all && cd all && git init --quiet")
        .well();
    let made = machine.run("all", "strang init portal --ci gitlab").well();
    let top = machine.path("all").canonicalize().unwrap();
    let told = format!("look for these files in {}", top.display());
    assert!(made.err.contains(&told), "{}", made.err);
    let made = machine.run("all", "strang init another").well();
    assert!(!made.err.contains("look for these files"), "{}", made.err);
}

/// A portal whose clone has the hook switched on, as `init` says.
fn hooked() -> Machine {
    let machine = Machine::with_portal("--language en --hook");
    machine
        .run("portal", "git config core.hooksPath .githooks")
        .well();
    machine
}

fn commits(machine: &Machine) -> String {
    machine
        .run("portal", "git rev-list --count HEAD")
        .well()
        .out
}

#[test]
fn the_hook_lets_a_good_commit_through_and_refuses_a_broken_one() {
    let machine = hooked();
    machine.write("portal/content/handbook/good.md", "Good.\n");
    let good = machine
        .run("portal", "git add --all && git commit --quiet -m good")
        .well();
    assert_eq!((good.out.as_str(), good.err.as_str()), ("", ""));
    machine.write(&format!("portal/{}", MISTAKE.0), MISTAKE.1);
    let broken = machine.run("portal", "git add --all && git commit --quiet -m broken");
    assert_ne!(broken.status, 0);
    assert!(
        broken
            .err
            .starts_with("content/handbook/b.md:2:1: error[unknown-key]"),
        "{}",
        broken.err
    );
    assert_eq!(commits(&machine), "2\n");
    machine
        .run("portal", "git commit --quiet --no-verify -m broken")
        .well();
    assert_eq!(commits(&machine), "3\n");
    let left = fs::read_dir(machine.temporary()).unwrap().count();
    assert_eq!(left, 0, "the hook leaves nothing behind");
}

#[test]
fn the_hook_looks_at_what_is_committed_and_not_at_what_lies_about() {
    let machine = hooked();
    // Half-done work that is not part of the commit keeps nothing back.
    machine.write(&format!("portal/{}", MISTAKE.0), MISTAKE.1);
    machine.write("portal/content/handbook/good.md", "Good.\n");
    machine
        .run(
            "portal",
            "git add content/handbook/good.md && git commit --quiet -m good",
        )
        .well();
    // A file that is right now, but was not when it was added.
    let half =
        "git add --all && echo Mended. > content/handbook/b.md && git commit --quiet -m half";
    assert_ne!(machine.run("portal", half).status, 0);
    machine
        .run("portal", "git commit --quiet --all -m whole")
        .well();
    // Only what is named is committed, whatever else was added.
    machine.write("portal/content/handbook/d.md", MISTAKE.1);
    machine.write("portal/content/handbook/good.md", "Better.\n");
    let one = "git add --all && git commit --quiet -m one content/handbook/good.md";
    machine.run("portal", one).well();
    assert_eq!(commits(&machine), "4\n");
}

#[test]
fn the_hook_can_be_started_by_everybody_who_clones() {
    let machine = hooked();
    let mode = fs::metadata(machine.path("portal/.githooks/pre-commit"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, (mode & 0o444) >> 2, "{mode:o}");
    let modes = machine
        .run("portal", "git ls-files --stage .githooks")
        .well()
        .out;
    let modes: BTreeMap<&str, &str> = modes
        .lines()
        .map(|line| (line.rsplit('/').next().unwrap(), &line[..6]))
        .collect();
    let expected = BTreeMap::from([(".gitattributes", "100644"), ("pre-commit", "100755")]);
    assert_eq!(modes, expected);
    let windows = "git -c core.autocrlf=true clone --quiet origin.git windows && cat windows/.githooks/pre-commit";
    let hook = machine.run(".", windows).well().out;
    assert!(
        hook.starts_with("#!/bin/sh\n"),
        "line ends that no shell reads"
    );
}

#[test]
fn the_hook_says_so_where_it_cannot_check() {
    let machine = hooked();
    machine.without_strang();
    machine.write("portal/content/handbook/good.md", "Good.\n");
    let commit = machine
        .run("portal", "git add --all && git commit --quiet -m good")
        .well();
    assert_eq!(
        commit.err,
        "strang is not in PATH, so nothing was checked\n"
    );
}
