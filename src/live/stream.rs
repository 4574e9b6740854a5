//! The open pages: who is told that there is a new build.
//!
//! Connections go in and each gets the numbers of builds as server-sent events, nothing else. One thread holds and
//! writes them all; what cannot be written to is let go. It must never wait for a browser to say something.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::answer::Reply;

/// As many pages are told at once.
const MOST: usize = 16;
/// How often those that have gone are looked for.
const PING: Duration = Duration::from_secs(5);

/// A connection on which nothing has been said yet.
pub(super) type Connection = Box<dyn Write + Send>;

enum Message {
    Open(Connection, String),
    Built(u64),
}

/// The thread's ear; the thread ends when all are dropped.
#[derive(Clone)]
pub(super) struct Streams(Sender<Message>);

impl Streams {
    /// The ear, and what the thread does.
    pub(super) fn new(number: u64) -> (Streams, impl FnOnce() + Send) {
        let (sender, receiver) = channel();
        (Streams(sender), move || hold(&receiver, number))
    }

    /// Takes on a page that wants to be told; `head` is how its answer begins.
    pub(super) fn open(&self, connection: Connection, head: String) {
        // Nobody holds streams any more only when the preview ends.
        let _ = self.0.send(Message::Open(connection, head));
    }

    /// Tells all pages that there is a new build.
    pub(super) fn tell(&self, number: u64) {
        let _ = self.0.send(Message::Built(number));
    }
}

fn hold(messages: &Receiver<Message>, mut number: u64) {
    let mut held: Vec<Connection> = Vec::new();
    loop {
        match messages.recv_timeout(PING) {
            Ok(Message::Built(built)) => {
                number = built;
                held.retain_mut(|page| say(page, &event(number)).is_ok());
            }
            Ok(Message::Open(page, head)) => {
                // Whoever leafs through pages leaves one behind with each.
                held.retain_mut(|page| say(page, ":\n\n").is_ok());
                held.extend(take_on(page, &head, number, held.len()));
            }
            Err(RecvTimeoutError::Timeout) => held.retain_mut(|page| say(page, ":\n\n").is_ok()),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Greets a page with the number of the latest build, or sends it away where there are enough.
fn take_on(mut page: Connection, head: &str, number: u64, held: usize) -> Option<Connection> {
    if held < MOST {
        say(&mut page, &format!("{head}{}", event(number))).ok()?;
        return Some(page);
    }
    let text = "so many pages are open that this one is not told of changes\n";
    let head = Reply::plain(503, text).head();
    // It may have gone already.
    let _ = say(&mut page, &format!("{head}{text}"));
    None
}

fn event(number: u64) -> String {
    format!("data: {number}\n\n")
}

fn say(page: &mut Connection, text: &str) -> io::Result<()> {
    page.write_all(text.as_bytes())?;
    page.flush()
}
