//! The search index: what holds for every portal, shown on the example and on small ones, and the frozen format.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use scraper::{ElementRef, Html, Selector};
use strang::pipeline::{self, Built};
use strang::publish::disk::System;
use strang::publish::{Output, Twins, publish};
use strang::search::analyze::{Analyzer, english_stem, fold, german_stem};
use strang::value::Language;
use tempfile::TempDir;

use crate::case;
use crate::search_index::Index;

const DAY: Date = Date::constant(2026, 11, 23);

fn example() -> Built {
    pipeline::build(Path::new(env!("CARGO_MANIFEST_DIR")), DAY).unwrap()
}

fn portal(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn build(folder: &TempDir) -> Built {
    pipeline::build(folder.path(), DAY).unwrap()
}

/// The words of a text, each as it is folded.
fn words(text: &str) -> Vec<String> {
    let mut analyzer = Analyzer::default();
    let analysis = analyzer.analyze(text, Language::De);
    analysis.words().map(|(word, _)| word.to_owned()).collect()
}

/// The terms of a text in either language.
fn terms(text: &str) -> BTreeSet<String> {
    let mut analyzer = Analyzer::default();
    let mut terms = BTreeSet::new();
    for language in Language::ALL {
        let analysis = analyzer.analyze(text, language);
        terms.extend(analysis.terms().map(|(term, _)| term.to_owned()));
    }
    terms
}

/// A text without the labels of facts.
fn without_labels(text: &str, built: &Built) -> String {
    let language = built.portal.settings.language;
    let facts = built.portal.settings.schema.facts().iter();
    let mut labels: BTreeSet<&str> = facts.map(|fact| fact.label.get(language)).collect();
    let keys = [
        "number",
        "pays_into",
        "in_charge",
        "also_known_as",
        "promise",
    ];
    labels.extend(keys.map(|key| built.site.words().get(key)));
    let lines = text.lines().map(|line| match line.split_once(": ") {
        Some((label, value)) if labels.contains(label) => value,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_record_is_found_by_each_of_its_words() {
    let built = example();
    let index = Index::read(&built);
    let mut lost = Vec::new();
    for (id, record) in &index.records {
        let text = without_labels(&record.text, &built);
        let title = [&record.title, &record.path, &text].map(|text| words(text));
        for word in title.concat() {
            let forms = [&*word, german_stem(&word), english_stem(&word)];
            let is_found = forms.iter().any(|form| {
                let term = index.terms.get(form.as_bytes());
                term.is_some_and(|term| term.postings.contains_key(id))
            });
            if !is_found {
                lost.push(format!("{} by {word}", record.title));
            }
        }
    }
    lost.dedup();
    assert!(
        lost.is_empty(),
        "not found: {:#?}",
        &lost[..lost.len().min(20)]
    );
    assert!(index.records.len() > 1000);
}

#[test]
fn a_record_is_found_by_nothing_that_its_page_does_not_show() {
    let built = example();
    let index = Index::read(&built);
    let mut shown: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for record in index.records.values() {
        let [address, ..] = &record.places[0];
        shown
            .entry(address)
            .or_insert_with(|| visible(&built, address));
    }
    let mut names: HashMap<u32, BTreeSet<String>> = HashMap::new();
    for (key, target) in &index.names {
        names.entry(target.record).or_default().extend(terms(key));
    }
    let mut parts: HashMap<u32, BTreeSet<&str>> = HashMap::new();
    for term in index.terms.values().filter(|term| !term.parts.is_empty()) {
        for id in term.postings.keys() {
            let of = parts.entry(*id).or_default();
            of.extend(term.parts.split(' ').map(german_stem));
        }
    }
    let mut secret = Vec::new();
    for (term, found) in index.terms.iter().filter(|(term, _)| term[0] != 1) {
        let term = std::str::from_utf8(term).unwrap();
        for id in found.postings.keys() {
            let record = &index.records[id];
            let is_shown = shown[&*record.places[0][0]].contains(term);
            let is_named = names.get(id).is_some_and(|names| names.contains(term));
            let is_part = parts.get(id).is_some_and(|parts| parts.contains(term));
            if !is_shown && !is_named && !is_part && !is_day(term, record.day) {
                secret.push(format!("{} by {term}", record.title));
            }
        }
    }
    assert!(secret.is_empty(), "{:#?}", &secret[..secret.len().min(20)]);
}

#[test]
fn terms_say_whether_a_name_begins_with_them() {
    let index = Index::read(&example());
    let mut firsts: BTreeSet<&[u8]> = BTreeSet::new();
    for (key, target) in &index.names {
        let word = key.split(' ').next().unwrap();
        let forms = [word, german_stem(word), english_stem(word)];
        let known = forms.map(|form| index.terms.get(form.as_bytes()));
        let mut known = known.iter().flatten();
        assert!(
            known.any(|term| term.begins_name),
            "{} is not found by {key}",
            target.title
        );
        firsts.extend(forms.map(str::as_bytes));
    }
    for (term, found) in &index.terms {
        let term_of = String::from_utf8_lossy(term);
        assert!(
            !found.begins_name || firsts.contains(&**term),
            "no name begins with {term_of}"
        );
    }
}

/// The terms of all that a page shows, attributes for those who do not see pictures among it.
fn visible(built: &Built, address: &str) -> BTreeSet<String> {
    let html = case::bytes(built, address).unwrap();
    let page = Html::parse_document(&String::from_utf8(html).unwrap());
    let mut text = address.to_owned();
    push_text(page.root_element(), &mut text);
    for picture in page.select(&Selector::parse("img").unwrap()) {
        let _ = write!(text, "\n{}", picture.attr("alt").unwrap_or_default());
    }
    terms(&text)
}

/// The text of an element: inline ones do not part words.
fn push_text(element: ElementRef<'_>, out: &mut String) {
    for child in element.children() {
        if let Some(text) = child.value().as_text() {
            out.push_str(text);
        } else if let Some(element) = ElementRef::wrap(child) {
            let inline = [
                "a", "b", "code", "del", "em", "q", "small", "span", "strong", "sup",
            ];
            let is_block = !inline.contains(&element.value().name());
            out.push_str(if is_block { "\n" } else { "" });
            push_text(element, out);
            out.push_str(if is_block { "\n" } else { "" });
        }
    }
}

fn is_day(term: &str, day: u32) -> bool {
    let date = Date::constant(1, 1, 1) + jiff::Span::new().days(i64::from(day));
    term == date.strftime("%Y%m%d").to_string()
}

#[test]
fn shards_are_as_large_as_the_format_says() {
    let (_folder, built) = many_rows();
    let index = Index::read(&built);
    // A few bytes more: what a shard shares with nothing, and the size of a list.
    let most = |letter: &str| match letter {
        "t" => 12 * 1024 + 128,
        "n" => 6 * 1024 + 2048,
        "w" => 16 * 1024 + 128,
        _ => usize::MAX,
    };
    for (name, body) in &index.bodies {
        assert!(
            body.len() <= most(&name[..1]),
            "{name} has {} bytes",
            body.len()
        );
    }
    let shards = index.bodies.keys().filter(|name| name.starts_with("t/"));
    assert!(shards.count() > 20);
    assert!(index.bodies.keys().any(|name| name.starts_with("l/")));
}

/// A portal with so many rows that several workers share them.
fn many_rows() -> (TempDir, Built) {
    let mut rows = "Kunde,Datum,Text,Betrag,Nummer\n".to_owned();
    for row in 0..12_000 {
        let (day, month, cents) = (row % 28 + 1, row % 12 + 1, row % 100);
        let _ = writeln!(
            rows,
            "k{},2025-{month:02}-{day:02},Rechnung Wort{row},{row}.{cents:02},R-{row}",
            row % 7
        );
    }
    let customers: Vec<(String, String)> = (0..7)
        .map(|k| {
            let path = format!("content/customers/k{k}.md");
            (path, format!("+++\ntitle = \"Kunde {k} GmbH\"\n+++\n"))
        })
        .collect();
    let settings = "title = \"P\"\n[ledgers.bank]\nfiles = \"ledgers/*.csv\"\nkind = \"payment\"\n\
        customer = { column = \"Kunde\" }\n\
        columns = { date = \"Datum\", title = \"Text\", amount = \"Betrag\", number = \"Nummer\" }\n";
    let mut files = vec![
        ("strang.toml", settings),
        ("content/ledgers/bank.csv", &*rows),
    ];
    files.extend(customers.iter().map(|(path, text)| (&**path, &**text)));
    let folder = portal(&files);
    let built = build(&folder);
    (folder, built)
}

#[test]
fn the_number_of_cores_changes_no_byte() {
    let (folder, built) = many_rows();
    for cores in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(cores).build();
        let again = build(&folder);
        let same = pool
            .unwrap()
            .install(|| again.site.index() == built.site.index());
        assert!(same, "{cores} cores write other files");
    }
}

#[test]
fn what_was_taken_out_leaves_nothing_behind() {
    let files = small_portal();
    let folder = portal(&files);
    let out = folder.path().join("public");
    let write = || {
        let built = build(&folder);
        let output = Output::open(&System, &out, &built.tree.root, &|| ()).unwrap();
        publish(&built.site, &built.tree, output, Twins::None, &|| ()).unwrap();
        let files = walkdir::WalkDir::new(out.join("search")).sort_by_file_name();
        let files = files.into_iter().map(Result::unwrap);
        let files = files.filter(|file| file.file_type().is_file());
        files
            .map(|file| (file.path().to_owned(), fs::read(file.path()).unwrap()))
            .collect::<BTreeMap<_, _>>()
    };
    let before = write();
    let secret = folder.path().join("content/wissen/geheim.md");
    fs::write(&secret, "# Geheim\n\nEin Wort wie Xylophonkasten.\n").unwrap();
    assert_ne!(write(), before);
    fs::remove_file(secret).unwrap();
    assert_eq!(write(), before);
}

#[test]
fn a_portal_can_do_without() {
    let mut files = small_portal();
    let settings = format!("{}[search]\nenabled = false\n", files[0].1);
    files[0].1 = &settings;
    assert_eq!(build(&portal(&files)).site.index(), []);
}

#[test]
fn an_empty_portal_has_an_index() {
    let built = build(&portal(&[
        ("strang.toml", "title = \"P\"\n"),
        ("content/x.txt", ""),
    ]));
    let index = Index::read(&built);
    assert_eq!((index.base, index.entries), (0, 0));
    assert_eq!(index.bodies.len(), 1);
}

/// A portal with something of everything, some thirty records.
fn small_portal() -> Vec<(&'static str, &'static str)> {
    vec![
        ("strang.toml", include_str!("../search/portal/strang.toml")),
        (
            "content/index.md",
            include_str!("../search/portal/index.md"),
        ),
        (
            "content/customers/adler.md",
            include_str!("../search/portal/adler.md"),
        ),
        (
            "content/customers/muehle.md",
            "+++\ntitle = \"Mühle Übersee\"\nsegment = \"B\"\n+++\n",
        ),
        (
            "content/departments/vertrieb.md",
            "+++\ntitle = \"Vertrieb\"\ncontact = \"near\"\n+++\n",
        ),
        (
            "content/departments/lager.md",
            "+++\ntitle = \"Lager\"\ncontact = \"far\"\n+++\n",
        ),
        (
            "content/people/anna-roth.md",
            "+++\ntitle = \"Anna Roth\"\ndepartments = \"vertrieb\"\n+++\n",
        ),
        (
            "content/people/bert-weg.md",
            "+++\ntitle = \"Bert Weg\"\ndepartments = \"lager\"\nleft = 2025-01-31\n+++\n",
        ),
        (
            "content/wissen/index.md",
            "# Wissen\n\nSiehe [[versand]] und [[adler]].\n",
        ),
        (
            "content/wissen/versand.md",
            include_str!("../search/portal/versand.md"),
        ),
        (
            "content/customers/adler/2025-03-05-verzug.md",
            include_str!("../search/portal/verzug.md"),
        ),
        (
            "content/customers/adler/2025-03-05-besuch.md",
            "+++\nkind = \"visit\"\ntitle = \"Visit in Leeds\"\nby = \"anna-roth\"\n\
            customers = [\"adler\", \"muehle\"]\n+++\n\nThe goods were shipped and the boxes are here.\n",
        ),
        (
            "content/departments/lager/2025-04-01-inventur.md",
            "+++\nkind = \"note\"\ntitle = \"Inventur\"\nby = \"bert-weg\"\n+++\n\nOhne Kunden.\n",
        ),
        (
            "content/ledgers/bank.csv",
            "Kunde,Datum,Text,Betrag,Nummer\n\
            adler,2025-03-05,Rechnung bezahlt,1234.50,RE-2025-0815\n\
            muehle,2024-12-31,Gutschrift,-20,RE-2024-0007\n\
            muehle,2025-03-06,Rechnung RE-2025-0816,99.9,RE-2025-0816\n",
        ),
    ]
}

/// The format is frozen: whoever changes these bytes changes its version, and the script that reads it.
#[test]
fn the_bytes_of_a_small_portal_are_those_of_format_1() {
    let index = Index::read(&build(&portal(&small_portal())));
    let written = index
        .bodies
        .iter()
        .fold(String::new(), |mut text, (name, body)| {
            let _ = writeln!(text, "{name}");
            for line in body.chunks(48) {
                let hex: String = line.iter().map(|byte| format!("{byte:02x}")).collect();
                let _ = writeln!(text, "  {hex}");
            }
            text
        });
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search/format.hex");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, &written).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap();
    assert!(
        written == expected,
        "UPDATE=1 writes what came: read the difference"
    );
}

#[test]
fn spellings_and_forms_meet_in_the_index() {
    let index = Index::read(&build(&portal(&small_portal())));
    let found = |typed: &str| -> BTreeSet<&str> {
        let folded = fold(typed);
        let forms = [&*folded, german_stem(&folded), english_stem(&folded)];
        let terms = forms
            .iter()
            .filter_map(|form| index.terms.get(form.as_bytes()));
        let ids = terms.flat_map(|term| term.postings.keys());
        ids.map(|id| index.records[id].title.as_str()).collect()
    };
    assert!(found("muehle").contains("Mühle Übersee"));
    assert!(found("Ubersee").contains("Mühle Übersee"));
    assert!(found("Verzug").contains("Lieferverzug beim Eilauftrag"));
    assert!(found("shipping").contains("Visit in Leeds"));
    assert!(found("RE20250815").contains("Rechnung bezahlt"));
    assert!(found("20250305").contains("Rechnung bezahlt"));
    assert!(found("1234").contains("Rechnung bezahlt"));
    assert!(found("Tonne").contains("Palette oder Tonne"));
}
