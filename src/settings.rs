//! `strang.toml`, validated and complete: what a portal is called, speaks and knows.
//!
//! The bytes of one file go in, [`Settings`] without an open question come out: no later stage asks whether a setting
//! was given. Owns the schema of facts and the kinds of entries, built in and the portal's own. It must never look at
//! content.

mod assessment;
mod forge;
mod kinds;
mod ledgers;
mod schema;
mod search;

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostics, Place, Span, Spanned};
use crate::path::{SourcePath, fold, is_id};
use crate::table::{Item, Table, Toml};
use crate::text::Text;
use crate::value::{Currency, Language};

pub use assessment::Aspect;
pub use forge::Forge;
pub use kinds::{Colours, Kind, KindId, built_in_kinds};
pub use ledgers::{
    Column, CustomerColumn, CustomerKey, Encoding, FactColumn, Ledger, LedgerId, Meaning,
};
pub use schema::{FactDefinition, FactId, FactScope, FactType, Schema, built_in_keys};
pub use search::{Search, Weights};

/// The name of the settings file, which also marks the root of a portal.
pub const SETTINGS_FILE: &str = "strang.toml";

/// A text in each language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    de: String,
    en: String,
}

impl Label {
    /// A label that is the same in every language.
    pub fn same(text: &str) -> Self {
        Label {
            de: text.to_owned(),
            en: text.to_owned(),
        }
    }

    fn new(de: &str, en: &str) -> Self {
        Label {
            de: de.to_owned(),
            en: en.to_owned(),
        }
    }

    /// The label in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::De => &self.de,
            Language::En => &self.en,
        }
    }

    /// Reads the key `label`.
    fn read(table: &mut Table<'_>, otherwise: &Label, diagnostics: &mut Diagnostics) -> Label {
        let item = table.take("label");
        item.and_then(|item| Label::of(&item, diagnostics))
            .unwrap_or_else(|| otherwise.clone())
    }

    /// Reads `"Segment"` or `{ de = "Segment", en = "Segment" }`; one language stands in for the other.
    fn of(item: &Item<'_>, diagnostics: &mut Diagnostics) -> Option<Label> {
        if !item.is_table() {
            return Some(Label::same(&item.text(diagnostics)?.value));
        }
        let mut words = item.table(diagnostics)?;
        let de = words.text("de", diagnostics).map(|text| text.value);
        let en = words.text("en", diagnostics).map(|text| text.value);
        words.finish(diagnostics);
        match (de, en) {
            (Some(de), Some(en)) => Some(Label { de, en }),
            (Some(one), None) | (None, Some(one)) => Some(Label::same(&one)),
            (None, None) => None,
        }
    }
}

/// How people are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleMode {
    /// By name.
    Named,
    /// As their departments; nobody's name is in the site.
    Departments,
    /// As their departments, and nothing says who contributed what.
    Off,
}

/// Everything that `strang.toml` decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The portal's name.
    pub title: String,
    /// The language of the interface.
    pub language: Language,
    /// The currency of sums that name none.
    pub currency: Currency,
    /// Where the site will stand, with one slash at the end; feeds then name whole addresses.
    pub url: Option<String>,
    /// The folder below `themes/` whose files override the built-in theme, and where that is said.
    pub theme: Spanned<String>,
    /// Where sources are edited in a browser.
    pub forge: Option<Forge>,
    /// The facts that pages and entries may carry.
    pub schema: Schema,
    /// The kinds of entries; [`KindId`] is the index.
    pub kinds: Vec<Kind>,
    /// The exports that are read as entries; [`LedgerId`] is the index.
    pub ledgers: Vec<Ledger>,
    /// How people are shown.
    pub people: PeopleMode,
    /// Whether git is asked who recorded what and who keeps which page.
    pub history: bool,
    /// After how many days without a contribution a goal needs a hand.
    pub slack_days: u16,
    /// The questions of self-assessments that the portal words itself.
    pub questions: BTreeMap<Aspect, Label>,
    /// What readers find, and how.
    pub search: Search,
}

/// What a portal gets that says nothing.
impl Default for Settings {
    fn default() -> Self {
        let currency = Currency::parse("EUR").expect("BUG: EUR is a currency code");
        Settings {
            title: String::new(),
            language: Language::De,
            currency,
            url: None,
            theme: Spanned::new("default".to_owned(), Span::default()),
            forge: None,
            schema: Schema::default(),
            kinds: built_in_kinds(currency),
            ledgers: Vec::new(),
            people: PeopleMode::Named,
            history: true,
            slack_days: 90,
            questions: BTreeMap::new(),
            search: Search::default(),
        }
    }
}

impl Settings {
    /// Reads the settings; what is wrong is reported and replaced by the default, so that the content is still checked.
    pub fn parse(source: &SourcePath, text: Text<'_>, diagnostics: &mut Diagnostics) -> Settings {
        let defaults = Settings::default();
        let toml = Toml::parse(source, text.text, text.offset, diagnostics);
        let mut root = toml.root();
        let title = root.require("title", |said| {
            said.missing_key(Place::start_of(source), "title", "title = \"Kundenportal\"");
        });
        let title = title
            .and_then(|item| item.text(diagnostics))
            .map_or_else(String::new, |text| text.value);
        let language = root
            .choice(
                "language",
                &Language::ALL.map(|language| (language.code(), language)),
                diagnostics,
            )
            .map_or(defaults.language, |language| language.value);
        let currency = root
            .text("currency", diagnostics)
            .and_then(|code| read_currency(source, &code, diagnostics));
        let currency = currency.unwrap_or(defaults.currency);
        let url = root
            .text("url", diagnostics)
            .and_then(|url| read_url(source, &url, diagnostics));
        let theme = root
            .text("theme", diagnostics)
            .and_then(|name| read_theme(source, &name, diagnostics));
        let forge = root
            .table("repository", diagnostics)
            .and_then(|table| Forge::read(table, diagnostics));
        let kinds = kinds::read(root.table("kinds", diagnostics), currency, diagnostics);
        let schema = Schema::read(root.table("facts", diagnostics), &kinds, diagnostics);
        let ledgers = root.table("ledgers", diagnostics);
        let ledgers = ledgers::read(ledgers, &schema, &kinds, diagnostics);
        let (people, history) = root
            .table("contributions", diagnostics)
            .map(|table| read_contributions(table, diagnostics))
            .unwrap_or_default();
        let people = people.unwrap_or(defaults.people);
        let slack_days = root
            .table("goals", diagnostics)
            .and_then(|table| read_slack_days(table, diagnostics));
        let questions = root
            .table("assessment", diagnostics)
            .map(|table| assessment::read(table, diagnostics));
        let search = root
            .table("search", diagnostics)
            .map(|table| search::read(table, diagnostics));
        root.finish(diagnostics);
        Settings {
            title,
            language,
            currency,
            url,
            theme: theme.unwrap_or(defaults.theme),
            forge,
            schema,
            kinds,
            ledgers,
            people,
            history: history.unwrap_or(defaults.history) && people != PeopleMode::Off,
            slack_days: slack_days.unwrap_or(defaults.slack_days),
            questions: questions.unwrap_or_default(),
            search: search.unwrap_or_default(),
        }
    }

    /// The kind with this index.
    pub fn kind(&self, id: KindId) -> &Kind {
        &self.kinds[id.index()]
    }

    /// The kind with this name, or which readers know by it in any language.
    pub fn kind_called(&self, written: &str) -> Option<KindId> {
        let folded = fold(written);
        KindId::all(&self.kinds).find(|id| {
            let kind = self.kind(*id);
            let mut labels = Language::ALL
                .iter()
                .map(|language| kind.label.get(*language));
            fold(&kind.name) == folded || labels.any(|label| fold(label) == folded)
        })
    }

    /// The names of all kinds, and what readers of this portal call them.
    pub fn names_of_kinds(&self) -> impl Iterator<Item = &str> {
        let names = self.kinds.iter().map(|kind| kind.name.as_str());
        let labels = self.kinds.iter().map(|kind| kind.label.get(self.language));
        labels.chain(names)
    }

    /// The ledger that a file is a part of: the first one that names it.
    pub fn ledger_of(&self, file: &SourcePath) -> Option<LedgerId> {
        LedgerId::all(&self.ledgers).find(|id| self.ledger(*id).covers(file))
    }

    /// The ledger with this index.
    pub fn ledger(&self, id: LedgerId) -> &Ledger {
        &self.ledgers[id.index()]
    }

    /// A question of self-assessments in the portal's own words, if it has some for it.
    pub fn question(&self, aspect: Aspect) -> Option<&str> {
        let label = self.questions.get(&aspect)?;
        Some(label.get(self.language))
    }

    /// The kind with this name.
    pub fn kind_named(&self, name: &str) -> Option<KindId> {
        KindId::all(&self.kinds).find(|id| self.kind(*id).name == name)
    }
}

fn read_currency(
    source: &SourcePath,
    code: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<Currency> {
    let currency = Currency::parse(&code.value);
    if currency.is_none() {
        let place = Place::new(source, code.span);
        diagnostics.bad_setting(
            place,
            "a currency is a code of three capital letters",
            "such as EUR, CHF or GBP",
        );
    }
    currency
}

fn read_url(
    source: &SourcePath,
    url: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    if is_site_address(&url.value) {
        return Some(format!("{}/", url.value.trim_end_matches('/')));
    }
    let place = Place::new(source, url.span);
    diagnostics.bad_setting(
        place,
        "the address of the site starts with `https://` or `http://` and has no blank, `?` or `#`",
        "such as https://intranet.example/portal/",
    );
    None
}

fn is_site_address(url: &str) -> bool {
    let mut schemes = ["https://", "http://"].iter();
    let host = schemes.find_map(|scheme| url.strip_prefix(scheme));
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/[]@!$&'()*+,;=%".contains(&b);
    host.is_some_and(|host| host.starts_with(|c| c != '/') && host.bytes().all(is_sign))
}

fn read_theme(
    source: &SourcePath,
    name: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<String>> {
    if is_id(&name.value) {
        return Some(name.clone());
    }
    let place = Place::new(source, name.span);
    diagnostics.bad_setting(
        place,
        "a theme is the name of a folder below `themes/`",
        "use letters a-z, digits and `-`",
    );
    None
}

fn read_contributions(
    mut table: Table<'_>,
    diagnostics: &mut Diagnostics,
) -> (Option<PeopleMode>, Option<bool>) {
    let modes = [
        ("named", PeopleMode::Named),
        ("departments", PeopleMode::Departments),
        ("off", PeopleMode::Off),
    ];
    let people = table.choice("people", &modes, diagnostics);
    let history = table.bool("history", diagnostics);
    table.finish(diagnostics);
    (people.map(|people| people.value), history)
}

fn read_slack_days(mut table: Table<'_>, diagnostics: &mut Diagnostics) -> Option<u16> {
    let days = table
        .take("slack_days")
        .and_then(|item| item.whole_number(1..3651, diagnostics));
    table.finish(diagnostics);
    u16::try_from(days?).ok()
}

#[cfg(test)]
mod tests {
    use super::is_site_address;

    #[test]
    fn sites_stand_on_the_web() {
        for good in [
            "https://a.example",
            "http://[::1]:8080/x/",
            "https://a/%C3%BC",
        ] {
            assert!(is_site_address(good), "{good}");
        }
        for bad in [
            "a.example",
            "ftp://a",
            "https://",
            "https:///a",
            "https://a?b",
            "https://a b",
            "https://ä",
        ] {
            assert!(!is_site_address(bad), "{bad}");
        }
    }
}
