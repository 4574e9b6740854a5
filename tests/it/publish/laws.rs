//! What holds for every publish: the same bytes whatever the surroundings, nothing written twice, nothing missing.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use flate2::read::GzDecoder;
use serde_json::Value;
use strang::publish::disk::System;
use tempfile::TempDir;
use walkdir::WalkDir;

use super::{Files, LISTS, files_on, own, publish_on, put, skip, tell, version, write_version};
use crate::cli::{Run, run};
use crate::portal_generator::{Order, People, Portal};

fn portal(of: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_version(folder.path(), of);
    folder
}

/// Builds the portal of a folder and gives back the site, with the run.
fn built(folder: &Path, arguments: &[&str]) -> (Files, Run) {
    let run = run(
        folder,
        &[&["build", "--as-of", "2025-03-03"], arguments].concat(),
    );
    assert_eq!(run.status, 0, "{}", run.err);
    (files_on(&System, &folder.join("public")), run)
}

fn last_line(run: &Run) -> String {
    let line = run.err.lines().last().unwrap();
    line.split(" (").next().unwrap().to_owned()
}

/// What identifies a file and tells when it was written.
fn stamps(folder: &Path) -> Vec<(PathBuf, u64, i64, i64)> {
    let files = WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap);
    let stamp = |file: walkdir::DirEntry| {
        let of = file.metadata().unwrap();
        (file.into_path(), of.ino(), of.mtime(), of.mtime_nsec())
    };
    files
        .filter(|file| file.file_type().is_file())
        .map(stamp)
        .collect()
}

#[test]
fn p_16_a_second_publish_writes_nothing() {
    let folder = portal("a");
    let (_, first) = built(folder.path(), &[]);
    let public = folder.path().join("public");
    let before = stamps(&public);
    let inode = fs::metadata(&public).unwrap().ino();
    assert_eq!(
        last_line(&first),
        format!(
            "{} files written, 0 unchanged, 0 removed in public",
            before.len() - 1
        )
    );
    let (_, second) = built(folder.path(), &[]);
    assert_eq!(
        last_line(&second),
        format!(
            "0 files written, {} unchanged, 0 removed in public",
            before.len() - 1
        )
    );
    assert_eq!(stamps(&public), before);
    assert_eq!(
        fs::metadata(&public).unwrap().ino(),
        inode,
        "nothing was switched"
    );
}

#[test]
fn what_stays_as_it_is_keeps_its_time_and_what_changes_is_a_new_file() {
    let folder = portal("a");
    built(folder.path(), &[]);
    let public = folder.path().join("public");
    let before = stamps(&public);
    put(
        folder.path(),
        "content/handbuch/fassung.md",
        "# Ganz anders\n",
    );
    let (site, second) = built(folder.path(), &[]);
    let after = stamps(&public);
    let (same, other): (Vec<_>, Vec<_>) = after.iter().partition(|stamp| before.contains(stamp));
    let written: usize = second.err.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(other.len(), written + 1, "and the list");
    assert!(same.len() > site.len() / 2, "{other:?}");
    assert!(
        other
            .iter()
            .any(|(path, ..)| path.ends_with("handbuch/fassung.html"))
    );
}

/// One way in which the surroundings of a build differ.
#[derive(Clone)]
struct Variation {
    name: &'static str,
    variables: Vec<(&'static str, String)>,
    /// What a shell does before.
    line: &'static str,
    portal: PathBuf,
}

impl Variation {
    fn with(&self, name: &'static str, variables: &[(&'static str, &str)]) -> Variation {
        let mut other = self.clone();
        other.name = name;
        let variables = variables.iter();
        other
            .variables
            .extend(variables.map(|(name, value)| (*name, (*value).to_owned())));
        other
    }

    fn after(&self, line: &'static str, name: &'static str) -> Variation {
        Variation {
            line,
            ..self.with(name, &[])
        }
    }

    fn of(&self, portal: PathBuf, name: &'static str) -> Variation {
        Variation {
            portal,
            ..self.with(name, &[])
        }
    }
}

#[test]
fn p_16_the_same_input_gives_the_same_bytes_whatever_the_surroundings() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let at = |name: &str| folder.path().join(name);
    write_rich(&at("portal"), Order::Forward);
    write_rich(&at("elsewhere/deep down/ä"), Order::Forward);
    write_rich(&at("backward"), Order::Backward);
    write_rich(&at("aged"), Order::Forward);
    for file in WalkDir::new(at("aged")).into_iter().map(Result::unwrap) {
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let file = fs::File::open(file.path()).unwrap();
        file.set_modified(old).unwrap();
    }
    // Whoever builds trusts the repository, whoever owns it, and has no other configuration.
    put(folder.path(), "plain/.gitconfig", "[safe]\ndirectory = *\n");
    put(folder.path(), "odd/.gitconfig", ODD_CONFIG);
    let [home, odd_home] = ["plain", "odd"].map(|name| at(name).display().to_string());
    let plain = Variation {
        name: "another process, so other seeds of hashes",
        variables: vec![("HOME", home)],
        line: "true",
        portal: at("portal"),
    };
    let mut variations = vec![
        plain.clone(),
        plain.with("zone UTC", &[("TZ", "UTC")]),
        plain.with("zone Kiritimati", &[("TZ", "Pacific/Kiritimati")]),
        plain.with("zone Pago Pago", &[("TZ", "Pacific/Pago_Pago")]),
        plain.with("zone Kathmandu", &[("TZ", "Asia/Kathmandu")]),
        plain.with("zone New York", &[("TZ", "America/New_York")]),
        plain.with("locale C", &[("LC_ALL", "C"), ("LANG", "C")]),
        plain.with(
            "locale de",
            &[("LC_ALL", "de_DE.UTF-8"), ("LANGUAGE", "de")],
        ),
        plain.with("locale tr", &[("LC_ALL", "tr_TR.UTF-8")]),
        plain.with("language alone", &[("LANG", "fr_FR.UTF-8")]),
        plain.with("one core", &[("RAYON_NUM_THREADS", "1")]),
        plain.with("seven cores", &[("RAYON_NUM_THREADS", "7")]),
        plain.with("a configuration of git", &[("HOME", &odd_home)]),
        plain.with("no configuration of git", &[("HOME", "/nowhere")]),
        plain.with(
            "variables of git",
            &[
                ("GIT_CONFIG_COUNT", "1"),
                ("GIT_CONFIG_KEY_0", "log.date"),
                ("GIT_CONFIG_VALUE_0", "relative"),
                ("GIT_PAGER", "false"),
                ("GIT_DIR", "/nowhere"),
                ("GIT_EXTERNAL_DIFF", "false"),
            ],
        ),
        plain.after("umask 0", "umask 0"),
        plain.after("umask 077", "umask 077"),
        plain.of(at("elsewhere/deep down/ä"), "another folder"),
        plain.of(at("backward"), "another order of files"),
        plain.of(at("aged"), "other times of change"),
    ];
    match another_clock(folder.path()) {
        Ok(clock) => {
            let later = [("LD_PRELOAD", clock.to_str().unwrap())];
            variations.push(plain.with("a clock 400 days ahead", &later));
        }
        Err(lacks) => skip("P16 another clock", &lacks),
    }
    if let Some(user) = another_user() {
        variations.push(plain.after(user, "another user"));
    } else {
        skip("P16 another user", "only root can become one");
    }
    let first = build_as(&plain, &at("first"));
    assert!(is_of_history(&first), "pages say who recorded them");
    let mut faults = Vec::new();
    for variation in &variations {
        let there = build_as(variation, &at("varied"));
        fs::remove_dir_all(at("varied")).unwrap();
        if there != first {
            faults.push(variation.name.to_owned());
        }
    }
    // A site that was another one before.
    let (_folder, other) = version("andere");
    publish_on(&System, &at("second"), &other).unwrap();
    let over = own(build_as(&plain, &at("second")));
    if over != first {
        faults.push("second publish".to_owned());
    }
    tell(
        "P16 variations",
        variations.len() + 1,
        &format!(" ({} files each)", first.len()),
        &faults,
    );
}

/// What somebody may have told git, and what would change what it prints.
const ODD_CONFIG: &str = "[safe]\ndirectory = *\n[log]\ndate = relative\nshowSignature = true\nfollow = true\n\
    mailmap = false\n[core]\nquotePath = true\npager = false\nabbrev = 5\n[color]\nui = always\n\
    [diff]\nrenames = copies\nnoprefix = true\n[i18n]\nlogOutputEncoding = ISO-8859-1\n[format]\npretty = oneline\n";

/// Whether git was asked: nothing but the history leads to the person who committed all.
fn is_of_history(site: &Files) -> bool {
    let mut pages = site
        .iter()
        .filter(|(path, _)| path.starts_with("customers/"));
    pages.any(|(_, page)| String::from_utf8_lossy(page).contains("people/ada.html"))
}

/// A library that sets the clock of a program 400 days ahead, or what this computer lacks for it.
fn another_clock(folder: &Path) -> Result<PathBuf, String> {
    let source = "#define _GNU_SOURCE\n#include <time.h>\n#include <sys/syscall.h>\n#include <unistd.h>\n\
        int clock_gettime(clockid_t clock, struct timespec *time) {\n\
        int done = syscall(SYS_clock_gettime, clock, time);\n\
        if (clock == CLOCK_REALTIME) time->tv_sec += 400L * 24 * 60 * 60;\n\
        return done; }\n";
    put(folder, "clock.c", source);
    let library = folder.join("clock.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library);
    let made = compiler.arg(folder.join("clock.c")).output();
    if !made.is_ok_and(|made| made.status.success()) {
        return Err("there is no C compiler".to_owned());
    }
    // Where no day is asked for, a build must see another one, or this shows nothing.
    let days = ["", library.to_str().unwrap()].map(|preload| {
        let portal = folder.join("today");
        put(&portal, "strang.toml", "title = \"Today\"\n");
        put(&portal, "content/a.md", "A.\n");
        let done = Command::new(env!("CARGO_BIN_EXE_strang"))
            .arg("-C")
            .arg(&portal)
            .arg("build")
            .env("LD_PRELOAD", preload)
            .output();
        assert!(done.unwrap().status.success());
        let site = files_on(&System, &portal.join("public"));
        fs::remove_dir_all(portal.join("public")).unwrap();
        site
    });
    assert!(days[0] != days[1], "the clock was not set");
    Ok(library)
}

/// A shell line after which the build belongs to another user, where that can be had.
fn another_user() -> Option<&'static str> {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    is_root.then_some(
        "chmod 777 \"${out%/*}\"; set -- setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"",
    )
}

/// A repository whose portal is rich.
fn write_rich(folder: &Path, order: Order) {
    fs::create_dir_all(folder).unwrap();
    // One of the generated portals that has no ambiguous link.
    Portal::generate(RICH, People::Named).write(folder, order);
    let ada = "+++\ntitle = \"Ada Aal\"\nemails = [\"ada@firma.example\"]\n+++\n";
    put(folder, "content/people/ada.md", ada);
    let script = "git init --quiet --initial-branch=main && git add --all && \
        git -c user.name=Ada -c user.email=ada@firma.example commit --quiet --message=alles";
    let day = "2025-02-01T12:00:00Z";
    let done = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .envs([("GIT_AUTHOR_DATE", day), ("GIT_COMMITTER_DATE", day)])
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

const RICH: u64 = 17;

fn build_as(variation: &Variation, out: &Path) -> Files {
    let program = out.with_file_name("strang");
    if !program.exists() {
        fs::copy(env!("CARGO_BIN_EXE_strang"), &program).unwrap();
    }
    let script = format!("out=$1; shift; {}; exec \"$@\"", variation.line);
    let done = Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(out)
        .arg(program)
        .arg("-C")
        .arg(&variation.portal)
        .args(["build", "--as-of", "2025-03-03", "--compress", "--out"])
        .arg(out)
        .envs(
            variation
                .variables
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{}: {said}", variation.name);
    assert!(!said.contains("git-"), "{}: {said}", variation.name);
    files_on(&System, out)
}

/// What all pages of a site load together.
fn loaded(site: &Files) -> BTreeSet<String> {
    let pages = site.iter().filter(|(path, _)| path.ends_with(".html"));
    let of_page = |(path, page): (&String, &Vec<u8>)| {
        let page = String::from_utf8(page.clone()).unwrap();
        let up = "../".repeat(path.matches('/').count());
        let signs = [format!("src=\"{up}assets/"), format!("href=\"{up}assets/")];
        let rests = signs.iter().flat_map(|sign| page.split(sign).skip(1));
        let files = rests.map(|rest| format!("assets/{}", rest.split('"').next().unwrap()));
        files.collect::<Vec<_>>()
    };
    pages.flat_map(of_page).collect()
}

#[test]
fn p_20_a_page_that_was_opened_before_a_publish_finds_what_it_loads() {
    let folder = portal("0");
    let (mut before, _) = built(folder.path(), &["--compress"]);
    assert!(!before.contains_key(LISTS[1]));
    let mut missing = Vec::new();
    let mut tried = 0;
    for number in 1..=5 {
        write_version(folder.path(), &number.to_string());
        let (site, _) = built(folder.path(), &["--compress"]);
        let addresses = loaded(&before);
        let styles = addresses.iter().filter(|path| path.ends_with(".css"));
        assert!(styles.count() == 1 && addresses.len() > 3, "{addresses:?}");
        for address in addresses {
            assert!(before.contains_key(&address), "{address}");
            for address in [format!("{address}.gz"), address] {
                tried += usize::from(before.contains_key(&address));
                if before.contains_key(&address) && site.get(&address) != before.get(&address) {
                    missing.push(format!("release {number}: {address}"));
                }
            }
        }
        let styles = site.keys().filter(|path| path.ends_with(".css")).count();
        assert_eq!(styles, 2, "for one release, and no longer");
        let carried = String::from_utf8(site[LISTS[1]].clone()).unwrap();
        assert_eq!(carried.lines().count(), 3, "{carried}");
        before = site;
    }
    let (again, _) = built(folder.path(), &["--compress"]);
    assert!(again == before, "the same site again keeps what it kept");
    tell(
        "P20 what an old page loads",
        tried,
        &format!(" ({} missing)", missing.len()),
        &missing,
    );
}

#[test]
fn twins_hold_the_same_and_are_kept_with_their_files() {
    let folder = portal("a");
    let (plain, _) = built(folder.path(), &[]);
    assert!(plain.keys().all(|path| !path.ends_with(".gz")));
    let (site, _) = built(folder.path(), &["--compress"]);
    let twins: Vec<&String> = site.keys().filter(|path| path.ends_with(".gz")).collect();
    for twin in &twins {
        let of = &site[twin.strip_suffix(".gz").unwrap()];
        let mut unpacked = Vec::new();
        GzDecoder::new(&site[*twin][..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert!(unpacked == *of && site[*twin].len() < of.len(), "{twin}");
        assert_eq!(site[*twin][4..8], [0; 4], "no time");
    }
    let pages = plain.keys().filter(|path| path.ends_with(".html")).count();
    assert!(twins.len() >= pages, "{twins:?}");
    let before = stamps(&folder.path().join("public"));
    built(folder.path(), &["--compress"]);
    assert_eq!(stamps(&folder.path().join("public")), before);
    fs::write(folder.path().join("public").join(twins[0]), "no twin").unwrap();
    let (mended, run) = built(folder.path(), &["--compress"]);
    assert!(
        mended == site && run.err.contains("warning[out-changed]"),
        "{}",
        run.err
    );
    assert!(
        own(built(folder.path(), &[]).0) == plain,
        "no twins are left"
    );
}

#[test]
fn an_attachment_that_is_called_like_a_twin_is_no_twin() {
    let folder = portal("a");
    put(
        folder.path(),
        "content/handbuch/a.md",
        "[A](a.csv), [B](a.csv.gz)\n",
    );
    put(
        folder.path(),
        "content/handbuch/a.csv",
        &"1;2;3\n".repeat(1000),
    );
    put(folder.path(), "content/handbuch/a.csv.gz", "mine");
    let (site, _) = built(folder.path(), &["--compress"]);
    assert_eq!(site["handbuch/a.csv.gz"], b"mine");
}

#[test]
fn changed_pages_are_listed_for_programs_and_for_a_comment() {
    let folder = portal("a");
    let changes = |name: &str| {
        built(folder.path(), &["--changes", name]);
        fs::read_to_string(folder.path().join(name)).unwrap()
    };
    let first: Value = serde_json::from_str(&changes("a.json")).unwrap();
    let added = first["added"].as_array().unwrap();
    let page = |list: &Value, address: &str| {
        let pages = list.as_array().unwrap().iter();
        pages
            .clone()
            .find(|page| page["address"] == address)
            .cloned()
    };
    assert!(added.len() > 10 && first["changed"].as_array().unwrap().is_empty());
    let adler = page(&first["added"], "customers/adler.html").unwrap();
    assert_eq!(adler["source"], "content/customers/adler.md");
    assert_eq!(adler["title"], "Adler · Portal");
    assert!(
        page(&first["added"], "customers/index.html")
            .unwrap()
            .get("source")
            .is_none()
    );
    assert_eq!(changes("a.md"), "**0 pages added, 0 changed, 0 removed**\n");

    put(
        folder.path(),
        "content/handbuch/bleibt.md",
        "# Bleibt nicht\n",
    );
    put(folder.path(), "content/handbuch/neu.md", "# A | B\n");
    fs::remove_file(folder.path().join("content/handbuch/nur-a.md")).unwrap();
    let second = changes("a.md");
    assert!(second.starts_with("**1 page added, "), "{second}");
    for row in [
        "| A \\| B · Portal | `handbuch/neu.html` | `content/handbuch/neu.md` |",
        "| Bleibt nicht · Portal | `handbuch/bleibt.html` | `content/handbuch/bleibt.md` |",
        "| Nur hier · Portal | `handbuch/nur-a.html` |  |",
    ] {
        assert!(second.contains(row), "{row}\n{second}");
    }
    let none: Value = serde_json::from_str(&changes("a.json")).unwrap();
    assert_eq!(none["files"]["written"], 0);
    assert_eq!(none["removed"], Value::Array(Vec::new()));
}

#[test]
fn a_list_of_changes_that_cannot_be_written_is_refused_before_anything_is() {
    let folder = portal("a");
    for name in [
        "a.txt",
        "a",
        "nowhere/a.md",
        "public/a.md",
        "content/a.md",
        "themes/a.json",
        ".",
    ] {
        let run = run(folder.path(), &["build", "--changes", name]);
        assert_eq!(run.status, 2, "{name}: {}", run.err);
        assert!(!folder.path().join("public").exists() && !folder.path().join(name).is_file());
    }
}

#[test]
fn a_list_of_changes_takes_the_place_of_a_link_and_not_of_what_it_leads_to() {
    let folder = portal("a");
    let source = folder.path().join("content/customers/adler.md");
    let before = fs::read(&source).unwrap();
    symlink(&source, folder.path().join("changes.md")).unwrap();
    built(folder.path(), &["--changes", "changes.md"]);
    assert_eq!(fs::read(source).unwrap(), before);
    let list = fs::read_to_string(folder.path().join("changes.md")).unwrap();
    assert!(list.contains("pages added"), "{list}");
}

#[test]
fn a_folder_is_listed_with_the_page_that_is_its_text() {
    let folder = portal("a");
    put(folder.path(), "content/wissen/index.md", "# Wissen\n");
    built(folder.path(), &["--changes", "a.md"]);
    let list = fs::read_to_string(folder.path().join("a.md")).unwrap();
    assert!(
        list.contains("| `wissen/index.html` | `content/wissen/index.md` |"),
        "{list}"
    );
}

#[test]
fn a_build_with_errors_leaves_no_folders_and_one_with_none_makes_them() {
    let folder = portal("a");
    put(
        folder.path(),
        "content/handbuch/neu.md",
        "+++\ntitel = 1\n+++\n",
    );
    let run = run(folder.path(), &["build", "--out", "x/y/site"]);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(!folder.path().join("x").exists());
    fs::remove_file(folder.path().join("content/handbuch/neu.md")).unwrap();
    built(folder.path(), &["--out", "x/y/site"]);
    assert!(folder.path().join("x/y/site/index.html").is_file());
}

#[test]
fn an_empty_folder_of_somebody_else_is_not_taken_away() {
    let folder = portal("a");
    built(folder.path(), &[]);
    let foreign = folder.path().join("public/customers/.git");
    fs::create_dir(&foreign).unwrap();
    write_version(folder.path(), "b");
    let run = run(folder.path(), &["build"]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert!(
        run.err.contains("error[out-foreign-file]") && run.err.contains("`customers/.git`"),
        "{}",
        run.err
    );
    assert!(foreign.is_dir());
}

#[test]
fn the_list_of_changes_names_nobody_who_is_not_named() {
    let folder = portal("a");
    put(
        folder.path(),
        "strang.toml",
        "title = \"Portal\"\n[contributions]\npeople = \"departments\"\n",
    );
    put(
        folder.path(),
        "content/people/erika-geheim.md",
        "+++\ntitle = \"Erika Geheim\"\n+++\n",
    );
    put(
        folder.path(),
        "content/handbuch/dank.md",
        "# Dank an Erika Geheim\n",
    );
    for name in ["a.json", "a.md"] {
        built(folder.path(), &["--changes", name]);
        let list = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(!list.to_lowercase().contains("geheim"), "{list}");
        fs::remove_dir_all(folder.path().join("public")).unwrap();
    }
}

#[test]
fn h_39_every_refusal_has_its_code_and_changes_nothing() {
    let folder = portal("a");
    let root = folder.path();
    put(root, "foreign/letter.txt", "mine");
    put(root, "letter.txt", "mine");
    fs::create_dir(root.join("target")).unwrap();
    symlink("target", root.join("link")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    built(root, &[]);
    put(root, "other/.strang", "strang 1\nindex.html\n");
    let before = crate::laws::files_below(root);
    for (out, code) in [
        (".", "out-overlaps"),
        ("..", "out-overlaps"),
        ("/", "out-overlaps"),
        ("content", "out-overlaps"),
        ("content/site", "out-overlaps"),
        ("themes", "out-overlaps"),
        (".git/site", "out-overlaps"),
        ("public/sub", "out-overlaps"),
        ("public/customers/deep/sub", "out-overlaps"),
        ("foreign", "out-not-ours"),
        ("letter.txt", "out-not-ours"),
        ("link", "out-not-ours"),
        ("dangling", "out-not-ours"),
        ("other", "out-not-ours"),
    ] {
        let run = run(root, &["build", "--out", out]);
        assert_eq!(run.status, 2, "{out}: {}", run.err);
        assert!(
            run.err.contains(&format!("error[{code}]")),
            "{out}: {}",
            run.err
        );
        assert_eq!(crate::laws::files_below(root), before, "{out}");
    }
    for number in 0..7 {
        put(root, &format!("public/{number}.txt"), "mine");
    }
    let run = run(root, &["build"]);
    assert!(run.err.contains("error[out-foreign-file]"), "{}", run.err);
    assert!(
        run.err
            .contains("`0.txt`, `1.txt`, `2.txt`, `3.txt`, `4.txt`;"),
        "{}",
        run.err
    );
}

#[test]
fn readers_may_enter_the_site_as_before() {
    let folder = portal("a");
    let public = folder.path().join("public");
    let mode = || fs::metadata(&public).unwrap().mode() & 0o7777;
    let usual = folder.path().join("usual");
    fs::create_dir(&usual).unwrap();
    built(folder.path(), &[]);
    assert_eq!(mode(), fs::metadata(&usual).unwrap().mode() & 0o7777);
    fs::set_permissions(&public, fs::Permissions::from_mode(0o2750)).unwrap();
    write_version(folder.path(), "b");
    built(folder.path(), &[]);
    assert_eq!(mode(), 0o2750);
}
