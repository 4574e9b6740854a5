//! Portals that nobody would write, from a number: valid front matter, bodies full of everything, awkward ids.
//!
//! The same number gives the same portal on every machine. Laws ask the result what must come of it: which entry is
//! for whom, by a word that stands in it once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Pseudo-random numbers (SplitMix64): small, and the same everywhere.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// Ids of customers: some are also ids of departments, folders or sections of a page.
const CUSTOMERS: [&str; 9] = [
    "adler", "a", "a-b", "kantine", "main", "menu", "goals", "open", "nobody",
];
const DEPARTMENTS: [&str; 4] = ["kantine", "vertrieb", "far", "adler"];
/// Ids of people hold the canary, which no site without names may show.
const PEOPLE: [&str; 4] = ["geheim-eins", "geheim-zwei", "geheim-drei", "geheim-vier"];
const PLAIN: [&str; 7] = [
    "a",
    "handbuch/index",
    "handbuch/a",
    "handbuch/tief/b",
    "leer/c/d",
    "adler",
    "faq",
];

const TITLES: [&str; 12] = [
    "Äcker & Söhne",
    "Acker",
    "acker",
    "<b>Fett</b>",
    "\"Zitat\"",
    "Straße",
    "STRASSE",
    "{{ 7*7 }}",
    "U\u{308}ber uns",
    "🎉",
    "'; --",
    "2024",
];

/// A portal: its files, and what its entries are for.
pub struct Portal {
    /// The text of each file by its path.
    pub files: BTreeMap<String, String>,
    /// The word that stands once in each entry, and the customers on whose pages the entry belongs.
    pub entries: Vec<(String, Vec<String>)>,
}

/// How the portal shows people.
#[derive(Clone, Copy, PartialEq)]
pub enum People {
    Named,
    Departments,
    Off,
}

impl Portal {
    pub fn generate(seed: u64, people: People) -> Portal {
        let mut dice = Dice::new(seed);
        let mut portal = Portal {
            files: BTreeMap::new(),
            entries: Vec::new(),
        };
        portal.add("strang.toml", settings(&mut dice, people));
        for id in PEOPLE {
            let page = person(&mut dice, id);
            portal.add(&format!("content/people/{id}.md"), page);
        }
        for id in DEPARTMENTS {
            let page = department(&mut dice);
            portal.add(&format!("content/departments/{id}.md"), page);
        }
        for id in CUSTOMERS {
            let page = customer(&mut dice);
            portal.add(&format!("content/customers/{id}.md"), page);
        }
        for id in PLAIN {
            let page = format!(
                "+++\ntitle = {}\n+++\n{}",
                title(&mut dice),
                body(&mut dice)
            );
            portal.add(&format!("content/{id}.md"), page);
        }
        for number in 0..12 + dice.below(12) {
            portal.add_entry(&mut dice, number);
        }
        if seed == 17 {
            portal.add_long_history(&mut dice);
        }
        if seed % 3 == 1 {
            portal.add_ledgers(&mut dice);
        }
        portal.add_chains(&mut Dice::new(!seed));
        portal.add("content/handbuch/bild.png", "kein Bild".to_owned());
        portal.add("content/handbuch/Plan Süd.pdf", "%PDF".to_owned());
        portal
    }

    fn add(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), text);
    }

    fn add_entry(&mut self, dice: &mut Dice, number: usize) {
        let word = format!("Wort{number:03}x");
        let (folder, mut customers) = if dice.one_in(3) {
            let named: Vec<String> = (0..dice.below(4))
                .map(|_| dice.pick(&CUSTOMERS).to_owned())
                .collect();
            (format!("departments/{}", dice.pick(&DEPARTMENTS)), named)
        } else {
            let own = dice.pick(&CUSTOMERS);
            let also = if dice.one_in(4) {
                vec![dice.pick(&CUSTOMERS).to_owned()]
            } else {
                Vec::new()
            };
            (
                format!("customers/{own}"),
                [vec![own.to_owned()], also].concat(),
            )
        };
        let date = format!(
            "202{}-0{}-1{}",
            dice.below(6),
            1 + dice.below(2),
            dice.below(3)
        );
        let name = match dice.below(4) {
            0 => dice.pick(&["b-anruf", "c", "b-c"]).to_owned(),
            1 => "anruf".to_owned(),
            _ => format!("{date}-{}", dice.pick(&["a", "b", "anruf"])),
        };
        let kind = dice.pick(&[
            "inquiry",
            "order",
            "payment",
            "complaint",
            "action",
            "visit",
            "feedback",
            "thanks",
            "x",
        ]);
        let mut front = format!(
            "kind = \"{kind}\"\ntitle = {}\ndate = {date}\n",
            title(dice)
        );
        let list = |list: &[String]| {
            format!(
                "[{}]",
                list.iter()
                    .map(|id| format!("\"{id}\", "))
                    .collect::<String>()
            )
        };
        front.push_str(&format!("customers = {}\n", list(&customers)));
        if dice.one_in(2) {
            front.push_str(&format!("by = \"{}\"\n", dice.pick(&PEOPLE)));
        }
        if dice.one_in(3) {
            front.push_str(&format!(
                "departments = [\"{}\"]\n",
                dice.pick(&DEPARTMENTS)
            ));
        }
        if dice.one_in(3) {
            front.push_str(&format!(
                "owner = \"{}\"\ndue = 2025-0{}-01\n",
                dice.pick(&PEOPLE),
                1 + dice.below(9)
            ));
        }
        if dice.one_in(4) && !customers.is_empty() {
            front.push_str("goals = [\"eins\"]\n");
        }
        if dice.one_in(4) {
            front.push_str("amount = 1234.5\nnumber = \"<4711>\"\n");
        }
        customers.sort();
        customers.dedup();
        let path = format!("content/{folder}/{name}.md");
        if !self.files.contains_key(&path) {
            self.add(
                &path,
                format!("+++\n{front}+++\n\n{word}\n\n{}", body(dice)),
            );
            self.entries.push((word, customers));
        }
    }

    /// Lets entries make later ones possible, so that nothing happens before what made it possible.
    fn add_chains(&mut self, dice: &mut Dice) {
        let entries = self.files.iter().filter_map(|(path, text)| {
            let (_, rest) = text.split_once("\ndate = ")?;
            Some((rest[..10].to_owned(), path.clone()))
        });
        let mut entries: Vec<(String, String)> = entries.collect();
        entries.sort();
        for later in 1..entries.len() {
            for _ in 0..dice.below(3) {
                let (_, cause) = &entries[dice.below(later)];
                let effect = entries[later].1.strip_prefix("content/").unwrap();
                let effect = effect.strip_suffix(".md").unwrap();
                let text = self.files.get_mut(cause).unwrap();
                let known = text.strip_prefix("+++\nenables = [").map(str::to_owned);
                let rest = known.unwrap_or_else(|| format!("]\n{}", &text[4..]));
                *text = format!("+++\nenables = [\"{effect}\", {rest}");
            }
        }
    }

    /// So many entries of one customer that its older years stand on pages of their own.
    fn add_long_history(&mut self, dice: &mut Dice) {
        for number in 100..420 {
            let word = format!("Wort{number:03}x");
            let year = if number < 300 { 7 } else { dice.below(7) };
            let date = format!("201{year}-{:02}-01", 1 + dice.below(12));
            let link = if dice.one_in(8) {
                inline(dice)
            } else {
                String::new()
            };
            let front = format!("kind = \"x\"\ntitle = {}\ngoals = \"eins\"\n", title(dice));
            self.add(
                &format!("content/customers/adler/{date}-{number}.md"),
                format!("+++\n{front}+++\n\n{word}\n\n{link}"),
            );
            self.entries.push((word, vec!["adler".to_owned()]));
        }
    }

    /// Two exports of all customers that overlap, and one of a customer alone.
    fn add_ledgers(&mut self, dice: &mut Dice) {
        let mut exports = [String::new(), String::new(), String::new()];
        for export in &mut exports {
            export.push_str("Kunde;Tag;Text;Betrag;Nr;Wer\n");
        }
        for number in 500..530 + dice.below(60) {
            let word = format!("Wort{number:03}x");
            let export = dice.below(3);
            let customer = if export == 2 {
                "adler"
            } else {
                dice.pick(&CUSTOMERS)
            };
            let named = if export == 2 { "" } else { customer };
            let day = format!(
                "202{}-0{}-1{}",
                dice.below(6),
                1 + dice.below(2),
                dice.below(3)
            );
            let document = if dice.one_in(2) {
                format!("<R>{number}")
            } else {
                String::new()
            };
            let by = if dice.one_in(3) {
                dice.pick(&PEOPLE)
            } else {
                ""
            };
            let row = format!(
                "{named};{day};\"{word} <b>\";{}.50;{document};{by}\n",
                dice.below(999)
            );
            exports[export].push_str(&row);
            if export == 0 && dice.one_in(2) {
                exports[1].push_str(&row);
            }
            self.entries.push((word, vec![customer.to_owned()]));
        }
        let [one, two, own] = exports;
        self.add("content/ledgers/eins.csv", one);
        self.add("content/ledgers/zwei.csv", two);
        self.add("content/customers/adler/rows.csv", own);
    }

    /// Writes the portal, its files in the order of their names or against it.
    pub fn write(&self, folder: &Path, order: Order) {
        let mut files: Vec<_> = self.files.iter().collect();
        if order == Order::Backward {
            files.reverse();
        }
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
}

/// In which order files come to the disk.
#[derive(Clone, Copy, PartialEq)]
pub enum Order {
    Forward,
    Backward,
}

fn settings(dice: &mut Dice, people: People) -> String {
    let language = dice.pick(&["de", "en"]);
    let people = match people {
        People::Named => "named",
        People::Departments => "departments",
        People::Off => "off",
    };
    let forge = if dice.one_in(2) {
        "repository = { url = \"https://git.example/p\", kind = \"github\" }\n"
    } else {
        ""
    };
    let url = if language == "de" {
        "url = \"https://intranet.example/portal\"\n"
    } else {
        ""
    };
    format!(
        "title = \"Portal <&>\"\nlanguage = \"{language}\"\n{url}{forge}\
        [contributions]\npeople = \"{people}\"\n\
        [ledgers.a]\nlabel = \"<Zeilen>\"\nfiles = \"ledgers/*.csv\"\nkind = \"payment\"\n\
        customer = {{ column = \"Kunde\" }}\n\
        columns = {{ date = \"Tag\", title = \"Text\", amount = \"Betrag\", number = \"Nr\", by = \"Wer\" }}\n\
        [ledgers.b]\nfiles = \"customers/*/rows.csv\"\nkind = \"payment\"\n\
        columns = {{ date = \"Tag\", title = \"Text\", amount = \"Betrag\", number = \"Nr\", by = \"Wer\" }}\n\
        [kinds.x]\nlabel = \"<X>\"\nmark = \"'\"\nopen = true\n\
        [facts.customer]\nort = {{ type = \"text\", label = \"<Ort>\" }}\ntechnik = {{ type = \"person\" }}\n\
        vertretung = {{ type = \"list of person\" }}\nkonzern = {{ type = \"customer\" }}\n\
        [facts.person]\nruf = {{ type = \"phone\" }}\n"
    )
}

fn title(dice: &mut Dice) -> String {
    let title = dice.pick(&TITLES);
    format!("\"{}\"", title.replace('"', "\\\""))
}

fn person(dice: &mut Dice, id: &str) -> String {
    let mut front = format!(
        "title = \"Frau Geheim {id}\"\nemails = [\"{id}@geheim.example\"]\nruf = \"0511 {}\"\n",
        dice.below(99)
    );
    front.push_str(&format!("former_ids = [\"{id}-alt\"]\n"));
    match dice.below(3) {
        0 => {}
        1 => front.push_str(&format!("departments = \"{}\"\n", dice.pick(&DEPARTMENTS))),
        _ => front.push_str(
            "departments = [{ id = \"kantine\", until = 2022-01-01 }, \
            { id = \"far\", from = 2022-01-02 }]\n",
        ),
    }
    if dice.one_in(3) {
        front.push_str("shown_as = \"department\"\n");
    }
    if dice.one_in(3) {
        front.push_str("left = 2024-01-01\n");
    }
    format!("+++\n{front}+++\n{}", body(dice))
}

fn department(dice: &mut Dice) -> String {
    let contact = dice.pick(&["near", "far"]);
    let (title, lead) = (title(dice), dice.pick(&PEOPLE));
    let assessments: String = ["2019", "2024", "2025"]
        .iter()
        .map(|year| assessment(dice, year))
        .collect();
    format!(
        "+++\ntitle = {title}\ncontact = \"{contact}\"\nlead = \"{lead}\"\npromise = \"Ä < B\"\n{assessments}+++\n{}",
        body(dice)
    )
}

/// Some answers of a year, much of their evidence people.
fn assessment(dice: &mut Dice, year: &str) -> String {
    let mut lines = format!("[assessment.{year}]\n");
    for key in ["goals", "answers", "complaints", "learning"] {
        let (customer, person) = (dice.pick(&CUSTOMERS), dice.pick(&PEOPLE));
        let evidence = [
            String::new(),
            format!(", evidence = \"{person}\""),
            format!(", evidence = [\"customers/{customer}\", \"[[people/{person}|Frau Geheim]]\"]"),
            ", evidence = \"[[handbuch]]\", note = \"<b> & {{ 7*7 }}\"".to_owned(),
        ];
        let (answer, evidence) = (1 + dice.below(5), &evidence[dice.below(4)]);
        if !dice.one_in(3) {
            lines.push_str(&format!("{key} = {{ answer = {answer}{evidence} }}\n"));
        }
    }
    lines
}

fn customer(dice: &mut Dice) -> String {
    let mut front = format!(
        "title = {}\nowner = \"{}\"\nort = \"<Ort>\"\n",
        title(dice),
        dice.pick(&PEOPLE)
    );
    if dice.one_in(2) {
        front.push_str(&format!(
            "technik = \"{}\"\nvertretung = [\"{}\"]\n",
            dice.pick(&PEOPLE),
            dice.pick(&PEOPLE)
        ));
    }
    front.push_str("[[goals]]\nid = \"eins\"\ntitle = \"<Ziel>\"\ndue = 2025-06-01\n");
    format!("+++\n{front}+++\n{}", body(dice))
}

/// Some blocks of Markdown, each on its own harmless or not.
fn body(dice: &mut Dice) -> String {
    (0..dice.below(7))
        .map(|_| format!("\n{}\n", block(dice)))
        .collect()
}

fn block(dice: &mut Dice) -> String {
    let one = inline(dice);
    let two = inline(dice);
    let code = dice.pick(&CODE);
    match dice.below(20) {
        0 => format!("# {one}"),
        1 => format!("{} {one} {two}", "#".repeat(1 + dice.below(6))),
        2 => format!(
            "## {} {{#{}}}",
            dice.pick(&TITLES),
            dice.pick(&["main", "goals", "2024", "goal-eins", "d1", "x", "ä"])
        ),
        3 => format!("- {one}\n- {two}\n  1. {one}\n\n  Absatz"),
        4 => format!("- [x] {one}\n- [ ] {two}"),
        5 => format!("| {code} | B |\n| :--: | --: |\n| {code} | x |\n| y |"),
        6 => format!("Fuß[^1] und noch[^x] und [^1].\n\n[^1]: {one}\n\n    {two}\n\n[^x]: Kurz."),
        7 => format!("> [!{}]\n> {one}", dice.pick(&["NOTE", "WARNING", "FOO"])),
        8 => format!("> {one}\n> > {two}"),
        9 => format!("Begriff {one}\n: {two}\n: noch\n\n: daneben"),
        10 => format!("```{}\n{code}\n```", dice.pick(&["rust", "\"><x", "a b"])),
        11 => "<!-- ein Kommentar\n\nüber zwei Absätze -->".to_owned(),
        12 => format!("<div onclick=\"x()\">\n\n{one}\n\n</div>"),
        13 => format!("***\n\n{one}\\\n{two}"),
        14 => format!("{one}\n=====\n\n{two}\n-----"),
        15 => format!("    {code}"),
        16 => format!("```table\n{}\n```", dice.pick(&QUESTIONS)),
        17 => format!(
            "> - {one}\n>\n>   ~~~table\n>   {}\n>   ~~~",
            dice.pick(&QUESTIONS).replace('\n', "\n>   ")
        ),
        18 => format!("*{one}* **{two}** ~~{one}~~ `{code}`"),
        _ => format!("Ein Satz mit {one}. Noch einer mit {two}! Und Schluss."),
    }
}

/// What table blocks ask, much of it about people.
const QUESTIONS: [&str; 8] = [
    "of = \"customers\"\nshow = [\"title\", \"owner\", \"technik\", \"vertretung\", \"konzern\", \"ort\"]",
    "of = \"customers\"\nany = [\"owner = geheim-eins\", \"vertretung contains geheim-zwei\"]\nsort = \"-technik\"",
    "of = \"departments\"\nshow = [\"id\", \"title\", \"lead\", \"promise\", \"open_loops\"]\ntitle = \"<b>\"",
    "of = \"entries\"\nshow = [\"title\", \"by\", \"owner\", \"amount\", \"number\"]\nsort = \"-by\"\nlimit = 5",
    "of = \"loops\"\nwhere = [\"owner != geheim-drei\", \"by is not empty\"]",
    "of = \"goals\"",
    "of = \"entries\"\nchart = \"bar\"\nby = \"kind\"",
    "of = \"customers\"\nchart = \"bar\"\nby = \"konzern\"",
];

/// What stands in code and in cells, where links are text or a bar ends the cell.
const CODE: [&str; 6] = [
    "[[handbuch]]",
    "<b>",
    "{{ 7*7 }}",
    "&amp; & <",
    "fn größe() {}",
    "**x**",
];

fn inline(dice: &mut Dice) -> String {
    let customer = dice.pick(&CUSTOMERS);
    let person = dice.pick(&PEOPLE);
    let words = [
        format!("[[customers/{customer}]]"),
        format!("[[customers/{customer}|ein *Kunde*]]"),
        format!("[[customers/{customer}#nirgends]]"),
        format!("[[people/{person}]]"),
        format!("[[{person}|Frau Geheim]]"),
        format!("[[{person}-alt]]"),
        format!("[[people/{person}|Frau **Geheim**]]"),
        format!("[[{person}#x|Geheim]]"),
        "[[departments/kantine]]".to_owned(),
        "[[handbuch]]".to_owned(),
        "[[tief/b|b]]".to_owned(),
        "[[#x]]".to_owned(),
        "[oben](#x)".to_owned(),
        "[[nirgends]]".to_owned(),
        "[weg](weg.md)".to_owned(),
        "![Bild <b>](bild.png)".to_owned(),
        "![[Bild]](weg.png)".to_owned(),
        "[Plan](<Plan Süd.pdf>)".to_owned(),
        "[außen](https://example.org/?a=1&b=\"ü\")".to_owned(),
        "<https://example.org/ä>".to_owned(),
        "[böse](javascript:alert(1))".to_owned(),
        "<b onclick=x()>HTML</b>".to_owned(),
        "<!-- Kommentar -->".to_owned(),
        "& &amp; &lt; < > \" '".to_owned(),
        "ein Wort".to_owned(),
        "**fett *und* schräg**".to_owned(),
        "`{{ frame }}`".to_owned(),
        "\\| ~~x~~ [^1]".to_owned(),
        "[a [b](a.md) c](b.md)".to_owned(),
        "![a [b](a.md) *c*](bild.png)".to_owned(),
    ];
    words[dice.below(words.len())].clone()
}

/// Bytes that came from a file but are none any more: cut, doubled, swapped, sprinkled with signs that mean something.
pub fn mutate(text: &str, dice: &mut Dice) -> Vec<u8> {
    const SIGNS: [&[u8]; 24] = [
        b"+++",
        b"---",
        b"\"",
        b"'''",
        b"[[",
        b"]]",
        b"{",
        b"}",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
        b"|",
        b"`",
        b"[^",
        b"<!--",
        b"<",
        b">",
        b": ",
        b"= ",
        b"\xf0\x9f\x8e\x89",
        b"\t",
    ];
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..1 + dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(20)).min(bytes.len());
        match dice.below(4) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            2 => drop(bytes.splice(at..at, dice.pick(&SIGNS).iter().copied())),
            _ => drop(bytes.splice(at..end, dice.pick(&SIGNS).repeat(1 + dice.below(200)))),
        }
    }
    bytes
}
