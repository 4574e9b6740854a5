//! A disk in memory that forgets what was not synced when the power goes.
//!
//! Files and folders are nodes with what a program sees of them and what the platter holds. A name leads to a node, so
//! a link is a second name. What a cut leaves is decided by [`Lost`]: real file systems lie between these three.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use strang::publish::disk::{Disk, Found, Kind, Leave, Lock, Watch};

/// What a power cut takes.
#[derive(Clone, Copy, Debug)]
pub enum Lost {
    /// The bytes of files that were not synced; their names are there.
    Bytes,
    /// The names in folders that were not synced; the bytes are there.
    Names,
    Both,
}

pub const LOST: [Lost; 3] = [Lost::Bytes, Lost::Names, Lost::Both];

#[derive(Clone)]
enum Content {
    File(Vec<u8>),
    Folder(BTreeMap<OsString, usize>),
}

#[derive(Clone)]
struct Node {
    seen: Content,
    synced: Content,
    mode: u32,
}

pub struct Model {
    nodes: Mutex<Vec<Node>>,
}

const ROOT: usize = 0;

impl Model {
    pub fn new() -> Model {
        let root = Node::new(Content::Folder(BTreeMap::new()), 0o755);
        Model {
            nodes: Mutex::new(vec![root]),
        }
    }

    /// The disk after the power came back.
    pub fn after_cut(&self, lost: Lost) -> Model {
        let mut nodes = self.nodes.lock().unwrap().clone();
        for node in &mut nodes {
            let forgets = match (&node.seen, lost) {
                (Content::File(_), Lost::Bytes | Lost::Both)
                | (Content::Folder(_), Lost::Names | Lost::Both) => true,
                (Content::File(_), Lost::Names) | (Content::Folder(_), Lost::Bytes) => false,
            };
            if forgets {
                node.seen = node.synced.clone();
            } else {
                node.synced = node.seen.clone();
            }
        }
        Model {
            nodes: Mutex::new(nodes),
        }
    }

    /// Another disk that holds the same.
    pub fn copy(&self) -> Model {
        Model {
            nodes: Mutex::new(self.nodes.lock().unwrap().clone()),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<Node>) -> io::Result<T>) -> io::Result<T> {
        act(&mut self.nodes.lock().unwrap())
    }
}

impl Node {
    fn new(seen: Content, mode: u32) -> Node {
        let synced = match &seen {
            Content::File(_) => Content::File(Vec::new()),
            Content::Folder(_) => Content::Folder(BTreeMap::new()),
        };
        Node { seen, synced, mode }
    }

    fn names(&self) -> io::Result<&BTreeMap<OsString, usize>> {
        match &self.seen {
            Content::Folder(names) => Ok(names),
            Content::File(_) => Err(ErrorKind::NotADirectory.into()),
        }
    }

    fn found(&self) -> Found {
        let (kind, size) = match &self.seen {
            Content::File(bytes) => (Kind::File, bytes.len() as u64),
            Content::Folder(_) => (Kind::Folder, 0),
        };
        let mode = self.mode;
        Found { kind, size, mode }
    }
}

fn find(nodes: &[Node], path: &Path) -> io::Result<usize> {
    let mut at = ROOT;
    for part in path.components() {
        if let Component::Normal(name) = part {
            at = *nodes[at].names()?.get(name).ok_or(ErrorKind::NotFound)?;
        }
    }
    Ok(at)
}

/// The names among which a path has or would have its own.
fn names_around<'a>(
    nodes: &'a mut [Node],
    path: &Path,
) -> io::Result<&'a mut BTreeMap<OsString, usize>> {
    let at = find(nodes, path.parent().unwrap())?;
    match &mut nodes[at].seen {
        Content::Folder(names) => Ok(names),
        Content::File(_) => Err(ErrorKind::NotADirectory.into()),
    }
}

fn add(nodes: &mut [Node], path: &Path, node: usize) -> io::Result<()> {
    let names = names_around(nodes, path)?;
    let name = path.file_name().unwrap().to_owned();
    if names.contains_key(&name) {
        return Err(ErrorKind::AlreadyExists.into());
    }
    names.insert(name, node);
    Ok(())
}

fn create(nodes: &mut Vec<Node>, path: &Path, content: Content) -> io::Result<usize> {
    let node = nodes.len();
    add(nodes, path, node)?;
    nodes.push(Node::new(content, 0o755));
    Ok(node)
}

fn sync(nodes: &mut [Node], at: usize) {
    nodes[at].synced = nodes[at].seen.clone();
    if let Content::Folder(names) = nodes[at].seen.clone() {
        names.values().for_each(|node| sync(nodes, *node));
    }
}

struct File<'a> {
    model: &'a Model,
    node: usize,
}

impl Write for File<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.model.with(|nodes| {
            if let Content::File(content) = &mut nodes[self.node].seen {
                content.extend(bytes);
            }
            Ok(bytes.len())
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for Model {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    fn look(&self, path: &Path) -> io::Result<Option<Found>> {
        self.with(|nodes| Ok(find(nodes, path).ok().map(|at| nodes[at].found())))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<(OsString, Found)>> {
        self.with(|nodes| {
            let names = nodes[find(nodes, folder)?].names()?;
            let list = names.iter();
            Ok(list
                .map(|(name, node)| (name.clone(), nodes[*node].found()))
                .collect())
        })
    }

    fn read(&self, file: &Path) -> io::Result<Vec<u8>> {
        self.with(|nodes| match &nodes[find(nodes, file)?].seen {
            Content::File(bytes) => Ok(bytes.clone()),
            Content::Folder(_) => Err(ErrorKind::IsADirectory.into()),
        })
    }

    fn may_replace(&self, _: &Path) -> io::Result<Leave> {
        Ok(Leave::Given)
    }

    fn free(&self, _: &Path) -> io::Result<u64> {
        Ok(u64::MAX)
    }

    fn lock(&self, _: &Path) -> io::Result<Option<Lock>> {
        Ok(Some(Lock::default()))
    }

    fn wait(&self, _: Duration) {}

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.with(|nodes| create(nodes, folder, Content::Folder(BTreeMap::new())).map(drop))
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn Write + '_>> {
        let node = self.with(|nodes| create(nodes, file, Content::File(Vec::new())))?;
        Ok(Box::new(File { model: self, node }))
    }

    fn link(&self, file: &Path, to: &Path) -> io::Result<()> {
        self.with(|nodes| {
            let node = find(nodes, file)?;
            add(nodes, to, node)
        })
    }

    fn set_mode(&self, folder: &Path, mode: u32) -> io::Result<()> {
        self.with(|nodes| {
            let at = find(nodes, folder)?;
            nodes[at].mode = mode;
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.with(|nodes| {
            let node = find(nodes, from)?;
            add(nodes, to, node)?;
            names_around(nodes, from)?.remove(from.file_name().unwrap());
            Ok(())
        })
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.with(|nodes| {
            let (first, second) = (find(nodes, one)?, find(nodes, other)?);
            let name = |path: &Path| path.file_name().unwrap().to_owned();
            names_around(nodes, one)?.insert(name(one), second);
            names_around(nodes, other)?.insert(name(other), first);
            Ok(())
        })
    }

    fn watch(&self, _: &Path) -> io::Result<Watch> {
        Ok(Watch::default())
    }

    fn sync_tree(&self, folder: &Path, _: &Watch) -> io::Result<()> {
        self.with(|nodes| {
            let at = find(nodes, folder)?;
            sync(nodes, at);
            Ok(())
        })
    }

    fn sync_names(&self, folder: &Path) -> io::Result<()> {
        self.with(|nodes| {
            let at = find(nodes, folder)?;
            nodes[at].synced = nodes[at].seen.clone();
            Ok(())
        })
    }

    fn remove_file(&self, file: &Path) -> io::Result<()> {
        self.with(|nodes| {
            let node = find(nodes, file)?;
            if nodes[node].found().kind == Kind::Folder {
                return Err(ErrorKind::IsADirectory.into());
            }
            names_around(nodes, file)?.remove(file.file_name().unwrap());
            Ok(())
        })
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.with(|nodes| {
            let node = find(nodes, folder)?;
            if !nodes[node].names()?.is_empty() {
                return Err(ErrorKind::DirectoryNotEmpty.into());
            }
            names_around(nodes, folder)?.remove(folder.file_name().unwrap());
            Ok(())
        })
    }
}
