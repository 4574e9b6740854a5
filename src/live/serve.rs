//! The server: from sockets to requests, and from replies to bytes on sockets.
//!
//! Listens on 127.0.0.1 and nowhere else. It alone knows the HTTP library, of which it takes the reading of requests;
//! heads of answers are its own. What is answered is decided in [`super::answer`]. It must never open a file.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};

use tiny_http::Request;

use super::answer::{Body, Preview, Reply, answer};
use super::door::Asked;
use super::stream::Streams;
use crate::diagnostic::Diagnostics;

/// As many requests are answered at once.
pub(super) const WORKERS: usize = 8;

/// A server that listens on 127.0.0.1.
pub struct Server {
    server: tiny_http::Server,
    port: u16,
}

/// The state that requests see: each sees one from its beginning to its end, whatever is built meanwhile.
pub(super) struct Stage(RwLock<Arc<Preview>>);

impl Stage {
    pub(super) fn new(preview: Preview) -> Stage {
        Stage(RwLock::new(Arc::new(preview)))
    }

    /// What is shown now.
    pub(super) fn now(&self) -> Arc<Preview> {
        let now = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&now)
    }

    /// Shows something else from now on, and gives back what was shown.
    pub(super) fn show(&self, preview: Preview) -> Arc<Preview> {
        let mut now = self.0.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut now, Arc::new(preview))
    }
}

impl Server {
    /// Listens on a port; 0 takes a free one.
    pub fn bind(port: u16) -> io::Result<Server> {
        let server = tiny_http::Server::http(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .map_err(io::Error::other)?;
        let port = server
            .server_addr()
            .to_ip()
            .map_or(port, |address| address.port());
        Ok(Server { server, port })
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers one request after the other until the process ends: what each worker does.
    pub(super) fn work(
        &self,
        stage: &Stage,
        streams: &Streams,
        say: &dyn Fn(&Preview, &Diagnostics),
    ) {
        for request in self.server.incoming_requests() {
            let preview = stage.now();
            let method = request.method().to_string();
            let headers = request.headers().iter();
            let asked = Asked {
                method: &method,
                target: request.url(),
                headers: headers
                    .map(|header| (header.field.as_str().as_str(), header.value.as_str()))
                    .collect(),
            };
            let (reply, head) = guarded(|| {
                let reply = answer(&preview, &asked);
                if !reply.said.is_empty() {
                    say(&preview, &reply.said);
                }
                reply
            });
            // A browser that has gone away is no fault of the preview.
            let _ = send(request, &reply, head, streams);
        }
    }
}

/// A reply with its head. A fault of strang costs one answer and not the preview.
fn guarded<'a>(answer: impl FnOnce() -> Reply<'a>) -> (Reply<'a>, String) {
    let with_head = |reply: Reply<'a>| {
        let head = reply.head();
        (reply, head)
    };
    catch_unwind(AssertUnwindSafe(|| with_head(answer()))).unwrap_or_else(|_| {
        let said = "this is a fault of strang, please report it\n";
        with_head(Reply::plain(500, said))
    })
}

fn send(request: Request, reply: &Reply<'_>, head: String, streams: &Streams) -> io::Result<()> {
    let is_head = *request.method() == tiny_http::Method::Head;
    let mut connection = request.into_writer();
    match &reply.body {
        Body::Live if !is_head => {
            streams.open(connection, head);
            return Ok(());
        }
        Body::Bytes(bytes) if !is_head => {
            connection.write_all(head.as_bytes())?;
            connection.write_all(bytes)?;
        }
        _ => connection.write_all(head.as_bytes())?,
    }
    connection.flush()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;
    use std::net::TcpStream;
    use std::thread;

    use jiff::civil::Date;

    use super::*;
    use crate::live::{Door, Told};
    use crate::pipeline;

    #[test]
    fn s17_a_panic_is_one_answer() {
        let (reply, head) = guarded(|| panic!("somewhere in a page"));
        assert_eq!(reply.status, 500);
        assert!(head.contains("Content-Security-Policy"));
        assert_eq!(guarded(|| Reply::plain(200, "")).0.status, 200);
    }

    /// The preview of a portal with a page that panics.
    fn preview(port: u16) -> Preview {
        let folder = tempfile::tempdir().unwrap();
        let content = folder.path().join("content");
        fs::create_dir(&content).unwrap();
        fs::write(folder.path().join("strang.toml"), "title = \"Portal\"\n").unwrap();
        fs::write(content.join("panics.md"), "Panics.\n").unwrap();
        fs::write(content.join("good.md"), "Good.\n").unwrap();
        let built = Arc::new(pipeline::build(folder.path(), Date::constant(2026, 1, 1)).unwrap());
        Preview {
            door: Door { port, token: None },
            number: 1,
            told: Told::of(&built.diagnostics, &built),
            site: Some((1, built)),
        }
    }

    fn get(port: u16, address: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let host = format!("Host: localhost:{port}\r\nConnection: close");
        write!(stream, "GET /{address} HTTP/1.1\r\n{host}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// What a server says to a panicking page, more often than it has workers, and then to a good one.
    fn answers(say: &(dyn Fn(&Preview, &Diagnostics) + Sync)) -> (Vec<String>, String) {
        let server = Server::bind(0).unwrap();
        let stage = Stage::new(preview(server.port));
        let (streams, _) = Streams::new(1);
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| server.work(&stage, &streams, &say));
            }
            let panicking = (0..2 * WORKERS).map(|_| get(server.port, "panics.html"));
            let panicking = panicking.collect();
            let good = get(server.port, "good.html");
            (0..WORKERS).for_each(|_| server.server.unblock());
            (panicking, good)
        })
    }

    #[test]
    fn s17_a_recipe_that_panics_is_one_answer_on_a_socket_and_the_next_one_is_given() {
        let (panicking, good) = answers(&|_, said| assert!(!said.is_empty()));
        for answer in panicking {
            assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
            let told = "content/panics.md:1:1: error[internal-error]";
            assert!(answer.contains(told), "{answer}");
        }
        assert!(good.starts_with("HTTP/1.1 200 "), "{good}");
    }

    #[test]
    fn s17_a_panic_outside_of_recipes_is_one_answer_on_a_socket_and_the_next_one_is_given() {
        let (panicking, good) = answers(&|_, _| panic!("in telling what a page said"));
        for answer in panicking {
            assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
            assert!(answer.contains("this is a fault of strang"), "{answer}");
        }
        assert!(good.starts_with("HTTP/1.1 200 "), "{good}");
    }
}
