//! What the preview has to say to a request: a pure function over one state of it.
//!
//! [`Preview`] and [`Asked`] go in, a [`Reply`] comes out. The site's map is asked and no file is opened by a name that
//! came from a request. Pages are those of the build, but for one element that loads the script of the preview. It must
//! never touch a socket, and never show a state of two builds.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memmem;

use super::door::{Asked, Door, Stop};
use super::told::Told;
use crate::diagnostic::Diagnostics;
use crate::path::SitePath;
use crate::pipeline::Built;
use crate::site::Rendered;

/// The preview as it is between two builds.
pub struct Preview {
    /// Who may come in.
    pub door: Door,
    /// The number of the latest build, counted from 1.
    pub number: u64,
    /// The latest build that could be published, and its number.
    pub site: Option<(u64, Arc<Built>)>,
    /// What the latest build had to say.
    pub told: Told,
}

/// What a browser gets.
#[derive(Debug)]
pub struct Reply<'a> {
    /// The status code.
    pub status: u16,
    /// The type of the content.
    pub content_type: &'static str,
    /// Headers that not every answer has.
    pub headers: Vec<(&'static str, String)>,
    /// What follows the head.
    pub body: Body<'a>,
    /// What a page had to say that could not be rendered.
    pub said: Diagnostics,
}

/// What follows the head of an answer.
#[derive(Debug)]
pub enum Body<'a> {
    /// These bytes.
    Bytes(Cow<'a, [u8]>),
    /// The numbers of builds, for as long as the browser listens.
    Live,
}

/// Addresses below this one are the preview's own; no page can have them.
const OWN: &str = "~strang/";
const SCRIPT: &str = include_str!("live.js");
const STYLE: &str = include_str!("live.css");
const HTML: &str = "text/html; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";
const DRAWING: &str = "image/svg+xml";
const UNKNOWN: &str = "application/octet-stream";
const POLICY: &str = "Content-Security-Policy";

/// What a page may load: files of the preview, and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// What a drawing may that is opened by itself.
const DRAWING_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// What every answer says, whatever it is.
const ALWAYS: [(&str, &str); 5] = [
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("Connection", "close"),
];

impl<'a> Reply<'a> {
    /// A status and one line of text.
    pub fn plain(status: u16, text: &'static str) -> Reply<'a> {
        Reply::new(status, PLAIN, Cow::Borrowed(text.as_bytes()))
    }

    fn new(status: u16, content_type: &'static str, body: Cow<'a, [u8]>) -> Reply<'a> {
        Reply {
            status,
            content_type,
            headers: Vec::new(),
            body: Body::Bytes(body),
            said: Diagnostics::new(),
        }
    }

    /// The head as it is sent, to the empty line. Its values come from fixed tables and from the site's map.
    pub fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        let mut line = |name: &str, value: &str| {
            let is_harmless = !value.chars().any(char::is_control);
            assert!(is_harmless, "BUG: a header would be split");
            head.push_str(&format!("{name}: {value}\r\n"));
        };
        line("Content-Type", self.content_type);
        if let Body::Bytes(bytes) = &self.body {
            line("Content-Length", &bytes.len().to_string());
        }
        if !self.headers.iter().any(|(name, _)| *name == POLICY) {
            line(POLICY, PAGE_POLICY);
        }
        for (name, value) in ALWAYS {
            line(name, value);
        }
        for (name, value) in &self.headers {
            line(name, value);
        }
        head.push_str("\r\n");
        head
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply<'a> {
        self.headers.push((name, value.into()));
        self
    }
}

/// What the preview has to say to a request.
pub fn answer<'a>(preview: &'a Preview, asked: &Asked<'_>) -> Reply<'a> {
    let address = match preview.door.pass(asked) {
        Ok(address) => address,
        Err(Stop::Refused(status)) => return refused(status),
        Err(Stop::Welcome { cookie, location }) => {
            return Reply::plain(303, "")
                .with("Set-Cookie", cookie)
                .with("Location", location);
        }
    };
    if let Some(own) = address.strip_prefix(OWN) {
        return preview.own(own);
    }
    let Some((number, built)) = &preview.site else {
        let told = &preview.told;
        return fault(preview.number, told, &told.nothing, Diagnostics::new());
    };
    preview.find(*number, built, &address)
}

fn refused(status: u16) -> Reply<'static> {
    let text = match status {
        401 => "open the address that the terminal shows\n",
        403 => "the preview answers this computer and its own pages alone\n",
        405 => "only GET and HEAD\n",
        413 => "no body is taken\n",
        414 | 431 => "this is too long\n",
        _ => "this is no request that can be answered\n",
    };
    let reply = Reply::plain(status, text);
    if status == 405 {
        return reply.with("Allow", "GET, HEAD");
    }
    reply
}

impl Preview {
    /// What only the preview has.
    fn own(&self, address: &str) -> Reply<'_> {
        match address {
            "live" => Reply {
                body: Body::Live,
                ..Reply::new(200, "text/event-stream", Cow::Borrowed(&[]))
            },
            "live.js" => Reply::new(200, content_type(address), SCRIPT.as_bytes().into()),
            "live.css" => Reply::new(200, content_type(address), STYLE.as_bytes().into()),
            "told.json" => {
                let site = self.site.as_ref().map(|(number, _)| *number);
                let told = self.told.json(self.number, site);
                Reply::new(200, content_type(address), told.into_bytes().into())
            }
            _ => Reply::plain(404, "the preview has nothing here\n"),
        }
    }

    fn find<'a>(&self, number: u64, built: &'a Built, address: &str) -> Reply<'a> {
        let page = if address.is_empty() || address.ends_with('/') {
            format!("{address}index.html")
        } else {
            address.to_owned()
        };
        let page = SitePath::new(page);
        if built.site.holds(&page) {
            return self.file(number, built, &page);
        }
        let index = SitePath::new(format!("{page}/index.html"));
        if built.site.holds(&index) {
            let location = crate::path::percent_encode_path(page.as_str());
            return Reply::plain(308, "").with("Location", format!("/{location}/"));
        }
        match built.site.not_found(&page) {
            Ok(html) => Reply::new(404, HTML, with_script(html.into_bytes().into(), number)),
            Err(_) => Reply::plain(404, "there is no such page\n"),
        }
    }

    fn file<'a>(&self, number: u64, built: &'a Built, address: &SitePath) -> Reply<'a> {
        let mut said = Diagnostics::new();
        let body = match built.site.render(address, &mut said) {
            Some(Rendered::Bytes(bytes)) => bytes,
            Some(Rendered::File(source)) => match built.tree.read(source) {
                Ok(bytes) => Cow::Owned(bytes),
                Err(_) => return Reply::plain(404, "this file is not there any more\n"),
            },
            None => {
                let told = Told::of(&said.clone().sorted(), built);
                let heading = built.site.words().get("preview_fails");
                return fault(number, &told, heading, said);
            }
        };
        let content_type = content_type(address.as_str());
        let body = if content_type == HTML {
            with_script(body, number)
        } else {
            body
        };
        let reply = Reply::new(200, content_type, body);
        match content_type {
            DRAWING => reply.with(POLICY, DRAWING_POLICY),
            UNKNOWN => reply.with("Content-Disposition", "attachment"),
            _ => reply,
        }
    }
}

/// A page that says what is wrong, where there is nothing else to show.
fn fault(number: u64, told: &Told, heading: &str, said: Diagnostics) -> Reply<'static> {
    let page = with_script(told.page(heading).into_bytes().into(), number);
    Reply {
        said,
        ..Reply::new(500, HTML, page)
    }
}

/// The page with the element that loads the preview's script, at the end of its head: all that the build's has not.
fn with_script(page: Cow<'_, [u8]>, number: u64) -> Cow<'_, [u8]> {
    let end = memmem::find(&page, b"</head>").unwrap_or(page.len());
    let element = format!("<script defer src=\"/{OWN}live.js\" data-build=\"{number}\"></script>");
    let mut page = page.into_owned();
    page.splice(end..end, element.into_bytes());
    page.into()
}

/// From a fixed table; what is not in it is downloaded.
fn content_type(address: &str) -> &'static str {
    let ending = address.rsplit('.').next().unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "html" => HTML,
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/atom+xml",
        "svg" => DRAWING,
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "pdf" => "application/pdf",
        "txt" => PLAIN,
        "csv" => "text/csv; charset=utf-8",
        _ => UNKNOWN,
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        303 => "See Other",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
