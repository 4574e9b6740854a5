//! What holds for every portal, shown on generated ones and on the example that comes with the project.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use jiff::civil::Date;
use rayon::prelude::*;
use scraper::{Html, Selector};
use serde_json::Value;
use strang::diagnostic::{Code, Colour, Diagnostics, Format, Severity, render};
use strang::path::SitePath;
use strang::pipeline::{self, Built};
use tempfile::TempDir;

use crate::case::everything_said;
use crate::machine_check;
use crate::matrix_check;
use crate::portal_generator::{Dice, Order, People, Portal, mutate};
use crate::site_check::{self, Site};
use crate::trials::tell;

const DAY: Date = Date::constant(2025, 3, 3);
/// Enough that every block of the generator meets every kind of page.
const PORTALS: u64 = 24;

fn build(portal: &Portal, order: Order) -> (TempDir, Built) {
    let folder = tempfile::tempdir().unwrap();
    portal.write(folder.path(), order);
    let built = pipeline::build(folder.path(), DAY).unwrap();
    (folder, built)
}

/// Generated portals, built, with what somebody finds wrong in them.
pub fn for_each_portal(people: People, find: impl Fn(&Portal, &Built) -> Vec<String> + Sync) {
    let found: Vec<String> = (0..PORTALS)
        .into_par_iter()
        .flat_map_iter(|seed| {
            let portal = Portal::generate(seed, people);
            let (_folder, built) = build(&portal, Order::Forward);
            find(&portal, &built)
                .into_iter()
                .map(|fault| format!("portal {seed}: {fault}"))
                .collect::<Vec<_>>()
        })
        .collect();
    let shown = found.len().min(40);
    assert!(
        found.is_empty(),
        "{} faults, among them\n  {}",
        found.len(),
        found[..shown].join("\n  ")
    );
}

/// The site without what table blocks answer, which is told of entries that stand elsewhere.
fn without_answers(site: &Site) -> Site {
    let pages = site.iter().map(|(address, bytes)| {
        let text = String::from_utf8_lossy(bytes);
        (address.clone(), without_answer(&text).into_bytes())
    });
    pages.collect()
}

fn without_answer(html: &str) -> String {
    let mut parts = html.split("<figure class=\"answer\">");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once("</figure>").map_or("", |(_, after)| after));
    }
    text
}

fn texts(site: &Site) -> impl Iterator<Item = (&String, String)> {
    site.iter()
        .map(|(address, bytes)| (address, String::from_utf8_lossy(bytes).into_owned()))
}

#[test]
fn two_builds_give_the_same_bytes_whatever_the_order_of_files() {
    for_each_portal(People::Named, |portal, built| {
        let (_folder, again) = build(portal, Order::Backward);
        let print = |built: &Built| {
            render(
                &everything_said(built),
                &built.tree,
                Format::Text(Colour::Plain),
            )
        };
        let mut faults = different(&site_check::render(built), &site_check::render(&again));
        if print(built) != print(&again) {
            faults.push("the diagnostics differ".to_owned());
        }
        faults
    });
}

fn different(one: &Site, other: &Site) -> Vec<String> {
    let addresses: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    addresses
        .into_iter()
        .filter(|address| one.get(*address) != other.get(*address))
        .cloned()
        .collect()
}

#[test]
fn every_page_is_well_formed_and_every_link_leads_somewhere() {
    for_each_portal(People::Named, |_, built| {
        site_check::faults(&site_check::render(built))
            .into_iter()
            .collect()
    });
}

#[test]
fn the_front_matter_that_is_generated_has_no_fault() {
    for_each_portal(People::Named, |_, built| {
        let about_links = [Code::AmbiguousLink, Code::DuplicateId];
        let said = everything_said(built);
        let errors = said
            .iter()
            .filter(|said| said.severity == Severity::Error && !about_links.contains(&said.code));
        errors
            .map(|said| format!("{}: {}: {}", said.place.source, said.code, said.message))
            .collect()
    });
}

#[test]
fn some_portals_have_a_history_too_long_for_one_page() {
    let (_folder, built) = build(&Portal::generate(17, People::Named), Order::Forward);
    let years = |address: &&SitePath| address.as_str().starts_with("customers/adler/2");
    assert!(
        built.site.addresses().filter(years).count() > 1,
        "two years at least"
    );
}

#[test]
fn every_entry_stands_in_full_once_on_each_page_it_belongs_to() {
    for_each_portal(People::Named, |portal, built| {
        let site = without_answers(&site_check::render(built));
        let mut faults = Vec::new();
        let mut customers: BTreeMap<&str, String> = BTreeMap::new();
        for (address, text) in texts(&site) {
            if let Some(id) = customer_of(address) {
                customers.entry(id).or_default().push_str(&text);
            }
        }
        for (customer, text) in customers {
            for (word, belongs_to) in &portal.entries {
                let wanted = usize::from(belongs_to.iter().any(|id| id == customer));
                let found = text.matches(word.as_str()).count();
                if found != wanted {
                    faults.push(format!(
                        "{customer} has {word} {found} times instead of {wanted}"
                    ));
                }
            }
        }
        for (word, _) in &portal.entries {
            let months = texts(&site).filter(|(address, _)| address.starts_with("timeline/2"));
            let found: usize = months
                .map(|(_, text)| text.matches(word.as_str()).count())
                .sum();
            if found != 1 {
                faults.push(format!("the timeline has {word} {found} times"));
            }
        }
        faults
    });
}

/// The customer whose page it is, or one of whose years: `a` of `customers/a.html` and `customers/a/2024.html`.
fn customer_of(address: &str) -> Option<&str> {
    let page = address.strip_prefix("customers/")?.strip_suffix(".html")?;
    let (id, _year) = page.split_once('/').unwrap_or((page, ""));
    (id != "index").then_some(id)
}

#[test]
fn every_mark_and_every_gap_of_the_matrix_follows_from_entries() {
    for_each_portal(People::Departments, |_, built| {
        let site = site_check::render(built);
        let shown = matrix_check::marks(&site);
        let wanted = matrix_check::wanted(&built.portal);
        let faults = shown.symmetric_difference(&wanted);
        faults.map(|mark| format!("{mark:?}")).collect()
    });
}

#[test]
fn nobody_is_counted_beside_what_they_did() {
    for_each_portal(People::Named, |_, built| {
        matrix_check::counts(&site_check::render(built))
    });
}

#[test]
fn machines_read_every_entry_once_with_the_address_where_it_stands_in_full() {
    for_each_portal(People::Named, |portal, built| {
        let site = site_check::render(built);
        let pages = site_check::pages(&site);
        let records = machine_check::entries(&site);
        let mut faults = Vec::new();
        if records.len() != portal.entries.len() {
            faults.push(format!("{} records", records.len()));
        }
        let texts: Vec<String> = records
            .iter()
            .map(|record| {
                let (page, id) = record["address"].as_str().unwrap().split_once('#').unwrap();
                let at = Selector::parse(&format!("[id=\"{id}\"]")).unwrap();
                let entry = pages[page].select(&at).next().unwrap();
                let entry = Html::parse_fragment(&without_answer(&entry.html()));
                entry.root_element().text().collect()
            })
            .collect();
        for (word, customers) in &portal.entries {
            let stands_at = texts.iter().map(|text| text.contains(word.as_str()));
            let found = records.iter().zip(stands_at).filter(|(_, stands)| *stands);
            let found: Vec<&Value> = found.map(|(record, _)| record).collect();
            let [record] = found.as_slice() else {
                faults.push(format!("{word} has {} records", found.len()));
                continue;
            };
            let of = record["customers"].as_array().into_iter().flatten();
            let of: BTreeSet<&str> = of.map(|id| id.as_str().unwrap()).collect();
            if of != customers.iter().map(String::as_str).collect() {
                faults.push(format!("{word} is for {of:?}"));
            }
            let month = &record["date"].as_str().unwrap()[..7];
            let page = String::from_utf8_lossy(&site[&format!("timeline/{month}.html")]);
            let data = String::from_utf8_lossy(&site[&format!("data/entries/{month}.json")]);
            let address = record["address"].to_string();
            if !page.contains(word.as_str()) || data.matches(&address).count() == 0 {
                faults.push(format!("{word} is not in its month"));
            }
        }
        faults
    });
}

#[test]
fn what_machines_read_is_well_formed_and_every_address_leads_somewhere() {
    for people in [People::Named, People::Departments] {
        for_each_portal(people, |_, built| {
            let faults = machine_check::faults(&site_check::render(built));
            faults.into_iter().collect()
        });
    }
}

#[test]
fn every_field_that_machines_read_is_documented() {
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/data.md"));
    let docs = docs.unwrap();
    let (_folder, built) = example();
    let fields = machine_check::fields(&site_check::render(&built));
    let silent: Vec<&String> = fields
        .iter()
        .filter(|field| !docs.contains(&format!("`{field}`")))
        .collect();
    assert!(silent.is_empty(), "docs/data.md does not name {silent:?}");
}

#[test]
fn a_site_without_names_holds_no_byte_of_one() {
    for people in [People::Departments, People::Off] {
        for_each_portal(people, |_, built| {
            let site = site_check::render(built);
            let hits = texts(&site).filter(|(address, text)| {
                format!("{address}{text}").to_lowercase().contains("geheim")
            });
            hits.map(|(address, text)| {
                let at = text.to_lowercase().find("geheim").unwrap_or(0);
                let around: String = text
                    .chars()
                    .skip(text[..at].chars().count().saturating_sub(60))
                    .take(100)
                    .collect();
                format!("{address}: …{around}…")
            })
            .collect()
        });
    }
}

#[test]
fn no_bytes_stop_the_program() {
    let failures: Vec<String> = (0..120u64)
        .into_par_iter()
        .filter_map(|seed| {
            let folder = tempfile::tempdir().unwrap();
            let portal = Portal::generate(seed % 7, People::Named);
            portal.write(folder.path(), Order::Forward);
            let mut dice = Dice::new(seed);
            for (path, text) in &portal.files {
                if dice.one_in(2) {
                    continue;
                }
                fs::write(folder.path().join(path), mutate(text, &mut dice)).unwrap();
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let built = pipeline::build(folder.path(), DAY).unwrap();
                let said = everything_said(&built);
                let printed = render(&said, &built.tree, Format::Text(Colour::Plain));
                let failed = said.iter().any(|said| said.code == Code::InternalError);
                (failed, printed)
            }));
            match outcome {
                Ok((false, _)) => None,
                Ok((true, printed)) => Some(format!("seed {seed}\n{printed}")),
                Err(_) => Some(format!("seed {seed} panicked")),
            }
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} portals failed, the first:\n{}",
        failures.len(),
        failures[0]
    );
}

/// Short texts at which parsers have panicked, and parts that take long when they stand there again and again.
const SHAPES: (&[&str], &[&str]) = (
    &[
        "- [n]:Z\r\n\t\t",
        "+\t[\0]:d\n\u{b}",
        "+\t[a]:d\n\u{c}",
        "%\n:\u{301}\n\t:",
        "> a\n> :b\n\n",
        "> term\n> : definition\n\n",
        "* def this\n  : def text def text\n",
        "A\n:   B\n    :   C\n        :   D\n\nE\n",
        "[^1]:\n    *\n      + > deep\n        > [^2]\n        > {.class}\n        > ---------\n\n[^2]: x\n",
        "[abc] check `a`\n\n Some `b`, not `c`\n :D\n\n end:\n\n &gt; x\n",
    ],
    &[
        "[^",
        "- [^",
        "- [^a\n",
        "<a\n[^",
        "<!-- [^a]:\n",
        "* [^a]:\n",
        "> [^",
        "!-- <",
        "[[a|",
        "[ (](",
        "[a](<b",
        "![[]()",
        "a\n: ",
        "| a ",
        "> [!NOTE]\n>",
    ],
);

#[test]
fn h_33_shapes_that_parsers_choke_on_stop_no_build() {
    let long = SHAPES
        .1
        .iter()
        .map(|part| part.repeat(8 * 1024 / part.len()));
    let texts: Vec<String> = SHAPES
        .0
        .iter()
        .map(|text| (*text).to_owned())
        .chain(long)
        .collect();
    let faults: Vec<String> = texts
        .par_iter()
        .filter_map(|text| {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("content")).unwrap();
            fs::write(folder.path().join("strang.toml"), "title = \"Portal\"\n").unwrap();
            fs::write(folder.path().join("content/a.md"), text).unwrap();
            let start = Instant::now();
            let said = catch_unwind(AssertUnwindSafe(|| {
                everything_said(&pipeline::build(folder.path(), DAY).unwrap())
            }));
            let is_fault =
                |said: Diagnostics| said.iter().any(|said| said.code == Code::InternalError);
            let took = start.elapsed();
            let is_fault = said.map_or(true, is_fault) || took.as_secs() > 10;
            is_fault.then(|| format!("{took:?} for {:?}", &text[..text.len().min(20)]))
        })
        .collect();
    tell("H33 shapes that parsers choke on", texts.len(), "", &faults);
}

#[test]
fn the_example_builds_and_has_nothing_to_say() {
    let (_folder, built) = example();
    let said = everything_said(&built);
    assert!(
        said.is_empty(),
        "{}",
        render(&said, &built.tree, Format::Text(Colour::Plain))
    );
}

#[test]
fn the_example_is_well_formed_and_every_link_leads_somewhere() {
    let (_folder, built) = example();
    let site = site_check::render(&built);
    let mut faults = site_check::faults(&site);
    faults.append(&mut machine_check::faults(&site));
    assert!(
        faults.is_empty(),
        "{}",
        faults.into_iter().collect::<Vec<_>>().join("\n")
    );
}

/// In a folder of its own, where no history of the project says anything about its pages.
pub fn example() -> (TempDir, Built) {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in ["content", "themes"] {
        copy(&root.join(part), &folder.path().join(part));
    }
    fs::copy(root.join("strang.toml"), folder.path().join("strang.toml")).unwrap();
    let built = pipeline::build(folder.path(), Date::constant(2026, 11, 23)).unwrap();
    (folder, built)
}

#[test]
fn zone_locale_cores_and_place_change_no_byte() {
    let portal = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(
        &root.join("content"),
        &portal.path().join("somewhere/else/content"),
    );
    fs::copy(
        root.join("strang.toml"),
        portal.path().join("somewhere/else/strang.toml"),
    )
    .unwrap();
    let elsewhere = portal.path().join("somewhere/else");
    let out = tempfile::tempdir().unwrap();
    let build = |name: &str, root: &Path, variables: &[(&str, &str)]| {
        let out = out.path().join(name);
        let run = Command::new(env!("CARGO_BIN_EXE_strang"))
            .arg("-C")
            .arg(root)
            .args(["build", "--as-of", "2026-11-23", "--out"])
            .arg(&out)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
        files_below(&out)
    };
    let plain = build("plain", root, &[("TZ", "UTC"), ("LC_ALL", "C")]);
    assert!(plain.len() > 50);
    let kiribati = [
        ("TZ", "Pacific/Kiritimati"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("RAYON_NUM_THREADS", "1"),
    ];
    assert_eq!(
        different(&plain, &build("kiribati", root, &kiribati)),
        [""; 0]
    );
    let pago_pago = [
        ("TZ", "Pacific/Pago_Pago"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("RAYON_NUM_THREADS", "2"),
    ];
    assert_eq!(
        different(&plain, &build("pago-pago", &elsewhere, &pago_pago)),
        [""; 0]
    );
    assert_eq!(
        different(&plain, &build("plain", root, &[])),
        [""; 0],
        "a second publish"
    );
}

/// Copies a folder with all in it.
pub fn copy(from: &Path, to: &Path) {
    for file in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let target = to.join(file.path().strip_prefix(from).unwrap());
        if file.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(file.path(), target).unwrap();
        }
    }
}

/// Every file below a folder with its bytes.
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let walk = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap);
    walk.filter(|file| file.file_type().is_file())
        .map(|file| {
            let name = file
                .path()
                .strip_prefix(folder)
                .unwrap()
                .display()
                .to_string();
            (name, fs::read(file.path()).unwrap())
        })
        .collect()
}
