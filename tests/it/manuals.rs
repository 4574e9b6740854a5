//! The manuals for people who write and publish: every command in them runs, and what they say it prints is printed.
//!
//! A page's blocks are gone through from top to bottom, on a machine with a small portal:
//!
//! - `sh` is run in the portal's folder, and ends well;
//! - `text` is what the commands before it print, and then they need not end well;
//! - `markdown` is a file: the one that the text before it named last as `content/….md`;
//! - `crontab` is a line whose command is run.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::shell::{Machine, Ran};

/// What the manuals speak of, and where it lies on the machine.
const PLACES: [(&str, &str); 2] = [
    ("https://git.example/portal.git", "origin.git"),
    ("/srv/", "srv/"),
];

/// A step of a manual.
enum Step {
    Commands(String),
    Prints(String),
    File(String, String),
}

fn manual(name: &str) -> String {
    let path = format!("{}/docs/{name}.md", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut file = String::new();
    let mut block = None;
    for event in Parser::new(text) {
        match event {
            Event::Code(code) if code.starts_with("content/") && code.ends_with(".md") => {
                file = code.to_string();
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => {
                block = Some((kind, String::new()));
            }
            Event::Text(line) => {
                if let Some((_, text)) = &mut block {
                    text.push_str(&line);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let (kind, text) = block.take().unwrap();
                match &*kind {
                    "sh" => steps.push(Step::Commands(text)),
                    "crontab" => steps.push(Step::Commands(command_of_cron(&text))),
                    "text" => steps.push(Step::Prints(text)),
                    "markdown" => steps.push(Step::File(file.clone(), text)),
                    "nginx" => {}
                    other => panic!("nobody knows what becomes of a block of {other}"),
                }
            }
            _ => {}
        }
    }
    steps
}

/// What follows the five fields that say when.
fn command_of_cron(line: &str) -> String {
    line.splitn(6, ' ').last().unwrap().to_owned()
}

/// Commands of which nothing is told that they print end well.
fn end_well(last: Option<Ran>) {
    if let Some(ran) = last {
        ran.well();
    }
}

/// Follows a manual to its end, and says how many blocks of commands it has.
fn follow(machine: &Machine, name: &str) -> usize {
    let steps = steps(&manual(name));
    let mut commands = 0;
    let mut last: Option<Ran> = None;
    for step in steps {
        match step {
            Step::File(path, text) => machine.write(&format!("portal/{path}"), &text),
            Step::Prints(text) => {
                let ran = last.take().expect("commands stand before what they print");
                assert_eq!(ran.out + &ran.err, text, "{name}");
            }
            Step::Commands(script) => {
                end_well(last.take());
                last = Some(machine.run("portal", &on_machine(machine, &script)));
                commands += 1;
            }
        }
    }
    end_well(last);
    commands
}

fn on_machine(machine: &Machine, script: &str) -> String {
    PLACES
        .iter()
        .fold(script.to_owned(), |script, (told, place)| {
            script.replace(told, machine.path(place).to_str().unwrap())
        })
}

/// A file is added, committed and pushed by somebody else.
fn push_from_elsewhere(machine: &Machine, path: &str, text: &str) {
    machine.write(&format!("portal/{path}"), text);
    machine
        .run(
            "portal",
            "git add --all && git commit --quiet -m more && git push --quiet",
        )
        .well();
}

#[test]
fn the_day_of_an_editor_ends_with_everything_pushed_and_a_hook_that_works() {
    let machine = Machine::with_portal("--language en");
    assert_eq!(follow(&machine, "editors-day"), 5);
    let state = machine
        .run(
            "portal",
            "git status --porcelain; git diff --stat origin/main HEAD~1",
        )
        .well();
    assert_eq!(state.out, "");
    machine.write(
        "portal/content/handbook/slip.md",
        "+++\ntilte = \"Slip\"\n+++\n",
    );
    let refused = machine.run("portal", "git add --all && git commit --quiet -m slip");
    assert!(
        refused.err.contains("error[unknown-key]"),
        "{}",
        refused.err
    );
}

#[test]
fn the_way_to_a_web_server_can_be_gone_again_and_again() {
    let machine = Machine::with_portal("--language en");
    assert_eq!(follow(&machine, "publish-web-server"), 3);
    let cron = steps(&manual("publish-web-server"))
        .into_iter()
        .filter_map(|step| match step {
            Step::Commands(script) if script.contains("||") => Some(on_machine(&machine, &script)),
            _ => None,
        });
    let cron: String = cron.collect();
    push_from_elsewhere(&machine, "content/handbook/new.md", "New.\n");
    let silent = machine.run("portal", &cron).well();
    assert_eq!((silent.out.as_str(), silent.err.as_str()), ("", ""));
    assert!(
        machine
            .path("srv/portal/www/site/handbook/new.html")
            .is_file()
    );

    push_from_elsewhere(
        &machine,
        "content/handbook/slip.md",
        "+++\ntilte = \"Slip\"\n+++\n",
    );
    let told = machine.run("portal", &cron).well();
    assert!(told.out.contains("error[unknown-key]"), "{}", told.out);
    assert!(
        machine
            .path("srv/portal/www/site/handbook/new.html")
            .is_file()
    );
    assert!(
        !machine
            .path("srv/portal/www/site/handbook/slip.html")
            .exists()
    );
}

#[test]
fn the_way_to_a_file_share_ends_with_a_site_there() {
    let machine = Machine::with_portal("--language en");
    assert_eq!(follow(&machine, "publish-file-share"), 3);
    assert!(machine.path("srv/share/portal/site/index.html").is_file());
}

#[test]
fn the_way_to_gitlab_pages_ends_with_the_file_pushed() {
    let machine = Machine::with_portal("--language en");
    assert_eq!(follow(&machine, "publish-gitlab-pages"), 2);
    machine
        .run("portal", "git cat-file -e origin/main:.gitlab-ci.yml")
        .well();
}
