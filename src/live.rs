//! The preview: the site from memory, for the person who writes it.
//!
//! Owns everything that listens. It renders with the same recipes as `build` and must never write a file.

pub mod serve;
