//! Trials: what is tried again and again, how often, and what survived.
//!
//! With `STRANG_LONG` set all of them take as long as they can be worth, and what this computer lacks is a failure;
//! without, it is said to be skipped. Nothing here knows what is tried.

use std::io::Write as _;

/// Whether this is a long run.
pub fn is_long() -> bool {
    std::env::var_os("STRANG_LONG").is_some()
}

/// As often as a short run or a long one asks for.
pub fn times(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}

/// Says what was tried and what survived, past the harness, which would keep it to itself.
pub fn tell(what: &str, tried: usize, found: &str, faults: &[String]) {
    let survived = tried - faults.len().min(tried);
    let line = format!("{what}: {tried} tried, {survived} survived{found}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    assert!(tried > 0, "{what}: nothing was tried");
    let some = faults.iter().take(10).cloned().collect::<Vec<_>>();
    assert!(faults.is_empty(), "{what}:\n  {}", some.join("\n  "));
}

/// Says what could not be tried here.
pub fn skip(what: &str, lacks: &str) {
    let _ = std::io::stderr().write_all(format!("{what}: skipped, {lacks}\n").as_bytes());
    assert!(!is_long(), "{what}: skipped in a long run, {lacks}");
}
