//! New sources that the site offers: every form of a forge, every template to copy and all of `strang new` give a file
//! with which nobody finds anything wrong.
//!
//! Links are taken apart here as a forge does it, which knows nothing of how strang puts them together.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use percent_encoding::percent_decode_str;
use rayon::prelude::*;
use scraper::{Html, Selector};
use strang::diagnostic::{Colour, Diagnostics, Format, render};
use strang::pipeline::{self, Built};
use tempfile::TempDir;

use crate::case::everything_said;
use crate::cli;
use crate::site_check::{self, Site};

const DAY: Date = Date::constant(2025, 3, 3);

/// Every type of fact, required and not, on everything that may carry one; keys and choices that need quoting.
const SCHEMA: &str = r##"
[kinds.delivery]
label = { de = "Lieferung & „Co“", en = "Delivery" }
open = true
[kinds.x-1]
label = "Anfrage"
[kinds.y]
label = "+++"

[facts.entry]
a = { type = "text", required = true, label = "A + B % C & \"D\"" }
"Größe # 1" = { type = "choice", choices = ["sehr \"groß\"", "100 % + mehr", "\\"], required = true }
c = { type = "number", required = true }
d = { type = "money", required = true }
e = { type = "date", required = true }
f = { type = "bool", required = true }
g = { type = "url", required = true }
h = { type = "email", required = true }
i = { type = "phone", required = true }
j = { type = "person", required = true }
k = { type = "department", required = true }
l = { type = "customer", required = true }
m = { type = "list of text", required = true }
n = { type = "list of choice", choices = ["1", "2", "3", "4", "5", "6", "7", "8", "9"], required = true }
o = { type = "list of person", required = true }
p = { type = "list of department" }
q = { type = "text", required = true, unique = true }
r = { type = "number", required = true, unique = true, label = "Zeile\nZeile" }
s = { type = "money", required = true, unique = true }
t = { type = "url", required = true, unique = true }
u = { type = "email", required = true, unique = true }
v = { type = "phone", required = true, unique = true }
w = { type = "list of text", required = true, unique = true }
[facts.complaint]
"Ü" = { type = "choice", choices = ["ü"], label = "Ü" }
x = { type = "text" }
[facts.customer]
a = { type = "choice", choices = ["Ü", "B"] }
b = { type = "text", unique = true }
[facts.department]
a = { type = "text" }
[facts.person]
a = { type = "list of text" }
[facts.page]
a = { type = "person", required = true }
b = { type = "text", required = true, unique = true }
"##;

const PAGES: &str = r#"
-- content/index.md --
# Start
-- content/customers/adler/index.md --
+++
title = "Ädler & „Söhne“ + 100 % \"Glas\""
[[goals]]
id = "kein-stillstand"
title = "Kein + Stillstand & 100 %"
[[goals]]
id = "adler"
title = "Wie der Kunde"
+++
-- content/customers/kantine.md --
+++
title = "Kantine GmbH"
+++
-- content/departments/kantine.md --
+++
title = "Küche"
+++
-- content/people/jana-roth.md --
+++
title = "Jana Roth"
departments = ["kantine"]
+++
-- content/handbuch/index.md --
+++
title = "Handbuch"
a = "jana-roth"
b = "1"
+++
-- content/handbuch/tief/seite.md --
+++
title = "Seite"
a = "jana-roth"
b = "2"
+++
"#;

/// Links to what is not there, in all the ways in which it may be named.
const RED: &str = r#"
-- content/rot.md --
+++
title = "Rot"
a = "jana-roth"
b = "3"
+++
[[customers/neu]], [[customers/Größe & Söhne]], [[departments/neu]], [[people/neu-hier]],
[[adler/2025-01-02-fehlt-noch]], [[departments/kantine/2025-01-02-auch]], [[customers/kantine/ohne-tag]],
[[Über "uns" + 100 % mehr & \\ so]], [[handbuch/neu]], [[anders]], [[weder/noch]], [[???]], [[goals]], [[people/x/y]],
[hier](neu-hier.md), [dort](handbuch/tief/dort.md), [Ordner](handbuch/flach/), [kein Ordner](Nicht%20So/),
[doch da](customers/adler.md), [weg](weg.pdf), [oben](../strang.toml), [[#nirgends]], ![Bild](bild.png)
"#;

/// What is written in `[repository]`, and how the forge reads the address of its form, if there is one.
struct Way {
    repository: &'static str,
    new: Option<New>,
    edit: &'static str,
    /// Whether the form opens filled in.
    fills_in: bool,
}

/// The address of a form: what it begins with, the keys of folder, name and text.
struct New {
    start: &'static str,
    name: &'static str,
    text: Option<&'static str>,
}

const WAYS: [Way; 7] = [
    Way {
        repository: "kind = \"github\"",
        new: Some(New {
            start: "https://git.example/p/new/main?",
            name: "filename",
            text: Some("value"),
        }),
        edit: "https://git.example/p/edit/main/",
        fills_in: true,
    },
    Way {
        repository: "kind = \"gitlab\", branch = \"der zweig\"",
        new: Some(New {
            start: "https://git.example/p/-/new/der%20zweig/",
            name: "file_name",
            text: Some("content"),
        }),
        edit: "https://git.example/p/-/edit/der%20zweig/",
        fills_in: false,
    },
    Way {
        repository: "kind = \"gitea\"",
        new: Some(New {
            start: "https://git.example/p/_new/main/",
            name: "filename",
            text: Some("value"),
        }),
        edit: "https://git.example/p/_edit/main/",
        fills_in: true,
    },
    Way {
        repository: "kind = \"forgejo\"",
        new: Some(New {
            start: "https://git.example/p/_new/main/",
            name: "filename",
            text: Some("value"),
        }),
        edit: "https://git.example/p/_edit/main/",
        fills_in: true,
    },
    Way {
        repository: "edit = \"{url}/bearbeiten/{path}\", new = \"{url}/neu/{dir}?n={name}&z={branch}&t={text}\"",
        new: Some(New {
            start: "https://git.example/p/neu/",
            name: "n",
            text: Some("t"),
        }),
        edit: "https://git.example/p/bearbeiten/",
        fills_in: true,
    },
    Way {
        repository: "edit = \"{url}/bearbeiten/{path}\", new = \"{url}/neu/{dir}?n={name}\"",
        new: Some(New {
            start: "https://git.example/p/neu/",
            name: "n",
            text: None,
        }),
        edit: "https://git.example/p/bearbeiten/",
        fills_in: false,
    },
    Way {
        repository: "",
        new: None,
        edit: "",
        fills_in: false,
    },
];

impl Way {
    fn settings(&self, language: &str) -> String {
        let repository = match self.repository {
            "" => String::new(),
            keys => format!("repository = {{ url = \"https://git.example/p\", {keys} }}\n"),
        };
        format!("title = \"Portal\"\nlanguage = \"{language}\"\n{repository}{SCHEMA}")
    }
}

impl New {
    /// Path and text of the file that a form would make; a form without a text has none.
    fn taken_apart(&self, href: &str) -> Option<(String, Option<String>)> {
        let rest = href.strip_prefix(self.start)?;
        let (folder, query) = rest.split_once('?').unwrap_or(("", rest));
        let mut values: BTreeMap<&str, String> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(key, value)| (key, decoded(&value.replace('+', " "))))
            .collect();
        let name = values.remove(self.name).unwrap();
        let text = self.text.map(|key| values.remove(key).unwrap());
        let path = [decoded(folder), name].join("/");
        Some((path.trim_start_matches('/').to_owned(), text))
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// Writes files that stand in one text, each below a line with its path.
fn put_all(folder: &Path, files: &str) {
    for file in files.split("\n-- ").skip(1) {
        let (path, text) = file.split_once(" --\n").unwrap();
        put(folder, path, &format!("{text}\n"));
    }
}

fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn build(folder: &Path) -> (Built, Diagnostics) {
    let built = pipeline::build(folder, DAY).unwrap();
    let said = everything_said(&built);
    (built, said)
}

fn printed(built: &Built, said: &Diagnostics) -> String {
    render(said, &built.tree, Format::Text(Colour::Plain))
}

/// The values of an attribute, or the texts, of all elements that a selector finds, by page.
fn all(site: &Site, selector: &str, attribute: Option<&str>) -> Vec<(String, String)> {
    let selector = Selector::parse(selector).unwrap();
    let pages = site
        .iter()
        .filter(|(address, _)| address.ends_with(".html"));
    pages
        .flat_map(|(address, bytes)| {
            let page = Html::parse_document(std::str::from_utf8(bytes).unwrap());
            let found = page.select(&selector).map(|element| match attribute {
                Some(name) => element.attr(name).unwrap().to_owned(),
                None => element.text().collect(),
            });
            let found: Vec<String> = found.collect();
            found.into_iter().map(|text| (address.clone(), text))
        })
        .collect()
}

fn portal(way: &Way, language: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "strang.toml", &way.settings(language));
    put_all(folder.path(), PAGES);
    folder
}

/// For each way in each language.
fn for_each_way(check: impl Fn(&Way, &str) + Sync) {
    WAYS.par_iter().for_each(|way| {
        for language in ["de", "en"] {
            check(way, language);
        }
    });
}

#[test]
fn the_portal_of_these_tests_has_no_fault() {
    for_each_way(|way, language| {
        let folder = portal(way, language);
        let (built, said) = build(folder.path());
        assert_eq!(printed(&built, &said), "");
        let site = site_check::render(&built);
        assert_eq!(site_check::faults(&site), BTreeSet::new());
    });
}

#[test]
fn whatever_a_form_or_a_template_makes_passes_the_strictest_check_and_shows() {
    for_each_way(|way, language| {
        let folder = portal(way, language);
        let (built, _) = build(folder.path());
        let site = site_check::render(&built);
        let templates = all(&site, ".add pre", None);
        assert_eq!(templates.len(), 36, "three folders with twelve kinds each");
        let copied = templates.iter().enumerate();
        let copied = copied.map(|(number, (address, text))| {
            let folder = address.trim_end_matches(".html");
            let path = format!("content/{folder}/{DAY}-copied-{number}.md");
            (path, text.clone())
        });
        assert_passes(way, language, &copied.collect());
        let Some(new) = &way.new else { return };
        let forms = forms(new, &site);
        let of_goals = if way.fills_in { 2 } else { 0 };
        assert_eq!(forms.len(), 36 + of_goals, "{}", way.repository);
        let blank = |text: Option<String>| text.unwrap_or_else(|| templates[0].1.clone());
        if new.text.is_some() {
            let forms = forms.into_iter().map(|(path, text)| (path, blank(text)));
            let filled: BTreeMap<String, String> = forms.collect();
            let same = filled.values();
            let same = same.filter(|text| templates.iter().any(|(_, other)| other == *text));
            assert_eq!(same.count(), 36, "a form says what is to copy");
            assert_passes(way, language, &filled);
        }
    });
}

/// New files beside those of the portal: nothing is said of any, and each shows.
fn assert_passes(way: &Way, language: &str, files: &BTreeMap<String, String>) {
    let folder = portal(way, language);
    for (path, text) in files {
        assert!(text.starts_with("+++\nkind = "), "{path}: {text}");
        assert!(!folder.path().join(path).exists(), "{path} is there");
        put(folder.path(), path, text);
    }
    let (built, said) = build(folder.path());
    assert_eq!(printed(&built, &said), "", "{}", way.repository);
    let ids = all(&site_check::render(&built), "main [id]", Some("id"));
    for path in files.keys() {
        let stem = path.rsplit('/').next().unwrap().trim_end_matches(".md");
        let shows = ids.iter().any(|(_, id)| id.ends_with(stem));
        assert!(shows, "{path} shows nowhere");
    }
}

/// The files that all forms of a site would make; the same file from two pages is the same in every byte.
fn forms(new: &New, site: &Site) -> BTreeMap<String, Option<String>> {
    let mut forms = BTreeMap::new();
    for (address, href) in all(site, "main a[href]", Some("href")) {
        if let Some((path, text)) = new.taken_apart(&href) {
            let before = forms.insert(path, text.clone());
            assert!(
                before.is_none_or(|before| before == text),
                "{address}: {href}"
            );
        }
    }
    forms
}

#[test]
fn what_a_link_is_missing_is_made_by_its_form() {
    for_each_way(|way, language| {
        let Some(new) = way.new.as_ref().filter(|new| new.text.is_some()) else {
            return;
        };
        let folder = portal(way, language);
        put_all(folder.path(), RED);
        let (built, before) = build(folder.path());
        let mut site = site_check::render(&built);
        assert_eq!(site_check::faults(&site), BTreeSet::new());
        site.retain(|address, _| address == "rot.html");
        let forms = forms(new, &site);
        let made: Vec<&str> = forms.keys().map(String::as_str).collect();
        let expected = [
            "content/anders.md",
            "content/customers/adler/2025-01-02-fehlt-noch.md",
            "content/customers/groesse-soehne/index.md",
            "content/customers/neu/index.md",
            "content/departments/kantine/2025-01-02-auch.md",
            "content/departments/neu.md",
            "content/handbuch/flach/index.md",
            "content/handbuch/neu.md",
            "content/handbuch/tief/dort.md",
            "content/neu-hier.md",
            "content/people/neu-hier.md",
            "content/ueber-uns-100-mehr-so.md",
            "content/weder/noch.md",
        ];
        assert_eq!(made, expected);
        for (path, text) in &forms {
            put(folder.path(), path, text.as_ref().unwrap());
        }
        let (built, after) = build(folder.path());
        let about_others: Vec<_> = after
            .iter()
            .filter(|said| said.place.source.as_str() != "content/rot.md")
            .collect();
        assert!(about_others.is_empty(), "{}", printed(&built, &after));
        // Only the customer that was named with more than an id is still not found under that name.
        let mended = before.iter().count() - after.iter().count();
        assert_eq!(mended, forms.len() - 1, "{}", printed(&built, &after));
    });
}

#[test]
fn every_page_with_a_source_leads_to_its_editor() {
    for_each_way(|way, language| {
        let folder = portal(way, language);
        let (built, _) = build(folder.path());
        let edited: BTreeSet<String> = all(&site_check::render(&built), ".foot a", Some("href"))
            .into_iter()
            .filter_map(|(_, href)| Some(decoded(href.strip_prefix(way.edit)?)))
            .filter(|path| path.ends_with(".md"))
            .collect();
        let sources: BTreeSet<String> = built
            .tree
            .pages
            .iter()
            .map(|source| source.path.to_string())
            .collect();
        if way.new.is_some() {
            assert_eq!(edited, sources);
        } else {
            assert_eq!(edited, BTreeSet::new());
        }
    });
}

#[test]
fn without_a_forge_a_command_does_the_same() {
    let way = WAYS.last().unwrap();
    let folder = portal(way, "de");
    let (built, _) = build(folder.path());
    let commands = all(&site_check::render(&built), ".add code", None);
    assert_eq!(commands.len(), 36);
    for (number, (_, command)) in commands.iter().enumerate() {
        let title = format!("Zahl {number}");
        let command = command.replace("\"…\"", "TITLE");
        let words = command.split(' ').skip(1);
        let arguments: Vec<&str> = words
            .map(|word| if word == "TITLE" { &title } else { word })
            .collect();
        let run = cli::run(folder.path(), &arguments);
        assert_eq!(run.status, 0, "{command}: {}", run.err);
    }
    for arguments in [
        ["new", "customer", "neu"],
        ["new", "department", "neu"],
        ["new", "person", "neu"],
    ] {
        assert_eq!(cli::run(folder.path(), &arguments).status, 0);
    }
    let check = cli::run(folder.path(), &["check", "--strict"]);
    assert_eq!((check.status, check.err.as_str()), (0, ""));
}

#[test]
fn the_template_of_an_assessment_passes_as_it_is_and_with_every_answer() {
    for language in ["de", "en"] {
        let folder = portal(&WAYS[0], language);
        let own = "[assessment.questions]\ngoals = \"Zeile\\nZeile # \\\"Ziel\\\"?\"\n";
        let settings = WAYS[0].settings(language) + own;
        put(folder.path(), "strang.toml", &settings);
        let (built, _) = build(folder.path());
        let templates = all(&site_check::render(&built), "#template", None);
        let [(_, template)] = templates.as_slice() else {
            panic!("{templates:?}");
        };
        let questions = template.lines().filter(|line| line.contains(" = {"));
        let keys = questions.map(|line| line[2..].split(' ').next().unwrap());
        let keys: Vec<&str> = keys.collect();
        assert_eq!(keys.len(), 10, "{template}");
        let mut answered = template.replace('…', "kantine/2025-01-07-suppe");
        for key in &keys {
            answered = answered.replace(&format!("# {key} ="), &format!("{key} ="));
        }
        put(
            folder.path(),
            "content/departments/kantine/2025-01-07-suppe.md",
            "+++\nkind = \"visit\"\ntitle = \"Suppe\"\n+++\n",
        );
        let schema = settings.replace("required = true", "required = false");
        put(folder.path(), "strang.toml", &schema);
        for (text, answers) in [(template, 0), (&answered, 10)] {
            let page = format!("+++\ntitle = \"Küche\"\n{text}\n+++\n");
            put(folder.path(), "content/departments/kantine.md", &page);
            let (built, said) = build(folder.path());
            assert_eq!(printed(&built, &said), "");
            let site = site_check::render(&built);
            assert_eq!(all(&site, ".given b", None).len(), answers);
        }
    }
}

#[test]
fn a_template_names_nobody_whom_the_site_may_not_name() {
    for people in ["named", "departments", "off"] {
        let folder = portal(&WAYS[0], "de");
        let settings = format!(
            "{}[contributions]\npeople = \"{people}\"\n",
            WAYS[0].settings("de")
        );
        put(folder.path(), "strang.toml", &settings);
        put_all(folder.path(), RED);
        let person = "+++\ntitle = \"Aa Geheim\"\nshown_as = \"department\"\n+++\n";
        put(folder.path(), "content/people/aa-geheim.md", person);
        let (built, _) = build(folder.path());
        let hidden = if people == "named" { "geheim" } else { "jana" };
        for (address, bytes) in site_check::render(&built) {
            let text = String::from_utf8(bytes).unwrap().to_lowercase();
            assert!(!text.contains(hidden), "{address} names {hidden}");
            assert!(!text.contains("geheim"), "{address}");
        }
        // Whoever has the sources gets a name that passes.
        let new = cli::run(folder.path(), &["new", "entry", "adler", "note", "Neu"]);
        assert_eq!(new.status, 0, "{}", new.err);
        let check = cli::run(folder.path(), &["check"]);
        assert_eq!(check.status, 0, "{}", check.err);
    }
}
