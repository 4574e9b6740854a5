//! Ledgers that no text of a case could hold: a million rows, summed to the cent, exported again and again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use strang::pipeline;

use crate::portal_generator::Dice;

const DAY: Date = Date::constant(2025, 3, 3);
const CUSTOMERS: usize = 200;
const FILES: usize = 50;
const ROWS_OF_A_FILE: usize = 20_000;

const SETTINGS: &str = r#"
title = "Portal"
language = "de"
[ledgers.zahlungen]
files = "ledgers/*.csv"
kind = "payment"
decimal = ","
date_format = "%d.%m.%Y"
customer = { column = "Kunde" }
columns = { date = "Tag", title = "Text", amount = "Betrag", number = "Nr" }
"#;

/// What a customer paid: how often, and how many cents.
type Sums = BTreeMap<String, (usize, i128)>;

/// A sum as a German program writes it.
fn written(cents: i64) -> String {
    let (euros, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let mut digits = euros.to_string();
    let mut end = digits.len();
    while end > 3 {
        end -= 3;
        digits.insert(end, '.');
    }
    format!("{}{digits},{rest:02}", if cents < 0 { "-" } else { "" })
}

/// Writes the exports; a third of the rows carry a number.
fn write_exports(root: &Path) -> Sums {
    let mut dice = Dice::new(11);
    let mut sums = Sums::new();
    for file in 0..FILES {
        let mut text = String::from("Kunde;Tag;Text;Betrag;Nr\n");
        for row in 0..ROWS_OF_A_FILE {
            let customer = format!("kunde-{}", dice.below(CUSTOMERS));
            let cents = i64::try_from(dice.below(20_000_000_000)).unwrap() - 5_000_000_000;
            let number = if dice.below(3) == 0 {
                format!("R{file}-{row}")
            } else {
                String::new()
            };
            let (day, month) = (1 + dice.below(28), 1 + dice.below(12));
            let year = 2000 + file % 24;
            let amount = written(cents);
            writeln!(
                text,
                "{customer};{day:02}.{month:02}.{year};Zahlung {file}-{row};{amount};{number}"
            )
            .unwrap();
            let (count, sum) = sums.entry(customer).or_default();
            *count += 1;
            *sum += i128::from(cents);
        }
        fs::write(root.join(format!("content/ledgers/{file:02}.csv")), text).unwrap();
    }
    sums
}

fn sums_of(root: &Path) -> Sums {
    let built = pipeline::build(root, DAY).unwrap();
    assert!(built.diagnostics.is_empty());
    let portal = &built.portal;
    let mut sums = Sums::new();
    for customer in portal.customers() {
        let (count, sum) = sums.entry(portal[customer].page.id.clone()).or_default();
        for entry in &portal[customer].entries {
            *count += 1;
            *sum += i128::from(portal[*entry].amount.unwrap().minor);
        }
    }
    sums
}

#[test]
fn sums_of_a_million_rows_are_exact_to_the_cent_and_stay_so_when_exported_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for folder in ["content/ledgers", "content/customers"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("strang.toml"), SETTINGS).unwrap();
    for customer in 0..CUSTOMERS {
        let text = format!("+++\ntitle = \"Kunde {customer}\"\n+++\n");
        fs::write(
            root.join(format!("content/customers/kunde-{customer}.md")),
            text,
        )
        .unwrap();
    }
    let expected = write_exports(root);
    assert_eq!(
        expected.values().map(|(count, _)| count).sum::<usize>(),
        1_000_000
    );
    assert_eq!(sums_of(root), expected);
    fs::copy(
        root.join("content/ledgers/07.csv"),
        root.join("content/ledgers/77.csv"),
    )
    .unwrap();
    assert_eq!(sums_of(root), expected);
}
