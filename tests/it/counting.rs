//! Nobody is counted and nobody is ranked, neither on pages nor in what machines read.
//!
//! The proof is a portal that is built twice: once one person and one department did most, once the other, while all
//! else stays. Whatever a site says beside the list of what was done, a count, a share, an average, an order by amount,
//! would differ. The sites of the example and of generated portals show that lists of people are in the order of names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use similar::TextDiff;
use strang::pipeline;
use strang::query::Subject;
use strang::settings::Settings;

use crate::laws;
use crate::portal_generator::People;
use crate::site_check::{self, Site};

const DAY: Date = Date::constant(2025, 3, 3);

/// What was done, told one by one: all that may differ.
const TOLD_ONE_BY_ONE: &str =
    ".lines > li, .entries > li, .contributors li, .latest > div, table.loops tbody > tr";

/// Above a list of what somebody did for one customer stands the day of the newest.
const HEAD_OF_LIST: &str = ".group > summary > span";

/// All that data may say of somebody.
const FIELDS_OF_PEOPLE: [&str; 9] = [
    "id",
    "address",
    "title",
    "aliases",
    "facts",
    "source",
    "departments",
    "email",
    "left",
];

/// A portal in which one person, alone in a department, did and waits for more than the other.
fn portal(busy: &str, idle: &str, people: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut add = |path: &str, text: String| files.insert(path.to_owned(), text);
    add(
        "strang.toml",
        format!("title = \"Portal\"\nlanguage = \"de\"\n[contributions]\npeople = \"{people}\"\n"),
    );
    add(
        "content/customers/adler.md",
        "+++\ntitle = \"Adler\"\n+++\n".to_owned(),
    );
    for (id, name) in [("anna", "Anna"), ("zoe", "Zoe")] {
        let page = format!("+++\ntitle = \"{name}\"\ndepartments = \"bei-{id}\"\n+++\n");
        add(&format!("content/people/{id}.md"), page);
        let page = format!("+++\ntitle = \"Bei {name}\"\nlead = \"{id}\"\n+++\n");
        add(&format!("content/departments/bei-{id}.md"), page);
    }
    let table = |of: &str, show: &str, sort: &str| {
        format!("```table\nof = \"{of}\"\nshow = {show}\nsort = \"{sort}\"\n```\n")
    };
    // All that there is to know of people, in every order that there is.
    let fields = Subject::People.fields(&Settings::default()).into_iter();
    let fields: Vec<String> = fields.map(|field| field.name).collect();
    let show = format!("{fields:?}");
    let orders = fields.iter();
    let mut tables: Vec<String> = orders
        .map(|field| table("people", &show, &format!("-{field}")))
        .collect();
    let show = "[\"title\", \"lead\", \"last_contribution\"]";
    tables.push(table("departments", show, "lead"));
    add("content/wissen.md", tables.join("\n"));
    // Whoever did more did the last of it later, too. Of a department the site says when that was, so on the last day
    // both did something, nobody by name.
    for who in ["anna", "zoe"] {
        add(
            &format!("content/departments/bei-{who}/2025-01-09-{who}.md"),
            "+++\nkind = \"action\"\ntitle = \"Einsatz\"\ncustomers = \"adler\"\n+++\n".to_owned(),
        );
    }
    let days = [(busy, 1..5), (idle, 5..6), (busy, 8..9)];
    for (who, days) in days {
        for day in days {
            add(
                &format!("content/customers/adler/2025-01-0{day}-{who}.md"),
                format!("+++\nkind = \"action\"\ntitle = \"Einsatz\"\nby = \"{who}\"\n+++\n"),
            );
        }
    }
    for (who, days) in [(busy, 1..5), (idle, 5..7)] {
        for day in days {
            add(
                &format!("content/customers/adler/2025-02-0{day}-offen.md"),
                format!("+++\nkind = \"inquiry\"\ntitle = \"Anfrage\"\nowner = \"{who}\"\n+++\n"),
            );
        }
    }
    files
}

fn build(files: &BTreeMap<String, String>) -> Site {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    site_check::render(&pipeline::build(folder.path(), DAY).unwrap())
}

/// A page without what is told one by one.
fn rest_of_page(page: &[u8]) -> String {
    let mut page = Html::parse_document(std::str::from_utf8(page).unwrap());
    let told: Vec<_> = page
        .select(&selector(TOLD_ONE_BY_ONE))
        .chain(page.select(&selector(HEAD_OF_LIST)).filter(says_only_when))
        .map(|found| found.id())
        .collect();
    for id in told {
        page.tree.get_mut(id).unwrap().detach();
    }
    let words = page.html();
    words.split_whitespace().collect::<Vec<_>>().join("\n")
}

/// Whether an element holds a day and nothing that could be a count.
fn says_only_when(element: &ElementRef<'_>) -> bool {
    let said: String = element.text().collect();
    let mut words = said.split_whitespace();
    let day = words
        .nth(1)
        .map(|day| day.splitn(3, '.').map(str::len).collect());
    said.starts_with("zuletzt ") && day == Some(vec![2, 2, 4]) && words.next().is_none()
}

/// What a site says beside what is told one by one, by address.
fn said_beside(site: &Site) -> BTreeMap<&str, String> {
    let said = site.iter().filter_map(|(address, bytes)| {
        let said = match address.rsplit('.').next() {
            Some("html") => rest_of_page(bytes),
            Some("json")
                if !address.starts_with("data/entries/") && address != "data/loops.json" =>
            {
                String::from_utf8(bytes.clone()).unwrap()
            }
            _ => return None,
        };
        Some((address.as_str(), said))
    });
    said.collect()
}

fn selector(wanted: &str) -> Selector {
    Selector::parse(wanted).unwrap()
}

#[test]
fn whoever_did_more_the_site_says_the_same_of_everybody() {
    for people in ["named", "departments", "off"] {
        let sites = [("anna", "zoe"), ("zoe", "anna")]
            .map(|(busy, idle)| build(&portal(busy, idle, people)));
        let [one, other] = [&sites[0], &sites[1]].map(said_beside);
        assert_eq!(
            one.keys().collect::<Vec<_>>(),
            other.keys().collect::<Vec<_>>()
        );
        for (address, said) in &one {
            let diff = TextDiff::from_lines(said, &other[address]);
            let diff = diff.unified_diff().context_radius(6).to_string();
            assert!(diff.is_empty(), "{people}: {address}\n{diff}");
        }
        // The two portals do differ, and where they differ is what is told one by one.
        assert_ne!(
            sites[0]["customers/adler.html"],
            sites[1]["customers/adler.html"]
        );
    }
}

/// The lists of people on the pages of a site, each as the names in their order; and in what machines read.
fn lists_of_people(site: &Site) -> Vec<(String, Vec<String>)> {
    let bytes = site.get("data/people.json");
    let people: Value = bytes.map_or(Value::Null, |bytes| serde_json::from_slice(bytes).unwrap());
    let records = people["people"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let records: Vec<(String, String)> = records
        .map(|record| (text(&record["address"]), text(&record["title"])))
        .collect();
    let names: BTreeMap<&String, &String> = records
        .iter()
        .map(|(address, name)| (address, name))
        .collect();
    let mut lists = vec![(
        "data/people.json".to_owned(),
        records.iter().map(|(_, name)| name.clone()).collect(),
    )];
    let link = selector("a[href]");
    let list = selector("ul.people, main > dl.facts dd");
    let owner = selector("h2[id^=person-] > a");
    let choice = selector("fieldset[data-group=person] span");
    for (address, page) in site_check::pages(site) {
        let person = |link: ElementRef<'_>| {
            let target = site_check::resolve(address, link.attr("href")?)?;
            names.get(&target).map(|name| (*name).clone())
        };
        for list in page.select(&list) {
            let people = list.select(&link).filter_map(person);
            lists.push((address.to_owned(), people.collect()));
        }
        let owners = page.select(&owner).filter_map(person);
        lists.push((address.to_owned(), owners.collect()));
        let choices = page.select(&choice).map(|choice| choice.text().collect());
        lists.push((address.to_owned(), choices.collect()));
    }
    lists
}

/// Lists of people that are not in the order of names, and choices of a filter that say more than who.
fn faults(site: &Site, settings: &Settings) -> Vec<String> {
    let collator = settings.language.collator();
    let lists = lists_of_people(site).into_iter();
    let disordered =
        lists.filter(|(_, names)| !names.is_sorted_by(|a, b| collator.compare(a, b).is_le()));
    let mut faults: Vec<String> = disordered
        .map(|(address, names)| format!("{address} has {names:?}"))
        .collect();
    let Some(bytes) = site.get("data/people.json") else {
        return faults;
    };
    let people: Value = serde_json::from_slice(bytes).unwrap();
    for record in people["people"].as_array().unwrap() {
        let fields = record.as_object().unwrap().keys();
        let more = fields.filter(|field| !FIELDS_OF_PEOPLE.contains(&field.as_str()));
        faults.extend(more.map(|field| format!("data/people.json says `{field}` of somebody")));
    }
    faults
}

#[test]
fn lists_of_people_are_in_the_order_of_names() {
    laws::for_each_portal(People::Named, |_, built| {
        faults(&site_check::render(built), &built.portal.settings)
    });
    let (_folder, example) = laws::example();
    let site = site_check::render(&example);
    assert_eq!(faults(&site, &example.portal.settings), [""; 0]);
    let long = lists_of_people(&site)
        .into_iter()
        .filter(|(_, names)| names.len() > 2);
    assert!(
        long.count() > 10,
        "the example has lists that could be in another order"
    );
}

#[test]
fn scripts_watch_nobody_and_store_nothing() {
    const SIGNS: [&str; 8] = [
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "cookie",
        "XMLHttpRequest",
        "sendBeacon",
        "WebSocket",
        "fetch(",
    ];
    // The search alone fetches, and nothing but its own files.
    const FETCHES: (&str, &str) = ("files.js", "fetch(`${site}search/${name}.js`");
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/default/assets");
    let folders = [assets.clone(), assets.join("search")];
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|file| file.unwrap().path());
    let scripts: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|ending| ending == "js"))
        .collect();
    assert!(scripts.len() > 3, "{scripts:?}");
    for script in scripts {
        let mut text = fs::read_to_string(&script).unwrap();
        if script.ends_with(FETCHES.0) {
            text = text.replacen(FETCHES.1, "", 1);
        }
        let named: Vec<&&str> = SIGNS.iter().filter(|sign| text.contains(**sign)).collect();
        let script = script.display();
        assert!(
            named.is_empty(),
            "{script} names {named:?}, which about-data.html denies"
        );
    }
}
