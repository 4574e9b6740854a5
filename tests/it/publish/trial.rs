//! A disk on trial: it hands every call on to another one, writes it down, and fails, stops or shortens as planned.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use strang::publish::disk::{Disk, Found, Leave, Lock, Watch};

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub enum Plan {
    Nothing,
    /// Call number so says this error of the system, and all others go well.
    Fail(usize, i32),
    /// The first sync of a tree says this error, and all others go well.
    FailFirstSync(i32),
    /// From call number so on nothing happens any more: the process is dead.
    Stop(usize),
    /// Each write takes one byte out of three.
    Short,
    /// So many bytes are free.
    Free(u64),
    /// Another build is at work, and never ends.
    Held,
}

/// What a file system knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knows {
    All,
    /// Neither links nor the exchange of two folders.
    Little,
}

/// A call, as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub what: &'static str,
    pub path: PathBuf,
}

pub struct Trial<'a> {
    disk: &'a dyn Disk,
    plan: Plan,
    knows: Knows,
    calls: Mutex<Vec<Call>>,
}

impl<'a> Trial<'a> {
    pub fn new(disk: &'a dyn Disk, knows: Knows, plan: Plan) -> Trial<'a> {
        Trial {
            disk,
            plan,
            knows,
            calls: Mutex::default(),
        }
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    fn note(&self, what: &'static str, path: &Path) -> io::Result<()> {
        let mut calls = self.calls.lock().unwrap();
        let number = calls.len();
        let is_first_sync = what == "sync_tree" && calls.iter().all(|call| call.what != what);
        let path = path.to_owned();
        calls.push(Call { what, path });
        match self.plan {
            Plan::Fail(k, error) if number == k => Err(io::Error::from_raw_os_error(error)),
            Plan::FailFirstSync(error) if is_first_sync => Err(io::Error::from_raw_os_error(error)),
            Plan::Stop(k) if number >= k => Err(io::Error::other("dead")),
            _ => Ok(()),
        }
    }

    fn knows_it(&self) -> io::Result<()> {
        match self.knows {
            Knows::All => Ok(()),
            Knows::Little => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// A file that is written on trial.
struct File<'a> {
    trial: &'a Trial<'a>,
    path: PathBuf,
    file: Box<dyn Write + 'a>,
}

impl Write for File<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.trial.note("write", &self.path)?;
        match self.trial.plan {
            Plan::Short => self.file.write(&bytes[..bytes.len().div_ceil(3)]),
            _ => self.file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Disk for Trial<'_> {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.note("resolve", path)?;
        self.disk.resolve(path)
    }

    fn look(&self, path: &Path) -> io::Result<Option<Found>> {
        self.note("look", path)?;
        self.disk.look(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<(OsString, Found)>> {
        self.note("list", folder)?;
        let mut list = self.disk.list(folder)?;
        // A disk may list in any order; a test that counts calls needs one.
        list.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(list)
    }

    fn read(&self, file: &Path) -> io::Result<Vec<u8>> {
        self.note("read", file)?;
        self.disk.read(file)
    }

    fn may_replace(&self, folder: &Path) -> io::Result<Leave> {
        self.note("may_replace", folder)?;
        self.disk.may_replace(folder)
    }

    fn free(&self, folder: &Path) -> io::Result<u64> {
        self.note("free", folder)?;
        match self.plan {
            Plan::Free(bytes) => Ok(bytes),
            _ => self.disk.free(folder),
        }
    }

    fn lock(&self, folder: &Path) -> io::Result<Option<Lock>> {
        self.note("lock", folder)?;
        match self.plan {
            Plan::Held => Ok(None),
            _ => self.disk.lock(folder),
        }
    }

    fn wait(&self, time: Duration) {
        let _ = self.note("wait", Path::new(""));
        self.disk.wait(time);
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.note("create_folder", folder)?;
        self.disk.create_folder(folder)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn Write + '_>> {
        self.note("create", file)?;
        Ok(Box::new(File {
            trial: self,
            path: file.to_owned(),
            file: self.disk.create(file)?,
        }))
    }

    fn link(&self, file: &Path, to: &Path) -> io::Result<()> {
        self.note("link", to)?;
        self.knows_it()?;
        self.disk.link(file, to)
    }

    fn set_mode(&self, folder: &Path, mode: u32) -> io::Result<()> {
        self.note("set_mode", folder)?;
        self.disk.set_mode(folder, mode)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.note("rename", to)?;
        self.disk.rename(from, to)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.note("exchange", other)?;
        self.knows_it()?;
        self.disk.exchange(one, other)
    }

    fn watch(&self, folder: &Path) -> io::Result<Watch> {
        self.note("watch", folder)?;
        self.disk.watch(folder)
    }

    fn sync_tree(&self, folder: &Path, since: &Watch) -> io::Result<()> {
        self.note("sync_tree", folder)?;
        self.disk.sync_tree(folder, since)
    }

    fn sync_names(&self, folder: &Path) -> io::Result<()> {
        self.note("sync_names", folder)?;
        self.disk.sync_names(folder)
    }

    fn remove_file(&self, file: &Path) -> io::Result<()> {
        self.note("remove_file", file)?;
        self.disk.remove_file(file)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.note("remove_folder", folder)?;
        self.disk.remove_folder(folder)
    }
}
