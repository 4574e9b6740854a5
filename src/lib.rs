//! strang turns a git repository of Markdown files into a cross-linked, static intranet portal.
//!
//! Data flows one way: [`source`] reads, [`document`] parses, [`portal`] links, [`view`] chooses what a page shows,
//! [`site`] renders with a [`theme`], [`publish`] writes. [`pipeline`] is the order of the stages and the best place to
//! begin reading.

pub mod cli;
pub mod diagnostic;
pub mod document;
pub mod git;
pub mod live;
pub mod path;
pub mod pipeline;
pub mod portal;
pub mod publish;
pub mod query;
pub mod search;
pub mod settings;
pub mod site;
pub mod skeleton;
pub mod source;
pub mod table;
pub mod text;
pub mod theme;
pub mod value;
pub mod view;
pub mod words;
