//! What a case cannot hold: links and pipes among the sources.

use std::fs;
use std::os::unix::fs::symlink;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use strang::diagnostic::{Colour, Format, render};
use strang::pipeline;
use strang::value::parse_date;

use crate::case;

#[test]
fn links_and_pipes_are_refused_and_nothing_outside_is_read() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.md"), "CANARY").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content/handbuch");
    fs::create_dir_all(&content).unwrap();
    fs::write(folder.path().join("strang.toml"), "title = \"Portal\"").unwrap();
    fs::write(
        content.join("a.md"),
        "[[link]], [hin](folder/secret.md), [da](../../../secret.md)",
    )
    .unwrap();
    symlink(outside.path().join("secret.md"), content.join("link.md")).unwrap();
    symlink(outside.path(), content.join("folder")).unwrap();
    symlink("nowhere", content.join("dangling.md")).unwrap();
    symlink("circle.md", content.join("circle.md")).unwrap();
    mknodat(CWD, content.join("pipe.md"), FileType::Fifo, Mode::RWXU, 0).unwrap();

    let built = pipeline::build(folder.path(), parse_date("2025-03-03").unwrap()).unwrap();
    let said = case::everything_said(&built);
    let said = render(&said, &built.tree, Format::Text(Colour::Plain));
    for expected in [
        "content/handbuch/circle.md:1:1: error[symlink]",
        "content/handbuch/dangling.md:1:1: error[symlink]",
        "content/handbuch/folder:1:1: error[symlink]",
        "content/handbuch/link.md:1:1: error[symlink]",
        "content/handbuch/pipe.md:1:1: error[not-a-file]",
    ] {
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }
    for address in built.site.addresses() {
        let bytes = case::bytes(&built, address.as_str()).unwrap();
        assert!(
            !String::from_utf8_lossy(&bytes).contains("CANARY"),
            "{address}"
        );
    }
}

#[test]
fn a_portal_without_sources_is_not_published() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("strang.toml"), "title = \"Portal\"").unwrap();
    let built = pipeline::build(folder.path(), parse_date("2025-03-03").unwrap()).unwrap();
    let said = render(&built.diagnostics, &built.tree, Format::Text(Colour::Plain));
    assert!(
        said.starts_with("strang.toml:1:1: error[no-content]"),
        "{said}"
    );
}

#[test]
fn content_itself_may_not_be_a_link() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.md"), "CANARY").unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("strang.toml"), "title = \"Portal\"").unwrap();
    symlink(outside.path(), folder.path().join("content")).unwrap();
    let built = pipeline::build(folder.path(), parse_date("2025-03-03").unwrap()).unwrap();
    assert!(built.tree.pages.is_empty());
    let said = render(&built.diagnostics, &built.tree, Format::Text(Colour::Plain));
    assert!(said.starts_with("content:1:1: error[symlink]"), "{said}");
}
