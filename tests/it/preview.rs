//! A preview in a process of its own, a portal that it shows, and what is asked of it on raw sockets.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use strang::diagnostic::Diagnostics;
use strang::path::SitePath;
use strang::pipeline::{self, is_fit_to_publish};
use strang::portal::AsOf;
use strang::site::Rendered;
use strang::value::parse_date;
use tempfile::TempDir;

/// The day of every preview and build here.
pub const DAY: &str = "2026-11-23";
/// A preview that has not come to rest after this time never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// A portal in a folder that vanishes.
pub struct Portal {
    folder: TempDir,
}

impl Portal {
    /// One customer, one department, one person, an entry, a page with a file.
    pub fn small() -> Portal {
        let portal = Portal {
            folder: tempfile::tempdir().unwrap(),
        };
        portal.put("strang.toml", "title = \"Portal\"\nlanguage = \"de\"\n");
        portal.put(
            "content/customers/adler/index.md",
            "+++\ntitle = \"Ädler\"\n+++\nAnfang\n",
        );
        portal.put(
            "content/customers/adler/2025-03-01-besuch.md",
            "+++\nkind = \"visit\"\ntitle = \"Besuch\"\nby = [\"jana\"]\n+++\n",
        );
        portal.put(
            "content/departments/kantine.md",
            "+++\ntitle = \"Kantine\"\ncontact = \"far\"\n+++\n",
        );
        portal.put(
            "content/people/jana.md",
            "+++\ntitle = \"Jana\"\ndepartments = [\"kantine\"]\n+++\n",
        );
        portal.put("content/handbuch/a.md", "[Plan](<Plan Süd.pdf>)\n");
        portal.put("content/handbuch/Plan Süd.pdf", "%PDF");
        portal
    }

    /// The folder, without links on the way.
    pub fn root(&self) -> PathBuf {
        self.beside("portal")
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// A folder beside the portal.
    pub fn beside(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(name)
    }

    pub fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Every address with what a build writes there; nothing for a portal that would not be published.
    pub fn built(&self) -> Option<BTreeMap<String, Vec<u8>>> {
        let day = AsOf::Day(parse_date(DAY).unwrap());
        let built = pipeline::build(&self.root(), day).ok()?;
        if !is_fit_to_publish(&built.diagnostics) {
            return None;
        }
        let bytes = |address: &SitePath| match built.site.render(address, &mut Diagnostics::new()) {
            Some(Rendered::Bytes(bytes)) => Some(bytes.into_owned()),
            Some(Rendered::File(source)) => fs::read(self.path(source.as_str())).ok(),
            None => None,
        };
        let index = built.site.index().iter().map(|(address, _)| address);
        let addresses = built.site.addresses().chain(index);
        addresses
            .map(|address| Some((address.as_str().to_owned(), bytes(address)?)))
            .collect()
    }
}

/// A preview that ends with the value.
pub struct Preview {
    child: Child,
    pub port: u16,
    /// The line that says where it is.
    pub said: String,
    lines: Mutex<Receiver<String>>,
}

impl Preview {
    pub fn start(portal: &Portal) -> Preview {
        Preview::start_with(portal, &[])
    }

    pub fn start_with(portal: &Portal, arguments: &[&str]) -> Preview {
        let mut command = Command::new(env!("CARGO_BIN_EXE_strang"));
        Preview::run(command.args(Preview::arguments(portal)).args(arguments))
    }

    pub fn arguments(portal: &Portal) -> Vec<String> {
        let root = portal.root().display().to_string();
        ["-C", &root, "serve", "--port", "0", "--as-of", DAY]
            .map(str::to_owned)
            .into()
    }

    /// Starts it and waits until it says where it is.
    pub fn run(command: &mut Command) -> Preview {
        let child = command.stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let mut preview = Preview {
            child,
            port: 0,
            said: String::new(),
            lines: Mutex::new(lines),
        };
        let stderr = BufReader::new(preview.child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        while preview.port == 0 {
            let line = preview.lines.lock().unwrap().recv_timeout(PATIENCE);
            let line =
                line.unwrap_or_else(|_| panic!("it never says where it is: {}", preview.said));
            if let Some(port) = line.split("127.0.0.1:").nth(1) {
                preview.port = port.split('/').next().unwrap().parse().unwrap();
            }
            preview.said += &(line + "\n");
        }
        preview
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// How many threads and descriptors the process has.
    pub fn held(&self) -> (usize, usize) {
        let count = |what: &str| {
            let list = fs::read_dir(format!("/proc/{}/{what}", self.id()));
            list.unwrap().count()
        };
        (count("task"), count("fd"))
    }

    /// Waits until the process takes and gives back nothing any more.
    pub fn rests(&self) {
        let mut before = self.held();
        self.waits("the preview rests", || {
            std::thread::sleep(Duration::from_millis(300));
            let now = self.held();
            std::mem::replace(&mut before, now) == now
        });
    }

    /// Sends a signal to the process.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits until the terminal has said something.
    pub fn hears(&self, wanted: &str) {
        let mut heard = String::new();
        while !heard.contains(wanted) {
            let line = self.lines.lock().unwrap().recv_timeout(PATIENCE);
            heard += &line.unwrap_or_else(|_| panic!("`{wanted}` is never said, only:\n{heard}"));
            heard.push('\n');
        }
    }

    /// What the terminal has said since.
    pub fn said_since(&self) -> Vec<String> {
        self.lines.lock().unwrap().try_iter().collect()
    }

    /// A connection on which a text has been sent as it is.
    pub fn raw(&self, request: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request).unwrap();
        stream
    }

    /// The answer to a request with these lines below the host, each ending with CRLF.
    pub fn ask_with(&self, request: &str, lines: &str) -> Answer {
        let port = self.port;
        let text = format!(
            "{request} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{lines}\r\n"
        );
        self.tell(text.as_bytes())
    }

    pub fn ask(&self, request: &str) -> Answer {
        self.ask_with(request, "")
    }

    /// The answer to a text that is sent as it is and asks to close the connection.
    pub fn tell(&self, request: &[u8]) -> Answer {
        let mut answer = Vec::new();
        self.raw(request).read_to_end(&mut answer).unwrap();
        Answer::parse(answer)
    }

    pub fn get(&self, address: &str) -> Answer {
        self.ask(&format!("GET /{address}"))
    }

    /// The address of the style sheet that the home page loads.
    pub fn style(&self) -> String {
        let page = self.get("").text();
        let (_, link) = page.split_once("<link rel=\"stylesheet\" href=\"").unwrap();
        link.split('"').next().unwrap().to_owned()
    }

    /// The open stream of build numbers, its head read.
    pub fn stream(&self) -> Stream {
        self.stream_or_none().unwrap()
    }

    /// As above, if there is room for another page.
    pub fn stream_or_none(&self) -> Option<Stream> {
        let mut stream = Stream(BufReader::new(self.raw(self.asks_for_stream().as_bytes())));
        let mut status = String::new();
        stream.0.read_line(&mut status).unwrap();
        status.starts_with("HTTP/1.1 200 ").then_some(stream)
    }

    /// What a page sends that wants to be told of builds.
    pub fn asks_for_stream(&self) -> String {
        let port = self.port;
        format!("GET /~strang/live HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")
    }

    /// Waits until the preview shows what a build gives, for every address; and says what differs if that never is.
    pub fn comes_to(&self, portal: &Portal, why: &str) {
        let start = Instant::now();
        loop {
            let expected = portal
                .built()
                .unwrap_or_else(|| panic!("{why}: the portal has errors"));
            let Some(other) = self.first_difference(&expected) else {
                return;
            };
            assert!(
                start.elapsed() < PATIENCE,
                "{why}: `{other}` is not what a build gives"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn first_difference(&self, expected: &BTreeMap<String, Vec<u8>>) -> Option<String> {
        let differs = |(address, bytes): &(&String, &Vec<u8>)| {
            let answer = self.get(&strang::path::percent_encode_path(address));
            answer.status != 200 || answer.without_script() != bytes.as_slice()
        };
        let (address, _) = expected.iter().find(differs)?;
        Some(address.clone())
    }

    /// Waits until an address says something.
    pub fn shows(&self, address: &str, wanted: &str) {
        self.waits(&format!("{address} says `{wanted}`"), || {
            self.get(address).text().contains(wanted)
        });
    }

    /// Waits until something holds.
    pub fn waits(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < PATIENCE, "it never happens that {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What the preview's script is told.
    pub fn told(&self) -> serde_json::Value {
        serde_json::from_slice(&self.get("~strang/told.json").body).unwrap()
    }

    /// How many errors the overlay tells of.
    pub fn errors(&self) -> u64 {
        self.told()["told"]["errors"].as_u64().unwrap()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The numbers of builds, as a page hears them.
pub struct Stream(BufReader<TcpStream>);

impl Stream {
    /// Says nothing more than so long.
    pub fn limit(&self, patience: Duration) {
        let stream = self.0.get_ref();
        stream.set_read_timeout(Some(patience)).unwrap();
    }

    /// The next number.
    pub fn next(&mut self) -> Option<u64> {
        let mut line = String::new();
        while self.0.read_line(&mut line).ok()? > 0 {
            if let Some(number) = line.strip_prefix("data: ") {
                return number.trim().parse().ok();
            }
            line.clear();
        }
        None
    }
}

/// An answer: its status, its head in small letters, its body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn parse(mut answer: Vec<u8>) -> Answer {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(&answer)));
        let body = answer.split_off(end + 4);
        let head = String::from_utf8(answer).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(start.as_str()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The page without the one element that the preview adds.
    pub fn without_script(&self) -> Vec<u8> {
        without_script(&self.body)
    }
}

/// A page without the one element that the preview adds, where it has it.
pub fn without_script(page: &[u8]) -> Vec<u8> {
    let start = b"<script defer src=\"/~strang/live.js\" data-build=\"";
    let find = |page: &[u8], part: &[u8]| page.windows(part.len()).position(|bytes| bytes == part);
    let mut page = page.to_vec();
    if let Some(at) = find(&page, start) {
        let end = find(&page[at..], b"</script>").unwrap() + b"</script>".len();
        page.drain(at..at + end);
    }
    page
}
