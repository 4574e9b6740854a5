//! What holds for every page of every site: well-formed, ids unique, links and anchors there, nothing from elsewhere,
//! nothing that runs.
//!
//! The bytes of a site go in by address, a list of faults comes out. The checker is independent of how strang writes
//! pages: it reads them as a browser does.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use scraper::{ElementRef, Html, Selector};
use strang::pipeline::Built;

use crate::case;

/// The bytes of a site by address.
pub type Site = BTreeMap<String, Vec<u8>>;

/// Elements that could run, load or send what an author wrote; the box that searches sends what a reader types, and the
/// page that stands for what is not there says where its links begin.
const FORBIDDEN: &str = "style, iframe, object, embed, body base, base:not([href$='/404.html']), \
    form[action]:not(.find), script:not([src]), main script";

/// Renders everything; what cannot be rendered is missing.
pub fn render(built: &Built) -> Site {
    let addresses = built
        .site
        .addresses()
        .map(|address| address.as_str().to_owned());
    addresses
        .filter_map(|address| Some((address.clone(), case::bytes(built, &address)?)))
        .collect()
}

/// Everything that is wrong with a site, sorted.
pub fn faults(site: &Site) -> BTreeSet<String> {
    let mut faults = BTreeSet::new();
    let pages = pages(site);
    let ids: BTreeMap<&str, Vec<&str>> = pages
        .iter()
        .map(|(address, page)| (*address, ids(page)))
        .collect();
    for (address, page) in &pages {
        let mut tell = |fault: String| faults.insert(format!("{address}: {fault}"));
        for error in &page.errors {
            tell(format!("not well-formed: {error}"));
        }
        for id in repeated(&ids[address]) {
            tell(format!("two elements have the id {id}"));
        }
        for (element, attribute, value) in attributes(page) {
            match attribute {
                "href" | "src" | "action" => {
                    let _ = check_link(address, &element, value, site, &ids).map_err(&mut tell);
                }
                "name" if (element.as_str(), value) == ("input", "q") => {}
                "style" | "srcdoc" | "name" if element != "meta" => {
                    tell(format!("<{element} {attribute}>"));
                }
                _ if attribute.starts_with("on") => {
                    tell(format!("<{element} {attribute}>"));
                }
                "aria-labelledby" | "popovertarget" if !ids[address].contains(&value) => {
                    tell(format!("{attribute} names {value}, which is not there"));
                }
                _ => {}
            }
        }
        for element in select(page, FORBIDDEN) {
            tell(format!("<{}> is in the page", element.value().name()));
        }
        for (level, next) in jumps(page) {
            tell(format!(
                "a heading of level {next} follows one of level {level}"
            ));
        }
        for link in select(page, "a") {
            if link.text().all(|text| text.trim().is_empty())
                && link.child_elements().next().is_none()
            {
                tell("a link without words".to_owned());
            }
        }
    }
    faults
}

/// Every page as a browser reads it.
pub fn pages(site: &Site) -> BTreeMap<&str, Html> {
    site.iter()
        .filter(|(address, _)| address.ends_with(".html"))
        .map(|(address, bytes)| {
            (
                address.as_str(),
                Html::parse_document(std::str::from_utf8(bytes).unwrap()),
            )
        })
        .collect()
}

/// Whatever a link may lead to: every address, and every place of every page.
pub fn places(site: &Site) -> BTreeSet<String> {
    let mut places: BTreeSet<String> = site.keys().cloned().collect();
    for (address, page) in pages(site) {
        places.extend(ids(&page).into_iter().map(|id| format!("{address}#{id}")));
    }
    places
}

fn select<'a>(page: &'a Html, wanted: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(wanted).unwrap()).collect()
}

fn ids(page: &Html) -> Vec<&str> {
    select(page, "[id]")
        .into_iter()
        .filter_map(|element| element.attr("id"))
        .collect()
}

fn repeated<'a>(ids: &[&'a str]) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    ids.iter()
        .filter(|id| !seen.insert(**id))
        .copied()
        .collect()
}

fn attributes(page: &Html) -> Vec<(String, &str, &str)> {
    select(page, "*")
        .into_iter()
        .flat_map(|element| {
            let name = element.value().name().to_owned();
            element
                .value()
                .attrs()
                .map(move |(attribute, value)| (name.clone(), attribute, value))
        })
        .collect()
}

/// Headings that leave a level of the outline out.
fn jumps(page: &Html) -> Vec<(u8, u8)> {
    let headings = select(page, "main h1, main h2, main h3, main h4, main h5, main h6").into_iter();
    let levels: Vec<u8> = headings
        .map(|heading| heading.value().name().as_bytes()[1] - b'0')
        .collect();
    levels
        .windows(2)
        .filter(|pair| pair[1] > pair[0] + 1)
        .map(|pair| (pair[0], pair[1]))
        .collect()
}

fn check_link(
    address: &str,
    element: &str,
    value: &str,
    site: &Site,
    ids: &BTreeMap<&str, Vec<&str>>,
) -> Result<(), String> {
    if ["https://", "http://", "mailto:", "tel:"]
        .iter()
        .any(|scheme| value.starts_with(scheme))
    {
        let leaves = matches!(element, "a" | "base") || value.starts_with("mailto:");
        return if leaves {
            Ok(())
        } else {
            Err(format!("<{element}> loads {value}"))
        };
    }
    let (path, anchor) = value.split_once('#').unwrap_or((value, ""));
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(Cow::into_owned);
    let path = decode(path).map_err(|_| format!("{value} is no UTF-8"))?;
    let target = resolve(address, &path).ok_or_else(|| format!("{value} leads out of the site"))?;
    if !site.contains_key(&target) {
        return Err(format!("{value} leads nowhere"));
    }
    let anchor = decode(anchor).map_err(|_| format!("{value} is no UTF-8"))?;
    let there = anchor.is_empty()
        || (anchor.starts_with("f=") && ids[target.as_str()].contains(&"history"))
        || ids
            .get(target.as_str())
            .is_some_and(|ids| ids.contains(&anchor.as_str()));
    if there {
        Ok(())
    } else {
        Err(format!("{value} has no such place"))
    }
}

/// The address that a relative path on a page means.
pub fn resolve(address: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(address.to_owned());
    }
    if path.starts_with('/') || path.contains(':') || path.contains('\\') {
        return None;
    }
    let mut parts: Vec<&str> = address.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
