//! Where things are: paths of sources, addresses of pages, anchors and ids.
//!
//! Owns every conversion between the four and the folding rules by which names are compared. Text comes in, checked
//! newtypes come out. It must never touch the disk.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The folder below the portal that holds all sources.
pub const CONTENT: &str = "content";

/// A file of the portal, relative to its root, parts joined by `/`: `content/customers/bergmann.md`. Whatever is read
/// from a file names it, so all of that shares one text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourcePath(Arc<str>);

impl SourcePath {
    /// A path that the reader of the disk has already brought into the `/`-separated form.
    pub fn new(path: impl Into<Arc<str>>) -> Self {
        Self(path.into())
    }

    /// The path as written in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path below `content/`, or `None` for files elsewhere.
    pub fn below_content(&self) -> Option<&str> {
        self.0.strip_prefix(CONTENT)?.strip_prefix('/')
    }

    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The file name without its last ending: `a` of `x/a.md`.
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The ending of the file name without its dot, as written, or the empty string.
    pub fn extension(&self) -> &str {
        self.file_name()
            .rsplit_once('.')
            .map_or("", |(_, ending)| ending)
    }

    /// Follows a link written in this file; one that begins with `/` starts at the portal's root, as on forges.
    /// `None` where it leads out of the portal.
    pub fn join(&self, relative: &str) -> Option<SourcePath> {
        let mut parts: Vec<&str> = self.0.split('/').collect();
        parts.pop();
        if relative.starts_with('/') {
            parts.clear();
        }
        for part in relative.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                _ => parts.push(part),
            }
        }
        Some(SourcePath::new(parts.join("/")))
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of one file of the site, relative to its root: `customers/bergmann.html`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SitePath(Box<str>);

/// The bytes that most addresses are made of, and that stay as they are: hundreds of thousands of links ask.
const STAYS: [bool; 256] = {
    let mut stays = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        stays[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/');
        byte += 1;
    }
    stays
};

/// What a browser takes for granted in a path stays readable, all else is percent-encoded.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

impl SitePath {
    /// An address made of parts that are known to be harmless.
    pub fn new(path: impl Into<Box<str>>) -> Self {
        Self(path.into())
    }

    /// The address as a path below the output directory.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The relative, percent-encoded link from this page to another one.
    pub fn href(&self, target: &SitePath) -> String {
        let mut href = String::with_capacity(self.0.len() + target.0.len());
        self.push_href(target, &mut href);
        href
    }

    /// Writes what [`SitePath::href`] gives.
    pub fn push_href(&self, target: &SitePath, href: &mut String) {
        let shared = shared_folders(&self.0, &target.0);
        let up = self.0[shared..].bytes().filter(|b| *b == b'/').count();
        for _ in 0..up {
            href.push_str("../");
        }
        let rest = &target.0[shared..];
        // Ids are never encoded, and nearly every link leads to one.
        if rest.bytes().all(|b| STAYS[usize::from(b)]) {
            href.push_str(rest);
        } else {
            href.extend(utf8_percent_encode(rest, PATH));
        }
    }

    /// Like [`SitePath::href`], to a place on the page; within one page only the fragment.
    pub fn href_to_anchor(&self, target: &SitePath, anchor: &Anchor) -> String {
        let mut href = String::with_capacity(self.0.len() + target.0.len() + anchor.0.len());
        self.push_href_to_anchor(target, anchor, &mut href);
        href
    }

    /// Writes what [`SitePath::href_to_anchor`] gives.
    pub fn push_href_to_anchor(&self, target: &SitePath, anchor: &Anchor, href: &mut String) {
        if self != target {
            self.push_href(target, href);
        }
        href.push('#');
        href.push_str(&anchor.0);
    }
}

/// How many bytes of two paths are the folders that both lie in.
fn shared_folders(from: &str, to: &str) -> usize {
    let alike = from
        .bytes()
        .zip(to.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    from.as_bytes()[..alike]
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |slash| slash + 1)
}

impl fmt::Display for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place on a page: made of `[a-z0-9-]` alone, so that it stands the same in an id, an address and a script.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Anchor(Box<str>);

impl Anchor {
    /// The anchor that a text such as a heading gets. It may be empty.
    pub fn of_text(text: &str) -> Self {
        Self(slug(text).into())
    }

    /// The anchor as it stands in `id`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a text may be the id of a page or an entry: ASCII `[a-z0-9-]`, not empty.
pub fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The id that a file or folder of this name should have: a date at its start is turned round.
pub fn proposed_id(name: &str) -> String {
    let id = slug(name);
    match id.splitn(4, '-').collect::<Vec<_>>().as_slice() {
        [day, month, year, rest]
            if year.len() == 4 && [day, month, year].iter().all(|part| is_number(part)) =>
        {
            format!("{year}-{month:0>2}-{day:0>2}-{rest}")
        }
        _ => id,
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The id nearest to a text: umlauts written out, accents dropped, all else that is no letter or digit one hyphen.
pub fn slug(text: &str) -> String {
    let hyphens_apart = !text.starts_with('-') && !text.ends_with('-') && !text.contains("--");
    if hyphens_apart && (is_id(text) || text.is_empty()) {
        return text.to_owned();
    }
    let mut slug = String::with_capacity(text.len());
    let mut gap = false;
    let mut push = |part: &str| {
        for c in part.chars() {
            if c.is_ascii_alphanumeric() {
                if gap && !slug.is_empty() {
                    slug.push('-');
                }
                gap = false;
                slug.push(c.to_ascii_lowercase());
            } else if !is_mark(c) {
                gap = true;
            }
        }
    };
    let composed = compose(text);
    for c in composed.chars() {
        match c {
            'ä' | 'Ä' => push("ae"),
            'ö' | 'Ö' => push("oe"),
            'ü' | 'Ü' => push("ue"),
            'ß' | 'ẞ' => push("ss"),
            'ı' => push("i"),
            'ø' | 'Ø' => push("o"),
            'ł' | 'Ł' => push("l"),
            'đ' | 'Đ' => push("d"),
            'æ' | 'Æ' => push("ae"),
            c if c.is_ascii() => push(c.encode_utf8(&mut [0; 4])),
            c => push(&decompose(c)),
        }
    }
    slug
}

/// A number that stands for some texts and is the same on every machine and in every version (FNV-1a).
pub fn fingerprint(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn decompose(c: char) -> String {
    icu_normalizer::DecomposingNormalizerBorrowed::new_nfkd()
        .normalize(c.encode_utf8(&mut [0; 4]))
        .into_owned()
}

fn compose(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        ComposingNormalizer::new_nfc().normalize(text)
    }
}

/// The form in which titles and aliases are compared: without regard to case, Unicode form and runs of blanks.
pub fn fold(text: &str) -> String {
    let folded = CaseMapper::new().fold_string(&compose(text)).into_owned();
    compose(&folded)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// A link's path as the file system spells it; `None` where the encoded bytes are no UTF-8.
pub fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

/// A value as it may stand in a forge's address: everything but letters, digits and `-_.~` is percent-encoded.
pub fn percent_encode(text: &str) -> String {
    const VALUE: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    utf8_percent_encode(text, VALUE).to_string()
}

/// A repository path as it may stand in a forge's address: as [`percent_encode`], but `/` stays.
pub fn percent_encode_path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_relative_and_encoded() {
        let page = SitePath::new("customers/bergmann.html");
        assert_eq!(
            page.href(&SitePath::new("customers/adler.html")),
            "adler.html"
        );
        assert_eq!(page.href(&SitePath::new("index.html")), "../index.html");
        assert_eq!(
            page.href(&SitePath::new("customers/bergmann/2024.html")),
            "bergmann/2024.html"
        );
        assert_eq!(
            page.href(&SitePath::new("wiki/Plan Süd+.pdf")),
            "../wiki/Plan%20S%C3%BCd%2B.pdf"
        );
        assert_eq!(
            SitePath::new("customers/bergmann/2024.html").href(&page),
            "../bergmann.html"
        );
        assert_eq!(
            page.href_to_anchor(&page, &Anchor::of_text("Ziele")),
            "#ziele"
        );
    }

    #[test]
    fn slugs_are_ascii() {
        assert_eq!(slug("Über uns & Größe"), "ueber-uns-groesse");
        assert_eq!(slug("U\u{308}ber"), "ueber");
        assert_eq!(slug("Yılmaz, Novák: Ł"), "yilmaz-novak-l");
        assert_eq!(slug("  --- "), "");
    }

    #[test]
    fn proposals_turn_dates_round() {
        assert_eq!(proposed_id("24.12.2026-Anruf"), "2026-12-24-anruf");
        assert_eq!(
            proposed_id("1.2.2026 Anruf bei Öz"),
            "2026-02-01-anruf-bei-oez"
        );
        assert_eq!(proposed_id("Öz & Söhne"), "oez-soehne");
    }

    #[test]
    fn names_fold() {
        assert_eq!(fold("Straße  NORD"), fold("STRASSE nord"));
        assert_eq!(fold("Mu\u{308}ller"), fold("MÜLLER"));
    }

    #[test]
    fn relative_paths_stay_inside() {
        let page = SourcePath::new("content/customers/a/index.md");
        assert_eq!(
            page.join("../../wiki/x.md"),
            Some(SourcePath::new("content/wiki/x.md"))
        );
        assert_eq!(page.join("../../../../x"), None);
    }
}
