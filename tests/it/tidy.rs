//! The rules of the house that a machine can hold: layers, what touches the system, module headers, dependencies,
//! words, cases. Each rule is one test; what it finds is listed, all at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use strang::diagnostic::Code;
use strang::query::Subject;
use strang::settings::Settings;
use toml::Table;
use walkdir::WalkDir;

use crate::case::{self, Case};

/// The one look downwards that the house allows itself: the catalogue words a missing fact from its definition.
const LOOKS_DOWN: (&str, &str) = ("src/diagnostic/catalogue.rs", "settings");

/// Every dependency earns its place by what it does that strang is not about.
const DEPENDENCIES: [(&str, &str); 39] = [
    ("aho-corasick", "many names searched for in a text at once"),
    (
        "anstream",
        "colours on terminals that know them, and on no others",
    ),
    ("anstyle", "what a coloured text is made of"),
    (
        "blake3",
        "a short name for the bytes of a file, and whether they are still the same",
    ),
    ("clap", "arguments of the command line and their help"),
    (
        "csv",
        "cells of ledgers, quoted as every program quotes them",
    ),
    ("encoding_rs", "UTF-16 and Windows-1252"),
    ("encoding_rs_io", "the same, while reading"),
    ("flate2", "files that servers send as they are, compressed"),
    ("getrandom", "an address of the preview that nobody guesses"),
    ("glob", "which files are those of a ledger"),
    (
        "icu_casemap",
        "names compared without regard to case, in every script",
    ),
    ("icu_collator", "titles in the order of DIN 5007"),
    ("icu_locale_core", "which language an order is for"),
    (
        "icu_normalizer",
        "names compared without regard to Unicode form",
    ),
    (
        "imagesize",
        "width and height of pictures from their headers",
    ),
    ("include_dir", "the built-in theme in the binary"),
    ("indicatif", "the progress bar"),
    ("jiff", "days and how many lie between two"),
    (
        "libdeflater",
        "deflates the search index: in less time than zlib-rs, and smaller",
    ),
    ("memchr", "one sign in much text"),
    ("mimalloc", "memory for many small texts on many cores"),
    ("notify", "what changes while the preview runs"),
    ("percent-encoding", "addresses"),
    ("pulldown-cmark", "CommonMark, with the place of everything"),
    ("pulldown-cmark-escape", "text made harmless for HTML"),
    ("rayon", "all cores"),
    (
        "rustix",
        "one directory in the place of another in one step",
    ),
    ("rustc-hash", "words found again, millions of times"),
    ("serde", "views for templates"),
    ("serde_json", "diagnostics for programs"),
    ("sha2", "names of files that say what is in them"),
    ("strsim", "the nearest known name"),
    ("tera", "templates"),
    (
        "thin-vec",
        "a million entries' lists, of which most hold nothing",
    ),
    ("tiny_http", "the preview"),
    (
        "toml",
        "front matter and settings, with the place of every value",
    ),
    ("walkdir", "every file below a folder"),
    ("zlib-rs", "what git has compressed"),
];

/// Dependencies of the tests alone.
const DEPENDENCIES_OF_TESTS: [(&str, &str); 5] = [
    ("roxmltree", "feeds read as programs read them"),
    ("scraper", "pages read as a browser reads them"),
    ("similar", "differences that people can read"),
    ("tempfile", "folders that vanish"),
    ("yaml-rust2", "files for forges read as forges read them"),
];

/// Codes that no text of a portal can cause.
const CODES_WITHOUT_A_CASE: [(Code, &str); 8] = [
    (
        Code::ChangedWhileBuilding,
        "nobody writes into a case while it is built: see watching.rs",
    ),
    (Code::GitShallow, "a case is no checkout: see history.rs"),
    (
        Code::GitUnavailable,
        "a case is no checkout: see history.rs",
    ),
    (Code::InternalError, "only a fault of strang itself says it"),
    (
        Code::NotAFile,
        "a case holds texts, no pipes: see reading.rs",
    ),
    (
        Code::NoContent,
        "a case always has the folder content; reading.rs takes it away",
    ),
    (
        Code::Symlink,
        "a case holds texts, no links: see reading.rs",
    ),
    (
        Code::Unreadable,
        "permissions do not bind the super-user, as whom tests often run",
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the project as text, and how it is spoken of.
struct File {
    name: String,
    text: String,
}

impl File {
    /// The room that a source belongs to: `document` for `src/document/entry.rs`.
    fn room(&self) -> &str {
        let below = self.name.strip_prefix("src/").unwrap_or(&self.name);
        below.split(['/', '.']).next().unwrap()
    }

    /// The text before the tests of the module.
    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap()
    }
}

fn read(path: &Path) -> File {
    let name = path.strip_prefix(root()).unwrap().display().to_string();
    File {
        name,
        text: fs::read_to_string(path).unwrap(),
    }
}

fn files(folder: &str, ending: &str) -> Vec<File> {
    let all = WalkDir::new(root().join(folder)).sort_by_file_name();
    let all = all.into_iter().map(Result::unwrap);
    let wanted = all.filter(|file| file.path().to_string_lossy().ends_with(ending));
    wanted.map(|file| read(file.path())).collect()
}

fn sources() -> Vec<File> {
    files("src", ".rs")
}

fn modules() -> Vec<File> {
    [sources(), files("tests/it", ".rs")]
        .into_iter()
        .flatten()
        .collect()
}

fn scripts() -> Vec<File> {
    [files("themes/default", ".js"), files("src", ".js")]
        .into_iter()
        .flatten()
        .collect()
}

fn is_plain(word: &str) -> bool {
    word.bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// What stands between two markers, wherever it does, made of letters, digits, `_` and `-`.
fn between(text: &str, before: &str, after: &str) -> BTreeSet<String> {
    let parts = text
        .split(before)
        .skip(1)
        .filter_map(|part| part.split_once(after));
    parts
        .map(|(word, _)| word)
        .filter(|word| is_plain(word))
        .map(str::to_owned)
        .collect()
}

/// Every plain word between two quotation marks, and some that stand between two quoted ones, which do no harm.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('"')
        .filter(|word| is_plain(word))
        .map(str::to_owned)
        .collect()
}

fn assert_nothing(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}\n  {}\n", found.join("\n  "));
}

/// A row of the table of rooms in ARCHITECTURE.md.
struct Room {
    name: String,
    /// Whether it may touch files, network, processes, environment and clock.
    touches_the_system: bool,
}

/// The rooms from top to bottom, as ARCHITECTURE.md lists them: ``| `live.rs`, `live/` * | … |``.
fn rooms() -> Vec<Room> {
    let text = read(&root().join("ARCHITECTURE.md")).text;
    let section = text
        .split("## Rooms")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap()
        .to_owned();
    let rows = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once(" | "));
    let rooms = rows.filter_map(|(names, _)| {
        let name = names.split_once(".rs`")?.0.to_owned();
        Some(Room {
            name,
            touches_the_system: names.ends_with('*'),
        })
    });
    rooms.collect()
}

#[test]
fn a_room_imports_only_from_rooms_above_it() {
    let rooms = rooms();
    let place = |room: &str| rooms.iter().position(|known| known.name == room);
    let mut found = Vec::new();
    let mut looked_down = false;
    for file in sources().iter().filter(|file| file.room() != "lib") {
        let Some(own) = place(file.room()) else {
            found.push(format!("{} is no room of ARCHITECTURE.md", file.name));
            continue;
        };
        for part in file.text.split("crate::").skip(1) {
            let end = part
                .find(|c: char| !c.is_ascii_lowercase() && c != '_')
                .unwrap_or(part.len());
            let room = &part[..end];
            if (file.name.as_str(), room) == LOOKS_DOWN {
                looked_down = true;
            } else if place(room).is_none_or(|other| other > own) {
                found.push(format!("{} reaches down to {room}", file.name));
            }
        }
    }
    for room in &rooms {
        if !root().join(format!("src/{}.rs", room.name)).is_file() {
            found.push(format!(
                "ARCHITECTURE.md has a room {}, which is not built",
                room.name
            ));
        }
    }
    assert_nothing(
        &found,
        "ARCHITECTURE.md says which room stands above which:",
    );
    assert!(looked_down, "LOOKS_DOWN allows what nobody does");
}

#[test]
fn only_some_rooms_touch_the_system() {
    let system = ["fs", "env", "net", "process", "time"];
    let rooms = rooms();
    let may = |file: &File| {
        rooms
            .iter()
            .any(|room| room.name == file.room() && room.touches_the_system)
    };
    let mut found = Vec::new();
    for file in sources().iter().filter(|file| file.room() != "main") {
        let code = file.code();
        let names = |sign: &str| code.contains(sign);
        for part in system {
            let named = names(&format!("std::{part}")) || names(&format!("std::{{{part}"));
            if named && !may(file) {
                found.push(format!("{} names std::{part}", file.name));
            }
        }
        if (names("Zoned::now") || names("Timestamp::now")) && file.name != "src/cli/clock.rs" {
            found.push(format!("{} looks at the clock", file.name));
        }
        let starts = names("process::Command") || names("process::{Command");
        if starts && !matches!(file.name.as_str(), "src/git.rs" | "src/cli/serve.rs") {
            found.push(format!("{} starts a program", file.name));
        }
        if (names("std::net") || names("tiny_http")) && file.room() != "live" {
            found.push(format!("{} opens connections", file.name));
        }
        let prints = ["println!", "print!", "stdout()", "stderr()", "dbg!"];
        if prints.into_iter().any(names) && file.room() != "cli" {
            found.push(format!("{} prints", file.name));
        }
    }
    assert_nothing(&found, "the rows of ARCHITECTURE.md marked * may:");
}

#[test]
fn publishing_touches_the_disk_through_its_seam_alone() {
    let mut found = Vec::new();
    let files = sources()
        .into_iter()
        .filter(|file| file.room() == "publish");
    for file in files.filter(|file| file.name != "src/publish/disk.rs") {
        let named = ["std::fs", "std::env", "rustix", "walkdir"];
        let named = named.iter().filter(|sign| file.code().contains(**sign));
        found.extend(named.map(|sign| format!("{} names {sign}", file.name)));
    }
    assert_nothing(&found, "what a test cannot make fail is not tried:");
}

#[test]
fn nothing_is_unwrapped_outside_tests_and_what_is_expected_is_an_invariant() {
    let mut found = Vec::new();
    for file in sources() {
        for (number, line) in (1..).zip(file.code().lines()) {
            if line.contains(".unwrap()") {
                found.push(format!("{}:{number} unwraps", file.name));
            }
            if line.contains(".expect(\"") && !line.contains(".expect(\"BUG: ") {
                found.push(format!(
                    "{}:{number} expects without naming a BUG",
                    file.name
                ));
            }
        }
    }
    assert_nothing(&found, "an invariant is stated by expect(\"BUG: …\"):");
}

#[test]
fn every_module_opens_with_what_it_owns() {
    let without = |sign: &'static str| move |file: &File| !file.text.starts_with(sign);
    let modules = modules().into_iter().filter(without("//! "));
    let scripts = scripts().into_iter().filter(without("// "));
    let found: Vec<String> = modules.chain(scripts).map(|file| file.name).collect();
    assert_nothing(
        &found,
        "these modules do not open with `//!`, or scripts with `//`:",
    );
}

#[test]
fn lines_end_before_column_121() {
    let mut found = Vec::new();
    for file in modules().into_iter().chain(scripts()) {
        for (number, line) in (1..).zip(file.text.lines()) {
            let length = line.chars().count();
            if length > 120 {
                found.push(format!("{}:{number} has {length} characters", file.name));
            }
        }
    }
    assert_nothing(&found, "these lines are too long:");
}

#[test]
fn every_dependency_is_known_with_its_reason() {
    let manifest: Table = fs::read_to_string(root().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let named = |section: &str| -> BTreeSet<String> {
        manifest[section]
            .as_table()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let known = |list: &[(&str, &str)]| -> BTreeSet<String> {
        list.iter().map(|(name, _)| (*name).to_owned()).collect()
    };
    assert_eq!(named("dependencies"), known(&DEPENDENCIES));
    assert_eq!(named("dev-dependencies"), known(&DEPENDENCIES_OF_TESTS));
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    assert!(
        !lock.contains("git+"),
        "a dependency comes from a repository, not from a release"
    );
}

#[test]
fn what_is_known_against_a_crate_is_known_of_the_version_that_is_locked() {
    let read = |name: &str| -> Table {
        let text = fs::read_to_string(root().join(name)).unwrap();
        text.parse().unwrap()
    };
    let (list, lock) = (read("tests/known_advisories.toml"), read("Cargo.lock"));
    let mut found = Vec::new();
    for advisory in list["advisory"].as_array().unwrap() {
        let of = |key: &str| advisory[key].as_str().unwrap();
        let (name, version) = (of("crate"), of("version"));
        let packages = lock["package"].as_array().unwrap().iter();
        let locked: Vec<&str> = packages
            .filter(|package| package["name"].as_str() == Some(name))
            .map(|package| package["version"].as_str().unwrap())
            .collect();
        if locked != [version] {
            found.push(format!("{name} {version} is not locked, but {locked:?}"));
        }
        let (module, test) = of("shown_by").split_once("::").unwrap();
        let module = fs::read_to_string(root().join(format!("tests/it/{module}.rs")));
        if !module.is_ok_and(|module| module.contains(&format!("#[test]\nfn {test}()"))) {
            found.push(format!("there is no test {}", of("shown_by")));
        }
        if of("known").is_empty() || of("stands").is_empty() {
            found.push(format!("nobody says why {name} can stay"));
        }
    }
    assert_nothing(&found, "tests/known_advisories.toml is not true any more:");
}

#[test]
fn every_case_says_what_it_is_for() {
    let mut found = Vec::new();
    for file in case::all() {
        let name = case::name(&file);
        if file.extension().is_none_or(|ending| ending != "case") {
            found.push(format!("{name} is no case and is read by nothing"));
            continue;
        }
        match Case::parse(&fs::read_to_string(&file).unwrap()) {
            Err(error) => found.push(format!("{name}: {error}")),
            Ok(case) if !case.purpose.ends_with('.') => {
                found.push(format!("{name} does not begin with a sentence"));
            }
            Ok(case) if !case.has_input() => found.push(format!("{name} has no input")),
            Ok(case) if !case.expects_something() => found.push(format!("{name} expects nothing")),
            Ok(_) => {}
        }
    }
    assert_nothing(&found, "these cases are not what a case is:");
}

#[test]
fn every_code_stands_in_a_case() {
    let read = |file: &PathBuf| Case::parse(&fs::read_to_string(file).unwrap()).unwrap();
    let cases: Vec<Case> = case::all().iter().map(read).collect();
    let shown: BTreeSet<&str> = cases.iter().flat_map(Case::codes).collect();
    let excused = |code: &Code| CODES_WITHOUT_A_CASE.iter().any(|(other, _)| other == code);
    let wrong = Code::ALL
        .iter()
        .filter(|code| shown.contains(code.as_str()) == excused(code));
    let found: Vec<String> = wrong.map(ToString::to_string).collect();
    assert_nothing(
        &found,
        "these codes need a case or an excuse, and not both:",
    );
}

fn words(language: &str) -> Table {
    let path = root().join(format!("themes/default/i18n/{language}.toml"));
    fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn both_languages_have_the_same_words_with_the_same_placeholders() {
    let placeholders = |words: Table| -> BTreeMap<String, BTreeSet<String>> {
        let of = |word: toml::Value| between(&format!("{word:?}"), "{", "}");
        words
            .into_iter()
            .map(|(key, word)| (key, of(word)))
            .collect()
    };
    assert_eq!(placeholders(words("de")), placeholders(words("en")));
}

#[test]
fn every_word_that_is_said_is_known_and_every_word_that_is_known_is_said() {
    let words = words("en");
    let mut said = BTreeSet::new();
    for template in files("themes/default/templates", ".html") {
        said.append(&mut between(&template.text, "t(key=\"", "\""));
        said.append(&mut between(&template.text, "t(key='", "'"));
    }
    for script in scripts() {
        said.append(&mut between(&script.text, "say('", "'"));
    }
    let rooms = sources().into_iter().filter(|file| {
        matches!(
            file.room(),
            "settings" | "view" | "document" | "skeleton" | "live"
        )
    });
    let in_rooms: BTreeSet<String> = rooms.flat_map(|file| quoted(&file.text)).collect();
    // A prefix is joined in a template with a word that the view chooses: t(key="goal_" ~ status).
    let prefixes: Vec<String> = said
        .iter()
        .filter(|key| key.ends_with('_'))
        .cloned()
        .collect();
    let joined = |key: &str| {
        let rest = prefixes
            .iter()
            .find_map(|prefix| key.strip_prefix(prefix.as_str()));
        rest.is_some_and(|rest| in_rooms.contains(rest))
    };
    let said_alone = said.iter().filter(|key| !key.ends_with('_'));
    let unknown: Vec<String> = said_alone
        .filter(|key| !words.contains_key(*key))
        .cloned()
        .collect();
    assert_nothing(&unknown, "templates say words that no language has:");
    let is_said = |key: &str| said.contains(key) || in_rooms.contains(key) || joined(key);
    let silent: Vec<String> = words.keys().filter(|key| !is_said(key)).cloned().collect();
    assert_nothing(&silent, "nobody says these words:");
}

/// The rows of the table of fields: ``| `owner` | customers, loops | …``.
fn documented_fields() -> BTreeSet<(String, String)> {
    let text = read(&root().join("docs/table-blocks.md")).text;
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = rows.filter_map(|row| row.split_once("` | "));
    let pairs = rows.flat_map(|(field, rest)| {
        let subjects = rest.split(" | ").next().unwrap().split(", ");
        subjects.map(move |subject| (field.to_owned(), subject.to_owned()))
    });
    pairs.collect()
}

#[test]
fn every_field_of_table_blocks_is_documented_and_every_documented_one_is_there() {
    let settings = Settings::default();
    let fields = Subject::ALL.iter().flat_map(|(name, subject)| {
        let fields = subject.fields(&settings).into_iter();
        fields.map(|field| (field.name, (*name).to_owned()))
    });
    assert_eq!(documented_fields(), fields.collect());
}

#[test]
fn ids_of_templates_are_reserved() {
    let outline = read(&root().join("src/document/markdown/outline.rs")).text;
    let list = outline
        .split("SECTION_ANCHORS")
        .nth(1)
        .unwrap()
        .split("];")
        .next()
        .unwrap();
    let reserved = quoted(list);
    let mut found = Vec::new();
    for template in files("themes/default/templates", ".html") {
        let ids = between(&template.text, " id=\"", "\"");
        let free = ids.difference(&reserved);
        found.extend(free.map(|id| format!("{} has the id {id}", template.name)));
    }
    assert_nothing(
        &found,
        "a heading could take these ids, so SECTION_ANCHORS must hold them:",
    );
}

#[test]
fn scripts_build_no_markup_from_text() {
    let signs = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "DOMParser",
        "createContextualFragment",
    ];
    let mut found = Vec::new();
    for script in scripts() {
        let named = signs.iter().filter(|sign| script.text.contains(**sign));
        found.extend(named.map(|sign| format!("{} names {sign}", script.name)));
    }
    assert_nothing(&found, "these scripts could run what an author wrote:");
}

#[test]
fn no_template_says_that_a_text_is_safe() {
    let templates = files("themes/default/templates", ".html").into_iter();
    let found: Vec<String> = templates
        .filter(|template| template.text.contains("| safe"))
        .map(|template| template.name)
        .collect();
    assert_nothing(&found, "what is HTML comes as `Html` from a view");
}

/// The files that are committed, as far as the names of folders tell.
fn committed() -> impl Iterator<Item = PathBuf> {
    let ours = |name: &str| !matches!(name, "target" | ".git" | "node_modules" | "public");
    let walk = WalkDir::new(root()).into_iter();
    let walk = walk.filter_entry(move |file| ours(&file.file_name().to_string_lossy()));
    let files = walk
        .map(Result::unwrap)
        .filter(|file| file.file_type().is_file());
    files.map(walkdir::DirEntry::into_path)
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let home = std::env::var("HOME").unwrap_or_default();
    let mut signs = vec![env!("CARGO_MANIFEST_DIR").to_owned(), format!("{home}/")];
    signs.retain(|sign| sign.len() > 3);
    let mut found = Vec::new();
    for path in committed() {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let named = signs.iter().filter(|sign| text.contains(sign.as_str()));
        found.extend(named.map(|sign| format!("{} names {sign}", path.display())));
        if path.ends_with("package-lock.json") && text.contains("\"resolved\":") {
            found.push(format!("{} names a registry", path.display()));
        }
    }
    assert_nothing(
        &found,
        "paths of one machine and addresses of one registry are of no use elsewhere:",
    );
}
