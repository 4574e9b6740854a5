//! The preview: the site from memory, for the person who writes it.
//!
//! Owns everything that listens. One thread waits for changes and builds; some answer browsers with what was built
//! last; one tells open pages that there is something new. It renders with the same recipes as `build`, keeps the last
//! site that could be published for as long as the sources have errors, and must never write a file.

mod answer;
mod door;
mod head;
mod serve;
mod stream;
mod told;
mod watch;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::diagnostic::{Diagnostics, Place};
use crate::path::SourcePath;
use crate::pipeline::{Built, History, Session, is_fit_to_publish};
use crate::portal::AsOf;
use crate::settings::SETTINGS_FILE;
use crate::source::{Look, Tree};

pub use answer::{Body, Preview, Reply, answer};
pub use door::{Asked, Door, Stop, Token};
pub use serve::Server;
pub use told::Told;
pub use watch::Watching;

use head::{GitFolder, Head};
use serve::{Stage, WORKERS};
use stream::Streams;
use watch::{Messenger, Occasion, Watch};

/// How long the preview rests after a fault of its own.
const AFTER_A_FAULT: Duration = Duration::from_secs(1);

/// What there is to say on the terminal while the preview runs.
pub enum News<'a> {
    /// A build, or a page, has something to say.
    Said(&'a Diagnostics, &'a Tree),
    /// What the build before had to say is mended.
    Mended,
    /// The system tells of no changes, for this reason; they are found all the same, each second.
    EachSecond(String),
}

/// A portal that is previewed.
pub struct Live<'a> {
    /// What has been read so far.
    pub session: Session,
    /// How changes are found.
    pub watching: Watching,
    /// Who may come in.
    pub door: Door,
    /// The day of each build.
    pub today: &'a (dyn Fn() -> AsOf + Sync),
    /// Who hears the news.
    pub tell: &'a (dyn Fn(&News<'_>) + Sync),
}

impl Live<'_> {
    /// Builds for the first time, then shows the portal and all changes of it until the process ends.
    pub fn run(self, server: &Server, ready: impl FnOnce(&str)) -> io::Result<()> {
        let tell = self.tell;
        let mut builder = Builder::new(self)?;
        ready(&builder.latest.portal.settings.title);
        let stage = Stage::new(builder.preview());
        let (streams, hold) = Streams::new(builder.number);
        let say = |preview: &Preview, said: &Diagnostics| {
            if let Some((_, built)) = &preview.site {
                tell(&News::Said(said, &built.tree));
            }
        };
        thread::scope(|scope| {
            scope.spawn(hold);
            for _ in 0..WORKERS {
                scope.spawn(|| server.work(&stage, &streams, &say));
            }
            builder.go_on(&stage, &streams);
        });
        Ok(())
    }
}

/// The thread that waits for changes and builds: one build runs, and what happens meanwhile waits for the next.
struct Builder<'a> {
    live: Live<'a>,
    watch: Watch,
    historian: Historian,
    /// The number of the latest build; none of an earlier preview is as high, whose pages may still be open.
    number: u64,
    as_of: AsOf,
    latest: Arc<Built>,
    /// The latest that could be published, and its number.
    good: Option<(u64, Arc<Built>)>,
    said: Diagnostics,
    /// Whether the latest attempt gave no site at all.
    has_failed: bool,
}

impl<'a> Builder<'a> {
    fn new(mut live: Live<'a>) -> io::Result<Builder<'a>> {
        let as_of = (live.today)();
        live.session.look(&Look::Everywhere)?;
        let latest = Arc::new(live.session.link(as_of));
        let watch = Watch::new(live.session.root(), live.watching);
        let mut builder = Builder {
            historian: Historian::new(watch.messenger()),
            number: first_number(),
            said: Diagnostics::new(),
            has_failed: false,
            good: None,
            live,
            watch,
            as_of,
            latest,
        };
        builder.historian.ask(&builder.live.session, as_of);
        builder.take(Arc::clone(&builder.latest));
        Ok(builder)
    }

    /// Builds after each change, and never ends.
    fn go_on(&mut self, stage: &Stage, streams: &Streams) {
        loop {
            let turn = || self.turn(stage, streams);
            if catch_unwind(AssertUnwindSafe(turn)).is_err() {
                // A fault of strang in telling what it built: the next turn builds anew, and not at once.
                self.has_failed = true;
                thread::sleep(AFTER_A_FAULT);
            }
        }
    }

    /// Waits for one change, builds, and shows what came of it.
    fn turn(&mut self, stage: &Stage, streams: &Streams) {
        let occasion = self.watch.next();
        if let Some(reason) = &occasion.trouble {
            (self.live.tell)(&News::EachSecond(reason.clone()));
        }
        match catch_unwind(AssertUnwindSafe(|| self.build(occasion))) {
            Ok(Ok(None)) => return,
            Ok(Ok(Some(built))) => self.take(Arc::new(built)),
            Ok(Err(error)) => {
                self.fail(|said, place| said.unreadable(place, &error.to_string()));
            }
            Err(_) => {
                let message = "the portal could not be built";
                self.fail(|said, place| said.internal_error(place, message));
            }
        }
        let before = stage.show(self.preview());
        streams.tell(self.number);
        drop(before);
    }

    /// Builds again if anything is another than before.
    fn build(&mut self, occasion: Occasion) -> io::Result<Option<Built>> {
        let session = &mut self.live.session;
        let mut has_changed = false;
        if let Some(history) = occasion.history {
            has_changed = session.learn(history);
            self.historian.is_asking = false;
        }
        if self.has_failed {
            // What came of an attempt that failed is not to be trusted.
            *session = Session::open(session.root())?;
            self.historian.asked = None;
            session.look(&Look::Everywhere)?;
            has_changed = true;
        } else {
            has_changed |= session.look(&occasion.look)?;
        }
        let as_of = (self.live.today)();
        self.historian.ask(session, as_of);
        has_changed |= std::mem::replace(&mut self.as_of, as_of) != as_of;
        Ok(has_changed.then(|| self.link()))
    }

    /// Links what was read. Faults of a theme show only in pages, so some of them are rendered before it is shown.
    fn link(&mut self) -> Built {
        let mut built = self.live.session.link(self.as_of);
        let good = self.good.as_ref().map(|(_, built)| &built.site);
        if !good.is_some_and(|good| built.site.looks_like(good)) {
            built.diagnostics.append(built.site.try_theme());
            built.diagnostics = std::mem::take(&mut built.diagnostics).sorted();
        }
        built
    }

    /// What is shown from now on, if it may be, and what there is to say.
    fn take(&mut self, built: Arc<Built>) {
        self.number += 1;
        self.has_failed = false;
        if is_fit_to_publish(&built.diagnostics) {
            self.good = Some((self.number, Arc::clone(&built)));
        }
        self.say(built.diagnostics.clone(), &built.tree);
        self.latest = built;
    }

    /// There is something to say, and nothing new to show.
    fn fail(&mut self, say: impl FnOnce(&mut Diagnostics, Place)) {
        let mut said = Diagnostics::new();
        say(&mut said, Place::start_of(&SourcePath::new(SETTINGS_FILE)));
        self.number += u64::from(!self.has_failed);
        self.has_failed = true;
        let tree = Arc::clone(&self.latest.tree);
        self.say(said, &tree);
    }

    /// Says on the terminal what it has not heard before.
    fn say(&mut self, said: Diagnostics, tree: &Tree) {
        if said.iter().eq(self.said.iter()) {
            return;
        }
        let is_mended = said.is_empty();
        self.said = said;
        (self.live.tell)(&if is_mended {
            News::Mended
        } else {
            News::Said(&self.said, tree)
        });
    }

    fn preview(&self) -> Preview {
        Preview {
            door: self.live.door.clone(),
            number: self.number,
            site: self.good.clone(),
            told: Told::of(&self.said, &self.latest),
        }
    }
}

/// The milliseconds since 1970: no preview builds as often.
fn first_number() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(0))
}

/// Asks git in the background, once and whenever the answer may have become another.
struct Historian {
    messenger: Messenger,
    asked: Option<Question>,
    is_asking: bool,
}

/// What the answer of git depends on.
#[derive(Clone, PartialEq)]
struct Question {
    head: Head,
    is_wanted: bool,
    as_of: AsOf,
}

impl Historian {
    fn new(messenger: Messenger) -> Historian {
        Historian {
            messenger,
            asked: None,
            is_asking: false,
        }
    }

    fn ask(&mut self, session: &Session, as_of: AsOf) {
        let settings = session.settings();
        let git = GitFolder::of(session.root());
        let question = Question {
            head: git.as_ref().map(GitFolder::head).unwrap_or_default(),
            is_wanted: settings.history,
            as_of,
        };
        if self.is_asking || self.asked.as_ref() == Some(&question) {
            return;
        }
        self.asked = Some(question);
        self.is_asking = true;
        let root = session.root().to_owned();
        let messenger = self.messenger.clone();
        thread::spawn(move || {
            let read = || History::read(&root, &settings, as_of);
            messenger.bring(catch_unwind(AssertUnwindSafe(read)).unwrap_or_default());
        });
    }
}
