//! How heavy the largest pages are that readers open every day: a customer with 300 entries, the matrix, a department.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use strang::path::SitePath;
use strang::pipeline;
use strang::value::parse_date;

use crate::case;

const WRITTEN: usize = 100;
const ROWS: usize = 200;
const TEXT: &str = "Am Telefon besprochen, was als Nächstes kommt: Die Teile für Linie 3 liegen bereit, \
    der Kran ist bestellt, und in der Nacht wird gekocht. Der Kunde weiß Bescheid und freut sich auf den Besuch.";

#[test]
fn a_customer_with_300_entries_weighs_at_most_120_kb() {
    let folder = tempfile::tempdir().unwrap();
    write_portal(folder.path());
    let built = pipeline::build(folder.path(), parse_date("2025-03-03").unwrap()).unwrap();
    let page = case::bytes(&built, "customers/bergmann.html").unwrap();
    assert!(page.len() <= 120 * 1024, "{} bytes", page.len());

    let page = String::from_utf8(page).unwrap();
    let history = page.split("<section id=\"history\">").nth(1).unwrap();
    let entries = history.split("<li id=\"").skip(1);
    let (rows, written): (Vec<&str>, Vec<&str>) = entries.partition(|entry| entry.contains("</b>"));
    assert_eq!(written.len(), WRITTEN);
    let each = average(&written) - TEXT.len();
    assert!(
        each <= 400,
        "a written entry has {each} bytes beside its text"
    );
    let each = average(&rows);
    assert!(each <= 220, "a row has {each} bytes");
}

#[test]
fn a_matrix_of_500_customers_and_12_departments_weighs_at_most_300_kb_a_page() {
    for departments in [2, 12] {
        let folder = tempfile::tempdir().unwrap();
        write_matrix(folder.path(), departments);
        let built = pipeline::build(folder.path(), parse_date("2025-03-03").unwrap()).unwrap();
        let addresses = built
            .site
            .addresses()
            .map(|address| address.as_str().to_owned());
        let matrix: Vec<String> = addresses
            .filter(|address| address.starts_with("contributions/"))
            .collect();
        assert_eq!(matrix.len() == 1, departments == 2);
        for address in matrix {
            let page = case::bytes(&built, &address).unwrap();
            assert!(page.len() <= 300 * 1024, "{address}: {} bytes", page.len());
        }
    }
}

#[test]
fn a_department_that_reached_500_customers_weighs_at_most_150_kb_and_the_matrix_leads_to_all_of_them()
 {
    let folder = tempfile::tempdir().unwrap();
    write_matrix(folder.path(), 12);
    let built = pipeline::build(folder.path(), parse_date("2025-03-03").unwrap()).unwrap();
    let page = |address: &str| String::from_utf8(case::bytes(&built, address).unwrap()).unwrap();
    let department = page("departments/abteilung-03.html");
    assert!(department.len() <= 150 * 1024, "{} bytes", department.len());
    assert_eq!(department.matches("id=\"for-maschinenfabrik-").count(), 200);
    assert!(department.contains("<a href=\"../contributions/index.html\">Was für andere Kunden"));

    let mut told = 0;
    let mut opened = 0;
    let addresses = built.site.addresses().map(SitePath::as_str);
    for address in addresses.filter(|address| address.starts_with("contributions/")) {
        for link in page(address).split("<td><a ").skip(1) {
            let href = link.split("href=\"../").nth(1).unwrap();
            let (to, anchor) = href[..href.find('"').unwrap()].split_once('#').unwrap();
            assert!(
                page(to).contains(&format!("id=\"{anchor}\"")),
                "{to}#{anchor}"
            );
            match to.starts_with("departments/") {
                true => told += 1,
                false => opened += 1,
            }
        }
    }
    assert_eq!((told, opened), (12 * 200, 12 * 300));
}

fn write_matrix(folder: &Path, departments: usize) {
    let write = |path: String, text: String| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let settings = "title = \"Portal\"\nlanguage = \"de\"\n".to_owned();
    write("strang.toml".to_owned(), settings);
    for i in 0..12 {
        let page = format!("+++\ntitle = \"Abteilung {i:02}\"\n+++\n");
        write(format!("content/departments/abteilung-{i:02}.md"), page);
    }
    for i in 0..500 {
        let did: String = (0..departments)
            .map(|department| format!("\"abteilung-{:02}\", ", (i + department) % 12))
            .collect();
        let page = format!("+++\ntitle = \"Maschinenfabrik Nummer {i} GmbH\"\n+++\n");
        let entry = format!("+++\nkind = \"visit\"\ntitle = \"Da\"\ndepartments = [{did}]\n+++\n");
        write(
            format!("content/customers/maschinenfabrik-{i}/index.md"),
            page,
        );
        write(
            format!("content/customers/maschinenfabrik-{i}/2024-02-24-da.md"),
            entry,
        );
    }
}

fn average(texts: &[&str]) -> usize {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    bytes / texts.len().max(1)
}

fn write_portal(folder: &Path) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "strang.toml",
        "title = \"Portal\"\nlanguage = \"de\"\n\
        [facts.customer]\ndebitor = { type = \"text\", unique = true }\n\
        [ledgers.invoices]\nlabel = \"Rechnungen\"\nfiles = \"ledgers/*.csv\"\nkind = \"payment\"\n\
        decimal = \",\"\ndate_format = \"%d.%m.%Y\"\ncustomer = { column = \"Debitor\", fact = \"debitor\" }\n\
        columns = { date = \"Datum\", title = \"Text\", amount = \"Betrag\", number = \"Beleg\" }\n",
    );
    write(
        "content/customers/bergmann.md",
        "+++\ntitle = \"Bergmann\"\ndebitor = \"10042\"\n\
        [[goals]]\nid = \"stillstand\"\ntitle = \"Kein Stillstand\"\ndue = 2025-06-30\n+++\n",
    );
    for id in ["kueche", "lager"] {
        let page = format!("+++\ntitle = \"{id}\"\n+++\n");
        write(&format!("content/departments/{id}.md"), &page);
    }
    for i in 0..WRITTEN {
        let (year, month, day) = (2020 + i % 5, 1 + i % 12, 1 + i % 28);
        let goal = if i % 5 == 0 {
            "goals = \"stillstand\"\n"
        } else {
            ""
        };
        write(
            &format!("content/customers/bergmann/{year}-{month:02}-{day:02}-besuch-{i}.md"),
            &format!(
                "+++\nkind = \"visit\"\ntitle = \"Besuch an Linie {i}\"\n\
                departments = [\"kueche\", \"lager\"]\n{goal}+++\n\n{TEXT}\n"
            ),
        );
    }
    let mut ledger = "Debitor;Datum;Text;Betrag;Beleg\n".to_owned();
    for i in 0..ROWS {
        let (year, month, day) = (2020 + i % 5, 1 + i % 12, 1 + i % 28);
        let _ = writeln!(
            ledger,
            "10042;{day:02}.{month:02}.{year};Rechnung {number};{i},50;{number}",
            number = 4000 + i
        );
    }
    write("content/ledgers/rechnungen.csv", &ledger);
}
