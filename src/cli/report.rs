//! What is printed: diagnostics, progress, the line at the end.

use std::io::{IsTerminal, Write as _, stderr, stdout};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::diagnostic::{Colour, Diagnostics, Format, Severity, Texts, render};

/// Prints diagnostics for people, and how many there are.
pub(super) fn diagnostics(diagnostics: &Diagnostics, texts: &dyn Texts) {
    let colour = if stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        Colour::Ansi
    } else {
        Colour::Plain
    };
    let mut text = render(diagnostics, texts, Format::Text(colour));
    let errors = diagnostics.count(Severity::Error);
    let warnings = diagnostics.count(Severity::Warning);
    if errors + warnings > 0 {
        text.push_str(&format!(
            "{}, {}\n",
            counted(errors, "error"),
            counted(warnings, "warning")
        ));
    }
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// One or more of something.
pub(super) fn counted(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// Prints diagnostics for programs.
pub(super) fn machine_readable(diagnostics: &Diagnostics, texts: &dyn Texts, format: Format) {
    let _ = stdout().write_all(render(diagnostics, texts, format).as_bytes());
}

/// Says that a command could not be carried out.
pub(super) fn failure(message: &str) {
    let _ = writeln!(stderr(), "strang: {message}");
}

/// Says one line to whoever watches.
pub(super) fn line(message: &str) {
    let _ = writeln!(stderr(), "{message}");
}

/// A progress bar on a terminal, nothing in a pipe.
pub(super) fn progress(length: usize) -> ProgressBar {
    let target = if stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} pages")
        .expect("BUG: the template is fixed");
    ProgressBar::with_draw_target(u64::try_from(length).ok(), target).with_style(style)
}
