//! The seam: all that publishing asks of the system.
//!
//! The steps of publishing see a [`Disk`] and nothing else, so tests can hand them one that fails, stops or forgets.
//! [`System`] is the real one. It must never decide anything: no order of steps, no second try, no words.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rayon::prelude::*;

/// A disk, as far as publishing needs one. No call but `resolve` and `read` follows a link at the end of a path.
pub trait Disk: Sync {
    /// The path with every link in it resolved.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;
    /// What lies at a path; `None` where nothing does.
    fn look(&self, path: &Path) -> io::Result<Option<Found>>;
    /// What lies in a folder, in no order.
    fn list(&self, folder: &Path) -> io::Result<Vec<(OsString, Found)>>;
    /// All bytes of a file.
    fn read(&self, file: &Path) -> io::Result<Vec<u8>>;
    /// Whether a folder can be emptied, and another one put in its place.
    fn may_replace(&self, folder: &Path) -> io::Result<Leave>;
    /// How many bytes can still be written where a folder is.
    fn free(&self, folder: &Path) -> io::Result<u64>;
    /// Holds a folder against other builds for as long as the value lives; `None` where another build holds it.
    fn lock(&self, folder: &Path) -> io::Result<Option<Lock>>;
    /// Lets some time pass.
    fn wait(&self, time: Duration);
    /// Makes a folder.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;
    /// Makes a file that was not there.
    fn create(&self, file: &Path) -> io::Result<Box<dyn Write + '_>>;
    /// Gives a file a second name that was not there; unsupported where a file can have one only.
    fn link(&self, file: &Path, to: &Path) -> io::Result<()>;
    /// Says who may enter a folder, in the bits of Unix.
    fn set_mode(&self, folder: &Path, mode: u32) -> io::Result<()>;
    /// Gives a folder another name that was not there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Two folders change their names in one step; unsupported where the file system cannot.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;
    /// Looks at a folder from now on, so that no fault in writing what is below it stays untold.
    fn watch(&self, folder: &Path) -> io::Result<Watch>;
    /// Returns when the folder with all that is below it would survive a power cut.
    fn sync_tree(&self, folder: &Path, since: &Watch) -> io::Result<()>;
    /// Returns when the names in a folder would survive a power cut.
    fn sync_names(&self, folder: &Path) -> io::Result<()>;
    /// Takes a file, or a link, away.
    fn remove_file(&self, file: &Path) -> io::Result<()>;
    /// Takes an empty folder away.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;
}

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which sort of thing.
    pub kind: Kind,
    /// How many bytes a file has.
    pub size: u64,
    /// Who may do what with it, in the bits of Unix.
    pub mode: u32,
}

/// The sorts of things that lie on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of bytes.
    File,
    /// A folder.
    Folder,
    /// A link, a pipe, a device.
    Other,
}

/// Whether a folder can be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Another folder can take its name.
    Given,
    /// Something is mounted there, and a mount cannot be renamed.
    Mounted,
}

/// Holds a folder against other builds; the system lets go of it with the process, however that ends.
#[derive(Debug, Default)]
pub struct Lock {
    _file: Option<File>,
}

/// The moment since which faults of a disk are told.
#[derive(Debug, Default)]
pub struct Watch {
    /// An open folder: Linux tells each of them what went wrong since it was opened.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code))]
    folder: Option<File>,
}

/// The disk of this computer.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Disk for System {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn look(&self, path: &Path) -> io::Result<Option<Found>> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(found(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<(OsString, Found)>> {
        let entries: Vec<fs::DirEntry> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
        let looked = entries
            .into_par_iter()
            .filter_map(|entry| match entry.metadata() {
                Ok(metadata) => Some(Ok((entry.file_name(), found(&metadata)))),
                // Others may come and go beside the output.
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => Some(Err(error)),
            });
        looked.collect()
    }

    fn read(&self, file: &Path) -> io::Result<Vec<u8>> {
        fs::read(file)
    }

    fn may_replace(&self, folder: &Path) -> io::Result<Leave> {
        #[cfg(unix)]
        rustix::fs::access(folder, rustix::fs::Access::WRITE_OK)?;
        Ok(if is_mount(folder)? {
            Leave::Mounted
        } else {
            Leave::Given
        })
    }

    fn free(&self, folder: &Path) -> io::Result<u64> {
        free(folder)
    }

    fn lock(&self, folder: &Path) -> io::Result<Option<Lock>> {
        let file = if cfg!(unix) {
            File::open(folder)?
        } else {
            File::create(folder.join(".strang-lock"))?
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn wait(&self, time: Duration) {
        thread::sleep(time);
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir(folder)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn Write + '_>> {
        Ok(Box::new(File::create_new(file)?))
    }

    fn link(&self, file: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(file, to).map_err(|error| {
            let one_name_only = matches!(
                error.kind(),
                io::ErrorKind::CrossesDevices | io::ErrorKind::TooManyLinks
            );
            if one_name_only || is_not_permitted(&error) {
                io::ErrorKind::Unsupported.into()
            } else {
                error
            }
        })
    }

    #[cfg(unix)]
    fn set_mode(&self, folder: &Path, mode: u32) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(mode))
    }

    #[cfg(not(unix))]
    fn set_mode(&self, _: &Path, _: u32) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        match rename_to_nothing(from, to) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            done => return done,
        }
        if fs::symlink_metadata(to).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(from, to)
    }

    #[cfg(any(target_os = "linux", target_os = "macos"))]
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        rename_with(one, other, rustix::fs::RenameFlags::EXCHANGE)
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    fn exchange(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn watch(&self, folder: &Path) -> io::Result<Watch> {
        let folder = cfg!(unix).then(|| File::open(folder)).transpose()?;
        Ok(Watch { folder })
    }

    fn sync_tree(&self, folder: &Path, since: &Watch) -> io::Result<()> {
        sync_tree(folder, since)
    }

    #[cfg(unix)]
    fn sync_names(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    #[cfg(not(unix))]
    fn sync_names(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove_file(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        fs::remove_dir(folder)
    }
}

/// In one step with the look whether something is there, where the system has such a step.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_to_nothing(from: &Path, to: &Path) -> io::Result<()> {
    rename_with(from, to, rustix::fs::RenameFlags::NOREPLACE)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_to_nothing(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_with(from: &Path, to: &Path, flags: rustix::fs::RenameFlags) -> io::Result<()> {
    use rustix::fs::{CWD, renameat_with};
    use rustix::io::Errno;
    renameat_with(CWD, from, CWD, to, flags).map_err(|error| match error {
        Errno::INVAL | Errno::NOSYS => io::ErrorKind::Unsupported.into(),
        error => error.into(),
    })
}

/// What Linux says where a file system knows no links, or where links to the files of others are forbidden.
#[cfg(unix)]
fn is_not_permitted(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::PERM.raw_os_error())
}

#[cfg(not(unix))]
fn is_not_permitted(_: &io::Error) -> bool {
    false
}

fn found(metadata: &Metadata) -> Found {
    let kind = if metadata.is_dir() {
        Kind::Folder
    } else if metadata.is_file() {
        Kind::File
    } else {
        Kind::Other
    };
    Found {
        kind,
        size: metadata.len(),
        mode: mode(metadata),
    }
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0
}

#[cfg(target_os = "linux")]
fn is_mount(folder: &Path) -> io::Result<bool> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let attributes = statx(CWD, folder, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::MODE)?;
    Ok(attributes
        .stx_attributes
        .contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_mount(_: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(unix)]
fn free(folder: &Path) -> io::Result<u64> {
    let of = rustix::fs::statvfs(folder)?;
    Ok(of.f_bavail.saturating_mul(of.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> io::Result<u64> {
    Ok(u64::MAX)
}

/// One call for the whole file system, where it tells its errors: a portal has thousands of files, and each one's own
/// sync would wait for the disk.
#[cfg(target_os = "linux")]
fn sync_tree(folder: &Path, since: &Watch) -> io::Result<()> {
    let release = rustix::system::uname();
    let release = release.release().to_string_lossy().into_owned();
    let mut numbers = release.split('.').map_while(|part| part.parse().ok());
    let version: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match &since.folder {
        Some(file_system) if version >= TELLS_ERRORS => Ok(rustix::fs::syncfs(file_system)?),
        _ => sync_each(folder),
    }
}

/// Before this Linux, `syncfs` hides that a file could not be written.
#[cfg(target_os = "linux")]
const TELLS_ERRORS: (u32, u32) = (5, 8);

#[cfg(not(target_os = "linux"))]
fn sync_tree(folder: &Path, _: &Watch) -> io::Result<()> {
    sync_each(folder)
}

fn sync_each(folder: &Path) -> io::Result<()> {
    for entry in walkdir::WalkDir::new(folder).contents_first(true) {
        let entry = entry?;
        if entry.file_type().is_file() {
            File::options().write(true).open(entry.path())?.sync_all()?;
        } else if cfg!(unix) {
            File::open(entry.path())?.sync_all()?;
        }
    }
    Ok(())
}
