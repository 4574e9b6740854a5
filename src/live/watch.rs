//! What has changed on the disk, as the system tells it.
//!
//! Events come in, [`Occasion`]s to look again come out. Events are hints, nothing more: they are gathered until it is
//! quiet, and a second after them everything is looked at, whatever they named. Where the system tells nothing, a look
//! each second does. It alone knows the library that listens; it must never read a source.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::head::GitFolder;
use crate::path::CONTENT;
use crate::pipeline::History;
use crate::source::{Look, THEMES};

/// After so long without an event a save is over.
const QUIET: Duration = Duration::from_millis(15);
/// But nobody waits longer than this.
const LONGEST: Duration = Duration::from_millis(200);
/// What events did not name is found after this time.
const SECOND: Duration = Duration::from_secs(1);

/// How changes are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watching {
    /// The system tells of them.
    Events,
    /// Everything is looked at each second: for folders of other computers, whose system tells nothing.
    EachSecond,
}

/// What somebody has to say to the thread that builds.
enum Event {
    /// Something happened at a path.
    Touched(PathBuf),
    /// Something happened to what git keeps.
    Git,
    /// Something happened to a folder that is watched itself, so that it must be watched anew.
    Moved,
    /// Events were lost.
    Lost,
    /// A new folder cannot be watched, for this reason.
    Refused(String),
    /// Those who watch for the system have ended: the ones that were started as this number.
    Ended(u32),
    /// The history has been read.
    History(Box<History>),
}

/// A reason to look again.
pub(super) struct Occasion {
    /// Where.
    pub(super) look: Look,
    /// What git told meanwhile.
    pub(super) history: Option<History>,
    /// Why the system tells nothing from now on.
    pub(super) trouble: Option<String>,
}

/// Waits for changes of one portal.
pub(super) struct Watch {
    root: PathBuf,
    git: Option<PathBuf>,
    sender: Sender<Event>,
    receiver: Receiver<Event>,
    state: State,
    /// How often watching was begun.
    begun: u32,
    /// When to look at everything next.
    full_look: Option<Instant>,
}

enum State {
    /// The system tells of changes for as long as this lives.
    Told { _watcher: RecommendedWatcher },
    /// It cannot, so there is a look each second.
    Blind,
    /// A folder has gone; once it is back, the system can tell again.
    Gone,
}

/// Hands history to the thread that builds.
#[derive(Clone)]
pub(super) struct Messenger(Sender<Event>);

impl Messenger {
    pub(super) fn bring(&self, history: History) {
        // Nobody waits for it any more only when the preview ends.
        let _ = self.0.send(Event::History(Box::new(history)));
    }
}

impl Watch {
    /// Nothing is watched before the first call of [`Watch::next`].
    pub(super) fn new(root: &Path, watching: Watching) -> Watch {
        let (sender, receiver) = channel();
        Watch {
            root: root.to_owned(),
            git: None,
            sender,
            receiver,
            state: match watching {
                Watching::Events => State::Gone,
                Watching::EachSecond => State::Blind,
            },
            begun: 0,
            full_look: None,
        }
    }

    pub(super) fn messenger(&self) -> Messenger {
        Messenger(self.sender.clone())
    }

    /// Waits for the next reason to look.
    pub(super) fn next(&mut self) -> Occasion {
        let mut occasion = Occasion {
            look: Look::default(),
            history: None,
            trouble: None,
        };
        if matches!(self.state, State::Gone) {
            occasion.trouble = self.begin();
            if !matches!(self.state, State::Gone) {
                // What happened before there was somebody to tell.
                occasion.look = Look::Everywhere;
                return occasion;
            }
        }
        let wait = match self.full_look {
            _ if !self.is_told() => SECOND,
            Some(time) => time.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        };
        if wait.is_zero() {
            // Where something happens all the time, there is always an event.
            occasion.look = Look::Everywhere;
        } else {
            match self.receiver.recv_timeout(wait) {
                Ok(event) => self.take(event, &mut occasion),
                Err(_) => occasion.look = Look::Everywhere,
            }
        }
        self.gather(&mut occasion);
        self.full_look = match &occasion.look {
            Look::Everywhere => None,
            Look::At(paths) if paths.is_empty() => self.full_look,
            Look::At(_) => self.full_look.or_else(|| Some(Instant::now() + SECOND)),
        };
        occasion
    }

    fn gather(&mut self, occasion: &mut Occasion) {
        let start = Instant::now();
        while start.elapsed() < LONGEST {
            match self.receiver.recv_timeout(QUIET) {
                Ok(event) => self.take(event, occasion),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, event: Event, occasion: &mut Occasion) {
        match event {
            Event::Touched(path) => occasion.look.add(path),
            Event::Lost => occasion.look = Look::Everywhere,
            Event::Moved if self.is_told() => self.state = State::Gone,
            Event::Refused(reason) if self.is_told() => self.lose(reason, occasion),
            Event::Ended(begun) if begun == self.begun && self.is_told() => {
                // A watcher whose thread has ended panics when it is dropped.
                std::mem::forget(std::mem::replace(&mut self.state, State::Blind));
                self.lose("its watcher has ended".to_owned(), occasion);
            }
            Event::Git | Event::Moved | Event::Refused(_) | Event::Ended(_) => {}
            Event::History(history) => occasion.history = Some(*history),
        }
    }

    fn lose(&mut self, reason: String, occasion: &mut Occasion) {
        self.state = State::Blind;
        occasion.trouble = Some(reason);
        occasion.look = Look::Everywhere;
    }

    fn is_told(&self) -> bool {
        matches!(self.state, State::Told { .. })
    }

    /// Has the system tell of changes from now on, or says why it cannot.
    fn begin(&mut self) -> Option<String> {
        self.begun += 1;
        // Somebody may have made a repository of the portal meanwhile.
        self.git = GitFolder::of(&self.root).map(|git| git.path().to_owned());
        let ear = Ear {
            root: self.root.clone(),
            git: self.git.clone(),
            sender: self.sender.clone(),
            begun: self.begun,
        };
        match self.watcher(ear) {
            Ok(watcher) => self.state = State::Told { _watcher: watcher },
            Err(error) if is_gone(&error) => self.state = State::Gone,
            Err(error) => {
                self.state = State::Blind;
                return Some(error.to_string());
            }
        }
        None
    }

    /// The root itself for what appears in it, then the folders below which sources are.
    fn watcher(&self, ear: Ear) -> notify::Result<RecommendedWatcher> {
        let mut watcher = notify::recommended_watcher(ear)?;
        watcher.watch(&self.root, RecursiveMode::NonRecursive)?;
        for folder in [CONTENT, THEMES].map(|name| self.root.join(name)) {
            if folder.symlink_metadata().is_ok_and(|data| data.is_dir()) {
                watcher.watch(&folder, RecursiveMode::Recursive)?;
            }
        }
        if let Some(git) = &self.git {
            watcher.watch(git, RecursiveMode::NonRecursive)?;
        }
        Ok(watcher)
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// Hears what the system tells and passes on what matters.
struct Ear {
    root: PathBuf,
    git: Option<PathBuf>,
    sender: Sender<Event>,
    begun: u32,
}

impl notify::EventHandler for Ear {
    fn handle_event(&mut self, event: notify::Result<notify::Event>) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                // Nobody listens any more only when the preview ends.
                let _ = self.sender.send(match error.kind {
                    notify::ErrorKind::MaxFilesWatch => Event::Refused(error.to_string()),
                    _ => Event::Lost,
                });
                return;
            }
        };
        if event.need_rescan() {
            let _ = self.sender.send(Event::Lost);
        }
        // Whoever only reads, as we do, changes nothing.
        let only_reads = matches!(event.kind, EventKind::Access(access)
            if access != AccessKind::Close(AccessMode::Write));
        if only_reads {
            return;
        }
        let comes_or_goes = matches!(
            event.kind,
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
        );
        for path in event.paths {
            if comes_or_goes && self.is_watched_itself(&path) {
                let _ = self.sender.send(Event::Moved);
            }
            let _ = self.sender.send(match &self.git {
                Some(git) if path.starts_with(git) => Event::Git,
                _ => Event::Touched(path),
            });
        }
    }
}

impl Ear {
    fn is_watched_itself(&self, path: &Path) -> bool {
        let below = path.strip_prefix(&self.root);
        below.is_ok_and(|below| {
            let names = ["", CONTENT, THEMES, ".git"];
            names.iter().any(|name| below == Path::new(name))
        })
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = self.sender.send(Event::Ended(self.begun));
    }
}
