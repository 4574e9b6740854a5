//! The search index: everything that a reader may find, as small files that a script reads a few of.
//!
//! Words are analyzed by [`analyze`], compounds split by [`compound`]. It must never look at sources or at rendered
//! pages, and never say what a page does not show.

pub mod analyze;
pub mod compound;
