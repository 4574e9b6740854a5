//! The search index: everything that a reader may find, as small files that a script reads a few of.
//!
//! A linked portal goes in, (address, bytes) come out: records and terms are chosen by [`index`], words analyzed by
//! [`analyze`], compounds split by [`compound`], files written by [`encode`]. It must never look at sources or at
//! rendered pages, and never say what a page does not show.

pub mod analyze;
pub mod compound;
mod encode;
mod facets;
mod index;
mod names;
mod records;
