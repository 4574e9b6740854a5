//! The search index: everything that a reader may find, as small files that a script reads a few of.
//!
//! A linked portal goes in, (address, bytes) come out: records are told by the view, words analyzed by [`analyze`],
//! compounds split by [`compound`], terms chosen by `index`, files written by `encode`. It must never look at sources
//! or at rendered pages, and never say what a page does not show.

pub mod analyze;
pub mod compound;
mod encode;
mod facets;
mod index;
mod names;
mod records;
mod vocabulary;

use crate::path::SitePath;
use crate::portal::Portal;
use crate::view::Viewpoint;

/// The folder in which all files of the index lie.
pub const FOLDER: &str = "search/";

/// The files of a portal's index, in the order of addresses; the portal is seen from the root of its site.
pub fn files(portal: &Portal, from: Viewpoint<'_>) -> Vec<(SitePath, Vec<u8>)> {
    let records = records::Records::new(portal, from);
    let (terms, (facets, names)) = rayon::join(
        || index::Terms::of(&records),
        || (facets::Facets::of(&records), names::Names::of(&records)),
    );
    encode::files(&records, terms, &facets, &names)
}
