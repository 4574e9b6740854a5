//! From saved to visible: how long after a file is saved the preview answers with what was written.
//!
//! Makes portals of 42,000 and of 211,000 sources, starts `strang serve` in each and saves a page again and again. A
//! save is visible when the open stream has told of a build and the page fetched then says it. Prints plain figures.
//! Numbers of customers as arguments make portals of other sizes.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use strang::pipeline::Session;
use strang::portal::AsOf;
use strang::source::Look;

const ENTRIES: usize = 20;
const SAVES: usize = 21;
const KINDS: [&str; 6] = ["action", "order", "payment", "visit", "note", "complaint"];

fn main() {
    let asked: Vec<usize> = std::env::args()
        .filter_map(|asked| asked.parse().ok())
        .collect();
    let sizes = if asked.is_empty() {
        vec![2_000, 10_000]
    } else {
        asked
    };
    for customers in sizes {
        let portal = tempfile::tempdir().unwrap();
        let sources = write_portal(portal.path(), customers);
        println!("{sources} sources");
        stages(portal.path());
        saved_to_visible(portal.path());
    }
}

/// What one save costs without waiting for events and browsers.
fn stages(root: &Path) {
    let today = AsOf::Day(Date::constant(2026, 11, 23));
    let mut session = Session::open(root).unwrap();
    let clock = Instant::now();
    session.look(&Look::Everywhere).unwrap();
    let look = clock.elapsed();
    let mut built = session.link(today);
    println!(
        "  first: read and parse {look:.2?}, all {:.2?}",
        clock.elapsed()
    );
    let page = root.join("content/customers/c7/index.md");
    let mut figures: [Vec<Duration>; 3] = Default::default();
    let busy = busy_time();
    for save in 0..SAVES {
        write_customer(&page, 7, save + 1);
        let clock = Instant::now();
        let mut look = Look::default();
        look.add(page.clone());
        assert!(session.look(&look).unwrap());
        figures[0].push(clock.elapsed());
        let next = session.link(today);
        figures[1].push(clock.elapsed() - figures[0][save]);
        let clock = Instant::now();
        drop(std::mem::replace(&mut built, next));
        figures[2].push(clock.elapsed());
    }
    let clock = Instant::now();
    assert!(!session.look(&Look::Everywhere).unwrap());
    let listed = clock.elapsed();
    let [look, link, drop] = figures.map(median);
    let busy = (busy_time() - busy) / u32::try_from(SAVES).unwrap();
    println!("  each: {busy:.2?} of all cores together, with what is let go");
    println!(
        "  each: look {look:.2?}, link {link:.2?}, let go {drop:.2?}; list everything {listed:.2?}"
    );
}

/// For how long the cores have worked for this process, in steps of 10 ms.
fn busy_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn saved_to_visible(root: &Path) {
    let preview = Preview::start(root);
    let mut stream = preview.stream();
    let page = root.join("content/customers/c7/index.md");
    let mut times = Vec::new();
    for save in 100..100 + SAVES {
        std::thread::sleep(Duration::from_millis(2_500));
        let clock = Instant::now();
        write_customer(&page, 7, save);
        let word = format!("Stand {save}.");
        loop {
            let mut line = String::new();
            assert!(
                stream.read_line(&mut line).unwrap() > 0,
                "the stream has ended"
            );
            if line.starts_with("data:") && preview.get("/customers/c7.html").contains(&word) {
                break;
            }
        }
        times.push(clock.elapsed());
    }
    times.sort_unstable();
    let worst = times[times.len() - 1];
    println!(
        "  saved to visible: median {:.2?}, worst {worst:.2?}",
        median(times)
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

struct Preview {
    child: Child,
    port: u16,
}

impl Preview {
    fn start(root: &Path) -> Preview {
        let mut child = Command::new(env!("CARGO_BIN_EXE_strang"))
            .arg("-C")
            .arg(root)
            .args(["serve", "--port", "0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let port = line.split("127.0.0.1:").nth(1)?.split('/').next()?;
            port.parse().ok()
        });
        let port = port.unwrap();
        // Somebody must read what it says.
        std::thread::spawn(move || lines.for_each(drop));
        Preview { child, port }
    }

    fn ask(&self, path: &str, connection: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let port = self.port;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: {connection}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        BufReader::new(stream)
    }

    fn get(&self, path: &str) -> String {
        let mut answer = String::new();
        self.ask(path, "close").read_to_string(&mut answer).unwrap();
        answer
    }

    fn stream(&self) -> BufReader<TcpStream> {
        self.ask("/~strang/live", "keep-alive")
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a portal and gives back how many sources it has.
fn write_portal(root: &Path, customers: usize) -> usize {
    let put = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put("strang.toml", "title = \"Portal\"\nlanguage = \"de\"\n");
    for department in 0..12 {
        let text = format!("+++\ntitle = \"Abteilung {department}\"\ncontact = \"near\"\n+++\n");
        put(&format!("content/departments/d{department}.md"), &text);
    }
    let people = customers / 10;
    for person in 0..people {
        let department = person % 12;
        let text =
            format!("+++\ntitle = \"Person {person}\"\ndepartments = [\"d{department}\"]\n+++\n");
        put(&format!("content/people/p{person}.md"), &text);
    }
    for customer in 0..customers {
        let folder = format!("content/customers/c{customer}");
        put(&format!("{folder}/index.md"), "");
        write_customer(&root.join(format!("{folder}/index.md")), customer, 0);
        for entry in 0..ENTRIES {
            let kind = KINDS[entry % KINDS.len()];
            let (year, month) = (2017 + entry % 9, 1 + (customer + entry) % 12);
            let person = (customer * 7 + entry) % people;
            let goal = if kind == "action" {
                "goals = [\"frist\"]\n"
            } else {
                ""
            };
            let text = format!(
                "+++\nkind = \"{kind}\"\ntitle = \"Ersatzteile {entry} für Linie {customer}\"\nby = [\"p{person}\"]\n\
                 {goal}+++\n\nGeliefert wurde, was zugesagt war, und die Frist ist gehalten. Mehr steht bei \
                 [[c{}]].\n\nDer Versand hat am Abend noch einmal nachgesehen, ob alles dabei ist.\n",
                (customer + entry) % customers
            );
            put(
                &format!(
                    "{folder}/{year}-{month:02}-{:02}-{kind}-{entry}.md",
                    1 + entry
                ),
                &text,
            );
        }
    }
    12 + people + customers * (ENTRIES + 1)
}

fn write_customer(path: &Path, customer: usize, state: usize) {
    let text = format!(
        "+++\ntitle = \"Kunde {customer} Maschinenbau\"\nowner = \"p{}\"\n\n[[goals]]\nid = \"frist\"\n\
         title = \"Kein Teil kommt zu spät\"\ndue = 2027-05-26\n+++\n\nStand {state}. Siehe auch [[c1]].\n",
        customer % 100
    );
    fs::write(path, text).unwrap();
}
