//! The preview over a real socket: it answers from memory, on this computer alone.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A preview that ends with the value.
struct Preview {
    child: Child,
    port: u16,
    _portal: TempDir,
}

impl Preview {
    fn start() -> Preview {
        let portal = tempfile::tempdir().unwrap();
        let put = |path: &str, bytes: &[u8]| {
            let path = portal.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        put("strang.toml", b"title = \"Portal\"\n");
        put(
            "content/customers/adler.md",
            "+++\ntitle = \"Ädler\"\n+++\n".as_bytes(),
        );
        put("content/handbuch/a.md", "[Plan](<Plan Süd.pdf>)".as_bytes());
        put("content/handbuch/Plan Süd.pdf", b"%PDF");
        let mut child = Command::new(env!("CARGO_BIN_EXE_strang"))
            .current_dir(portal.path())
            .args(["serve", "--port", "0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stderr.take().unwrap())
            .read_line(&mut said)
            .unwrap();
        let port = said
            .split("127.0.0.1:")
            .nth(1)
            .unwrap()
            .split('/')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        Preview {
            child,
            port,
            _portal: portal,
        }
    }

    /// The head of an answer and its body.
    fn ask(&self, request: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.port
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let body = answer.split_off(end + 4);
        (String::from_utf8(answer).unwrap().to_lowercase(), body)
    }

    fn status(&self, request: &str) -> u16 {
        self.ask(request)
            .0
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_preview_answers_what_the_site_has() {
    let preview = Preview::start();
    let (head, body) = preview.ask("GET /customers/adler.html");
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(
        head.contains("content-type: text/html; charset=utf-8"),
        "{head}"
    );
    assert!(
        head.contains("x-content-type-options: nosniff")
            && head.contains("cache-control: no-store"),
        "{head}"
    );
    assert!(String::from_utf8_lossy(&body).contains("<h1>Ädler</h1>"));

    let (head, body) = preview.ask("HEAD /customers/adler.html");
    assert!(
        head.starts_with("http/1.1 200 ") && body.is_empty(),
        "{head}"
    );
    let (head, body) = preview.ask("GET /handbuch/Plan%20S%C3%BCd.pdf?v=1");
    assert!(head.contains("content-type: application/pdf"), "{head}");
    assert_eq!(body, b"%PDF");
    for address in ["/", "/customers/", "/assets/favicon.svg", "/index.html?a=b"] {
        assert_eq!(preview.status(&format!("GET {address}")), 200, "{address}");
    }
    let (head, _) = preview.ask("GET /customers");
    assert!(
        head.starts_with("http/1.1 308 ") && head.contains("location: /customers/"),
        "{head}"
    );
}

#[test]
fn the_preview_knows_what_is_not_there_and_what_it_does_not_do() {
    let preview = Preview::start();
    let (head, body) = preview.ask("GET /nirgends.html");
    assert!(
        head.starts_with("http/1.1 404 ") && head.contains("text/html"),
        "{head}"
    );
    assert!(
        String::from_utf8_lossy(&body).contains("<main"),
        "the page for what is not there"
    );
    for address in [
        "/strang.toml",
        "/content/customers/adler.md",
        "/%2e%2e/strang.toml",
        "/..%2fstrang.toml",
        "//x",
        "/a\\b",
    ] {
        let status = preview.status(&format!("GET {address}"));
        assert!(matches!(status, 400 | 404), "{address}: {status}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        assert_eq!(preview.status(&format!("{method} /")), 405, "{method}");
    }
}

#[test]
fn the_preview_listens_on_this_computer_alone() {
    let preview = Preview::start();
    let elsewhere = TcpStream::connect(("127.0.0.2", preview.port));
    assert!(
        elsewhere.is_err(),
        "something listens on every address of this computer"
    );
}
