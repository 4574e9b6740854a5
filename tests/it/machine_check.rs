//! What holds for what machines read of every site: `data/*.json` and feeds are well-formed, say only what is there,
//! and agree with each other.
//!
//! The bytes of a site go in by address, a list of faults comes out. The checker is independent of how strang writes
//! the files: it reads them as other programs do.

use std::collections::BTreeSet;

use jiff::Timestamp;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

use crate::site_check::{self, Site};

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// Everything that is wrong with what machines read, sorted.
pub fn faults(site: &Site) -> BTreeSet<String> {
    let places = site_check::places(site);
    let mut faults = BTreeSet::new();
    let mut tell = |address: &str, fault: String| {
        faults.insert(format!("{address}: {fault}"));
    };
    for (address, text) in texts(site, ".json") {
        for fault in faults_of_form(text) {
            tell(address, fault);
        }
        for (key, target) in references(&json(text)) {
            if !places.contains(&target) {
                tell(
                    address,
                    format!("{key} leads to {target}, which is not there"),
                );
            }
        }
    }
    for fault in faults_of_index(site) {
        tell("data/index.json", fault);
    }
    for (address, text) in texts(site, ".xml") {
        for fault in faults_of_feed(site, &places, address, text) {
            tell(address, fault);
        }
    }
    faults
}

/// The records of all months, in the order of time.
pub fn entries(site: &Site) -> Vec<Value> {
    let months = texts(site, ".json").filter(|(address, _)| address.starts_with("data/entries/"));
    months
        .flat_map(|(_, text)| json(text)["entries"].as_array().unwrap().clone())
        .collect()
}

/// The fields that the files of a site have, at any depth, but for facts, which the portal names itself.
pub fn fields(site: &Site) -> BTreeSet<String> {
    fn walk(value: &Value, fields: &mut BTreeSet<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| walk(value, fields)),
            Value::Object(object) => {
                for (key, value) in object {
                    fields.insert(key.clone());
                    if !(key == "facts" && value.is_object()) {
                        walk(value, fields);
                    }
                }
            }
            _ => {}
        }
    }
    let mut fields = BTreeSet::new();
    texts(site, ".json").for_each(|(_, text)| walk(&json(text), &mut fields));
    fields
}

fn texts<'a>(site: &'a Site, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let files = site.iter().filter(move |(address, _)| {
        address.ends_with(ending) && (address.starts_with("data/") || ending == ".xml")
    });
    files.map(|(address, bytes)| (address.as_str(), std::str::from_utf8(bytes).unwrap()))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// One record a line, and no sign that means something in HTML or in scripts.
fn faults_of_form(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let signs = ['<', '>', '&', '\u{2028}', '\u{2029}'];
    faults.extend(text.find(signs).map(|at| format!("a bare sign at {at}")));
    if json(text)["version"] != 1 {
        faults.push("no version".to_owned());
    }
    for line in text.lines().skip(1) {
        let record = line.strip_suffix(',').unwrap_or(line);
        let is_record = serde_json::from_str::<Map<String, Value>>(record).is_ok();
        if !is_record && !line.starts_with(']') {
            faults.push(format!("no record: {line}"));
        }
    }
    faults
}

/// The addresses that records name, or mean by an id, each with its key.
fn references(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(values) => values.iter().flat_map(references).collect(),
        Value::Object(object) => object
            .iter()
            .flat_map(|(key, value)| match folder(key) {
                Some(folder) => named(key, folder, value),
                None => references(value),
            })
            .collect(),
        Value::String(text) if text.starts_with("people/") => {
            vec![("fact".to_owned(), text.clone())]
        }
        _ => Vec::new(),
    }
}

/// Where the page of an id lies that stands under a key; addresses are whole.
fn folder(key: &str) -> Option<&'static str> {
    match key {
        "address" | "owner" | "lead" | "evidence" | "goals" | "enables" | "closes" => Some(""),
        "customer" | "customers" => Some("customers/"),
        "department" | "departments" => Some("departments/"),
        "by" => Some("people/"),
        _ => None,
    }
}

fn named(key: &str, folder: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(values) => values
            .iter()
            .flat_map(|value| named(key, folder, value))
            .collect(),
        Value::String(address) if folder.is_empty() => vec![(key.to_owned(), address.clone())],
        Value::String(id) => vec![(key.to_owned(), format!("{folder}{id}.html"))],
        value => references(value),
    }
}

/// The index names every other file, and says how many records each has.
fn faults_of_index(site: &Site) -> Vec<String> {
    let index = json(std::str::from_utf8(&site["data/index.json"]).unwrap());
    let files = index["files"].as_array().unwrap();
    let named: Vec<&str> = files
        .iter()
        .map(|file| file["address"].as_str().unwrap())
        .collect();
    let mut faults = Vec::new();
    for (address, _) in texts(site, ".json") {
        let times = named.iter().filter(|named| **named == address).count();
        if times != usize::from(address != "data/index.json") {
            faults.push(format!("{address} is named {times} times"));
        }
    }
    for file in files {
        let bytes = &site[file["address"].as_str().unwrap()];
        let list =
            json(std::str::from_utf8(bytes).unwrap())[file["list"].as_str().unwrap()].clone();
        if Some(&Value::from(list.as_array().map(Vec::len))) != file.get("count") {
            faults.push(format!("{file} has another count"));
        }
    }
    faults
}

/// What RFC 4287 asks for, and what is told by `data/`.
fn faults_of_feed(
    site: &Site,
    places: &BTreeSet<String>,
    address: &str,
    text: &str,
) -> Vec<String> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    let feed = document.root_element();
    let mut faults = Vec::new();
    if !feed.has_tag_name((ATOM, "feed")) {
        faults.push("the root is no feed of Atom".to_owned());
    }
    let entries: Vec<Node> = children(feed, "entry").collect();
    for node in entries.iter().chain([&feed]) {
        for name in ["id", "title", "updated"] {
            if texts_of(*node, name)
                .filter(|text| !text.is_empty())
                .count()
                != 1
            {
                faults.push(format!("{name} is not there once"));
            }
        }
        faults.extend(faults_of_id(only(*node, "id")));
        if only(*node, "updated").parse::<Timestamp>().is_err() {
            faults.push(format!("{} is no time", only(*node, "updated")));
        }
        let alternate = links(*node, "alternate");
        let own = links(*node, "self");
        if alternate.len() != 1 || own.len() != usize::from(*node == feed) {
            faults.push("links are missing or doubled".to_owned());
        }
        for href in alternate.iter().chain(&own) {
            let target = target(site, address, href);
            if target.is_none_or(|target| !places.contains(&target)) {
                faults.push(format!("{href} leads nowhere"));
            }
        }
    }
    if !children(feed, "author").any(|author| !only(author, "name").is_empty()) {
        faults.push("nobody is the author".to_owned());
    }
    for entry in &entries {
        let category = children(*entry, "category").next();
        if category.and_then(|kind| kind.attribute("term")).is_none()
            || only(*entry, "summary").is_empty()
        {
            faults.push("an entry without kind or summary".to_owned());
        }
    }
    let ids: BTreeSet<&str> = entries.iter().map(|entry| only(*entry, "id")).collect();
    if ids.len() != entries.len() {
        faults.push("two entries have one id".to_owned());
    }
    let times: Vec<&str> = entries
        .iter()
        .map(|entry| only(*entry, "updated"))
        .collect();
    if !times.is_sorted_by(|a, b| a >= b)
        || times
            .first()
            .is_some_and(|first| *first != only(feed, "updated"))
    {
        faults.push("the newest entry is not the first, or not that of the feed".to_owned());
    }
    let titles: Vec<&str> = entries.iter().map(|entry| only(*entry, "title")).collect();
    if let Some(expected) = newest(site, address)
        && expected != titles
    {
        faults.push(format!("has {titles:?} and not {expected:?}"));
    }
    faults
}

/// The titles that a feed of everything or of a customer should have.
fn newest(site: &Site, address: &str) -> Option<Vec<String>> {
    let customer = address
        .strip_prefix("customers/")
        .map(|rest| rest.trim_end_matches(".xml"));
    if customer.is_none() && address != "feed.xml" {
        return None;
    }
    let index = json(std::str::from_utf8(&site["data/index.json"]).unwrap());
    let day = index["portal"]["as_of"].as_str().unwrap().to_owned();
    let wanted = |entry: &Value| {
        let customers = entry["customers"].as_array();
        let is_of = |id: &str| customers.is_some_and(|ids| ids.iter().any(|known| known == id));
        entry["date"].as_str().unwrap() <= day.as_str() && customer.is_none_or(is_of)
    };
    let entries = entries(site).into_iter().rev().filter(wanted);
    let most = if customer.is_some() { 10 } else { 50 };
    let titles = entries.map(|entry| entry["title"].as_str().unwrap().to_owned());
    Some(titles.take(most).collect())
}

fn faults_of_id(id: &str) -> Option<String> {
    let Some(uuid) = id.strip_prefix("urn:uuid:") else {
        return (!id.starts_with("https://")).then(|| format!("{id} is no address"));
    };
    let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
    let digits = uuid.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    let version_8 = uuid.as_bytes().get(14) == Some(&b'8');
    let variant = uuid.as_bytes().get(19).is_some_and(|b| b"89ab".contains(b));
    let is_valid = lengths == [8, 4, 4, 4, 12] && digits && version_8 && variant;
    (!is_valid).then(|| format!("{id} is no UUID of version 8"))
}

/// The address in the site that a link of a feed means.
fn target(site: &Site, address: &str, href: &str) -> Option<String> {
    let index = json(std::str::from_utf8(&site["data/index.json"]).unwrap());
    match index["portal"]["url"].as_str() {
        Some(url) => href.strip_prefix(url).map(str::to_owned),
        None => site_check::resolve(address, href),
    }
}

fn children<'a>(node: Node<'a, 'a>, name: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children()
        .filter(move |child| child.has_tag_name((ATOM, name)))
}

fn texts_of<'a>(node: Node<'a, 'a>, name: &'a str) -> impl Iterator<Item = &'a str> {
    children(node, name).map(|child| child.text().unwrap_or_default())
}

fn only<'a>(node: Node<'a, 'a>, name: &'a str) -> &'a str {
    texts_of(node, name).next().unwrap_or_default()
}

fn links<'a>(node: Node<'a, 'a>, relation: &str) -> Vec<&'a str> {
    children(node, "link")
        .filter(|link| link.attribute("rel") == Some(relation))
        .filter_map(|link| link.attribute("href"))
        .collect()
}
