//! The read stage: from the disk to a [`Tree`] of every source, in path order, whose bytes can be taken once.
//!
//! Reads `strang.toml`, `content/` and `themes/` below the portal's root and nothing else; symbolic links are refused,
//! so nothing outside is reached. What is no source (other files below `content/`) is listed as an attachment by name
//! and, for pictures, size. A [`Shelf`] keeps what it has read, so that a later look reads only what has changed. It
//! must never parse.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::hash::BuildHasher as _;
use std::io::{self, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;
use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::{Diagnostics, Place, Texts};
use crate::path::{CONTENT, SourcePath};
use crate::settings::SETTINGS_FILE;

/// The folder below the portal that holds its own themes.
pub const THEMES: &str = "themes";

/// Above this many bytes a source is refused.
const LARGEST_SOURCE: u64 = 2 * 1024 * 1024;
/// So many files are looked at by one core before it may hand some to another.
const FILES_AT_ONCE: usize = 256;
/// Deeper folders are refused.
const DEEPEST: usize = 64;

/// One file that strang reads as text and keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it stands.
    pub path: SourcePath,
    /// All of its bytes.
    pub bytes: Box<[u8]>,
}

/// A file of Markdown. There may be hundreds of thousands of them, so its bytes are there only until they are parsed;
/// after that they stay on the disk.
#[derive(Debug)]
pub struct PageSource {
    /// Where it stands.
    pub path: SourcePath,
    /// Tells its bytes from others that come in their place: few do of which no stamp tells.
    print: u64,
    bytes: Mutex<Option<Box<[u8]>>>,
}

impl PageSource {
    fn new(path: SourcePath, bytes: Box<[u8]>) -> PageSource {
        PageSource {
            path,
            print: print_of(&bytes),
            bytes: Mutex::new(Some(bytes)),
        }
    }

    /// All of its bytes, for the first who asks.
    pub fn take(&self) -> Option<Box<[u8]>> {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.take()
    }
}

fn print_of(bytes: &[u8]) -> u64 {
    FxBuildHasher.hash_one(bytes)
}

impl PartialEq for PageSource {
    fn eq(&self, other: &PageSource) -> bool {
        (&self.path, self.print) == (&other.path, other.print)
    }
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
    pub pages: Vec<Arc<PageSource>>,
    /// All other files below `content/`, in path order.
    pub attachments: Vec<AttachmentFile>,
    /// Files below `themes/`, in path order.
    pub theme_files: Vec<Arc<Source>>,
}

impl Tree {
    /// Opens a file of the portal that is read as a stream.
    pub fn open(&self, path: &SourcePath) -> io::Result<File> {
        open(&self.root, path).map(|(file, _)| file)
    }

    /// Reads a file of the portal whose bytes stay on the disk.
    pub fn read(&self, path: &SourcePath) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Texts for Tree {
    /// Pages are read again: few are spoken of. One that has become another since has no bytes to speak of.
    fn bytes(&self, source: &SourcePath) -> Option<Cow<'_, [u8]>> {
        if *source == self.settings.path {
            return Some(Cow::Borrowed(&self.settings.bytes));
        }
        if let Ok(i) = self.pages.binary_search_by(|page| page.path.cmp(source)) {
            let (bytes, _) = read_one(&self.root, source).ok()?;
            let is_same = print_of(&bytes) == self.pages[i].print;
            return is_same.then(|| Cow::Owned(bytes.into()));
        }
        let files = &self.theme_files;
        let i = files.binary_search_by(|file| file.path.cmp(source)).ok()?;
        Some(Cow::Borrowed(&files[i].bytes))
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

/// Where something may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Anywhere.
    Everywhere,
    /// At these paths of the disk and below them.
    At(BTreeSet<PathBuf>),
}

impl Default for Look {
    fn default() -> Self {
        Look::At(BTreeSet::new())
    }
}

impl Look {
    /// There, too.
    pub fn add(&mut self, path: PathBuf) {
        if let Look::At(paths) = self {
            paths.insert(path);
        }
    }
}

/// What is kept of a portal's files from one look to the next.
pub struct Shelf {
    root: PathBuf,
    /// In the order of their paths' bytes.
    files: Vec<Shelved>,
    /// Every folder at the last look everywhere, as it was before it was listed.
    folders: Vec<(PathBuf, Stamp)>,
    /// Whether there is a folder for sources; not known before the first look.
    has_content: Option<bool>,
}

struct Shelved {
    file: Kept,
    /// `None` for what could not be read.
    stamp: Option<Stamp>,
    /// Whether the same stamp tells that the file is the same. It does not when the file has just changed: the clock of
    /// a disk is too coarse to tell two changes apart that follow each other at once.
    is_settled: bool,
}

impl Shelved {
    fn is_as_it_was(&self, root: &Path) -> bool {
        let now = || Stamp::at(&root.join(self.file.path()));
        self.is_settled && self.stamp.is_some() && now() == self.stamp
    }
}

/// What is believed about files that are known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// None is known yet.
    AsRead,
    /// What has the same stamp is the same.
    Stamps,
    /// They may have changed: somebody says so.
    Nothing,
}

/// What tells that a file has changed without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    /// The number of the file, where the system has such.
    inode: u64,
    /// When anything of it changed, which nobody can set, in seconds and nanoseconds, where the system tells.
    changed: (i64, i64),
}

/// What is known of a file.
#[derive(Clone, PartialEq)]
enum Kept {
    Page(Arc<PageSource>),
    ThemeFile(Arc<Source>),
    Attachment(AttachmentFile),
    Refused(Box<Refused>),
}

impl Kept {
    fn path(&self) -> &str {
        match self {
            Kept::Page(page) => page.path.as_str(),
            Kept::ThemeFile(file) => file.path.as_str(),
            Kept::Attachment(file) => file.path.as_str(),
            Kept::Refused(refused) => refused.path.as_str(),
        }
    }
}

/// What the walk comes across.
enum Found {
    File(SourcePath),
    Refused(Box<Refused>),
}

/// Nothing that belongs here, and that is told. Few are, so it lies in a box: what is said takes no room beside files.
#[derive(Clone, PartialEq)]
struct Refused {
    path: SourcePath,
    said: Diagnostics,
}

impl Found {
    fn path(&self) -> &str {
        match self {
            Found::File(path) => path.as_str(),
            Found::Refused(refused) => refused.path.as_str(),
        }
    }
}

/// A part of the shelf: one path, or all that begin alike.
struct Part {
    start: String,
    /// Whether all that begins so belongs to it.
    is_folder: bool,
}

impl Part {
    fn holds(&self, path: &str) -> bool {
        if self.is_folder {
            path.starts_with(&self.start)
        } else {
            path == self.start
        }
    }
}

impl Shelf {
    /// Nothing has been read yet.
    pub fn new(root: &Path) -> Shelf {
        Shelf {
            // Links above the portal are the affair of whoever set them; below it none is followed.
            root: fs::canonicalize(root).unwrap_or_else(|_| root.to_owned()),
            files: Vec::new(),
            folders: Vec::new(),
            has_content: None,
        }
    }

    /// The folder that holds `strang.toml`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Looks at the disk and reads what has changed there; gives back whether anything has.
    pub fn look(&mut self, look: &Look) -> bool {
        let places = self.places(look);
        let trust = match look {
            _ if self.files.is_empty() => Trust::AsRead,
            Look::Everywhere => Trust::Stamps,
            Look::At(_) => Trust::Nothing,
        };
        let mut has_changed = false;
        let mut before = std::mem::take(&mut self.files).into_iter();
        let mut after: Vec<Shelved> = Vec::with_capacity(before.len());
        let mut parts: Vec<(Part, Vec<Found>)> = Vec::with_capacity(2 * places.len());
        let mut folders = Vec::new();
        for place in &places {
            let listed = list(&self.root, place);
            folders.extend(listed.folders);
            let (itself, below) = listed
                .found
                .into_iter()
                .partition(|found| found.path() == place);
            let part = |start: &str, is_folder| Part {
                start: start.to_owned(),
                is_folder,
            };
            parts.push((part(place, false), itself));
            parts.push((part(&format!("{place}/"), true), below));
        }
        parts.sort_by(|(a, _), (b, _)| a.start.cmp(&b.start));
        for (part, found) in parts {
            let start = part.start.as_str();
            let kept = before
                .as_slice()
                .partition_point(|old| old.file.path() < start);
            after.extend(before.by_ref().take(kept));
            let replaced = before
                .as_slice()
                .partition_point(|old| part.holds(old.file.path()));
            let old: Vec<Shelved> = before.by_ref().take(replaced).collect();
            has_changed |= self.renew(old, found, trust, &mut after);
        }
        after.extend(before);
        self.files = after;
        self.folders = folders;
        let has_content = Some(self.root.join(CONTENT).is_dir());
        has_changed |= std::mem::replace(&mut self.has_content, has_content) != has_content;
        has_changed
    }

    /// Whether all is still as it was at the last look, which was everywhere, so that it was like that at one moment.
    /// Nothing is listed or read: a folder in which a name comes or goes has another stamp.
    pub fn is_as_it_was(&self) -> bool {
        let is = |place: &Path, stamp| Stamp::at(place) == Some(stamp);
        let folders = self.folders.par_iter();
        let files = self.files.par_iter();
        folders.all(|(place, stamp)| is(place, *stamp))
            && files
                .with_min_len(FILES_AT_ONCE)
                .all(|Shelved { file, stamp, .. }| {
                    stamp.is_none_or(|stamp| is(&self.root.join(file.path()), stamp))
                })
    }

    /// Everything on the shelf.
    pub fn tree(&self, settings: Source, diagnostics: &mut Diagnostics) -> Tree {
        if self.has_content == Some(false) {
            diagnostics.no_content(Place::start_of(&settings.path));
        }
        let mut tree = Tree {
            root: self.root.clone(),
            settings,
            pages: Vec::with_capacity(self.files.len()),
            attachments: Vec::new(),
            theme_files: Vec::new(),
        };
        for Shelved { file, .. } in &self.files {
            match file {
                Kept::Page(page) => tree.pages.push(Arc::clone(page)),
                Kept::ThemeFile(file) => tree.theme_files.push(Arc::clone(file)),
                Kept::Attachment(file) => tree.attachments.push(file.clone()),
                Kept::Refused(refused) => diagnostics.append(refused.said.clone()),
            }
        }
        tree
    }

    /// The paths to walk, none below another. One that is no folder any more, or never was, stands for all below it.
    fn places(&self, look: &Look) -> Vec<String> {
        let everywhere = || vec![CONTENT.to_owned(), THEMES.to_owned()];
        let Look::At(paths) = look else {
            return everywhere();
        };
        let mut places: BTreeSet<String> = BTreeSet::new();
        for path in paths {
            match self.place(path) {
                Some(Ok(place)) => {
                    places.insert(place);
                }
                Some(Err(_)) => return everywhere(),
                None => {}
            }
        }
        let is_covered = |place: &str| {
            let folders = place.match_indices('/').map(|(end, _)| &place[..end]);
            folders.into_iter().any(|folder| places.contains(folder))
        };
        places
            .iter()
            .filter(|place| !is_covered(place))
            .cloned()
            .collect()
    }

    /// `None` for what is not read anyway.
    fn place(&self, path: &Path) -> Option<Result<String, OddName>> {
        let mut parts = path.strip_prefix(&self.root).ok()?.components().peekable();
        let is_read = parts.peek().is_some_and(|first| {
            [CONTENT, THEMES]
                .iter()
                .any(|folder| first.as_os_str() == *folder)
        });
        if !is_read {
            return None;
        }
        let mut place = self.root.clone();
        let mut depth = 0;
        while let Some(part) = parts.next() {
            let Component::Normal(name) = part else {
                return None;
            };
            if depth > 0 && is_ignored(&name.to_string_lossy()) {
                return None;
            }
            depth += 1;
            place.push(name);
            let is_folder = || fs::symlink_metadata(&place).is_ok_and(|data| data.is_dir());
            if parts.peek().is_some() && !is_folder() {
                break;
            }
        }
        let place = relative(&self.root, &place).ok_or(OddName);
        Some(place.map(|place| place.as_str().to_owned()))
    }

    /// Puts on the new shelf what was found, read again only where it differs; whether it is another than before.
    fn renew(
        &self,
        old: Vec<Shelved>,
        found: Vec<Found>,
        trust: Trust,
        after: &mut Vec<Shelved>,
    ) -> bool {
        let has_changed = AtomicBool::new(old.len() != found.len());
        let mut old = old.into_iter().peekable();
        let pairs: Vec<(Found, Option<Shelved>)> = found
            .into_iter()
            .map(|found| {
                while old.next_if(|old| old.file.path() < found.path()).is_some() {}
                let same = old.next_if(|old| old.file.path() == found.path());
                (found, same)
            })
            .collect();
        let renewed = pairs.into_par_iter().map(|(found, old)| {
            let (shelved, is_new) = match found {
                Found::File(path) => self.read(path, old, trust),
                Found::Refused(refused) => {
                    let file = Kept::Refused(refused);
                    let is_new = old.is_none_or(|old| old.file != file);
                    let shelved = Shelved {
                        file,
                        stamp: None,
                        is_settled: false,
                    };
                    (shelved, is_new)
                }
            };
            if is_new {
                has_changed.store(true, Ordering::Relaxed);
            }
            shelved
        });
        after.par_extend(renewed);
        has_changed.into_inner()
    }

    /// Reads a file, unless it is the same as before; whether it is another.
    fn read(&self, path: SourcePath, old: Option<Shelved>, trust: Trust) -> (Shelved, bool) {
        let old = match old {
            Some(old) if trust == Trust::Stamps && old.is_as_it_was(&self.root) => {
                return (old, false);
            }
            old => old,
        };
        let (file, stamp) = if path.extension() == "md" || path.below_content().is_none() {
            text(&self.root, path)
        } else {
            attachment(&self.root, path)
        };
        // The bytes of an attachment are not kept, so its stamp must tell, or whoever says that it has changed.
        let is_same = |old: &Shelved| match file {
            Kept::Attachment(_) => {
                old.file == file && old.stamp == stamp && trust != Trust::Nothing
            }
            Kept::Page(_) | Kept::ThemeFile(_) | Kept::Refused(_) => old.file == file,
        };
        let (file, has_changed) = match old {
            // What was parsed stays so.
            Some(old) if is_same(&old) => (old.file, false),
            _ => (file, true),
        };
        let shelved = Shelved {
            file,
            stamp,
            is_settled: trust == Trust::AsRead || !has_changed,
        };
        (shelved, has_changed)
    }
}

/// A name that cannot be spoken of, so that everything must be looked at.
struct OddName;

impl Stamp {
    fn of(data: &Metadata) -> Stamp {
        #[cfg(unix)]
        let (inode, changed) = {
            use std::os::unix::fs::MetadataExt as _;
            (data.ino(), (data.ctime(), data.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (inode, changed) = (0, (0, 0));
        Stamp {
            size: data.len(),
            modified: data.modified().ok(),
            inode,
            changed,
        }
    }

    /// That of what is at a path now; `None` where nothing is, or nobody can tell.
    fn at(place: &Path) -> Option<Stamp> {
        fs::symlink_metadata(place)
            .ok()
            .map(|data| Stamp::of(&data))
    }
}

fn text(root: &Path, path: SourcePath) -> (Kept, Option<Stamp>) {
    let (bytes, stamp) = match read_one(root, &path) {
        Ok((bytes, stamp)) => (Ok(bytes), Some(stamp)),
        Err(error) => (Err(error), None),
    };
    let mut said = Diagnostics::new();
    let kept = match bytes {
        Ok(bytes) if bytes.len() as u64 > LARGEST_SOURCE => {
            said.page_too_big(Place::start_of(&path), LARGEST_SOURCE);
            Kept::Refused(Box::new(Refused { path, said }))
        }
        Ok(bytes) if path.below_content().is_some() => {
            Kept::Page(Arc::new(PageSource::new(path, bytes)))
        }
        Ok(bytes) => Kept::ThemeFile(Arc::new(Source { path, bytes })),
        Err(error) => {
            said.unreadable(Place::start_of(&path), &error.to_string());
            Kept::Refused(Box::new(Refused { path, said }))
        }
    };
    (kept, stamp)
}

fn attachment(root: &Path, path: SourcePath) -> (Kept, Option<Stamp>) {
    let stamp = fs::symlink_metadata(root.join(path.as_str()));
    let stamp = stamp.ok().map(|data| Stamp::of(&data));
    let pixels = pixels(root, &path);
    (Kept::Attachment(AttachmentFile { path, pixels }), stamp)
}

/// Opens a file of the portal: a regular one, with no link on the way to it, whatever has come in its place since.
fn open(root: &Path, path: &SourcePath) -> io::Result<(File, Metadata)> {
    let file = open_unlinked(root, path)?;
    let data = file.metadata()?;
    if data.is_file() {
        return Ok((file, data));
    }
    Err(io::Error::other("this is no regular file any more"))
}

/// How often, and after how long, a file is asked for again that a file server like Samba has to give back: the system
/// leaves it 45 seconds.
#[cfg(target_os = "linux")]
const LEASE_ASKED: u32 = 2300;
#[cfg(target_os = "linux")]
const LEASE_WAIT: std::time::Duration = std::time::Duration::from_millis(20);

/// The system walks the whole path in one call, so no folder of it can be changed for a link in between. A pipe
/// would keep whoever opens it waiting.
#[cfg(target_os = "linux")]
fn open_unlinked(root: &Path, path: &SourcePath) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    use rustix::io::Errno;
    let place = root.join(path.as_str());
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let open = || openat2(CWD, &place, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS);
    let mut opened = open();
    for _ in 0..LEASE_ASKED {
        if !matches!(opened, Err(Errno::AGAIN)) {
            break;
        }
        std::thread::sleep(LEASE_WAIT);
        opened = open();
    }
    match opened {
        Ok(file) => Ok(file.into()),
        Err(Errno::LOOP) => Err(link_instead()),
        // Linux before 5.6, or a sandbox.
        Err(Errno::NOSYS | Errno::PERM) => open_checked(root, path),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_unlinked(root: &Path, path: &SourcePath) -> io::Result<File> {
    open_checked(root, path)
}

/// Where the system cannot refuse links itself.
fn open_checked(root: &Path, path: &SourcePath) -> io::Result<File> {
    let place = root.join(path.as_str());
    if fs::canonicalize(&place)? != place || !fs::metadata(&place)?.is_file() {
        return Err(link_instead());
    }
    File::open(place)
}

fn link_instead() -> io::Error {
    io::Error::other("a link has come in its place")
}

/// What a walk has come across: files in the order of their paths' bytes, and folders, each as it was before the walk
/// went into it.
#[derive(Default)]
struct Listed {
    found: Vec<Found>,
    folders: Vec<(PathBuf, Stamp)>,
}

impl Listed {
    fn take(&mut self, root: &Path, place: &str, entry: walkdir::Result<DirEntry>) {
        if let Ok(entry) = &entry
            && entry.file_type().is_dir()
            && let Ok(data) = entry.metadata()
        {
            self.folders
                .push((entry.path().to_owned(), Stamp::of(&data)));
        }
        self.found.extend(take(root, place, entry));
    }

    fn sort(&mut self) {
        self.found.sort_by(|a, b| a.path().cmp(b.path()));
    }
}

/// What is at a path and below it.
fn list(root: &Path, place: &str) -> Listed {
    let mut listed = Listed::default();
    let start = root.join(place);
    if fs::symlink_metadata(&start).is_err() {
        return listed;
    }
    let mut far = Vec::new();
    for entry in walk(&start, 0..=NEAR) {
        if let Ok(entry) = &entry
            && entry.depth() == NEAR
            && entry.file_type().is_dir()
        {
            far.push(entry.path().to_owned());
        }
        listed.take(root, place, entry);
    }
    // Folders in the order of the paths in them, so that what they hold is in order when it is put together.
    far.sort_by_cached_key(|folder| {
        let mut prefix = folder.clone().into_os_string();
        prefix.push("/");
        prefix
    });
    let below = far.par_iter().map(|folder| {
        let mut listed = Listed::default();
        walk(folder, 1..=usize::MAX).for_each(|entry| listed.take(root, place, entry));
        listed.sort();
        listed
    });
    let below = below.collect::<Vec<Listed>>();
    listed.sort();
    for below in below {
        listed.found.extend(below.found);
        listed.folders.extend(below.folders);
    }
    listed.sort();
    listed
}

/// Folders below this depth are walked by all cores: such are those of thousands of customers.
const NEAR: usize = 2;

fn walk(
    start: &Path,
    depths: RangeInclusive<usize>,
) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    WalkDir::new(start)
        .follow_links(false)
        .follow_root_links(false)
        .max_open(32)
        .min_depth(*depths.start())
        .max_depth(*depths.end())
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || !is_ignored(&entry.file_name().to_string_lossy())
        })
}

/// What editors, systems and git leave beside sources.
fn is_ignored(name: &str) -> bool {
    name.starts_with(['.', '~'])
        || name.ends_with('~')
        || matches!(name, "Thumbs.db" | "desktop.ini" | "4913")
        || name.ends_with(".swp")
}

fn take(root: &Path, place: &str, entry: walkdir::Result<DirEntry>) -> Option<Found> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let path = error.path().and_then(|path| relative(root, path));
            let path = path.unwrap_or_else(|| SourcePath::new(place));
            let cause = error
                .io_error()
                .map_or_else(|| "unknown cause".to_owned(), io::Error::to_string);
            return Some(refused(path, |said, place| said.unreadable(place, &cause)));
        }
    };
    let Some(path) = relative(root, entry.path()) else {
        let shown = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let shown = SourcePath::new(shown.to_string_lossy().into_owned());
        return Some(refused(shown, Diagnostics::bad_file_name));
    };
    let file_type = entry.file_type();
    if file_type.is_symlink() {
        Some(refused(path, Diagnostics::symlink))
    } else if file_type.is_dir() {
        let is_too_deep = path.as_str().matches('/').count() > DEEPEST;
        let say = |said: &mut Diagnostics, place| said.folders_too_deep(place, DEEPEST);
        is_too_deep.then(|| refused(path, say))
    } else if !file_type.is_file() {
        Some(refused(path, Diagnostics::not_a_file))
    } else if matches!(path.extension(), "orig" | "rej") {
        Some(refused(path, Diagnostics::leftover))
    } else if is_misspelled_markdown(&path) {
        Some(refused(path, Diagnostics::markdown_ending))
    } else {
        Some(Found::File(path))
    }
}

fn refused(path: SourcePath, say: impl FnOnce(&mut Diagnostics, Place)) -> Found {
    let mut said = Diagnostics::new();
    say(&mut said, Place::start_of(&path));
    Found::Refused(Box::new(Refused { path, said }))
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

/// The path relative to the root, with which it begins, with `/` between its parts; `None` for names that are no UTF-8
/// or hold odd characters.
fn relative(root: &Path, path: &Path) -> Option<SourcePath> {
    // Byte by byte: to take all paths of a large portal apart takes as long as to list its folders.
    let path = path.as_os_str().as_encoded_bytes();
    let below = path.strip_prefix(root.as_os_str().as_encoded_bytes())?;
    let below = str::from_utf8(below)
        .ok()?
        .trim_start_matches(MAIN_SEPARATOR);
    let joined = match MAIN_SEPARATOR {
        '/' => Cow::Borrowed(below),
        other => Cow::Owned(below.replace(other, "/")),
    };
    let odd = joined
        .chars()
        .any(|c| c.is_control() || matches!(c, '\\' | ':' | '?' | '*' | '"' | '<' | '>' | '|'));
    (!odd).then(|| SourcePath::new(joined))
}

fn read_one(root: &Path, path: &SourcePath) -> io::Result<(Box<[u8]>, Stamp)> {
    let (file, data) = open(root, path)?;
    let stamp = Stamp::of(&data);
    Ok((read_bytes(file, stamp.size)?, stamp))
}

/// What a file of a size holds, into exactly the room that it needs, and nothing is asked of it once that has come: one
/// that grows meanwhile has another stamp when it is looked at again. Some file systems do not know how large a file
/// is, and say that it is empty. At most one byte more than is allowed is read, so that a huge file costs nothing.
fn read_bytes(file: impl Read, size: u64) -> io::Result<Box<[u8]>> {
    let most = match size {
        0 => LARGEST_SOURCE + 1,
        size => size.min(LARGEST_SOURCE + 1),
    };
    let room = usize::try_from(size.min(most)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(room);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes.into_boxed_slice())
}

fn pixels(root: &Path, path: &SourcePath) -> Option<(u32, u32)> {
    if !matches!(
        path.extension().to_ascii_lowercase().as_str(),
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif"
    ) {
        return None;
    }
    let (file, _) = open(root, path).ok()?;
    let size = imagesize::reader_size(BufReader::new(file)).ok()?;
    Some((
        u32::try_from(size.width).ok()?,
        u32::try_from(size.height).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_far_as_its_size_tells() {
        let read = |file: &mut dyn Read, size| {
            let bytes = read_bytes(file, size).expect("reading works");
            String::from_utf8(bytes.into()).expect("it is a text")
        };
        let in_parts = || "Wort ".as_bytes().chain("für Wort".as_bytes());
        let mut whole = in_parts();
        assert_eq!(read(&mut whole, 14), "Wort für Wort");
        let mut grown = in_parts();
        assert_eq!(read(&mut grown, 4), "Wort");
        let mut shrunk = in_parts();
        assert_eq!(read(&mut shrunk, 4000), "Wort für Wort");
        let mut of_unknown_size = in_parts();
        assert_eq!(read(&mut of_unknown_size, 0), "Wort für Wort");
    }

    #[test]
    fn nothing_is_asked_of_a_file_that_has_come() {
        struct Once(Option<&'static [u8]>);
        impl Read for Once {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0.take().expect("it is asked once").read(buffer)
            }
        }
        let text = "Ein Satz, der länger ist als ein Wort und alles sagt.";
        let bytes = read_bytes(Once(Some(text.as_bytes())), text.len() as u64);
        assert_eq!(bytes.expect("reading works").as_ref(), text.as_bytes());
    }

    #[test]
    fn a_huge_file_is_read_one_byte_further_than_is_allowed() {
        for size in [0, LARGEST_SOURCE + 1, u64::MAX] {
            let bytes = read_bytes(io::repeat(b'x'), size).expect("reading works");
            assert_eq!(bytes.len() as u64, LARGEST_SOURCE + 1);
        }
    }

    /// A portal of one page, as it was read.
    fn portal(text: &str) -> (tempfile::TempDir, Shelf) {
        let folder = tempfile::tempdir().expect("there is room for a portal");
        fs::create_dir(folder.path().join(CONTENT)).expect("a folder is made");
        fs::write(folder.path().join(CONTENT).join("a.md"), text).expect("a page is written");
        let mut shelf = Shelf::new(folder.path());
        assert!(shelf.look(&Look::Everywhere));
        (folder, shelf)
    }

    fn tree(shelf: &Shelf) -> Tree {
        let settings = Source {
            path: SourcePath::new(SETTINGS_FILE),
            bytes: Box::default(),
        };
        shelf.tree(settings, &mut Diagnostics::new())
    }

    #[test]
    fn a_page_that_became_another_has_no_bytes_to_speak_of() {
        let (folder, shelf) = portal("Eins.");
        let tree = tree(&shelf);
        let page = SourcePath::new("content/a.md");
        assert_eq!(tree.pages[0].take().as_deref(), Some(&b"Eins."[..]));
        assert_eq!(tree.bytes(&page).as_deref(), Some(&b"Eins."[..]));
        fs::write(folder.path().join("content/a.md"), "Zwei.").expect("a page is saved");
        assert_eq!(tree.bytes(&page), None);
    }

    #[test]
    fn a_page_that_is_saved_as_it_was_stays_parsed() {
        let (folder, mut shelf) = portal("Eins.");
        assert!(tree(&shelf).pages[0].take().is_some());
        let page = shelf.root().join("content/a.md");
        let save = |text| fs::write(folder.path().join("content/a.md"), text).expect("it is saved");
        save("Eins.");
        let look = Look::At(BTreeSet::from([page]));
        assert!(!shelf.look(&look));
        assert!(tree(&shelf).pages[0].take().is_none());
        save("Zwei.");
        assert!(shelf.look(&look));
        assert!(tree(&shelf).pages[0].take().is_some());
    }
}
