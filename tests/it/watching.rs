//! What the preview makes of changes: every way to save, floods of them, and what a disk or git may do meanwhile.
//! Whatever happened, it comes to rest on what a build gives.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use crate::laws::{copy, files_below};
use crate::portal_generator::Dice;
use crate::preview::{DAY, Portal, Preview, Stream};
use crate::search_index::Index;
use crate::trials::{is_long, skip, tell, times};

const PAGE: &str = "content/customers/adler/index.md";

fn page(stand: &str) -> String {
    format!("+++\ntitle = \"Ädler\"\n+++\nStand {stand}.\n")
}

fn milliseconds(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// A way to save: what it is called, and what it does to a portal, told which time it is.
type Way = (&'static str, fn(&Portal, usize));

const WAYS: [Way; 12] = [
    ("truncate and write", |portal, time| {
        portal.put(PAGE, &page(&format!("a{time}")));
    }),
    ("write beside and rename", |portal, time| {
        portal.put(
            "content/customers/adler/.index.md.swp",
            &page(&format!("b{time}")),
        );
        let from = portal.path("content/customers/adler/.index.md.swp");
        fs::rename(from, portal.path(PAGE)).unwrap();
    }),
    ("delete and create", |portal, time| {
        fs::remove_file(portal.path(PAGE)).unwrap();
        portal.put(PAGE, &page(&format!("c{time}")));
    }),
    ("change of mode", |portal, time| {
        let mode = if time.is_multiple_of(2) { 0o600 } else { 0o644 };
        fs::set_permissions(portal.path(PAGE), fs::Permissions::from_mode(mode)).unwrap();
    }),
    (
        "touch, and another text of the same size and time",
        |portal, time| {
            let file = portal.path(PAGE);
            portal.put(PAGE, &page(&format!("d{time:04}")));
            let before = fs::metadata(&file).unwrap().modified().unwrap();
            portal.put(PAGE, &page(&format!("e{time:04}")));
            let file = fs::File::options().write(true).open(file).unwrap();
            file.set_modified(before).unwrap();
        },
    ),
    ("slow append", |portal, time| {
        use std::io::Write;
        let mut file = fs::File::create(portal.path(PAGE)).unwrap();
        for part in page(&format!("f{time}")).as_bytes().chunks(9) {
            file.write_all(part).unwrap();
            file.flush().unwrap();
            sleep(milliseconds(20));
        }
    }),
    ("a tree copied at once", |portal, time| {
        let tree = portal.beside(&format!("tree{time}"));
        for customer in 0..5 {
            let folder = tree.join(format!("kopie-{time}-{customer}"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("index.md"), page("g")).unwrap();
            let entry = "+++\nkind = \"visit\"\ntitle = \"Besuch\"\n+++\n";
            fs::write(folder.join("2025-02-01-besuch.md"), entry).unwrap();
        }
        copy(&tree, &portal.path("content/customers"));
    }),
    ("a folder renamed", |portal, time| {
        let [one, other] = ["content/wege/eins", "content/wege/zwei"];
        portal.put(&format!("{one}/a{time}.md"), "Text\n");
        let _ = fs::remove_dir_all(portal.path(other));
        fs::rename(portal.path(one), portal.path(other)).unwrap();
    }),
    ("a name in other letters", |portal, time| {
        portal.put(&format!("content/handbuch/fall{time}.txt"), "Text\n");
        portal.put("content/handbuch/b.md", &format!("[x](Fall{time}.txt)\n"));
        let [from, to] =
            ["fall", "Fall"].map(|name| portal.path(&format!("content/handbuch/{name}{time}.txt")));
        fs::rename(from, to).unwrap();
    }),
    ("twice in five milliseconds", |portal, time| {
        portal.put(PAGE, &page(&format!("h{time}")));
        sleep(milliseconds(5));
        portal.put(PAGE, &page(&format!("i{time}")));
    }),
    ("during a build", |portal, time| {
        portal.put(PAGE, &page(&format!("j{time}")));
        sleep(milliseconds(25));
        portal.put(PAGE, &page(&format!("k{time}")));
    }),
    ("broken, then mended", |portal, time| {
        portal.put(PAGE, "+++\ntitle = \n+++\n");
        sleep(milliseconds(60));
        portal.put(PAGE, &page(&format!("l{time}")));
    }),
];

#[test]
fn fi_10_p21_however_a_source_is_saved_the_preview_is_the_build() {
    let rounds = times(10, 100);
    // Some ways add sources each time, and nobody waits for a large portal here.
    for of_portal in (0..rounds).collect::<Vec<_>>().chunks(5) {
        let portal = Portal::small();
        let preview = Preview::start(&portal);
        for time in of_portal {
            for (name, save) in WAYS {
                save(&portal, *time);
                preview.comes_to(&portal, name);
                assert_eq!(preview.errors(), 0, "{name}: the overlay has gone");
            }
        }
    }
    tell("FI-10 ways to save", WAYS.len() * rounds, "", &[]);
}

#[test]
fn fi_10_a_link_in_the_place_of_a_page_is_an_error_that_comes_and_goes() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    let rounds = times(10, 100);
    for time in 0..rounds {
        let file = portal.path(PAGE);
        fs::rename(&file, portal.beside("anderswo.md")).unwrap();
        std::os::unix::fs::symlink(portal.beside("anderswo.md"), &file).unwrap();
        preview.waits("the link is an error", || preview.errors() > 0);
        assert!(
            preview
                .get("customers/adler.html")
                .text()
                .contains("<h1>Ädler</h1>")
        );
        fs::remove_file(&file).unwrap();
        portal.put(PAGE, &page(&time.to_string()));
        preview.comes_to(&portal, "the link has gone");
        assert_eq!(preview.errors(), 0);
    }
    tell("FI-10 links that come and go", rounds, "", &[]);
}

#[test]
fn a_new_customer_another_theme_and_other_settings_need_no_new_start() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    portal.put(
        "content/customers/berg/index.md",
        "+++\ntitle = \"Berg\"\n+++\n",
    );
    preview.shows("customers/index.html", "Berg");
    portal.put("themes/default/i18n/de.toml", "home = \"Ganz vorne\"\n");
    preview.comes_to(&portal, "a theme where there was none");
    portal.put(
        "themes/default/i18n/de.toml",
        "home = \"Noch weiter vorne\"\n",
    );
    preview.comes_to(&portal, "a word of it");
    portal.put(
        "themes/default/assets/css/90-own.css",
        "h1 { color: red }\n",
    );
    preview.waits("the style is red", || {
        preview.get(&preview.style()).text().contains("color: red")
    });
    portal.put("strang.toml", "title = \"Anders\"\nlanguage = \"en\"\n");
    preview.shows("index.html", "Customers");
    preview.comes_to(&portal, "settings");
    fs::remove_dir_all(portal.path("themes")).unwrap();
    preview.comes_to(&portal, "no theme any more");
    fs::remove_dir_all(portal.path("content/customers/berg")).unwrap();
    preview.comes_to(&portal, "no customer any more");
}

#[test]
fn a_theme_that_fails_when_it_is_used_leaves_the_last_site() {
    const TEMPLATE: &str = "themes/default/templates/customer.html";
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    let before = preview.get("customers/adler.html").text();
    portal.put(TEMPLATE, "{{ there.is.none }}\n");
    preview.hears("themes/default/templates/customer.html:1:");
    for address in ["customers/adler.html", "index.html"] {
        assert_eq!(preview.get(address).status, 200, "{address}");
    }
    assert_eq!(preview.get("customers/adler.html").text(), before);
    let told = preview.get("~strang/told.json").text();
    assert!(told.contains("template-error"), "{told}");
    portal.put(PAGE, &page("mitten darin"));
    sleep(milliseconds(1500));
    assert_eq!(preview.get("customers/adler.html").text(), before);
    portal.put(PAGE, &page("danach"));
    portal.put(TEMPLATE, "<h1>{{ title }}</h1>\n");
    preview.comes_to(&portal, "a theme that is mended");
    fs::remove_file(portal.path(TEMPLATE)).unwrap();
    preview.comes_to(&portal, "a theme that is gone");
}

#[test]
fn what_was_saved_is_found_by_the_search() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    assert!(preview.get("search.html").text().contains("<main"));
    let finds = |word: &str| {
        let built = portal.built().unwrap();
        let addresses = built.keys().filter(|file| file.starts_with("search/"));
        let files: Vec<(&str, Vec<u8>)> = addresses
            .map(|address| (address.as_str(), preview.get(address).body))
            .collect();
        let index = Index::of(files.iter().map(|(address, file)| (*address, &**file)));
        index.terms.contains_key(word.as_bytes())
    };
    assert!(finds("anfang") && !finds("ausgang"));
    portal.put(PAGE, &page("Ausgang"));
    preview.comes_to(&portal, "another word");
    assert!(finds("ausgang") && !finds("anfang"));
    let root = preview.get("search/root.js");
    assert_eq!(
        root.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(preview.get("search/t/0000000000.js").status, 404);
    portal.put(
        "strang.toml",
        "title = \"Portal\"\n[search]\nenabled = false\n",
    );
    preview.comes_to(&portal, "no search");
    for address in ["search.html", "search/root.js"] {
        assert_eq!(preview.get(address).status, 404, "{address}");
    }
}

#[test]
fn the_terminal_tells_a_fault_once_and_that_it_has_gone() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    portal.put(PAGE, "+++\ntitel = \"Ädler\"\n+++\n");
    preview.hears("error[unknown-key]");
    preview.hears(", 0 warnings");
    portal.put(
        "content/customers/adler/2025-03-01-besuch.md",
        "+++\nkind = \"visit\"\ntitle = \"B\"\n+++\n",
    );
    sleep(milliseconds(300));
    assert_eq!(preview.said_since(), Vec::<String>::new());
    portal.put(PAGE, &page("gut"));
    preview.hears("no errors, no warnings");
}

/// Portals of many entries, so that building takes its time.
fn add_entries(portal: &Portal, count: usize) {
    for entry in 0..count {
        add_entry(portal, entry, 0);
    }
}

fn add_entry(portal: &Portal, entry: usize, round: usize) {
    let customer = format!("content/customers/k{}", entry % 50);
    if entry < 50 {
        portal.put(
            &format!("{customer}/index.md"),
            &format!("+++\ntitle = \"Kunde {entry}\"\n+++\n"),
        );
    }
    let (month, day) = (1 + entry % 12, 1 + entry % 28);
    portal.put(
        &format!("{customer}/2024-{month:02}-{day:02}-besuch-{entry}.md"),
        &format!("+++\nkind = \"visit\"\ntitle = \"Besuch {entry}\"\n+++\nText {entry} {round}\n"),
    );
}

/// Files of which every tenth is an entry, and the others are what no page links to.
fn add_files(portal: &Portal, round: usize, count: usize) {
    fs::create_dir_all(portal.path("content/flut")).unwrap();
    for file in 0..count {
        let text = format!("Flut {round}");
        fs::write(portal.path(&format!("content/flut/{file}.txt")), text).unwrap();
        if file % 10 == 0 {
            add_entry(portal, file / 10, round);
        }
    }
}

#[test]
fn p21_a_table_and_a_file_that_are_saved_twice_at_once_are_those_of_the_second_time() {
    let portal = Portal::small();
    portal.put(
        "strang.toml",
        "title = \"Portal\"\nlanguage = \"de\"\n[ledgers.bank]\nfiles = \"ledgers/*.csv\"\nkind = \"payment\"\n\
        customer = { column = \"Kunde\" }\ncolumns = { date = \"Datum\", title = \"Text\" }\n",
    );
    let table = |text: &str| format!("Kunde;Datum;Text\nadler;2025-01-02;{text}\n");
    portal.put("content/ledgers/bank.csv", &table("Anfang"));
    portal.put(
        "content/wissen/plan.md",
        "+++\ntitle = \"Plan\"\n+++\n[Plan](plan.txt)\n",
    );
    portal.put("content/wissen/plan.txt", "Anfang");
    for polled in [&[][..], &["--poll"][..]] {
        let preview = Preview::start_with(&portal, polled);
        for time in 0..4 {
            for save in ["erst", "dann"] {
                portal.put("content/ledgers/bank.csv", &table(&format!("{save}{time}")));
                portal.put("content/wissen/plan.txt", &format!("{save}{time}"));
                sleep(milliseconds(300));
            }
            let wanted = format!("dann{time}");
            preview.shows("customers/adler.html", &wanted);
            preview.shows("wissen/plan.txt", &wanted);
        }
        preview.comes_to(&portal, "tables and files saved twice");
    }
}

#[test]
fn fi_9_more_changes_than_the_system_remembers_are_all_seen() {
    let portal = Portal::small();
    // What comes in a folder that is not watched yet is no event of its own, so the folders are there before.
    add_entries(&portal, 50);
    let preview = Preview::start(&portal);
    preview.comes_to(&portal, "folders to be flooded");
    let (rounds, files) = (times(1, 20), 20_000);
    let mut builds = Vec::new();
    for round in 0..rounds {
        let before = preview.told()["number"].as_u64().unwrap();
        // Each new file is four events; the system remembers 16,384.
        preview.signal("-STOP");
        add_files(&portal, round, files);
        preview.signal("-CONT");
        preview.shows("customers/k7.html", &format!("Text 1007 {round}"));
        preview.comes_to(&portal, "a flood");
        builds.push(preview.told()["number"].as_u64().unwrap() - before);
    }
    // One build runs and one waits, whatever the number of changes: a look at once, one after the quiet, one after a
    // second, and as many while a test is still writing.
    let many = builds.iter().filter(|builds| **builds > 8);
    let faults: Vec<String> = many.map(|builds| format!("{builds} builds")).collect();
    let found = format!(" (20,000 files each while the preview was stopped; builds {builds:?})");
    tell("FI-9 floods", rounds, &found, &faults);
}

fn git(portal: &Portal, arguments: &[&str]) {
    let identity = [
        "-c",
        "user.name=Jana",
        "-c",
        "user.email=jana@firma.example",
    ];
    let mut git = Command::new("git");
    let done = git
        .arg("-C")
        .arg(portal.root())
        .args(identity)
        .args(arguments)
        .env("GIT_AUTHOR_DATE", "2026-11-01T12:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-11-01T12:00:00Z")
        .output()
        .unwrap();
    assert!(done.status.success(), "{arguments:?}: {done:?}");
}

#[test]
fn fi_9_another_branch_and_its_history_are_seen() {
    let portal = Portal::small();
    let jana = "title = \"Jana\"\ndepartments = [\"kantine\"]\nemails = [\"jana@firma.example\"]";
    portal.put("content/people/jana.md", &format!("+++\n{jana}\n+++\n"));
    git(&portal, &["init", "--quiet", "--initial-branch=main"]);
    git(&portal, &["add", "--all"]);
    git(
        &portal,
        &[
            "commit",
            "--quiet",
            "--message=main",
            "--author=Fremd <x@y.example>",
        ],
    );
    git(&portal, &["checkout", "--quiet", "-b", "viel"]);
    let files = 3_000;
    add_files(&portal, 0, files);
    git(&portal, &["add", "--all"]);
    git(&portal, &["commit", "--quiet", "--message=viel"]);
    git(&portal, &["checkout", "--quiet", "main"]);
    let preview = Preview::start(&portal);
    preview.comes_to(&portal, "with history");
    let rounds = times(1, 20);
    for _ in 0..rounds {
        git(&portal, &["checkout", "--quiet", "viel"]);
        preview.comes_to(&portal, "the other branch");
        git(&portal, &["checkout", "--quiet", "main"]);
        preview.comes_to(&portal, "the first branch");
    }
    portal.put(PAGE, &page("committed"));
    preview.comes_to(&portal, "not committed yet");
    let before = portal.built().unwrap();
    git(
        &portal,
        &["commit", "--quiet", "--all", "--message=ein Satz"],
    );
    preview.comes_to(&portal, "committed");
    assert_ne!(
        portal.built().unwrap(),
        before,
        "the commit is to be seen in pages"
    );
    let found = format!(" ({files} files each)");
    tell("FI-9 switches of branch", 2 * rounds, &found, &[]);
}

#[test]
fn a_portal_that_becomes_a_repository_gets_its_history() {
    let portal = Portal::small();
    let jana = "title = \"Jana\"\ndepartments = [\"kantine\"]\nemails = [\"jana@firma.example\"]";
    portal.put("content/people/jana.md", &format!("+++\n{jana}\n+++\n"));
    let preview = Preview::start(&portal);
    preview.comes_to(&portal, "no repository");
    let before = portal.built().unwrap();
    git(&portal, &["init", "--quiet", "--initial-branch=main"]);
    sleep(milliseconds(500));
    git(&portal, &["add", "--all"]);
    git(&portal, &["commit", "--quiet", "--message=main"]);
    assert_ne!(
        portal.built().unwrap(),
        before,
        "pages say who recorded them"
    );
    preview.comes_to(&portal, "a repository");
}

#[test]
fn fi_9_folders_that_go_and_come_back_are_seen() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    let rounds = times(1, 20);
    for time in 0..rounds {
        let content = portal.path("content");
        fs::rename(&content, portal.beside("weg")).unwrap();
        preview.waits("content is missed", || preview.errors() > 0);
        fs::rename(portal.beside("weg"), &content).unwrap();
        preview.comes_to(&portal, "content is back");
        portal.put(PAGE, &page(&format!("content {time}")));
        preview.comes_to(&portal, "a save after content was gone");

        fs::rename(portal.root(), portal.beside("anders")).unwrap();
        preview.waits("the root is missed", || preview.errors() > 0);
        fs::rename(portal.beside("anders"), portal.root()).unwrap();
        preview.comes_to(&portal, "the root is back");
        portal.put(PAGE, &page(&format!("root {time}")));
        preview.comes_to(&portal, "a save after the root was gone");
    }
    tell("FI-9 folders that went and came back", 2 * rounds, "", &[]);
}

#[test]
fn fi_11_without_events_changes_are_seen_each_second() {
    // Each in a portal of its own, since most of the time is that of waiting.
    thread::scope(|scope| {
        for (name, save) in WAYS {
            scope.spawn(move || {
                let portal = Portal::small();
                let preview = Preview::start_with(&portal, &["--poll"]);
                preview.comes_to(&portal, "before");
                save(&portal, 0);
                preview.comes_to(&portal, name);
            });
        }
    });
    tell("FI-11 ways to save, polled", WAYS.len(), "", &[]);
}

/// The command that starts a preview in a world of its own, where a shell may have taken something from the system.
fn deprived(portal: &Portal, line: &str) -> Command {
    let script = format!("{line} && exec \"$0\" \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", &script]);
    command
        .arg(env!("CARGO_BIN_EXE_strang"))
        .args(Preview::arguments(portal));
    command
}

fn has_worlds(what: &str) -> bool {
    let made = Command::new("unshare")
        .args(["--user", "--map-root-user", "true"])
        .status();
    let has = made.is_ok_and(|status| status.success());
    if !has {
        skip(what, "no user namespace can be made here");
    }
    has
}

/// A preview whose thread that watches meets an error that it does not survive, when it waits for the eighth time.
fn dying(portal: &Portal) -> Command {
    let mut command = Command::new("strace");
    // With `-D` the preview is the process that is started, and ends with the test.
    command.args(["-D", "-f", "-qq", "-o", "/dev/null"]);
    command.args(["-e", "inject=epoll_wait:error=EBADF:when=8+"]);
    command
        .arg(env!("CARGO_BIN_EXE_strang"))
        .args(Preview::arguments(portal));
    command
}

/// Whether a preview that is told of nothing any more says so in one line, with the reason, and shows what is saved.
fn goes_on_each_second(mut command: Command, portal: &Portal, reason: &str) -> Result<(), String> {
    let preview = Preview::run(command.stdout(std::process::Stdio::null()));
    // In one step, since a look at half a save would be a fault to tell.
    let save = |stand: &str| {
        let saved = portal.beside("gesichert.md");
        fs::write(&saved, page(stand)).unwrap();
        fs::rename(saved, portal.path(PAGE)).unwrap();
        preview.shows("customers/adler.html", &format!("Stand {stand}."));
    };
    let mut said = Vec::new();
    for time in 0.. {
        save(&time.to_string());
        said.append(&mut preview.said_since());
        if !said.is_empty() || time > 60 {
            break;
        }
    }
    for stand in ["gesehen", "wieder gesehen"] {
        save(stand);
    }
    preview.comes_to(portal, reason);
    said.append(&mut preview.said_since());
    let is_right = said.len() == 1
        && said[0].contains("changes are looked for each second")
        && said[0].contains(reason);
    is_right.then_some(()).ok_or_else(|| format!("{said:?}"))
}

#[test]
fn fi_11_a_system_that_tells_nothing_is_told_of_once() {
    let what = "FI-11 a system that tells nothing";
    type Start = fn(&Portal) -> Command;
    let no_instance: Start =
        |portal| deprived(portal, "echo 0 > /proc/sys/user/max_inotify_instances");
    let few_watches: Start =
        |portal| deprived(portal, "echo 3 > /proc/sys/user/max_inotify_watches");
    let mut troubles: Vec<(Start, &str)> = Vec::new();
    if has_worlds(what) {
        // EMFILE and ENOSPC.
        troubles.extend([(no_instance, "Too many open files"); 4]);
        troubles.extend([(few_watches, "OS file watch limit reached"); 3]);
    }
    if (Command::new("strace").arg("true").output()).is_ok_and(|traced| traced.status.success()) {
        troubles.extend([(dying as Start, "its watcher has ended"); 3]);
    } else {
        skip(
            &format!("{what}, since its thread dies"),
            "there is no strace",
        );
    }
    let tried = troubles.len();
    let faults: Vec<String> = thread::scope(|scope| {
        let trials: Vec<_> = troubles
            .into_iter()
            .map(|(start, reason)| {
                scope.spawn(move || {
                    let portal = Portal::small();
                    let outcome = goes_on_each_second(start(&portal), &portal, reason);
                    outcome.err().map(|said| format!("{reason}: {said}"))
                })
            })
            .collect();
        let outcomes = trials.into_iter().map(|trial| trial.join().unwrap());
        outcomes.flatten().collect()
    });
    let found = " (no instances, too few watches, a thread that dies)";
    tell(what, tried, found, &faults);
}

#[test]
fn fi_11_watching_that_cannot_grow_is_told_and_goes_on() {
    let what = "FI-11 watching that cannot grow";
    if !has_worlds(what) {
        return;
    }
    let portal = Portal::small();
    let mut command = deprived(&portal, "echo 12 > /proc/sys/user/max_inotify_watches");
    let preview = Preview::run(command.stdout(std::process::Stdio::null()));
    add_entries(&portal, 100);
    preview.comes_to(&portal, "more folders than may be watched");
    portal.put("content/customers/k49/index.md", &page("zuletzt"));
    preview.shows("customers/k49.html", "Stand zuletzt.");
    preview.comes_to(&portal, "a save where nothing is watched");
    preview.hears("changes are looked for each second");
    tell(what, 1, "", &[]);
}

#[test]
fn fi_12_sources_that_change_while_they_are_read_are_seen_in_the_end() {
    let portal = Portal::small();
    add_entries(&portal, 200);
    let preview = Preview::start(&portal);
    let rounds = times(20, 200);
    for time in 0..rounds {
        let at = |entry: usize| {
            let (month, day) = (1 + entry % 12, 1 + entry % 28);
            portal.path(&format!(
                "content/customers/k{}/2024-{month:02}-{day:02}-besuch-{entry}.md",
                entry % 50
            ))
        };
        let file = at(time % 200);
        let text = fs::read_to_string(&file).unwrap();
        fs::rename(&file, file.with_extension("tmp")).unwrap();
        sleep(milliseconds(17));
        fs::rename(file.with_extension("tmp"), &file).unwrap();
        fs::File::create(&file).unwrap();
        sleep(milliseconds(23));
        fs::write(&file, format!("{text} {time}")).unwrap();
        let folder = file.parent().unwrap();
        fs::rename(folder, folder.with_extension("weg")).unwrap();
        fs::rename(folder.with_extension("weg"), folder).unwrap();
    }
    preview.comes_to(&portal, "sources moved, cut and deleted");
    tell(
        "FI-12 sources moved, cut and deleted while they are read",
        rounds,
        "",
        &[],
    );
}

/// Steps of somebody who writes into a portal that [`is_of_one_state`] knows, each a state of its own.
type Step<'a> = Box<dyn Fn() + 'a>;

/// Every state once, from the first to the first with a higher number.
fn steps(portal: &Portal, number: usize) -> Vec<Step<'_>> {
    let path = |of: &str| portal.path(of);
    let cut = |of: &str| {
        let file = path(&format!("content/{of}/zahl.md"));
        Box::new(move || drop(fs::File::create(&file).unwrap())) as Step<'_>
    };
    let save = |of: &str| {
        let file = path(&format!("content/{of}/zahl.md"));
        let beside = portal.beside("gesichert.md");
        Box::new(move || {
            fs::write(&beside, format!("Zahl {number}.\n")).unwrap();
            fs::rename(&beside, &file).unwrap();
        }) as Step<'_>
    };
    let wander = |from: &str, to: &str| {
        let [from, to] =
            [from, to].map(|of| path(&format!("content/customers/{of}/2024-01-01-wanderer.md")));
        Box::new(move || fs::rename(&from, &to).unwrap()) as Step<'_>
    };
    let delete = |of: &str| {
        let file = path(&format!("content/{of}/paar.md"));
        Box::new(move || fs::remove_file(&file).unwrap()) as Step<'_>
    };
    let create = |of: &str| {
        let file = path(&format!("content/{of}/paar.md"));
        Box::new(move || fs::write(&file, "Paar.\n").unwrap()) as Step<'_>
    };
    vec![
        cut("aaa"),
        save("aaa"),
        wander("k0", "k49"),
        delete("zzz"),
        delete("aaa"),
        cut("zzz"),
        save("zzz"),
        create("aaa"),
        create("zzz"),
        wander("k49", "k0"),
    ]
}

/// Whether a site is that of one state, and what it mixes.
fn is_of_one_state(site: &Path) -> Result<(), String> {
    let text = |page: &str| fs::read_to_string(site.join(page)).unwrap_or_default();
    let number = |of: &str| {
        let page = text(&format!("{of}/zahl.html"));
        let (_, rest) = page.split_once("Zahl ")?;
        rest.split_once('.')?.0.parse::<usize>().ok()
    };
    match (number("aaa"), number("zzz")) {
        (None, Some(_)) | (Some(_), None) => {}
        (Some(first), Some(last)) if first == last || first == last + 1 => {}
        numbers => return Err(format!("numbers {numbers:?}")),
    }
    let met = ["k0", "k49"].map(|of| text(&format!("customers/{of}.html")).contains("Wanderer"));
    if met[0] == met[1] {
        return Err(format!("the entry that wanders is at {met:?}"));
    }
    let pair = ["aaa", "zzz"].map(|of| site.join(of).join("paar.html").is_file());
    if pair == [false, true] {
        return Err("the page that goes last has gone alone".to_owned());
    }
    Ok(())
}

#[test]
fn fi_12_a_build_of_sources_that_change_meanwhile_is_of_one_state_or_is_told() {
    let portal = Portal::small();
    add_entries(&portal, 200);
    for of in ["aaa", "zzz"] {
        portal.put(&format!("content/{of}/zahl.md"), "Zahl 0.\n");
        portal.put(&format!("content/{of}/paar.md"), "Paar.\n");
    }
    portal.put(
        "content/customers/k0/2024-01-01-wanderer.md",
        "+++\nkind = \"visit\"\ntitle = \"Wanderer\"\n+++\n",
    );
    let site = portal.beside("site");
    let build = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_strang"));
        command.arg("-C").arg(portal.root());
        command.args(["build", "--as-of", DAY, "--out"]).arg(&site);
        command.stderr(std::process::Stdio::piped());
        command
    };
    let start = Instant::now();
    assert!(build().output().unwrap().status.success());
    let time = start.elapsed();
    let rounds = times(20, 200);
    let mut dice = Dice::new(12);
    let (mut told, mut faults) = (0, Vec::new());
    for round in 0..rounds {
        let before = files_below(&site);
        let mut child = build().spawn().unwrap();
        // Every fourth time somebody never stops.
        let is_restless = round % 4 == 3;
        if !is_restless {
            sleep(time.mul_f64(dice.below(1000) as f64 / 1500.0));
        }
        for number in round.. {
            for step in steps(&portal, number + 1) {
                step();
                sleep(Duration::from_micros(dice.below(1500) as u64));
            }
            if !is_restless || child.try_wait().unwrap().is_some() {
                break;
            }
        }
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        let outcome = match done.status.code() {
            Some(0) => is_of_one_state(&site),
            Some(1) if files_below(&site) != before => Err("the site was changed".to_owned()),
            Some(1) if said.contains("strang.toml:1:1: error[changed-while-building]") => {
                told += 1;
                Ok(())
            }
            status => Err(format!("{status:?}: {said}")),
        };
        faults.extend(outcome.err().map(|fault| format!("round {round}: {fault}")));
    }
    assert!(build().output().unwrap().status.success());
    is_of_one_state(&site).unwrap();
    let found = format!(
        " ({} of one state, {told} told as `changed-while-building`)",
        rounds - told - faults.len()
    );
    tell("FI-12 builds while sources change", rounds, &found, &faults);
    assert!(told > 0, "nobody was told");
    assert!(told < rounds, "nothing was published");
}

#[test]
fn p7_a_page_that_becomes_a_link_while_it_is_read_leads_nowhere() {
    let portal = Portal::small();
    let outside = portal.beside("draussen");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("index.md"), page("geheim")).unwrap();
    let (file, folder) = (portal.path(PAGE), portal.path("content/customers/adler"));
    let (spare, spare_folder) = (portal.beside("ersatz.md"), portal.beside("ersatz"));
    let wanted = times(1_000, 10_000);
    let (swaps, is_done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (mut builds, mut published, mut leaks) = (0, 0, Vec::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut dice = Dice::new(7);
            while !is_done.load(Ordering::Relaxed) {
                symlink(outside.join("index.md"), &spare).unwrap();
                fs::rename(&spare, &file).unwrap();
                fs::write(&spare, page("offen")).unwrap();
                fs::rename(&spare, &file).unwrap();
                fs::rename(&folder, &spare_folder).unwrap();
                symlink(&outside, &folder).unwrap();
                fs::remove_file(&folder).unwrap();
                fs::rename(&spare_folder, &folder).unwrap();
                swaps.fetch_add(2, Ordering::Relaxed);
                // Now and then a build is left in peace, or none would come to its end.
                if dice.one_in(20) {
                    sleep(milliseconds(dice.below(200) as u64));
                }
            }
        });
        let goes_on = |published, builds| published == 0 && builds < 1_000;
        while (swaps.load(Ordering::Relaxed) < wanted || goes_on(published, builds))
            && leaks.is_empty()
        {
            builds += 1;
            let Some(site) = portal.built() else {
                continue;
            };
            published += 1;
            let shown = site
                .iter()
                .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("geheim"));
            leaks.extend(shown.map(|(address, _)| format!("what lies outside is in {address}")));
        }
        is_done.store(true, Ordering::Relaxed);
    });
    let found = format!(" ({builds} builds, {published} published)");
    assert!(published > 0, "no build came to an end without an error");
    tell(
        "P7 swaps for links while building",
        swaps.into_inner(),
        &found,
        &leaks,
    );
}

/// A git that does as it is told, in a folder for PATH.
fn fake_git(portal: &Portal, script: &str) -> PathBuf {
    let folder = portal.beside("bin");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("git");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn with_path(portal: &Portal, folder: &Path) -> Preview {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strang"));
    let command = command.args(Preview::arguments(portal));
    Preview::run(command.env("PATH", path(folder)))
}

fn path(folder: &Path) -> String {
    format!("{}:/usr/bin:/bin", folder.display())
}

#[test]
fn fi_14_whatever_git_does_the_portal_is_shown_and_built_without_history() {
    let gits = [
        ("exits 1", "exit 1"),
        ("dies at once", "kill -9 $$"),
        (
            "dies midway",
            "printf '\\0jana@firma.example\\0002025-03-01\\0'; kill -9 $$",
        ),
        ("prints garbage", "head -c 100000 /dev/urandom"),
        ("prints much", "yes | head -c 1073741824"),
    ];
    let (mut tried, mut longest) = (0, Duration::ZERO);
    for (name, script) in gits {
        let portal = Portal::small();
        let without = portal.built().unwrap();
        fs::create_dir_all(portal.path(".git")).unwrap();
        let folder = fake_git(&portal, script);
        let start = Instant::now();
        let mut build = Command::new(env!("CARGO_BIN_EXE_strang"));
        build.arg("-C").arg(portal.root());
        build
            .args(["build", "--as-of", DAY])
            .env("PATH", path(&folder));
        let done = build.output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{name}: {said}");
        assert_eq!(
            said.matches("warning[git-unavailable]").count(),
            1,
            "{name}: {said}"
        );
        let mut site = files_below(&portal.path("public"));
        site.remove(".strang");
        assert!(site == without, "{name}: a site without history");
        longest = longest.max(start.elapsed());
        fs::remove_dir_all(portal.path("public")).unwrap();

        let preview = with_path(&portal, &folder);
        assert_eq!(preview.get("customers/adler.html").status, 200, "{name}");
        preview.hears("warning[git-unavailable]");
        portal.put(PAGE, &page("trotzdem"));
        preview.shows("customers/adler.html", "Stand trotzdem.");
        assert_eq!(preview.errors(), 0, "{name}");
        tried += 2;
    }
    assert!(longest < Duration::from_secs(60), "{longest:?}");
    let found = format!(" (the longest build took {} ms)", longest.as_millis());
    tell("FI-14 gits that fail", tried, &found, &[]);
}

#[test]
fn fi_14_a_git_that_hangs_keeps_nobody_waiting() {
    let portal = Portal::small();
    fs::create_dir_all(portal.path(".git")).unwrap();
    let start = Instant::now();
    let preview = with_path(&portal, &fake_git(&portal, "exec sleep 70"));
    portal.put(PAGE, &page("sofort"));
    preview.shows("customers/adler.html", "Stand sofort.");
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "git is waited for"
    );
    if is_long() {
        preview.waits("git is given up", || {
            preview
                .get("~strang/told.json")
                .text()
                .contains("git-unavailable")
        });
        tell("FI-14 git hangs", 1, " (given up in the end)", &[]);
    }
}

/// A page in a browser, kept up to date as the preview's script does it.
struct Tab<'a> {
    preview: &'a Preview,
    /// The number of the build it is of.
    build: u64,
    stand: String,
    stream: Option<Stream>,
}

impl<'a> Tab<'a> {
    fn open(preview: &'a Preview) -> Tab<'a> {
        let mut tab = Tab {
            preview,
            build: 0,
            stand: String::new(),
            stream: None,
        };
        tab.load();
        tab
    }

    fn load(&mut self) {
        let page = self.preview.get("customers/adler.html");
        assert_eq!(page.status, 200);
        let text = page.text();
        let part = |before: &str, after: &str| {
            let (_, rest) = text.split_once(before).unwrap();
            rest.split_once(after).unwrap().0.to_owned()
        };
        self.build = part("data-build=\"", "\"").parse().unwrap();
        self.stand = part("Stand ", ".");
    }

    /// Somebody looks at it for a while: it listens, and loads anew where a build has changed it.
    fn show(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            if self.stream.is_none() {
                self.stream = self.preview.stream_or_none();
            }
            let Some(stream) = &mut self.stream else {
                sleep(milliseconds(100));
                continue;
            };
            stream.limit(milliseconds(50));
            if stream.next().is_some() {
                let told = self.preview.told();
                let latest = &told["site"].as_u64().unwrap();
                if *latest != self.build {
                    self.stream = None;
                    self.load();
                }
            }
        }
    }

    /// Nobody looks at it any more, so it does not listen.
    fn hide(&mut self) {
        self.stream = None;
    }
}

#[test]
fn fi_18_twenty_tabs_resets_and_nonsense_leave_nothing_behind_and_each_tab_ends_on_the_last_build()
{
    let portal = Portal::small();
    portal.put(PAGE, &page("anfangs"));
    let mut preview = Preview::start(&portal);
    preview.comes_to(&portal, "before");
    preview.rests();
    let before = preview.held();
    let end = Instant::now() + Duration::from_secs(times(20, 600) as u64);
    let goes_on = || Instant::now() < end;
    let requests = crate::serve::everything(preview.port);
    let (asked, resets) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (saves, mut tabs) = thread::scope(|scope| {
        let tabs: Vec<_> = (0..20)
            .map(|number| {
                let preview = &preview;
                scope.spawn(move || {
                    let mut dice = Dice::new(number);
                    let mut tab = Tab::open(preview);
                    while goes_on() {
                        tab.show(milliseconds(100 + dice.below(900) as u64));
                        tab.hide();
                        sleep(milliseconds(dice.below(400) as u64));
                    }
                    tab
                })
            })
            .collect();
        scope.spawn(|| {
            let mut dice = Dice::new(18);
            while goes_on() {
                let request = &requests[dice.below(requests.len())];
                crate::serve::assert_answered(&preview, [request]);
                asked.fetch_add(1, Ordering::Relaxed);
                sleep(milliseconds(5));
            }
        });
        scope.spawn(|| {
            let nonsense = [
                preview.asks_for_stream(),
                "FOO\r\n\r\n".to_owned(),
                "\0\0\0".to_owned(),
                "GET / HTTP/9.9\r\n\r\n".to_owned(),
                "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n12".to_owned(),
            ];
            for text in nonsense.iter().cycle() {
                if !goes_on() {
                    return;
                }
                let page = preview.raw(text.as_bytes());
                sleep(milliseconds(30));
                // What was never read resets the connection.
                drop(page);
                resets.fetch_add(1, Ordering::Relaxed);
            }
        });
        let mut saves = 0;
        while goes_on() {
            portal.put(PAGE, &page(&saves.to_string()));
            saves += 1;
            sleep(milliseconds(15));
        }
        let tabs = tabs.into_iter().map(|tab| tab.join().unwrap());
        (saves, tabs.collect::<Vec<_>>())
    });
    portal.put(PAGE, &page("zuletzt"));
    preview.shows("customers/adler.html", "Stand zuletzt.");
    let mut faults = Vec::new();
    // No more than sixteen are told at once, and nobody looks at twenty.
    for some in tabs.chunks_mut(10) {
        thread::scope(|scope| {
            for tab in some.iter_mut() {
                scope.spawn(|| {
                    tab.show(milliseconds(500));
                    tab.hide();
                });
            }
        });
    }
    let latest = preview.told()["number"].as_u64().unwrap();
    for (number, tab) in tabs.iter().enumerate() {
        if (tab.build, tab.stand.as_str()) != (latest, "zuletzt") {
            faults.push(format!("tab {number} ends on {} {}", tab.build, tab.stand));
        }
    }
    let count = tabs.len();
    drop(tabs);
    assert!(preview.is_alive());
    let quiet = Instant::now();
    preview.waits("threads and descriptors are let go", || {
        let now = preview.held();
        now.0 <= before.0 + 4 && now.1 <= before.1 + 4
    });
    let quiet = quiet.elapsed();
    assert!(quiet < Duration::from_secs(30), "let go after {quiet:?}");
    let found = format!(
        " ({saves} saves, {latest} builds, {} requests of the S tables, {} resets; threads and descriptors \
        {before:?}, then {:?} after {} s)",
        asked.into_inner(),
        resets.into_inner(),
        preview.held(),
        quiet.as_secs(),
    );
    tell("FI-18 tabs on the last build", count, &found, &faults);
}
