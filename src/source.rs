//! The read stage: from the disk to a [`Tree`] of every source's bytes, in path order.
//!
//! Reads `strang.toml`, `content/` and `themes/` below the portal's root and nothing else; symbolic links are refused,
//! so nothing outside is reached. What is no source (other files below `content/`) is listed as an attachment by name
//! and, for pictures, size. It must never parse.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::{Diagnostics, Place, Texts};
use crate::path::{CONTENT, SourcePath};
use crate::settings::SETTINGS_FILE;

/// Above this many bytes a source is refused.
const LARGEST_SOURCE: u64 = 2 * 1024 * 1024;
/// Deeper folders are refused.
const DEEPEST: usize = 64;

/// One file that strang reads as text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it stands.
    pub path: SourcePath,
    /// All of its bytes.
    pub bytes: Box<[u8]>,
}

/// One file below `content/` that pages may link to; its bytes stay on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentFile {
    /// Where it stands.
    pub path: SourcePath,
    /// Width and height in pixels, for pictures that say so.
    pub pixels: Option<(u32, u32)>,
}

/// Everything that a portal consists of, as it was when it was read.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The folder that holds `strang.toml`.
    pub root: PathBuf,
    /// `strang.toml`.
    pub settings: Source,
    /// Markdown below `content/`, in path order.
    pub pages: Vec<Source>,
    /// All other files below `content/`, in path order.
    pub attachments: Vec<AttachmentFile>,
    /// Files below `themes/`, in path order.
    pub theme_files: Vec<Source>,
}

impl Tree {
    /// Opens a file of the portal that is read as a stream.
    pub fn open(&self, path: &SourcePath) -> io::Result<File> {
        File::open(self.root.join(path.as_str()))
    }

    /// Reads a file of the portal whose bytes stay on the disk.
    pub fn read(&self, path: &SourcePath) -> io::Result<Vec<u8>> {
        fs::read(self.root.join(path.as_str()))
    }
}

impl Texts for Tree {
    fn bytes(&self, source: &SourcePath) -> Option<&[u8]> {
        if *source == self.settings.path {
            return Some(&self.settings.bytes);
        }
        [&self.pages, &self.theme_files]
            .into_iter()
            .find_map(|files| {
                let i = files.binary_search_by(|file| file.path.cmp(source)).ok()?;
                Some(&*files[i].bytes)
            })
    }
}

/// The nearest folder upwards that holds `strang.toml`.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    let start = fs::canonicalize(start).ok()?;
    start
        .ancestors()
        .find(|folder| folder.join(SETTINGS_FILE).is_file())
        .map(Path::to_owned)
}

/// Reads `strang.toml`. The error is one of the environment: it cannot be read at all.
pub fn read_settings(root: &Path) -> io::Result<Source> {
    Ok(Source {
        path: SourcePath::new(SETTINGS_FILE),
        bytes: fs::read(root.join(SETTINGS_FILE))?.into_boxed_slice(),
    })
}

/// Reads everything else of a portal.
pub fn read(root: &Path, settings: Source, diagnostics: &mut Diagnostics) -> Tree {
    if !root.join(CONTENT).is_dir() {
        diagnostics.no_content(Place::start_of(&settings.path));
    }
    let listing = list(root, CONTENT, diagnostics);
    let (page_paths, attachment_paths): (Vec<_>, Vec<_>) = listing
        .into_iter()
        .partition(|path| path.extension() == "md");
    let theme_paths = list(root, "themes", diagnostics);
    let pages = read_all(root, page_paths, diagnostics);
    let theme_files = read_all(root, theme_paths, diagnostics);
    let attachments = attachment_paths
        .into_par_iter()
        .map(|path| AttachmentFile {
            pixels: pixels(root, &path),
            path,
        })
        .collect();
    Tree {
        root: root.to_owned(),
        settings,
        pages,
        attachments,
        theme_files,
    }
}

/// The regular files below a folder, in the order of their paths' bytes.
fn list(root: &Path, folder: &str, diagnostics: &mut Diagnostics) -> Vec<SourcePath> {
    let start = root.join(folder);
    if fs::symlink_metadata(&start).is_err() {
        return Vec::new();
    }
    let mut paths = Vec::new();
    let walk = WalkDir::new(&start)
        .follow_links(false)
        .follow_root_links(false)
        .max_open(32)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_ignored(entry));
    for entry in walk {
        match entry {
            Ok(entry) => take(root, &entry, &mut paths, diagnostics),
            Err(error) => {
                let path = error
                    .path()
                    .and_then(|path| relative(root, path))
                    .unwrap_or_else(|| SourcePath::new(folder));
                let cause = error
                    .io_error()
                    .map_or_else(|| "unknown cause".to_owned(), io::Error::to_string);
                diagnostics.unreadable(Place::start_of(&path), &cause);
            }
        }
    }
    paths.sort_unstable();
    paths
}

/// What editors, systems and git leave beside sources.
fn is_ignored(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with(['.', '~'])
        || name.ends_with('~')
        || matches!(&*name, "Thumbs.db" | "desktop.ini" | "4913")
        || name.ends_with(".swp")
}

fn take(root: &Path, entry: &DirEntry, paths: &mut Vec<SourcePath>, diagnostics: &mut Diagnostics) {
    let Some(path) = relative(root, entry.path()) else {
        let shown = entry
            .path()
            .strip_prefix(root)
            .unwrap_or(entry.path())
            .to_string_lossy()
            .into_owned();
        diagnostics.bad_file_name(Place::start_of(&SourcePath::new(shown)));
        return;
    };
    let place = || Place::start_of(&path);
    let file_type = entry.file_type();
    if file_type.is_symlink() {
        diagnostics.symlink(place());
    } else if file_type.is_dir() {
        if entry.depth() > DEEPEST {
            diagnostics.folders_too_deep(place(), DEEPEST);
        }
    } else if !file_type.is_file() {
        diagnostics.not_a_file(place());
    } else if matches!(path.extension(), "orig" | "rej") {
        diagnostics.leftover(place());
    } else if is_misspelled_markdown(&path) {
        diagnostics.markdown_ending(place());
    } else {
        paths.push(path);
    }
}

/// Endings that editors give by mistake, and that would make a page an attachment nobody links to.
fn is_misspelled_markdown(path: &SourcePath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let ends = |ending: &str| name.ends_with(ending);
    (ends(".md") && path.extension() != "md")
        || ends(".markdown")
        || ends(".md.txt")
        || ends(".mdx")
}

/// The path relative to the root with `/` between its parts; `None` for names that are no UTF-8 or hold odd characters.
fn relative(root: &Path, path: &Path) -> Option<SourcePath> {
    let below = path.strip_prefix(root).ok()?;
    let joined = if MAIN_SEPARATOR == '/' {
        below.to_str()?.to_owned()
    } else {
        let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
        parts?.join("/")
    };
    let odd = joined
        .chars()
        .any(|c| c.is_control() || matches!(c, '\\' | ':' | '?' | '*' | '"' | '<' | '>' | '|'));
    (!odd).then(|| SourcePath::new(joined))
}

fn read_all(root: &Path, paths: Vec<SourcePath>, diagnostics: &mut Diagnostics) -> Vec<Source> {
    let read: Vec<(SourcePath, io::Result<Box<[u8]>>)> = paths
        .into_par_iter()
        .map(|path| {
            let bytes = read_one(&root.join(path.as_str()));
            (path, bytes)
        })
        .collect();
    let mut sources = Vec::with_capacity(read.len());
    for (path, bytes) in read {
        match bytes {
            Ok(bytes) if bytes.len() as u64 > LARGEST_SOURCE => {
                diagnostics.page_too_big(Place::start_of(&path), LARGEST_SOURCE);
            }
            Ok(bytes) => sources.push(Source { path, bytes }),
            Err(error) => diagnostics.unreadable(Place::start_of(&path), &error.to_string()),
        }
    }
    sources
}

thread_local! {
    /// Most sources fit, so each is read by one call and kept in exactly the room it needs.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(64 * 1024));
}

/// At most one byte more than is allowed, so that a huge file costs nothing.
fn read_one(path: &Path) -> io::Result<Box<[u8]>> {
    let file = File::open(path)?;
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        file.take(LARGEST_SOURCE + 1).read_to_end(buffer)?;
        Ok(Box::from(buffer.as_slice()))
    })
}

fn pixels(root: &Path, path: &SourcePath) -> Option<(u32, u32)> {
    if !matches!(
        path.extension().to_ascii_lowercase().as_str(),
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif"
    ) {
        return None;
    }
    let size = imagesize::size(root.join(path.as_str())).ok()?;
    Some((
        u32::try_from(size.width).ok()?,
        u32::try_from(size.height).ok()?,
    ))
}
