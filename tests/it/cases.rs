//! Runs the cases below `tests/cases/`: `CASE=links cargo test cases` runs those whose path holds the word, `UPDATE=1`
//! rewrites what they expect. Read the difference before you commit it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use crate::case;

#[test]
fn every_case_comes_true() {
    let wanted = std::env::var("CASE").unwrap_or_default();
    let cases: Vec<_> = case::all()
        .into_iter()
        .filter(|file| case::name(file).contains(&wanted))
        .collect();
    assert!(!cases.is_empty(), "no case has `{wanted}` in its path");
    let failures: Vec<String> = cases
        .par_iter()
        .filter_map(|file| {
            let run = catch_unwind(AssertUnwindSafe(|| case::check(file)));
            let error = run
                .unwrap_or_else(|_| Err("the case panicked, see above\n".to_owned()))
                .err()?;
            Some(format!("\ntests/cases/{}\n{error}", case::name(file)))
        })
        .collect();
    let count = format!("{} of {} cases failed", failures.len(), cases.len());
    assert!(
        failures.is_empty(),
        "{count}\n{}\n{count}; UPDATE=1 rewrites what they expect",
        failures.concat()
    );
}
