//! The theme: templates, style sheet, other assets and words.
//!
//! The built-in theme is embedded from `themes/default`; the portal's own files override it one by one, words and
//! layers of style even finer. Files go in, a [`Theme`] comes out that turns a view into the bytes of a page. It must
//! never decide what a page says.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, ErrorKind, Kwargs, State, Tera, TeraResult};

use crate::diagnostic::{Diagnostics, Place, Span};
use crate::path::{SitePath, SourcePath};
use crate::settings::{Kind, SETTINGS_FILE, Settings};
use crate::source::Source;
use crate::text::decode;
use crate::view::Loaded;
use crate::words::Words;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes/default");

/// Where assets are in the site.
const ASSETS: &str = "assets";
/// Where the parts of the search's script are in a theme.
const SEARCH_PARTS: &str = "assets/search/";
/// Most pages are smaller, in bytes, and need not be moved while they grow.
const USUAL_PAGE: usize = 64 * 1024;
/// How many signs of its hash the name of an asset holds.
pub const STAMP_LENGTH: usize = 10;

/// Everything that turns views into pages.
pub struct Theme {
    tera: Tera,
    sources: BTreeMap<String, SourcePath>,
    assets: Assets,
    loaded: Loaded,
    words: Arc<Words>,
}

/// Files for browsers, by their addresses.
type Assets = BTreeMap<SitePath, Cow<'static, [u8]>>;

/// A template that could not be rendered.
#[derive(Debug)]
pub struct RenderError {
    /// The place in the template.
    pub place: Place,
    /// What is wrong there.
    pub message: String,
}

/// One file of the theme, built in or the portal's.
struct ThemeFile {
    source: SourcePath,
    bytes: Cow<'static, [u8]>,
    built_in: bool,
}

/// The files of a theme by their paths in it: `templates/base.html`.
type ThemeFiles = BTreeMap<String, ThemeFile>;

impl Theme {
    /// Loads the theme that the settings name; if it cannot be read, the built-in one stands in for it.
    pub fn load(own: &[Arc<Source>], settings: &Settings, diagnostics: &mut Diagnostics) -> Theme {
        let folder = format!("themes/{}/", settings.theme.value);
        let own: Vec<&Source> = own
            .iter()
            .map(|source| &**source)
            .filter(|source| source.path.as_str().starts_with(&folder))
            .collect();
        if own.is_empty() && settings.theme.value != "default" {
            let place = Place::new(&SourcePath::new(SETTINGS_FILE), settings.theme.span);
            let message = format!(
                "the theme `{}` has no folder `{folder}`",
                settings.theme.value
            );
            diagnostics.bad_setting(place, &message, "create the folder, or delete the line");
        }
        let words = Arc::new(load_words(&own, &folder, settings, diagnostics));
        let files = overlay(&own, &folder);
        let tera = load_templates(&files, &words, diagnostics).unwrap_or_else(|| {
            let built_in = built_in_files();
            load_templates(&built_in, &words, &mut Diagnostics::new())
                .expect("BUG: the built-in templates are tested")
        });
        let sources = template_sources(&files);
        let style = style(&files, settings).into_bytes();
        let search = search_script(&files, &words).into_bytes();
        let mut assets = assets(files);
        let whole_style = assets.entry(asset("strang.css"));
        whole_style.or_insert(Cow::Owned(style));
        let whole_search = assets.entry(asset("search.js"));
        whole_search.or_insert(Cow::Owned(search));
        let loaded = Loaded {
            style: stamped("strang.css", &mut assets),
            early: stamped("early.js", &mut assets),
            script: stamped("strang.js", &mut assets),
            search: stamped("search.js", &mut assets),
        };
        Theme {
            tera,
            sources,
            assets,
            loaded,
            words,
        }
    }

    /// The words of the interface.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Files for browsers, by their addresses.
    pub fn assets(&self) -> &Assets {
        &self.assets
    }

    /// Where those are that every page loads.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Renders a view with a template.
    pub fn render(&self, template: &str, view: impl Serialize) -> Result<String, RenderError> {
        let page = self.render_bytes(template, view)?;
        Ok(String::from_utf8(page).expect("BUG: templates and views are texts"))
    }

    /// As [`Theme::render`], for who needs no text: pages of a large portal are hundreds of megabytes.
    pub fn render_bytes(
        &self,
        template: &str,
        view: impl Serialize,
    ) -> Result<Vec<u8>, RenderError> {
        let explain = |error| self.explain(template, &error);
        let context = Context::from_serialize(&view).map_err(explain)?;
        // The largest pages hold thousands of lines, which need not be there twice while they are rendered.
        drop(view);
        let mut page = Vec::with_capacity(USUAL_PAGE);
        self.tera
            .render_to(template, &context, &mut page)
            .map_err(explain)?;
        Ok(page)
    }

    fn explain(&self, template: &str, error: &tera::Error) -> RenderError {
        explain(template, error, &self.sources)
    }
}

/// The file of each template by its name.
fn template_sources(files: &ThemeFiles) -> BTreeMap<String, SourcePath> {
    let templates = files
        .iter()
        .filter_map(|(path, file)| Some((path.strip_prefix("templates/")?, &file.source)));
    templates
        .map(|(name, source)| (name.to_owned(), source.clone()))
        .collect()
}

fn built_in_files() -> ThemeFiles {
    fn walk(dir: &Dir<'static>, files: &mut ThemeFiles) {
        for file in dir.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            let source = SourcePath::new(format!("themes/default/{path}"));
            files.insert(
                path,
                ThemeFile {
                    source,
                    bytes: Cow::Borrowed(file.contents()),
                    built_in: true,
                },
            );
        }
        dir.dirs().for_each(|dir| walk(dir, files));
    }
    let mut files = ThemeFiles::new();
    walk(&BUILT_IN, &mut files);
    files
}

/// The built-in files with the portal's own laid over them.
fn overlay(own: &[&Source], folder: &str) -> ThemeFiles {
    let mut files = built_in_files();
    for source in own {
        let path = source.path.as_str()[folder.len()..].to_owned();
        let known = files.contains_key(&path);
        let bytes = Cow::Owned(source.bytes.to_vec());
        files.insert(
            path,
            ThemeFile {
                source: source.path.clone(),
                bytes,
                built_in: known,
            },
        );
    }
    files
}

/// Words are overridden key by key, so that a portal changes one without copying all.
fn load_words(
    own: &[&Source],
    folder: &str,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Words {
    let path = format!("i18n/{}.toml", settings.language.code());
    let mut words = Words::new(settings.language);
    let built_in = built_in_files();
    let file = built_in
        .get(&path)
        .expect("BUG: every language has built-in words");
    let own = own
        .iter()
        .find(|source| source.path.as_str()[folder.len()..] == path);
    let own = own.map(|source| (&source.path, &*source.bytes));
    for (source, bytes) in std::iter::once((&file.source, &*file.bytes)).chain(own) {
        if let Some(decoded) = decode(source, bytes, diagnostics) {
            let text = decoded.text();
            words.add(source, text.text, text.offset, diagnostics);
        }
    }
    words
}

fn load_templates(
    files: &ThemeFiles,
    words: &Arc<Words>,
    diagnostics: &mut Diagnostics,
) -> Option<Tera> {
    let mut tera = Tera::new();
    let fixed: HashMap<&str, &str> = words.fixed().collect();
    let mut templates = Vec::new();
    for (path, file) in files {
        let Some(name) = path.strip_prefix("templates/") else {
            continue;
        };
        let decoded = decode(&file.source, &file.bytes, diagnostics)?;
        templates.push((name.to_owned(), with_words(decoded.text().text, &fixed)));
    }
    let words = Arc::clone(words);
    tera.register_function("t", move |kwargs: Kwargs, _: &State<'_>| {
        translate(&words, &kwargs)
    });
    match tera.add_raw_templates(templates) {
        Ok(()) => Some(tera),
        Err(error) => {
            let error = explain("base.html", &error, &template_sources(files));
            diagnostics.template_error(error.place, &error.message);
            None
        }
    }
}

/// Puts words that stay as they are where a template asks for them, so that pages need not: they ask for hundreds. What
/// stands behind them keeps its place, which messages name.
fn with_words(template: &str, fixed: &HashMap<&str, &str>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, asked)) = rest.split_once(ASK) {
        filled.push_str(before);
        let literal = literal(asked, fixed).filter(|_| is_in_braces(&filled));
        rest = match literal {
            Some(literal) => {
                filled.push_str(&literal);
                &asked[literal.len() - ASK.len()..]
            }
            None => {
                filled.push_str(ASK);
                asked
            }
        };
    }
    filled + rest
}

/// How templates ask for a word; its key stands behind it, in quotation marks.
const ASK: &str = "t(key=";

/// The word that is asked for, in as many bytes as asking takes; `None` if it has no room there, or there is more to do
/// than to look it up.
fn literal(asked: &str, fixed: &HashMap<&str, &str>) -> Option<String> {
    let quote = asked
        .chars()
        .next()
        .filter(|sign| matches!(sign, '"' | '\''))?;
    let (key, behind) = asked[1..].split_once(quote)?;
    let word = fixed.get(key).filter(|_| behind.starts_with(')'))?;
    let is_literal = !word.contains([quote, '\\', '\n']);
    let room = (ASK.len() + key.len() + 1).checked_sub(word.len())?;
    is_literal.then(|| format!("{quote}{word}{quote}{:room$}", ""))
}

/// Whether a call that follows is one to tera, and no part of a longer name. Roughly: a lone brace of a text counts.
fn is_in_braces(before: &str) -> bool {
    let brace = before.rfind(['{', '}']);
    let is_open = brace.is_some_and(|brace| before[brace..].starts_with('{'));
    is_open && !before.ends_with(|sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '.'))
}

/// The function `t` of templates: `t(key="entries", n=3)`.
fn translate(words: &Words, kwargs: &Kwargs) -> TeraResult<String> {
    let key: &str = kwargs.must_get("key")?;
    let count: Option<u64> = kwargs.get("n")?;
    let values: Vec<(&str, &str)> = kwargs
        .iter()
        .filter_map(|(name, value)| Some((name.as_str()?, value.as_str()?)))
        .collect();
    let count = count.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    words
        .fill(key, count, &values)
        .ok_or_else(|| tera::Error::message(format!("there is no word with the key `{key}`")))
}

fn explain(
    template: &str,
    error: &tera::Error,
    sources: &BTreeMap<String, SourcePath>,
) -> RenderError {
    let (name, span, message) = match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => (
            report.filename(),
            Span::at(0, report.span().range.clone()),
            report.message().to_owned(),
        ),
        ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => (
            tpl.as_str(),
            Span::default(),
            "this template leads back to itself".to_owned(),
        ),
        ErrorKind::MissingParent { current, parent } => (
            current.as_str(),
            Span::default(),
            format!("this extends `{parent}`, which does not exist"),
        ),
        _ => (template, Span::default(), error.to_string()),
    };
    let source = sources
        .get(name)
        .cloned()
        .unwrap_or_else(|| SourcePath::new(format!("themes/{name}")));
    RenderError {
        place: Place::new(&source, span),
        message,
    }
}

/// The layers of the theme in the order of their names, the marks and colours of kinds, and the portal's own style.
fn style(files: &ThemeFiles, settings: &Settings) -> String {
    let layers = |built_in: bool| {
        files
            .iter()
            .filter(move |(path, file)| is_style(path) && file.built_in == built_in)
            .map(|(_, file)| file)
    };
    let mut style = String::new();
    for file in layers(true) {
        style.push_str(&String::from_utf8_lossy(&file.bytes));
    }
    style.push_str("@layer kinds{\n");
    for kind in &settings.kinds {
        style.push_str(&kind_rule(kind));
    }
    style.push_str("}\n");
    for file in layers(false) {
        style.push_str(&format!(
            "@layer portal{{\n{}}}\n",
            String::from_utf8_lossy(&file.bytes)
        ));
    }
    style
}

fn is_style(path: &str) -> bool {
    path.starts_with("assets/css/") && path.ends_with(".css")
}

/// What is done for the customer is a filled mark, all else an outlined one.
fn kind_rule(kind: &Kind) -> String {
    let mark = kind.mark.replace('\\', "\\\\").replace('"', "\\\"");
    let [fill, glyph, printed] = if kind.for_customer {
        ["var(--kind)", "var(--paper)", "double"]
    } else {
        ["transparent", "var(--kind)", "solid"]
    };
    format!(
        ".kind-{}{{--mark:\"{mark}\";--kind:light-dark({},{});--fill:{fill};--glyph:{glyph};--printed:{printed}}}\n",
        kind.name, kind.colours.light, kind.colours.dark
    )
}

/// The script of the search: the words that it says and its parts, in the order of their names and in one scope.
/// Comments on lines of their own and indentation are for those who read the parts.
fn search_script(files: &ThemeFiles, words: &Words) -> String {
    let parts = files.iter().filter(|(path, _)| is_search_part(path));
    let mut lines = String::new();
    for (_, part) in parts {
        let text = String::from_utf8_lossy(&part.bytes);
        let code = text.lines().map(str::trim);
        for line in code.filter(|line| !line.is_empty() && !line.starts_with("//")) {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    let words = words_said(&lines, words);
    format!("(() => {{\n'use strict';\nconst words = {words};\n{lines}start();\n}})();\n")
}

fn is_search_part(path: &str) -> bool {
    path.starts_with(SEARCH_PARTS) && path.ends_with(".js")
}

/// The words of each `say('key'` in a script, as JSON: `[one, other]`.
fn words_said(script: &str, words: &Words) -> serde_json::Value {
    let said = script.split("say('").skip(1);
    let keys = said.filter_map(|rest| Some(rest.split_once('\'')?.0));
    keys.map(|key| (key.to_owned(), serde_json::json!(words.forms(key))))
        .collect()
}

fn assets(files: ThemeFiles) -> Assets {
    files
        .into_iter()
        .filter(|(path, _)| path.starts_with("assets/") && !is_style(path) && !is_search_part(path))
        .map(|(path, file)| (asset(&path[ASSETS.len() + 1..]), file.bytes))
        .collect()
}

fn asset(name: &str) -> SitePath {
    SitePath::new(format!("{ASSETS}/{name}"))
}

/// Moves an asset to an address that names its content: `assets/strang.5f1c09ab2e.css`.
fn stamped(name: &str, assets: &mut Assets) -> SitePath {
    let bytes = assets
        .remove(&asset(name))
        .expect("BUG: the built-in theme has it");
    let (stem, ending) = name.split_once('.').expect("BUG: every name has an ending");
    let address = asset(&format!("{stem}.{}.{ending}", stamp(&bytes)));
    assets.insert(address.clone(), bytes);
    address
}

/// Whether the address of an asset, or of its compressed twin, names its content.
pub fn is_stamped(address: &str) -> bool {
    let name = address.strip_prefix(ASSETS).unwrap_or_default();
    name.split('.')
        .skip(1)
        .any(|part| part.len() == STAMP_LENGTH && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A name for some bytes that other bytes hardly ever get.
fn stamp(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..STAMP_LENGTH].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stay_are_put_into_templates_where_they_have_room() {
        let fixed = HashMap::from([
            ("customers", "Kunden"),
            ("x", "viel zu lang"),
            ("said", "\"so\""),
            ("open", "Für {x"),
            ("menu", "Menü"),
        ]);
        for (template, filled) in [
            ("{{ t(key=\"customers\") }}!", "{{ \"Kunden\"           }}!"),
            (
                "{% if t(key=\"customers\") == a %}",
                "{% if \"Kunden\"           == a %}",
            ),
            (
                "<b>t(key=\"customers\")</b>{{ t(key=\"x\") }}",
                "<b>t(key=\"customers\")</b>{{ t(key=\"x\") }}",
            ),
            ("{{ t(key=\"said\") }}", "{{ t(key=\"said\") }}"),
            ("{{ t(key='said') }}", "{{ '\"so\"'        }}"),
            (
                "{{ t(key=\"open\") ~ t(key='menu') }}",
                "{{ \"Für {x\"     ~ 'Menü'       }}",
            ),
            (
                "{{ t(key=\"customers\", n=3) }}",
                "{{ t(key=\"customers\", n=3) }}",
            ),
            (
                "{{ list(key=\"customers\") }}",
                "{{ list(key=\"customers\") }}",
            ),
            ("{{ t(key=\"nothing", "{{ t(key=\"nothing"),
        ] {
            let found = with_words(template, &fixed);
            assert_eq!(found, filled);
            assert_eq!(found.len(), template.len());
        }
    }
}
