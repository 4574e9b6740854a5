//! The tests of strang from outside: through its library, and through the program that people start.
//!
//! Cases are texts below `tests/cases/` and are run by [`cases`]; laws hold for generated portals; tidy holds the house
//! to its own rules. `cargo test` runs all of it and needs no browser.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub
)]

mod analyze;
mod canaries;
mod case;
mod cases;
mod cli;
mod counting;
mod formats;
mod history;
mod html;
mod laws;
mod ledgers;
mod machine_check;
mod manuals;
mod matrix_check;
mod portal_generator;
mod preview;
mod publish;
mod reading;
mod search;
mod search_index;
mod serve;
mod shell;
mod site_check;
mod skeletons;
mod tidy;
mod trials;
mod unattended;
mod watching;
mod weight;
