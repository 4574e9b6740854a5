//! P22: a web page elsewhere can neither read nor steer the preview. The rules S1 to S18, each as a table over the pure
//! function that answers, and on raw sockets.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use strang::live::{Asked, Body, Door, Preview as State, Token, Told, answer};
use strang::pipeline::{self, Built};
use strang::portal::AsOf;
use strang::value::parse_date;

use crate::preview::{Answer, DAY, Portal, Preview, Stream};
use crate::trials::{skip, tell};

/// A request or what it is about, headers, and the status that answers them.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);

const NO_HEADERS: &[(&str, &str)] = &[];
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The state of a preview without a server.
fn state(portal: &Portal, token: Option<Token>) -> State {
    let day = AsOf::Day(parse_date(DAY).unwrap());
    let built: Built = pipeline::build(&portal.root(), day).unwrap();
    let told = Told::of(&built.diagnostics, &built);
    State {
        door: Door { port: 8017, token },
        number: 3,
        site: Some((2, Arc::new(built))),
        told,
    }
}

/// The status of a request with an own host and some more headers.
fn status(state: &State, request: &str, headers: &[(&str, &str)]) -> u16 {
    let own = [("Host", "127.0.0.1:8017")];
    answered(state, request, &[&own, headers].concat())
}

fn answered(state: &State, request: &str, headers: &[(&str, &str)]) -> u16 {
    let (method, target) = request.split_once(' ').unwrap();
    let headers = headers.to_vec();
    answer(
        state,
        &Asked {
            method,
            target,
            headers,
        },
    )
    .status
}

#[test]
fn the_preview_answers_what_the_site_has() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    let page = preview.ask("GET /customers/adler.html");
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(page.text().contains("<h1>Ädler</h1>"));
    let head = preview.ask("HEAD /customers/adler.html");
    assert!(head.status == 200 && head.body.is_empty(), "{head:?}");
    let length = page.body.len().to_string();
    assert_eq!(head.header("content-length"), Some(length.as_str()));
    let plan = preview.ask("GET /handbuch/Plan%20S%C3%BCd.pdf?v=1");
    assert_eq!(plan.header("content-type"), Some("application/pdf"));
    assert_eq!(plan.body, b"%PDF");
    for address in ["/", "/customers/", "/assets/favicon.svg", "/index.html?a=b"] {
        assert_eq!(
            preview.ask(&format!("GET {address}")).status,
            200,
            "{address}"
        );
    }
    let moved = preview.ask("GET /customers");
    assert_eq!(
        (moved.status, moved.header("location")),
        (308, Some("/customers/"))
    );
    assert_eq!(preview.get("nirgends.html").status, 404);
    assert!(
        preview.get("nirgends.html").text().contains("<main"),
        "the page for what is not there"
    );
}

#[test]
fn p21_a_page_is_that_of_the_build_but_for_one_element() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    let page = preview.get("customers/adler.html");
    let expected = &portal.built().unwrap()["customers/adler.html"];
    assert_eq!(page.without_script(), *expected);
    let text = page.text();
    let element = text
        .split("<script defer src=\"/~strang/live.js\" data-build=\"")
        .nth(1);
    let (number, rest) = element.unwrap().split_once('"').unwrap();
    assert!(number.parse::<u64>().is_ok() && rest.starts_with("></script></head>"));
    preview.comes_to(&portal, "from the beginning");
}

/// Addresses of this computer but the one that a preview listens on.
fn other_own_addresses() -> Vec<IpAddr> {
    let mut own = vec![
        IpAddr::from(Ipv4Addr::new(127, 0, 0, 2)),
        IpAddr::from(Ipv6Addr::LOCALHOST),
    ];
    // Nothing is sent: the system only says from where it would be.
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    match socket
        .connect((Ipv4Addr::new(192, 0, 2, 1), 9))
        .and_then(|()| socket.local_addr())
    {
        Ok(address) => own.push(address.ip()),
        Err(error) => skip("S1 the address in the network", &error.to_string()),
    }
    own
}

/// The addresses at which something listens on a port, as the system writes them.
fn listening(port: u16) -> Vec<String> {
    let ending = format!(":{port:04X}");
    let lists = ["/proc/net/tcp", "/proc/net/tcp6"].map(fs::read_to_string);
    let lists = lists.map(Result::unwrap_or_default).concat();
    let rows = lists
        .lines()
        .map(|row| row.split_whitespace().collect::<Vec<_>>());
    // 0A is a socket that listens.
    rows.filter(|row| row.len() > 3 && row[3] == "0A" && row[1].ends_with(&ending))
        .map(|row| row[1].trim_end_matches(&ending).to_owned())
        .collect()
}

#[test]
fn s1_the_preview_listens_on_this_computer_alone_and_on_no_other_port() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, preview.port)).is_ok());
    let addresses = other_own_addresses();
    let mut faults = Vec::new();
    for address in &addresses {
        match TcpStream::connect((*address, preview.port)).map_err(|error| error.kind()) {
            Err(ErrorKind::ConnectionRefused | ErrorKind::AddrNotAvailable) => {}
            other => faults.push(format!("{address}: {other:?}")),
        }
    }
    let found = format!(" ({addresses:?} refused)");
    tell(
        "S1 other addresses of this computer",
        addresses.len(),
        &found,
        &faults,
    );
    assert_eq!(listening(preview.port), ["0100007F"]);
    let second = Command::new(env!("CARGO_BIN_EXE_strang"))
        .arg("-C")
        .arg(portal.root())
        .args(["serve", "--port", &preview.port.to_string()])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&second.stderr).contains("--port"),
        "{second:?}"
    );
}

/// What a request with this host and these headers is answered, as a table for S2 to S4.
const CALLERS: &[Row<'static>] = &[
    ("S2 our own address", &[("Host", "127.0.0.1:8017")], 200),
    ("S2 our own name", &[("Host", "localhost:8017")], 200),
    ("S2 no host", NO_HEADERS, 400),
    (
        "S2 two hosts",
        &[("Host", "127.0.0.1:8017"), ("host", "127.0.0.1:8017")],
        400,
    ),
    ("S2 another", &[("Host", "evil")], 403),
    ("S2 longer", &[("Host", "127.0.0.1.evil:8017")], 403),
    ("S2 version 6", &[("Host", "[::1]:8017")], 403),
    ("S2 any address", &[("Host", "0.0.0.0:8017")], 403),
    ("S2 another port", &[("Host", "127.0.0.1:8018")], 403),
    ("S2 no port", &[("Host", "127.0.0.1")], 403),
    ("S2 a dot", &[("Host", "localhost.:8017")], 403),
    (
        "S3 our own",
        &[
            ("Host", "localhost:8017"),
            ("Origin", "http://localhost:8017"),
        ],
        200,
    ),
    (
        "S3 another port",
        &[
            ("Host", "localhost:8017"),
            ("Origin", "http://localhost:3000"),
        ],
        403,
    ),
    (
        "S3 nowhere",
        &[("Host", "localhost:8017"), ("Origin", "null")],
        403,
    ),
    (
        "S3 https",
        &[
            ("Host", "localhost:8017"),
            ("Origin", "https://localhost:8017"),
        ],
        403,
    ),
    (
        "S3 elsewhere",
        &[("Host", "localhost:8017"), ("Origin", "http://evil")],
        403,
    ),
    (
        "S3 forwarded",
        &[("Host", "evil"), ("X-Forwarded-Host", "localhost:8017")],
        403,
    ),
    (
        "S3 forwarded",
        &[("Host", "localhost:8017"), ("X-Forwarded-Host", "evil")],
        200,
    ),
    (
        "S4 script",
        &[
            ("Host", "localhost:8017"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Mode", "no-cors"),
        ],
        403,
    ),
    (
        "S4 image",
        &[
            ("Host", "localhost:8017"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Mode", "no-cors"),
            ("Sec-Fetch-Dest", "image"),
        ],
        403,
    ),
    (
        "S4 frame",
        &[
            ("Host", "localhost:8017"),
            ("Sec-Fetch-Site", "same-site"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Dest", "iframe"),
        ],
        403,
    ),
    (
        "S4 link",
        &[
            ("Host", "localhost:8017"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Dest", "document"),
        ],
        200,
    ),
    (
        "S4 ourselves",
        &[
            ("Host", "localhost:8017"),
            ("Sec-Fetch-Site", "same-origin"),
        ],
        200,
    ),
    (
        "S4 typed",
        &[("Host", "localhost:8017"), ("Sec-Fetch-Site", "none")],
        200,
    ),
];

#[test]
fn s2_s3_s4_nobody_else_is_answered() {
    let state = state(&Portal::small(), None);
    for (name, headers, expected) in CALLERS {
        for target in [
            "/",
            "/~strang/live",
            "/~strang/told.json",
            "/search/root.js",
            "/assets/favicon.svg",
        ] {
            let found = answered(&state, &format!("GET {target}"), headers);
            assert_eq!(found, *expected, "{name}: {target}");
        }
    }
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    assert_answered(&preview, &callers(preview.port));
}

/// A request as it is sent, what it is about, and the status that answers it.
pub struct Raw {
    name: String,
    bytes: Vec<u8>,
    status: u16,
}

impl Raw {
    /// A request with an own host that asks to close the connection, and what follows its head.
    fn new(port: u16, request: &str, lines: &str, body: &str, status: u16) -> Raw {
        let name = format!("{request} {lines:?} {body:?}")
            .chars()
            .take(120)
            .collect();
        let bytes = format!(
            "{request} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{lines}\r\n{body}"
        )
        .into_bytes();
        Raw {
            name,
            bytes,
            status,
        }
    }
}

/// Every request of the tables of S2 to S14, for raw sockets.
pub fn everything(port: u16) -> Vec<Raw> {
    [callers(port), unclear(port), targets(port)]
        .into_iter()
        .flatten()
        .collect()
}

pub fn assert_answered<'a>(preview: &Preview, requests: impl IntoIterator<Item = &'a Raw>) {
    for request in requests {
        let answer = preview.tell(&request.bytes);
        let name = &request.name;
        assert_eq!(answer.status, request.status, "{name}: {}", answer.head);
        assert_eq!(answer.header("x"), None, "S13 {name}");
    }
}

/// The rows of S2 to S4.
fn callers(port: u16) -> Vec<Raw> {
    let row = |(name, headers, status): &Row<'_>| {
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let lines = lines.replace("8017", &port.to_string());
        Raw {
            name: (*name).to_owned(),
            bytes: format!("GET / HTTP/1.1\r\nConnection: close\r\n{lines}\r\n").into_bytes(),
            status: *status,
        }
    };
    CALLERS.iter().map(row).collect()
}

#[test]
fn s5_with_a_token_only_those_who_know_it_are_answered() {
    let portal = Portal::small();
    let preview = Preview::start_with(&portal, &["--token"]);
    let token = preview
        .said
        .split("?token=")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(token.len(), 32);
    for address in [
        "",
        "nirgends.html",
        "assets/favicon.svg",
        "search/root.js",
        "~strang/live",
        "?token=0123",
        "~strang/told.json",
    ] {
        assert_eq!(preview.get(address).status, 401, "{address}");
    }
    let welcome = preview.get(&format!("customers/adler.html?token={token}"));
    assert_eq!(
        (welcome.status, welcome.header("location")),
        (303, Some("/customers/adler.html"))
    );
    let cookie = welcome.header("set-cookie").unwrap();
    assert!(
        cookie.ends_with("; httponly; samesite=strict; path=/"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    assert!(
        cookie.starts_with(&format!("strang-{}=", preview.port)),
        "{cookie}"
    );
    let with = |cookie: &str| {
        preview
            .ask_with("GET /", &format!("Cookie: a=b; {cookie}\r\n"))
            .status
    };
    assert_eq!(with(cookie), 200);
    assert_eq!(with(&cookie[..cookie.len() - 1]), 401);
    assert_eq!(with(&cookie.replace(&preview.port.to_string(), "1")), 401);
    let other = Preview::start_with(&portal, &["--token"]);
    assert!(!other.said.contains(&token), "each preview has its own");
}

fn assert_guarded(answer: &Answer, policy: &str, what: &str) {
    let expected = [
        ("content-security-policy", policy),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("connection", "close"),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    assert!(
        !answer.head.contains("access-control"),
        "{what}: {}",
        answer.head
    );
}

#[test]
fn s5_the_address_with_the_token_is_handed_to_no_program() {
    let portal = Portal::small();
    let mut arguments = Preview::arguments(&portal);
    arguments.extend(["--token", "--open"].map(str::to_owned));
    let refused = Command::new(env!("CARGO_BIN_EXE_strang"))
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("--open"),
        "{refused:?}"
    );
}

#[test]
fn s6_every_answer_says_what_may_be_loaded() {
    let portal = Portal::small();
    portal.put(
        "themes/default/templates/plain.html",
        "{{ title.there.is.none }}",
    );
    let preview = Preview::start_with(&portal, &["--token"]);
    let token = preview
        .said
        .split("?token=")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    let welcome = preview.get(&format!("?token={token}"));
    let cookie = format!("Cookie: strang-{}={token}\r\n", preview.port);
    let ask = |request: &str| preview.ask_with(request, &cookie);
    let answers = [
        (200, ask("GET /")),
        (200, ask("HEAD /")),
        (200, ask("GET /search/root.js")),
        (200, ask("GET /~strang/told.json")),
        (303, welcome),
        (308, ask("GET /customers")),
        (400, ask("GET //x")),
        (401, preview.get("")),
        (403, preview.ask_with("GET /", "Origin: null\r\n")),
        (404, ask("GET /nirgends.html")),
        (405, ask("POST /")),
        (500, ask("GET /handbuch/a.html")),
    ];
    for (status, answer) in answers {
        assert_eq!(answer.status, status, "{}", answer.head);
        assert_guarded(&answer, POLICY, &status.to_string());
    }
}

#[test]
fn s7_s8_s9_what_is_asked_is_short_and_asks_for_nothing_to_be_done() {
    let state = state(&Portal::small(), None);
    let long_target = format!("GET /{}", "a".repeat(9 * 1024));
    let long_value = "a".repeat(20 * 1024);
    let many: Vec<(&str, &str)> = (0..65).map(|_| ("X", "y")).collect();
    let rows: &[Row<'_>] = &[
        ("GET /", &[], 200),
        ("HEAD /", &[], 200),
        ("POST /", &[], 405),
        ("PUT /", &[], 405),
        ("OPTIONS /", &[], 405),
        ("OPTIONS *", &[], 405),
        ("TRACE /", &[], 405),
        ("FOO /", &[], 405),
        ("GET /", &[("Transfer-Encoding", "chunked")], 400),
        ("GET /", &[("Transfer-Encoding", "xchunked")], 400),
        (
            "GET /",
            &[("Content-Length", "1"), ("Transfer-Encoding", "chunked")],
            400,
        ),
        ("GET /", &[("Content-Length", "0")], 200),
        ("GET /", &[("Content-Length", "4")], 413),
        (
            "GET /",
            &[("Content-Length", "4"), ("Content-Length", "4")],
            400,
        ),
        ("GET /", &[("Content-Length", "+5")], 400),
        ("GET /", &[("Content-Length", "1e3")], 400),
        ("GET /", &[("Content-Length", "")], 400),
        ("GET /", &[("X", "a\0b")], 400),
        ("GET /", &[("X", "a\nB: c")], 400),
        (&long_target, &[], 414),
        ("GET /", &[("X", &long_value)], 431),
        ("GET /", &many, 431),
    ];
    for (request, headers, expected) in rows {
        let shown: String = format!("{request} {headers:?}").chars().take(120).collect();
        assert_eq!(status(&state, request, headers), *expected, "{shown}");
    }
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "FOO"] {
        let answer = preview.ask(&format!("{method} /"));
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("get, head")),
            "{method}"
        );
    }
    assert_answered(&preview, &unclear(preview.port));
}

/// The rows of S7 to S9 whose heads are long or unclear, each with the body that it announces to one reader or another.
fn unclear(port: u16) -> Vec<Raw> {
    let long_target = format!("GET /{}", "a".repeat(9 * 1024));
    let long_value = format!("X: {}\r\n", "a".repeat(20 * 1024));
    let many = "X: y\r\n".repeat(65);
    let no_chunk = "0\r\n\r\n";
    let rows = [
        ("POST /", "", "", 405),
        ("PUT /", "", "", 405),
        ("OPTIONS /", "", "", 405),
        ("TRACE /", "", "", 405),
        ("FOO /", "", "", 405),
        ("GET /", "Transfer-Encoding: chunked\r\n", no_chunk, 400),
        ("GET /", "Transfer-Encoding: xchunked\r\n", no_chunk, 400),
        ("GET /", "Transfer-Encoding: identity\r\n", no_chunk, 400),
        (
            "POST /",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            no_chunk,
            400,
        ),
        (
            "GET /",
            "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
            no_chunk,
            400,
        ),
        ("GET /", "Content-Length: 0\r\n", "", 200),
        ("GET /", "Content-Length: 5\r\n", "12345", 413),
        (
            "POST /",
            "Expect: 100-continue\r\nContent-Length: 4\r\n",
            "body",
            413,
        ),
        (
            "POST /",
            "Content-Length: 4\r\nContent-Length: 4\r\n",
            "body",
            400,
        ),
        ("GET /", "Content-Length: +5\r\n", "12345", 400),
        ("GET /", "Content-Length: 1e3\r\n", "", 400),
        ("GET /", "Content-Length: \r\n", "", 400),
        ("GET /", "X: a\0b\r\n", "", 400),
        ("GET /", "X: \0\r\n", "", 400),
        ("GET /a\0b", "", "", 400),
        ("GET /", "X: a\nB: c\r\n", "", 400),
        (&long_target, "", "", 414),
        ("GET /", &long_value, "", 431),
        ("GET /", &many, "", 431),
    ];
    let raw = |(request, lines, body, status)| Raw::new(port, request, lines, body, status);
    rows.map(raw).into()
}

#[test]
fn s10_two_requests_on_one_connection_are_answered_whole_and_in_order() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    let host = format!("Host: localhost:{}\r\n", preview.port);
    let requests = format!(
        "GET /customers/adler.html HTTP/1.1\r\n{host}\r\nGET /handbuch/Plan%20S%C3%BCd.pdf HTTP/1.1\r\n{host}\
         Connection: close\r\n\r\n"
    );
    let mut bytes = Vec::new();
    preview
        .raw(requests.as_bytes())
        .read_to_end(&mut bytes)
        .unwrap();
    let first = Answer::parse(bytes);
    let length: usize = first.header("content-length").unwrap().parse().unwrap();
    let second = Answer::parse(first.body[length..].to_vec());
    assert!(String::from_utf8_lossy(&first.body[..length]).ends_with("</html>\n"));
    assert_eq!((second.status, second.body.as_slice()), (200, &b"%PDF"[..]));
}

/// The rows of S11 to S14: what follows the method, and the status.
const TARGETS: &[(&str, u16)] = &[
    ("//x", 400),
    ("/%2e%2e/", 400),
    ("/..%2f", 400),
    ("/%00", 400),
    ("/%c0%ae", 400),
    ("/a\\..\\b", 400),
    ("/a#b", 400),
    ("http://evil/x", 400),
    ("*", 400),
    ("/%252e", 404),
    ("/etc/passwd", 404),
    ("/.git/config", 404),
    ("/strang.toml", 404),
    ("/content/customers/adler/index.md", 404),
    ("/~strang/", 404),
    ("/~strang/live.rs", 404),
    ("/%0d%0aX:%20y", 400),
    ("/customers%0d%0aX:%20y", 400),
    ("/customers?%0d%0aX:%20y", 308),
    ("/<script>", 404),
    ("/%3Cscript%3E", 404),
];

fn targets(port: u16) -> Vec<Raw> {
    let row =
        |(target, status): &(&str, u16)| Raw::new(port, &format!("GET {target}"), "", "", *status);
    TARGETS.iter().map(row).collect()
}

#[test]
fn s11_s12_only_the_map_is_asked() {
    let portal = Portal::small();
    portal.put(".git/config", "[user]\n");
    let preview = Preview::start(&portal);
    assert_answered(&preview, &targets(preview.port));
}

/// Every file and folder beside a portal and in it, with its bytes and when it was changed.
fn stands(portal: &Portal) -> BTreeMap<PathBuf, (SystemTime, Vec<u8>)> {
    let walk = walkdir::WalkDir::new(portal.beside(""));
    let stand = |file: walkdir::DirEntry| {
        let bytes = fs::read(file.path()).unwrap_or_default();
        let changed = file.metadata().unwrap().modified().unwrap();
        (file.into_path(), (changed, bytes))
    };
    walk.into_iter().map(Result::unwrap).map(stand).collect()
}

#[test]
fn s12_whatever_is_asked_the_folder_of_the_portal_stays_as_it_was() {
    let portal = Portal::small();
    portal.put(".git/config", "[user]\n");
    let before = stands(&portal);
    let mut tried = 0;
    for arguments in [&[][..], &["--token"]] {
        let preview = Preview::start_with(&portal, arguments);
        let requests = everything(preview.port);
        tried += requests.len();
        for request in requests {
            preview.tell(&request.bytes);
        }
        for address in portal.built().unwrap().keys() {
            tried += 1;
            preview.get(&strang::path::percent_encode_path(address));
        }
        preview.get("~strang/told.json");
        let mut first = [0; 12];
        let mut stream = preview.raw(preview.asks_for_stream().as_bytes());
        stream.read_exact(&mut first).unwrap();
    }
    assert_eq!(stands(&portal), before);
    tell(
        "S12 requests",
        tried,
        " (nothing in the portal's folder changed)",
        &[],
    );
}

#[test]
fn s12_a_link_in_the_place_of_a_file_is_not_followed() {
    let portal = Portal::small();
    let state = state(&portal, None);
    std::fs::remove_file(portal.path("content/handbuch/Plan Süd.pdf")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", portal.path("content/handbuch/Plan Süd.pdf"))
        .unwrap();
    assert_eq!(
        status(&state, "GET /handbuch/Plan%20S%C3%BCd.pdf", &[]),
        404
    );
}

#[test]
fn s13_a_header_is_never_split() {
    let state = state(&Portal::small(), None);
    let rows = [
        ("/%0d%0aX:%20y", 400),
        ("/customers%0d%0aX:%20y", 400),
        ("/customers?%0d%0aX:%20y", 308),
        ("/customers\r\nX: y", 400),
        ("/customers?a\tb", 400),
        ("/customers", 308),
        ("/handbuch", 308),
    ];
    for (target, status) in rows {
        let headers = vec![("Host", "localhost:8017")];
        let reply = answer(
            &state,
            &Asked {
                method: "GET",
                target,
                headers,
            },
        );
        assert_eq!(reply.status, status, "{target}");
        let head = reply.head();
        let lines: Vec<&str> = head
            .strip_suffix("\r\n\r\n")
            .unwrap()
            .split("\r\n")
            .collect();
        assert!(lines[0].starts_with("HTTP/1.1 "), "{head}");
        for line in &lines[1..] {
            let (name, value) = line.split_once(": ").unwrap();
            assert_ne!(name, "X", "{head}");
            assert!(!value.chars().any(char::is_control), "{head}");
        }
    }
}

#[test]
fn s14_error_pages_are_text() {
    let portal = Portal::small();
    portal.put(
        "content/customers/adler/index.md",
        "+++\ntitle = \"<script>x</script>\"\nnein = \"<img src=x>\"\n+++\n",
    );
    let preview = Preview::start(&portal);
    let page = preview.get("%3Cscript%3E");
    assert_eq!(
        page.status, 500,
        "a portal that begins with errors shows them"
    );
    let text = page.text();
    assert!(
        text.contains("content/customers/adler/index.md:3:1: error[unknown-key]"),
        "{text}"
    );
    assert!(
        text.contains("&lt;img src=x&gt;") && !text.contains("<img"),
        "{text}"
    );
    assert!(
        !text.contains(&portal.root().display().to_string()),
        "{text}"
    );
    let told = preview.get("~strang/told.json");
    assert_eq!(told.header("content-type"), Some("application/json"));
    assert!(!told.text().contains(&portal.root().display().to_string()));
    portal.put(
        "content/customers/adler/index.md",
        "+++\ntitle = \"Adler\"\n+++\n",
    );
    preview.waits("the page is not found", || {
        preview.get("%3Cscript%3E").status == 404
    });
    for address in ["%3Cscript%3E", "<script>"] {
        let missing = preview.get(address);
        assert_eq!(missing.status, 404, "{address}");
        assert!(!missing.text().contains("<script>"), "{address}");
    }
}

/// The number of the build that all open pages are told of.
fn all_hear(streams: &mut [Stream]) -> u64 {
    let numbers: Vec<Option<u64>> = streams.iter_mut().map(Stream::next).collect();
    let first = numbers[0].expect("a page is told of a build");
    assert!(
        numbers.iter().all(|number| *number == Some(first)),
        "{numbers:?}"
    );
    first
}

fn save(portal: &Portal) {
    portal.put(
        "content/customers/adler/index.md",
        "+++\ntitle = \"Adler\"\n+++\n",
    );
}

#[test]
fn s15_sixteen_pages_are_told_of_builds_and_those_that_have_gone_make_room() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    let mut streams: Vec<_> = (0..16).map(|_| preview.stream()).collect();
    let begun = all_hear(&mut streams);
    let full = preview.get("~strang/live");
    assert_eq!(full.status, 503);
    assert_guarded(&full, POLICY, "full");
    save(&portal);
    assert_eq!(all_hear(&mut streams), begun + 1);
    drop(streams.pop());
    let start = Instant::now();
    preview.waits("there is room", || preview.stream_or_none().is_some());
    assert!(start.elapsed() < Duration::from_secs(15));
}

#[test]
fn s15_a_page_whose_connection_was_reset_is_let_go_at_the_next_ping() {
    let portal = Portal::small();
    let preview = Preview::start(&portal);
    let mut others: Vec<_> = (0..15).map(|_| preview.stream()).collect();
    let begun = all_hear(&mut others);
    preview.rests();
    let (_, before) = preview.held();
    let page = preview.raw(preview.asks_for_stream().as_bytes());
    page.peek(&mut [0]).unwrap();
    assert!(preview.held().1 > before);
    // The system resets a connection with what was never read.
    drop(page);
    // Whoever opens another page, or saves, would make the preview look before the ping.
    let start = Instant::now();
    preview.waits("the page is let go", || preview.held().1 <= before);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
    let found = format!(" (let go after {} ms)", took.as_millis());
    tell("S15 reset at the next ping", 1, &found, &[]);
    save(&portal);
    assert_eq!(
        all_hear(&mut others),
        begun + 1,
        "the others are still told"
    );
}

#[test]
fn s16_a_request_sees_one_build_and_a_broken_save_keeps_the_last_good_one() {
    let portal = Portal::small();
    portal.put("strang.toml", "title = \n");
    let preview = Preview::start(&portal);
    let page = preview.get("");
    assert_eq!(page.status, 500);
    assert!(page.text().contains("strang.toml:1:"), "{}", page.text());
    portal.put("strang.toml", "title = \"Portal\"\nlanguage = \"de\"\n");
    preview.waits("there is a site", || preview.get("").status == 200);
    preview.comes_to(&portal, "mended");

    portal.put(
        "content/customers/adler/index.md",
        "+++\ntitle = \"Neu\nnein\n+++\n",
    );
    preview.waits("there is an error", || preview.errors() > 0);
    assert!(
        preview
            .get("customers/adler.html")
            .text()
            .contains("<h1>Ädler</h1>")
    );
    portal.put(
        "content/customers/adler/index.md",
        "+++\ntitle = \"Neu\"\n+++\n",
    );
    preview.shows("customers/adler.html", "<h1>Neu</h1>");
    assert_eq!(preview.errors(), 0);
}

/// The build and the stand that an answer is of, or what it is a mixture of.
fn stand_of(answer: &Answer) -> Result<(u64, String), String> {
    let page = answer.text();
    let part = |before: &str, after: &str| {
        let (_, rest) = page.split_once(before)?;
        Some(rest.split_once(after)?.0.to_owned())
    };
    match (
        part("data-build=\"", "\""),
        part("<h1>Stand ", "</h1>"),
        part("Ende von Stand ", "."),
    ) {
        (Some(build), Some(head), Some(tail)) if head == tail && page.ends_with("</html>\n") => {
            Ok((build.parse().unwrap(), head))
        }
        parts => Err(format!("{} {parts:?}", answer.status)),
    }
}

#[test]
fn s16_no_answer_during_a_hundred_swaps_is_of_two_builds() {
    let portal = Portal::small();
    // In one step, since half a save would be a build of its own.
    let save = |stand: usize| {
        let text = format!("+++\ntitle = \"Stand {stand}\"\n+++\nEnde von Stand {stand}.\n");
        fs::write(portal.beside("gesichert.md"), text).unwrap();
        let page = portal.path("content/customers/adler/index.md");
        fs::rename(portal.beside("gesichert.md"), page).unwrap();
    };
    save(0);
    let preview = Preview::start(&portal);
    let (reads, is_done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (swaps, answers) = thread::scope(|scope| {
        let read = || {
            let mut answers = Vec::new();
            while !is_done.load(Ordering::Relaxed) {
                answers.push(stand_of(&preview.get("customers/adler.html")));
                reads.fetch_add(1, Ordering::Relaxed);
            }
            answers
        };
        let readers: Vec<_> = (0..4).map(|_| scope.spawn(read)).collect();
        let mut stream = preview.stream();
        let first = stream.next().unwrap();
        let mut latest = first;
        for stand in 1.. {
            if latest - first >= 100 && reads.load(Ordering::Relaxed) >= 1_000 {
                break;
            }
            save(stand);
            latest = stream.next().unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
        let answers = readers.into_iter().map(|reader| reader.join().unwrap());
        (latest - first, answers.flatten().collect::<Vec<_>>())
    });
    let mut stands: BTreeMap<u64, String> = BTreeMap::new();
    let mut mixed = Vec::new();
    for answer in &answers {
        match answer {
            Ok((build, stand)) => {
                let first = stands.entry(*build).or_insert_with(|| stand.clone());
                if first != stand {
                    mixed.push(format!("build {build} shows {first} and {stand}"));
                }
            }
            Err(mixture) => mixed.push(mixture.clone()),
        }
    }
    let seen: BTreeSet<&String> = stands.values().collect();
    assert!(seen.len() > 10, "the reads saw {} stands alone", seen.len());
    let found = format!(
        " ({swaps} swaps, {} builds seen, {} mixed)",
        stands.len(),
        mixed.len()
    );
    tell("S16 reads during swaps", answers.len(), &found, &mixed);
}

#[test]
fn s17_a_page_that_cannot_be_rendered_costs_one_answer() {
    let portal = Portal::small();
    portal.put(
        "themes/default/templates/plain.html",
        "{{ title.there.is.none }}",
    );
    let preview = Preview::start(&portal);
    let page = preview.get("handbuch/a.html");
    assert_eq!(page.status, 500);
    assert!(page.text().contains("template-error"), "{}", page.text());
    preview.hears("template-error");
    assert_eq!(preview.get("customers/adler.html").status, 200);
}

#[test]
fn s18_types_come_from_a_table_and_drawings_run_nothing() {
    let portal = Portal::small();
    portal.put("content/handbuch/a.md", "![](b.svg) [c](c.xyz)\n");
    portal.put(
        "content/handbuch/b.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
    );
    portal.put("content/handbuch/c.xyz", "x");
    let preview = Preview::start(&portal);
    let drawing = preview.get("handbuch/b.svg");
    assert_eq!(drawing.header("content-type"), Some("image/svg+xml"));
    assert_guarded(
        &drawing,
        "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "svg",
    );
    let unknown = preview.get("handbuch/c.xyz");
    assert_eq!(
        unknown.header("content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(unknown.header("content-disposition"), Some("attachment"));
}

#[test]
fn the_streams_reply_has_no_length() {
    let state = state(&Portal::small(), None);
    let headers = vec![("Host", "localhost:8017")];
    let reply = answer(
        &state,
        &Asked {
            method: "GET",
            target: "/~strang/live",
            headers,
        },
    );
    assert!(matches!(reply.body, Body::Live));
    assert!(!reply.head().contains("Content-Length"));
    assert!(reply.head().contains("Content-Type: text/event-stream\r\n"));
}
