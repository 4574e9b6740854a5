//! The preview server: from a request to the bytes of one address.
//!
//! [`answer`] is a pure function over the site; only [`Preview`] touches the network, on 127.0.0.1 alone. No file is
//! opened by a name that came from a request: the site's map is asked.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use tiny_http::{Header, Method, Request, Response, Server};

use crate::diagnostic::Diagnostics;
use crate::path::{SitePath, percent_decode};
use crate::pipeline::Built;
use crate::site::{Rendered, Site};

/// As many requests are answered at once.
const WORKERS: usize = 4;

/// A server that listens on 127.0.0.1.
pub struct Preview {
    server: Arc<Server>,
    port: u16,
}

impl Preview {
    /// Listens on a port; 0 takes a free one.
    pub fn bind(port: u16) -> io::Result<Preview> {
        let server = Server::http(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .map_err(io::Error::other)?;
        let port = server
            .server_addr()
            .to_ip()
            .map_or(port, |address| address.port());
        Ok(Preview {
            server: Arc::new(server),
            port,
        })
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers until the process ends; `report` is told what pages had to say that could not be rendered.
    pub fn run(&self, built: &Built, report: impl Fn(&Diagnostics) + Sync) {
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    for request in self.server.incoming_requests() {
                        let mut said = Diagnostics::new();
                        let reply = answer(
                            &built.site,
                            &built.tree.root,
                            request.method(),
                            request.url(),
                            &mut said,
                        );
                        if !said.is_empty() {
                            report(&said);
                        }
                        // A browser that has gone away is no fault of the preview.
                        let _ = send(request, reply);
                    }
                });
            }
        });
    }
}

/// What a browser gets.
#[derive(Debug)]
pub struct Reply<'a> {
    /// The status code.
    pub status: u16,
    /// The type of the content.
    pub content_type: &'static str,
    /// Where the browser should go instead.
    pub location: Option<String>,
    /// The content.
    pub body: Cow<'a, [u8]>,
}

impl<'a> Reply<'a> {
    fn plain(status: u16, text: &'static str) -> Reply<'a> {
        Reply {
            status,
            content_type: "text/plain; charset=utf-8",
            location: None,
            body: Cow::Borrowed(text.as_bytes()),
        }
    }
}

/// What the site has to say to a request.
pub fn answer<'a>(
    site: &'a Site,
    root: &Path,
    method: &Method,
    target: &str,
    said: &mut Diagnostics,
) -> Reply<'a> {
    if !matches!(method, Method::Get | Method::Head) {
        return Reply::plain(405, "only GET and HEAD\n");
    }
    let Some(path) = decode(target) else {
        return Reply::plain(400, "this is not an address\n");
    };
    let address = if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path
    };
    if let Some(reply) = file(site, root, &address, 200, said) {
        return reply;
    }
    let index = SitePath::new(format!("{address}/index.html"));
    if site.holds(&index) {
        let location = format!("/{}/", crate::path::percent_encode_path(&address));
        return Reply {
            location: Some(location),
            ..Reply::plain(308, "")
        };
    }
    not_found(site, &SitePath::new(address))
}

fn not_found<'a>(site: &Site, asked: &SitePath) -> Reply<'a> {
    match site.not_found(asked) {
        Ok(html) => Reply {
            status: 404,
            content_type: content_type("404.html"),
            location: None,
            body: Cow::Owned(html.into_bytes()),
        },
        Err(_) => Reply::plain(404, "there is no such page\n"),
    }
}

/// The address that a request means: cut at the query, decoded once, without empty parts or ways upward.
fn decode(target: &str) -> Option<String> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = percent_decode(path)?.into_owned();
    let inner = path.strip_suffix('/').unwrap_or(&path);
    let harmless = inner.is_empty()
        || inner
            .split('/')
            .all(|part| !matches!(part, "" | "." | ".."));
    (harmless && !path.chars().any(|c| c.is_control() || c == '\\')).then_some(path)
}

fn file<'a>(
    site: &'a Site,
    root: &Path,
    address: &str,
    status: u16,
    said: &mut Diagnostics,
) -> Option<Reply<'a>> {
    let address = SitePath::new(address);
    let known = site.holds(&address);
    let body = match site.render(&address, said) {
        Some(Rendered::Bytes(bytes)) => bytes,
        Some(Rendered::File(source)) => Cow::Owned(fs::read(root.join(source.as_str())).ok()?),
        None if known => {
            return Some(Reply::plain(
                500,
                "this page cannot be rendered; the terminal says why\n",
            ));
        }
        None => return None,
    };
    Some(Reply {
        status,
        content_type: content_type(address.as_str()),
        location: None,
        body,
    })
}

/// From a fixed table; what is not in it is downloaded.
fn content_type(address: &str) -> &'static str {
    let ending = address
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match ending.as_str() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/atom+xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "pdf" => "application/pdf",
        "txt" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn send(request: Request, reply: Reply<'_>) -> io::Result<()> {
    let header = |name: &str, value: &str| {
        Header::from_bytes(name, value).expect("BUG: header values come from fixed tables")
    };
    let mut response = Response::from_data(reply.body)
        .with_status_code(reply.status)
        .with_header(header("Content-Type", reply.content_type))
        .with_header(header("Cache-Control", "no-store"))
        .with_header(header("X-Content-Type-Options", "nosniff"));
    if let Some(location) = &reply.location {
        response.add_header(header("Location", location));
    }
    request.respond(response)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn addresses_are_decoded_once_and_stay_inside() {
        assert_eq!(decode("/a%20b.html?x=1").as_deref(), Some("a b.html"));
        assert_eq!(decode("/").as_deref(), Some(""));
        assert_eq!(decode("/customers/").as_deref(), Some("customers/"));
        assert_eq!(decode("/%252e").as_deref(), Some("%2e"));
        for bad in [
            "//x",
            "/%2e%2e/x",
            "/..%2fx",
            "/%00",
            "/%c0%ae",
            "/a\\b",
            "http://evil/x",
            "*",
            "",
        ] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
