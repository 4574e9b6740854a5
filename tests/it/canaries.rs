//! Nothing of a person who is not to be named is in any byte of a site: a portal with a canary in every place where
//! people can be named.
//!
//! Each place has a person or a word of its own, so that a failure says which place leaks. The same portal with names
//! shows nearly all of them, so a place that no longer reaches the site is found, too. Names that authors type
//! as text stand in full, since nothing else can be known for one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use scraper::{ElementRef, Selector};
use serde_json::Value;
use strang::diagnostic::{Colour, Format, render};
use strang::pipeline::{self, Built};

use crate::case;
use crate::search_index::Index;
use crate::site_check::{self, Site};

const DAY: Date = Date::constant(2025, 3, 3);

/// What everybody in the portal is called who must not be named; their last names are the canaries.
const FIRST_NAME: &str = "Xenia";

/// How the portal shows its people.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// All by name.
    Named,
    /// By name, but everybody with a canary asks to be shown as the department.
    ShownAsDepartment,
    Departments,
    Off,
}

/// A word that stands in one place alone.
struct Canary {
    word: String,
    place: &'static str,
    /// Whether a site that names people says it.
    is_said: bool,
}

/// A portal in the making.
struct Portal {
    mode: Mode,
    files: BTreeMap<String, String>,
    canaries: Vec<Canary>,
}

impl Portal {
    fn canary(&mut self, place: &'static str, is_said: bool) -> String {
        let word = format!("yq{:02}x", self.canaries.len());
        self.canaries.push(Canary {
            word: word.clone(),
            place,
            is_said,
        });
        word
    }

    /// A word that a site with names says.
    fn word(&mut self, place: &'static str) -> String {
        self.canary(place, true)
    }

    /// A word that no site says.
    fn silent(&mut self, place: &'static str) -> String {
        self.canary(place, false)
    }

    /// Somebody who is named in one place; the id is the canary and the last name.
    fn person(&mut self, place: &'static str) -> String {
        let id = self.word(place);
        self.add_person(&id, "", "");
        id
    }

    fn add_person(&mut self, id: &str, front: &str, body: &str) {
        self.add_person_of("vertrieb", id, front, body);
    }

    fn add_person_of(&mut self, department: &str, id: &str, front: &str, body: &str) {
        let shown_as = match self.mode {
            Mode::ShownAsDepartment => "shown_as = \"department\"\n",
            _ => "",
        };
        let name = id.replacen('y', "Y", 1);
        self.add(
            &format!("content/people/{id}.md"),
            format!(
                "+++\ntitle = \"{FIRST_NAME} {name}\"\ndepartments = \"{department}\"\n{shown_as}{front}+++\n\n{body}\n"
            ),
        );
    }

    fn add(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), text);
    }

    fn generate(mode: Mode) -> Portal {
        let mut portal = Portal {
            mode,
            files: BTreeMap::new(),
            canaries: Vec::new(),
        };
        portal.add("strang.toml", settings(mode));
        // The first of all by name, whom the form of a new visit proposes.
        portal.person("a fact that a new entry must have");
        portal.add_people();
        portal.add_pages();
        portal.add_entries();
        portal.add_links();
        portal.add_broken_links();
        if mode != Mode::ShownAsDepartment {
            portal.add_links_to_nobody();
        }
        portal.add_tables();
        portal.add_typed();
        portal.add_links_in_plain_text();
        portal.add_twins();
        portal.add_files();
        portal
    }

    /// Pages of people, and whatever stands in them.
    fn add_people(&mut self) {
        let link = self.person("a link on the page of somebody else");
        self.add(
            "content/people/kai.md",
            format!(
                "+++\ntitle = \"Kai Offen\"\ndepartments = [\"vertrieb\", \"lager\"]\n+++\n\nMit [[{link}]].\n"
            ),
        );
        let id = self.word("the page of a person");
        self.canaries.push(Canary {
            word: "8472910".to_owned(),
            place: "a person's telephone number",
            is_said: true,
        });
        let front = format!(
            "aliases = [\"{}\"]\nformer_ids = [\"{}\"]\nemails = [\"{}@firma.example\"]\n\
            durchwahl = \"0511 8472910\"\nkennung = \"{}\"\npost = \"{}@firma.example\"\nchef = \"{}\"\n",
            self.word("an alias of a person"),
            self.word("a former id"),
            self.word("the first of a person's addresses"),
            self.word("a fact of a person"),
            self.word("an address among the facts of a person"),
            self.person("a fact of a person that names another one"),
        );
        let picture = self.word("a picture on a person's page");
        let file = self.word("a file on a person's page");
        self.add(&format!("content/people/{picture}.png"), "Bild".to_owned());
        self.add(&format!("content/people/{file}.pdf"), "%PDF".to_owned());
        let body = format!(
            "## {}\n\nIch kenne [[customers/adler]], sagt {}.\n\n![{}]({picture}.png) [Lebenslauf]({file}.pdf)",
            self.word("a heading on the page of a person"),
            self.word("the sentence around a link of a person's page"),
            self.word("the words of a picture on a person's page"),
        );
        self.add_person(&id, &front, &body);
        let left = self.word("the page of somebody who left");
        self.add_person(&left, "left = 2024-12-31\n", "");
    }

    /// Customers, departments and plain pages whose front matter names people.
    fn add_pages(&mut self) {
        let customer = format!(
            "+++\ntitle = \"Adler\"\nowner = \"{}\"\ntechnik = \"{}\"\nvertretung = [\"{}\", \"kai\"]\n\
            [[goals]]\nid = \"ziel\"\ntitle = \"Ziel\"\ndue = 2025-06-01\n+++\n\nFragt [[{}]].\n\n<!-- {} -->\n",
            self.person("the owner of a customer"),
            self.person("a fact of a customer"),
            self.person("a list of people among the facts of a customer"),
            self.person("a link on the page of a customer"),
            self.silent("a comment"),
        );
        self.add("content/customers/adler.md", customer);
        let owner = self.person("the owner of a customer without anything else");
        self.add(
            "content/customers/bergmann.md",
            format!("+++\ntitle = \"Bergmann\"\nowner = \"{owner}\"\n+++\n"),
        );
        let department = format!(
            "+++\ntitle = \"Vertrieb\"\ncontact = \"near\"\nlead = \"{}\"\nkontakt = \"{}\"\n+++\n\nFragt [[{}]].\n",
            self.person("the lead of a department"),
            self.person("a fact of a department"),
            self.person("a link on the page of a department"),
        );
        self.add("content/departments/vertrieb.md", department);
        self.add(
            "content/departments/lager.md",
            "+++\ntitle = \"Lager\"\n+++\n".to_owned(),
        );
        let home = format!(
            "Willkommen bei [[{}]].\n",
            self.person("a link on the home page")
        );
        self.add("content/index.md", home);
        let folder = format!(
            "+++\ntitle = \"Wissen\"\npflege = \"{}\"\n+++\n\nFragt [[{}]].\n",
            self.person("a fact of a folder"),
            self.person("a link in the text of a folder"),
        );
        self.add("content/wissen/index.md", folder);
    }

    /// Entries and rows that people did, wait for and are thanked in.
    fn add_entries(&mut self) {
        self.add_entry("adler", "2025-01-01-leer", "kind = \"note\"\n", "");
        self.add_entry(
            "adler",
            "2025-01-02-kai",
            "kind = \"note\"\nby = \"kai\"\n",
            "",
        );
        let front = format!(
            "kind = \"visit\"\ngoals = [\"ziel\"]\nby = [\"{}\", \"kai\"]\nmit = [\"{}\"]\ngastgeber = \"{}\"\n",
            self.person("`by` of an entry"),
            self.person("a list of people among the facts of an entry"),
            self.person("a fact of an entry"),
        );
        let body = format!("Mit [[{}]].", self.person("a link of an entry"));
        self.add_entry("adler", "2025-01-03-besuch", &front, &body);
        let front = format!(
            "kind = \"inquiry\"\nby = \"{}\"\nowner = \"{}\"\ndue = 2025-03-10\n",
            self.person("`by` of something open"),
            self.person("the owner of something open"),
        );
        self.add_entry("adler", "2025-01-04-anfrage", &front, "");
        let owner = self.person("the owner of something done");
        let front = format!("kind = \"complaint\"\nstatus = \"done\"\nowner = \"{owner}\"\n");
        self.add_entry("adler", "2025-01-05-erledigt", &front, "");
        let thanked = self.person("those who are thanked");
        let front = format!("kind = \"thanks\"\nby = \"{thanked}\"\n");
        self.add_entry("adler", "2025-01-06-dank", &front, "");
        let packer = self.person("`by` of an entry of a department");
        self.add(
            "content/departments/lager/2025-01-07-gepackt.md",
            format!(
                "+++\nkind = \"action\"\ntitle = \"Gepackt\"\ncustomers = \"adler\"\nby = \"{packer}\"\n+++\n"
            ),
        );
        let ledger = format!(
            "Kunde,Datum,Text,Wer,Kasse\nadler,2025-01-08,Eins,{},\nadler,2025-01-09,Zwei,{FIRST_NAME} {},\n\
            adler,2025-01-10,Drei,,{}\n",
            self.person("a column of a ledger that names people by id"),
            self.person("a column of a ledger that names people as they are called"),
            self.person("a fact in a column of a ledger"),
        );
        self.add("content/ledgers/bank.csv", ledger);
    }

    fn add_entry(&mut self, customer: &str, name: &str, front: &str, body: &str) {
        self.add(
            &format!("content/customers/{customer}/{name}.md"),
            format!("+++\ntitle = \"{name}\"\n{front}+++\n\n{body}\n"),
        );
    }

    /// Every way to write a link to a person, and every place where a text may hold one.
    fn add_links(&mut self) {
        let by_alias = self.word("a link by an alias");
        let (alias, former) = (
            self.word("an alias that a link names"),
            self.word("a former id that a link names"),
        );
        self.add_person(
            &by_alias,
            &format!("aliases = [\"{alias}\"]\nformer_ids = [\"{former}\"]\n"),
            "## Teil\n",
        );
        let title = format!("{FIRST_NAME} {}", self.person("a link by a name"));
        let lines = [
            format!(
                "[[{by_alias}]] [[people/{}]] [[{title}]]",
                self.person("a link by folder and id")
            ),
            format!("[[{alias}]] [[{former}]] [[{by_alias}#Teil]]"),
            self.labelled("[[", "|", "]]", "the words of a link by id"),
            format!(
                "[{}](../people/{by_alias}.md)",
                self.word("the words of a link by path")
            ),
            format!(
                "[**fett** {}](../people/{by_alias}.md#teil)",
                self.word("the words of a link to a heading")
            ),
            format!("[x](../people/{}.md)", self.person("a link by path")),
            format!(
                "[{}][kurz]\n\n[kurz]: ../people/{by_alias}.md \"{}\"",
                self.word("the words of a link by reference"),
                self.silent("the title of a link by reference")
            ),
            format!(
                "[![{}]({}.png)](../people/{by_alias}.md)",
                self.word("the words of a picture in a link"),
                self.file_named("a picture in a link")
            ),
            format!(
                "- [[{}]]\n\n> [!NOTE]\n> [[{}]]",
                self.person("a link in a list"),
                self.person("a link in an alert")
            ),
            format!(
                "| A |\n| --- |\n| [[{}]] |",
                self.person("a link in a table")
            ),
            format!(
                "Fuß[^1].\n\n[^1]: [[{}]]",
                self.person("a link in a footnote")
            ),
            format!(
                "Steht mit [[{}|{}]] bei [[lager]].",
                self.person("a link beside another one"),
                self.word("the words of a link beside another one")
            ),
            format!(
                "## Eins [[{by_alias}|{}]]\n\n## Zwei [[{}]]\n\n## Drei [{}](../people/{by_alias}.md)",
                self.word("the words of a link in a heading"),
                self.person("a link in a heading"),
                self.word("the words of a link by path in a heading")
            ),
        ];
        let pflege = self.person("a fact of a plain page");
        self.add(
            "content/wissen/seite.md",
            format!(
                "+++\ntitle = \"Seite\"\npflege = \"{pflege}\"\n+++\n\n{}\n",
                lines.join("\n\n")
            ),
        );
        let heading = format!(
            "# Gespräch mit [[{by_alias}|{}]]\n\nText.\n",
            self.word("the words of a link in a title")
        );
        self.add("content/wissen/titel.md", heading);
        self.add(
            "content/wissen/verweis.md",
            "Siehe [[wissen/titel]] und [[wissen/seite#Eins]] und [[wissen/seite#Zwei]].\n"
                .to_owned(),
        );
    }

    /// Links to people who have a page, written so that they lead nowhere.
    fn add_broken_links(&mut self) {
        let links = [
            format!("[[PEOPLE/{}]]", self.person("a folder in capitals")),
            format!("[[People/{}]]", self.person("a folder with a capital")),
            format!("[[{}.md]]", self.person("an id with an ending")),
            format!("[[/people/{}]]", self.person("an id from the root")),
            format!(
                "[[content/people/{}.md]]",
                self.person("a path of the repository")
            ),
            format!("[[people/{}/x]]", self.person("an id as a folder")),
            format!(
                "[[people/{FIRST_NAME} {}]]",
                self.person("a name in the folder of people")
            ),
            format!("[[{}]]", self.person("an id in capitals").to_uppercase()),
            format!(
                "[[{FIRST_NAME} {} (Lager)]]",
                self.person("a name with more behind it")
            ),
            format!("[[#{}]]", self.person("an id as a heading")),
            format!("![[{}]]", self.person("an id as a picture")),
            format!(
                "![x](../people/{}-neu.png)",
                self.person("a picture that is missing")
            ),
        ];
        let mut text = links.join("\n\n");
        for (before, after) in [
            ("people/", ".md"),
            ("/people/", ".md"),
            ("../People/", ".md"),
            ("../people/", ""),
            ("../people/", ".MD"),
        ] {
            let words = self.word("the words of a broken link by path");
            let id = self.person("a broken path");
            text.push_str(&format!("\n\n[{words}]({before}{id}{after})"));
        }
        self.add("content/wissen/kaputt.md", format!("{text}\n"));
    }

    /// Links to people of whom there is no page any more; who they were nobody knows.
    fn add_links_to_nobody(&mut self) {
        let gone = format!(
            "Früher [[people/{}|{}]], [{}](../people/{}.md).\n",
            self.word("the id of somebody without a page"),
            self.word("the words of a link to somebody without a page"),
            self.word("the words of a link by path to somebody without a page"),
            self.word("the path of somebody without a page"),
        );
        self.add("content/wissen/frueher.md", gone);
    }

    /// A wiki link with words to somebody who is named nowhere else.
    fn labelled(&mut self, open: &str, middle: &str, close: &str, place: &'static str) -> String {
        let id = self.word("the id in a link with words");
        self.add_person(&id, "", "");
        format!("{open}{id}{middle}{}{close}", self.word(place))
    }

    /// Table blocks that show people, ask for them and sort by them.
    fn add_tables(&mut self) {
        let asked = self.person("a condition of a table block");
        self.add_entry(
            "bergmann",
            "2025-02-01-a",
            &format!("kind = \"action\"\nby = \"{asked}\"\n"),
            "",
        );
        let blocks = [
            "of = \"people\"\nshow = [\"title\", \"id\", \"durchwahl\", \"kennung\", \"chef\"]"
                .to_owned(),
            "of = \"customers\"\nshow = [\"title\", \"owner\", \"technik\", \"vertretung\"]\n\
            sort = \"owner\""
                .to_owned(),
            "of = \"departments\"\nshow = [\"title\", \"lead\", \"kontakt\"]\nsort = \"lead\""
                .to_owned(),
            "of = \"entries\"\nshow = [\"title\", \"by\", \"owner\", \"mit\", \"gastgeber\"]\n\
            sort = \"-by\""
                .to_owned(),
            format!("of = \"entries\"\nshow = [\"title\", \"by\"]\nwhere = [\"by = {asked}\"]"),
            format!("of = \"customers\"\nshow = [\"title\"]\nwhere = [\"owner != {asked}\"]"),
            "of = \"loops\"\nshow = [\"title\", \"by\", \"owner\"]".to_owned(),
        ];
        let blocks = blocks.map(|block| format!("```table\n{block}\n```\n"));
        self.add("content/wissen/tabellen.md", blocks.join("\n"));
    }

    /// Names typed as text, which lead nowhere.
    fn add_typed(&mut self) {
        let customer = format!(
            "+++\ntitle = \"Kontakt {}\"\nhinweis = \"Immer {} fragen\"\nkennwort = \"{}\"\n\
            [[goals]]\nid = \"z\"\ntitle = \"Wie {}\"\nmeasure = \"sagt {}\"\n+++\n\n\
            ## Mit {}\n\n{} (**{}**), siehe [oben](#mit).\n",
            self.typed("the title of a customer"),
            self.typed("a fact that is text"),
            self.typed("a fact that only one customer has"),
            self.typed("the title of a goal"),
            self.typed("how a goal is measured"),
            self.typed("a heading"),
            self.typed("a sentence"),
            self.typed("words in bold"),
        );
        self.add("content/customers/getippt.md", customer);
        let goal = format!("xenia-{}", self.person("the id of a goal"));
        let choice = self.typed("what a fact can be chosen from");
        let customer = format!(
            "+++\ntitle = \"Gewählt\"\nbetreuung = \"{choice}\"\n\
            [[goals]]\nid = \"{goal}\"\ntitle = \"Ziel\"\n+++\n"
        );
        self.add("content/customers/gewaehlt.md", customer);
        self.add_entry(
            "gewaehlt",
            "2025-02-03-y",
            &format!("kind = \"action\"\ngoals = \"{goal}\"\n"),
            "",
        );
        let choices = format!(
            "[facts.customer]\nbetreuung = {{ type = \"choice\", choices = [\"{choice}\"] }}\n"
        );
        let settings = self.files["strang.toml"].replace("[facts.customer]\n", &choices);
        self.add("strang.toml", settings);
        let typed = self.typed("the title of an entry that stands in feeds and data");
        self.add(
            "content/customers/getippt/2025-02-03-y.md",
            format!("+++\nkind = \"complaint\"\ntitle = \"{typed} ruft an\"\n+++\n"),
        );
        let note = self.typed("the note of an assessment");
        let title = self.typed("the title of a department");
        self.add(
            "content/departments/einkauf.md",
            format!(
                "+++\ntitle = \"Einkauf {title}\"\n[assessment.2025]\n\
                goals = {{ answer = 3, note = \"{note}\" }}\n+++\n"
            ),
        );
        let id = self.word("a mail address in a text");
        self.add_person(&id, &format!("emails = [\"{id}@firma.example\"]\n"), "");
        let text = format!("An {id}@firma.example oder <{id}@firma.example>.\n");
        self.add("content/wissen/post.md", text);
    }

    /// Links in fields of plain text, where none works.
    fn add_links_in_plain_text(&mut self) {
        let customer = format!(
            "+++\ntitle = \"Klammer [[{}]]\"\nhinweis = \"[[people/{}|Sie]] fragen\"\n[[goals]]\nid = \"z\"\n\
            title = \"Wie [[{}]]\"\nmeasure = \"sagt [[PEOPLE/{}.md#Teil]]\"\n+++\n\n`[[{}]]` ist Code.\n",
            self.person("a link in the title of a customer"),
            self.person("a link in a fact that is text"),
            self.person("a link in the title of a goal"),
            self.person("a link in how a goal is measured"),
            self.person("a link in code"),
        );
        self.add("content/customers/klammer.md", customer);
        let title = self.person("a link in the title of an entry");
        self.add(
            "content/customers/klammer/2025-02-04-y.md",
            format!("+++\nkind = \"complaint\"\ntitle = \"[[ {title} ]] ruft an\"\n+++\n"),
        );
        let department = format!(
            "+++\ntitle = \"Werkstatt\"\npromise = \"[[{}]] hilft\"\n[assessment.2025]\n\
            goals = {{ answer = 3, evidence = \"{}\", note = \"[[{}|{}]]\" }}\n+++\n",
            self.person("a link in a promise"),
            self.person("the evidence of an assessment"),
            self.person("a link in the note of an assessment"),
            self.word("the words of a link in the note of an assessment"),
        );
        self.add("content/departments/werkstatt.md", department);
        let title = self.person("a link in the title of a table block");
        let table = format!("```table\nof = \"goals\"\ntitle = \"Ziele [[{title}]]\"\n```\n");
        self.add("content/wissen/titel-einer-tabelle.md", table);
    }

    /// Two people who are alone in a department, in every list that may hold several.
    fn add_twins(&mut self) {
        let both = ["one of two", "the other of two"].map(|place| {
            let id = self.word(place);
            self.add_person_of("zwillinge", &id, "", "");
            id
        });
        let both = format!("{both:?}");
        self.add(
            "content/departments/zwillinge.md",
            format!(
                "+++\ntitle = \"Zwillinge\"\n[assessment.2025]\ngoals = {{ answer = 3, evidence = {both} }}\n+++\n"
            ),
        );
        self.add(
            "content/customers/zwilling.md",
            format!("+++\ntitle = \"Zwilling\"\nvertretung = {both}\n+++\n"),
        );
        for kind in ["action", "thanks"] {
            let front = format!("kind = \"{kind}\"\nby = {both}\nmit = {both}\n");
            self.add_entry("zwilling", &format!("2025-02-05-{kind}"), &front, "");
        }
    }

    /// Somebody whose name is typed in one place.
    fn typed(&mut self, place: &'static str) -> String {
        let id = self.person(place);
        format!("{FIRST_NAME} {}", id.replacen('y', "Y", 1))
    }

    /// Files that lie beside the pages of people and are shown elsewhere.
    fn add_files(&mut self) {
        let photo = self.person("a picture named after a person");
        let file = self.person("a file named after a person");
        self.add(&format!("content/people/{photo}.png"), "Bild".to_owned());
        self.add(
            &format!("content/people/{file}-lebenslauf.pdf"),
            "%PDF".to_owned(),
        );
        let text = format!(
            "![Foto](../people/{photo}.png) und [Datei](../people/{file}-lebenslauf.pdf)\n"
        );
        self.add("content/wissen/dateien.md", text);
    }

    /// The name of a file, without its ending, that stands beside plain pages.
    fn file_named(&mut self, place: &'static str) -> String {
        let name = self.word(place);
        self.add(&format!("content/wissen/{name}.png"), "Bild".to_owned());
        name
    }

    fn write(&self, folder: &Path) {
        for (path, text) in &self.files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
}

fn settings(mode: Mode) -> String {
    let people = match mode {
        Mode::Named | Mode::ShownAsDepartment => "named",
        Mode::Departments => "departments",
        Mode::Off => "off",
    };
    format!(
        "title = \"Portal\"\nlanguage = \"de\"\n\
        repository = {{ url = \"https://git.example/p\", kind = \"github\" }}\n\
        [contributions]\npeople = \"{people}\"\n\
        [facts.customer]\ntechnik = {{ type = \"person\" }}\nvertretung = {{ type = \"list of person\" }}\n\
        hinweis = {{ type = \"text\" }}\nkennwort = {{ type = \"text\", unique = true }}\n\
        [facts.department]\nkontakt = {{ type = \"person\" }}\n\
        [facts.page]\npflege = {{ type = \"person\" }}\n\
        [facts.person]\ndurchwahl = {{ type = \"phone\" }}\nkennung = {{ type = \"text\" }}\n\
        post = {{ type = \"email\" }}\nchef = {{ type = \"person\" }}\n\
        [facts.entry]\nmit = {{ type = \"list of person\" }}\n\
        [facts.visit]\ngastgeber = {{ type = \"person\", required = true }}\n\
        [facts.payment]\nkasse = {{ type = \"person\" }}\n\
        [ledgers.bank]\nfiles = \"ledgers/*.csv\"\nkind = \"payment\"\ncustomer = {{ column = \"Kunde\" }}\n\
        columns = {{ date = \"Datum\", title = \"Text\", by = \"Wer\", kasse = \"Kasse\" }}\n"
    )
}

/// The canaries of a portal and its site, which is fit to be published.
fn build(mode: Mode) -> (Vec<Canary>, Site) {
    let portal = Portal::generate(mode);
    let folder = tempfile::tempdir().unwrap();
    portal.write(folder.path());
    let built: Built = pipeline::build(folder.path(), DAY).unwrap();
    let said = case::everything_said(&built);
    assert!(
        pipeline::is_fit_to_publish(&said),
        "{}",
        render(&said, &built.tree, Format::Text(Colour::Plain))
    );
    let mut site = site_check::render(&built);
    // In files strings are told by what they share with others, so all of them are looked at in full, too.
    let index = Index::read(&built);
    site.insert("search".to_owned(), index.print().into_bytes());
    site.extend(index.bodies);
    (portal.canaries, site)
}

/// Where a word stands, in an address or in a file, whatever its case.
fn hits(site: &Site, word: &str) -> Vec<String> {
    let mut hits = Vec::new();
    for (address, bytes) in site {
        let text = format!("{address}\n{}", String::from_utf8_lossy(bytes)).to_lowercase();
        if let Some(at) = text.find(&word.to_lowercase()) {
            let (before, after) = (text[..at].chars().rev(), text[at..].chars());
            let before: Vec<char> = before.take(40).collect();
            let around: String = before.into_iter().rev().chain(after.take(40)).collect();
            hits.push(format!("{address}: …{around}…"));
        }
    }
    hits
}

#[test]
fn nobody_who_is_not_to_be_named_is_in_any_byte_of_a_site() {
    for (mode, name) in [
        (Mode::Departments, "people = \"departments\""),
        (Mode::Off, "people = \"off\""),
        (Mode::ShownAsDepartment, "shown_as = \"department\""),
    ] {
        let (canaries, site) = build(mode);
        let mut leaks: Vec<String> = Vec::new();
        for Canary { word, place, .. } in &canaries {
            let hits = hits(&site, word);
            leaks.extend(hits.first().map(|hit| format!("{place}: {hit}")));
        }
        for (word, place) in [
            (FIRST_NAME, "a first name"),
            ("X. Y", "initials"),
            ("x-y", "initials"),
        ] {
            let hits = hits(&site, word);
            leaks.extend(hits.first().map(|hit| format!("{place}: {hit}")));
        }
        assert!(leaks.is_empty(), "{name} leaks\n  {}", leaks.join("\n  "));
    }
}

/// The elements that hold a list of people.
const LISTS: [&str; 5] = ["li", "dd", "td", "th", "p"];

/// Where the department of the two who are alone in it stands twice in one list.
fn told_twice(site: &Site) -> Vec<String> {
    const DEPARTMENT: &str = "departments/zwillinge.html";
    let links = Selector::parse("a[href]").unwrap();
    let mut twice = Vec::new();
    for (address, page) in site_check::pages(site) {
        let mut lists: Vec<ElementRef<'_>> = Vec::new();
        for link in page.select(&links) {
            let target = site_check::resolve(address, link.attr("href").unwrap());
            let mut around = link.ancestors().filter_map(ElementRef::wrap);
            let list = around.find(|element| LISTS.contains(&element.value().name()));
            let Some(list) = list.filter(|_| target.as_deref() == Some(DEPARTMENT)) else {
                continue;
            };
            if lists.contains(&list) {
                twice.push(format!("{address}: {}", list.html()));
            }
            lists.push(list);
        }
    }
    let names_it = |value: &&Value| matches!(value.as_str(), Some(DEPARTMENT | "zwillinge"));
    let files = site.iter();
    for (address, bytes) in files.filter(|(address, _)| address.ends_with(".json")) {
        each_list(&serde_json::from_slice(bytes).unwrap(), &mut |list| {
            if list.iter().filter(names_it).count() > 1 {
                twice.push(format!("{address}: {list:?}"));
            }
        });
    }
    twice
}

fn each_list(value: &Value, see: &mut dyn FnMut(&[Value])) {
    match value {
        Value::Array(values) => {
            see(values);
            values.iter().for_each(|value| each_list(value, see));
        }
        Value::Object(fields) => fields.values().for_each(|value| each_list(value, see)),
        _ => {}
    }
}

#[test]
fn two_people_of_one_department_are_not_told_to_be_two() {
    for mode in [Mode::Departments, Mode::Off, Mode::ShownAsDepartment] {
        let (_, site) = build(mode);
        assert_eq!(told_twice(&site), [""; 0]);
        // The two are in lists of all sorts.
        for address in [
            "customers/zwilling.html",
            "assessments/zwillinge-2025.html",
            "wissen/tabellen.html",
            "timeline/2025-02.html",
            "data/customers.json",
            "data/entries/2025-02.json",
        ] {
            let page = String::from_utf8_lossy(&site[address]);
            assert!(page.contains("zwillinge"), "{address} names nobody");
        }
    }
}

#[test]
fn a_site_with_names_shows_every_place_where_a_name_can_stand() {
    let (canaries, site) = build(Mode::Named);
    let silent: Vec<&str> = canaries
        .iter()
        .filter(|canary| canary.is_said == hits(&site, &canary.word).is_empty())
        .map(|canary| canary.place)
        .collect();
    assert_eq!(
        silent, [""; 0],
        "these places prove nothing, or say what they should not"
    );
}
