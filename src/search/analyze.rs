//! From text to terms: what of a text is in the index, and so what finds it.
//!
//! A text and its language go in, terms with weights come out. It must never know a portal, a field or a file, and
//! never keep anything from one text to the next but room.
//!
//! The script of the theme holds a twin of this module, `assets/search/analyze.js`, for what readers type and for the
//! marks in excerpts. `tests/search/analyze.tsv` is written by this one and holds both; whoever changes a rule changes
//! both.
//!
//! # Rules
//!
//! 1. *Clean*: signs without a width go; compatibility forms are decomposed (NFKD); hyphens and apostrophes become
//!    ASCII. Letters become small when they are folded, which gives the same.
//! 2. *Chunks*: letters, numbers and marks, joined by one of `-./_@&+':*`, or by a comma between digits. A chunk
//!    without a joiner is a word. With joiners each part is a word, and 2 to 6 of them, without the joiners, are one
//!    more if they have no more than 40 characters: `Kund:innen` is `kund`, `innen` and `kundinnen`.
//! 3. *Numbers*: a chunk that is a date or an amount has `20250312` or `1234.50` in the place of the joined form. A
//!    word of digits counts without its leading zeros, too; one of letters and digits (`5kg`) has its two sides at
//!    half the weight.
//! 4. *Fold* ([`fold`]): `ü`, `ue` and `u` are one, `ß` and `ss`, `é` and `e`, in every language. The fold of the
//!    beginning of a word is a beginning of its fold. Words end after 64 characters.
//! 5. *Stem* ([`german_stem`], [`english_stem`]): endings are cut and nothing is rewritten, so a stem is a beginning of
//!    its word. Only words of the letters a to z have one; all others are their own.
//!
//! # What the index holds
//!
//! Only stems, in the language of the record ([`language_of`]): the words themselves would double it and find nothing
//! more. A typed word finds a term that is its fold or one of its stems, in either language. The last word, while it is
//! typed, also finds terms that begin with its fold, and those that are a stem of it with the rest of an ending behind:
//! `shipp` finds `ship`, since `shipping` does ([`half_typed`]). So each beginning of each word finds it; a test holds
//! this for all words of the golden file.

use std::iter;
use std::ops::Range;

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::value::Language;

/// The weight of the two sides of a word like `5kg`.
const SIDE: f64 = 0.5;
/// A word ends after so many characters of its fold.
const LONGEST_WORD: usize = 64;
/// What is joined of more parts, or longer, is no word.
const MOST_PARTS: usize = 6;
const LONGEST_JOINED: usize = 40;
/// What half an ending goes on with.
const RESTS_OF_ENDINGS: [&str; 8] = ["n", "s", "d", "g", "ng", "es", "ed", "ing"];

/// Turns pieces of text into words and terms; the room for them is used again.
#[derive(Default)]
pub struct Analyzer {
    cleaned: String,
    /// Folds of words and joined forms, one behind the other.
    letters: String,
    words: Vec<(Range<usize>, Case)>,
    terms: Vec<(Range<usize>, f64)>,
}

/// How a word begins; German nouns begin with a capital.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// With a capital letter.
    Capital,
    /// With anything else.
    Small,
}

/// What one piece of text says.
#[derive(Clone, Copy)]
pub struct Analysis<'a>(&'a Analyzer);

impl Analyzer {
    /// Analyzes a text; [`pieces`] of it give the same, one by one, and are worth remembering.
    pub fn analyze(&mut self, text: &str, language: Language) -> Analysis<'_> {
        self.letters.clear();
        self.words.clear();
        self.terms.clear();
        let mut cleaned = std::mem::take(&mut self.cleaned);
        clean(text, &mut cleaned);
        let mut rest = cleaned.as_str();
        while let Some((chunk, behind)) = next_chunk(rest) {
            self.add_chunk(chunk, language);
            rest = behind;
        }
        self.cleaned = cleaned;
        Analysis(self)
    }

    /// The words of a name as folded, each chunk with joiners as one: its number or joined form, or its parts where it
    /// has neither.
    pub fn joined(&mut self, name: &str) -> Vec<String> {
        let mut words = Vec::new();
        clean(name, &mut self.cleaned);
        let mut rest = self.cleaned.as_str();
        while let Some((chunk, behind)) = next_chunk(rest) {
            rest = behind;
            let parts = chunk.split(is_joiner).map(folded);
            let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
            let joined = folded(&chunk.replace(is_joiner, ""));
            let is_word =
                (2..=MOST_PARTS).contains(&parts.len()) && joined.chars().count() <= LONGEST_JOINED;
            match number(chunk).or_else(|| is_word.then_some(joined)) {
                Some(joined) => words.push(joined),
                None => words.extend(parts),
            }
        }
        words
    }

    fn add_chunk(&mut self, chunk: &str, language: Language) {
        let seen = Seen {
            language,
            terms: self.terms.len(),
        };
        let words = self.words.len();
        for part in chunk.split(is_joiner) {
            let word = self.fold(part.chars());
            if !word.is_empty() {
                self.words.push((word.clone(), Case::of(part)));
                self.add_word(&word, &seen);
            }
        }
        if let Some(number) = number(chunk) {
            self.add_number(&number, &seen);
        } else if (2..=MOST_PARTS).contains(&(self.words.len() - words)) {
            let joined = self.fold(chunk.chars().filter(|c| !is_joiner(*c)));
            if self.letters[joined.clone()].chars().count() <= LONGEST_JOINED {
                self.add(joined, 1.0, &seen);
            }
        }
    }

    fn add_word(&mut self, word: &Range<usize>, seen: &Seen) {
        self.add(word.clone(), 1.0, seen);
        if let Some(border) = border(&self.letters[word.clone()]) {
            self.add(word.start..word.start + border, SIDE, seen);
            self.add(word.start + border..word.end, SIDE, seen);
        }
    }

    fn add_number(&mut self, number: &str, seen: &Seen) {
        let start = self.letters.len();
        self.letters.push_str(number);
        self.add(start..self.letters.len(), 1.0, seen);
        if let Some(integer) = number.find('.') {
            self.add(start..start + integer, 1.0, seen);
        }
    }

    /// Adds a word as its stem; one of digits also without the zeros that it begins with.
    fn add(&mut self, word: Range<usize>, weight: f64, seen: &Seen) {
        let text = &self.letters[word.clone()];
        let stem = word.start..word.start + stem(text, seen.language).len();
        let zeros = leading_zeros(text);
        self.add_term(stem, weight, seen);
        if zeros > 0 {
            self.add_term(word.start + zeros..word.end, weight, seen);
        }
    }

    /// A term that a chunk says twice counts once, with the higher weight.
    fn add_term(&mut self, term: Range<usize>, weight: f64, seen: &Seen) {
        let Analyzer { letters, terms, .. } = self;
        let text = &letters[term.clone()];
        let mut known = terms[seen.terms..].iter_mut();
        match known.find(|(other, _)| &letters[other.clone()] == text) {
            Some((_, known)) => *known = known.max(weight),
            None => terms.push((term, weight)),
        }
    }

    fn fold(&mut self, text: impl Iterator<Item = char>) -> Range<usize> {
        let start = self.letters.len();
        fold_into(text, &mut self.letters);
        if let Some((end, _)) = self.letters[start..].char_indices().nth(LONGEST_WORD) {
            self.letters.truncate(start + end);
        }
        start..self.letters.len()
    }
}

/// What holds while a chunk is analyzed: its language, and where its terms begin.
struct Seen {
    language: Language,
    terms: usize,
}

impl Case {
    fn of(word: &str) -> Case {
        if word.chars().next().is_some_and(char::is_uppercase) {
            Case::Capital
        } else {
            Case::Small
        }
    }
}

impl<'a> Analysis<'a> {
    /// The words as folded, in order: how long the text is, and what compounds are made of. Words with digits are
    /// among them.
    pub fn words(self) -> impl ExactSizeIterator<Item = (&'a str, Case)> {
        let words = self.0.words.iter();
        words.map(|(word, case)| (&self.0.letters[word.clone()], *case))
    }

    /// The terms that the index holds, with their weights, 1 or less; each once for a chunk.
    pub fn terms(self) -> impl ExactSizeIterator<Item = (&'a str, f64)> {
        let terms = self.0.terms.iter();
        terms.map(|(term, weight)| (&self.0.letters[term.clone()], *weight))
    }
}

/// Cuts a text where no chunk goes on; what a piece says depends on nothing around it.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let cuts = |b: u8| b.is_ascii() && !b.is_ascii_alphanumeric() && !is_joiner(char::from(b));
    let mut rest = Some(text);
    let pieces = iter::from_fn(move || {
        let text = rest?;
        let end = text.bytes().position(cuts);
        rest = end.map(|end| &text[end + 1..]);
        Some(text[..end.unwrap_or(text.len())].trim_matches(is_joiner))
    });
    pieces.filter(|piece| !piece.is_empty())
}

/// The fold of a single word, in which spellings are one: `Müller`, `Mueller` and `Muller` are `muller`.
pub fn fold(word: &str) -> String {
    let (mut cleaned, mut folded) = (String::new(), String::new());
    clean(word, &mut cleaned);
    fold_into(cleaned.chars(), &mut folded);
    folded
}

/// The stem of a folded word in a language.
pub fn stem(folded: &str, language: Language) -> &str {
    match language {
        Language::De => german_stem(folded),
        Language::En => english_stem(folded),
    }
}

/// The stems of a folded word in both languages.
pub fn stems(folded: &str) -> [&str; 2] {
    [german_stem(folded), english_stem(folded)]
}

/// The stem of a folded word of German: `rechnungen` is `rechnung`.
pub fn german_stem(folded: &str) -> &str {
    if !is_letters(folded) {
        return folded;
    }
    let word = cut(folded, &["ern"], 5)
        .or_else(|| cut(folded, &["em", "en", "er", "es"], 4))
        .or_else(|| cut(folded, &["e"], 3))
        .or_else(|| cut(folded, &["s"], 3).filter(|rest| ends_in(rest, "bdfghklmnrt")))
        .unwrap_or(folded);
    let word = cut(word, &["est"], 5)
        .or_else(|| cut(word, &["er", "en"], 4))
        .or_else(|| cut(word, &["st"], 4).filter(|rest| ends_in(rest, "bdfghklmnt")))
        .unwrap_or(word);
    single_ending(word)
}

/// The stem of a folded word of English: `shipped` is `ship`.
pub fn english_stem(folded: &str) -> &str {
    if !is_letters(folded) {
        return folded;
    }
    let is_hissing =
        |rest: &&str| ends_in(rest, "sxz") || rest.ends_with("ch") || rest.ends_with("sh");
    let word = cut(folded, &["ies"], 4)
        .or_else(|| cut(folded, &["es"], 4).filter(is_hissing))
        .or_else(|| cut(folded, &["s"], 3).filter(|rest| !ends_in(rest, "sui")))
        .unwrap_or(folded);
    let word = cut(word, &["ing"], 5)
        .or_else(|| cut(word, &["ed"], 4))
        .filter(|rest| rest.contains(['a', 'e', 'i', 'o', 'u', 'y']))
        .map_or(word, single_consonant);
    cut(word, &["y"], 4)
        .filter(|rest| !ends_in(rest, "aeiou"))
        .or_else(|| cut(word, &["e"], 4))
        .unwrap_or(word)
}

/// The terms that a folded word finds only because an ending may be half typed: `shipp` finds `ship`.
pub fn half_typed(folded: &str) -> Vec<String> {
    if !is_letters(folded) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for rest in RESTS_OF_ENDINGS {
        let word = format!("{folded}{rest}");
        for term in stems(&word) {
            let is_found = term.starts_with(folded) || stems(folded).contains(&term);
            if !is_found && !found.iter().any(|known| known == term) {
                found.push(term.to_owned());
            }
        }
    }
    found
}

/// The language that a text is in, by its most frequent words; the other one where it has too few of them.
pub fn language_of(text: &str, otherwise: Language) -> Language {
    let (mut german, mut english) = (0, 0);
    for word in text.as_bytes().split(|b| !b.is_ascii_alphabetic()) {
        match function_word(word) {
            Some(Language::De) => german += 1,
            Some(Language::En) => english += 1,
            None => {}
        }
    }
    if german > english && german >= 3 {
        Language::De
    } else if english > german && english >= 3 {
        Language::En
    } else {
        otherwise
    }
}

/// Of which language a word is one of the most frequent, if of any; small or capital letters are alike.
fn function_word(word: &[u8]) -> Option<Language> {
    let mut small = [0; 5];
    let small = small.get_mut(..word.len())?;
    small.copy_from_slice(word);
    small.make_ascii_lowercase();
    match &*small {
        b"der" | b"die" | b"das" | b"und" | b"nicht" | b"mit" | b"ist" | b"von" | b"den"
        | b"dem" | b"des" | b"ein" | b"eine" | b"zu" | b"auf" | b"im" | b"sich" | b"wir"
        | b"auch" | b"bei" => Some(Language::De),
        b"the" | b"and" | b"of" | b"to" | b"for" | b"is" | b"with" | b"that" | b"this" | b"are"
        | b"by" | b"be" | b"we" | b"from" | b"has" | b"have" | b"at" | b"which" | b"you"
        | b"our" => Some(Language::En),
        _ => None,
    }
}

/// The fold of a cleaned word, at its full length.
fn folded(word: &str) -> String {
    let mut folded = String::new();
    fold_into(word.chars(), &mut folded);
    folded
}

/// Rule 1, but for small letters.
fn clean(text: &str, cleaned: &mut String) {
    cleaned.clear();
    if text.is_ascii() {
        cleaned.push_str(text);
        return;
    }
    let shown = text.chars().filter(|c| {
        !matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
        )
    });
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(shown);
    cleaned.extend(decomposed.map(|c| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => '\'',
        _ => c,
    }));
}

/// The first chunk of a cleaned text, and the text behind it.
fn next_chunk(text: &str) -> Option<(&str, &str)> {
    let text = &text[text.find(is_word_sign)?..];
    let mut before = ' ';
    for (at, sign) in text.char_indices() {
        if !is_word_sign(sign) && !joins(before, sign, &text[at + sign.len_utf8()..]) {
            return Some(text.split_at(at));
        }
        before = sign;
    }
    Some((text, ""))
}

/// Whether a sign holds what is before and behind it together.
fn joins(before: char, sign: char, behind: &str) -> bool {
    let behind = behind.chars().next().unwrap_or(' ');
    let stands_in_number = before.is_ascii_digit() && behind.is_ascii_digit();
    is_joiner(sign)
        && is_word_sign(before)
        && is_word_sign(behind)
        && (sign != ',' || stands_in_number)
}

fn is_joiner(c: char) -> bool {
    matches!(
        c,
        '-' | '.' | '/' | '_' | '@' | '&' | '+' | '\'' | ':' | '*' | ','
    )
}

fn is_word_sign(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// What stands before a letter of a word, as far as its fold depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// A consonant or anything else that says nothing.
    Consonant,
    /// An `a`, an `o`, or a `u` after a consonant: an `e` makes it an umlaut.
    Open,
    /// Another vowel, or a `q`: an `e` stays one, and so it does after a `u`.
    Vowel,
}

/// Folds a cleaned word, from left to right.
fn fold_into(word: impl Iterator<Item = char>, folded: &mut String) {
    let mut before = Before::Consonant;
    let mut word = word.map(small).peekable();
    while let Some(letter) = word.next() {
        let mark = word.peek().copied().filter(|next| is_mark(*next));
        if is_mark(letter) {
            continue;
        }
        if letter == 'e' && mark.is_none() && before == Before::Open {
            before = Before::Vowel;
            continue;
        }
        match respelled(letter) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(letter),
        }
        before = match letter {
            'a' | 'o' | 'u' if mark == Some('\u{308}') => Before::Vowel,
            'a' | 'o' => Before::Open,
            'u' if before == Before::Consonant => Before::Open,
            'e' | 'i' | 'q' | 'u' | 'y' | 'æ' | 'œ' | 'ø' | 'ı' => Before::Vowel,
            _ => Before::Consonant,
        };
    }
}

/// The small form of a letter without marks, which is one letter. The two sigmas of Greek are one.
fn small(letter: char) -> char {
    match letter {
        'ς' => 'σ',
        _ if letter.is_ascii() => letter.to_ascii_lowercase(),
        _ => letter.to_lowercase().next().unwrap_or(letter),
    }
}

/// Letters of Europe that do not decompose.
fn respelled(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'æ' => "a",
        'œ' | 'ø' => "o",
        'ı' => "i",
        _ => return None,
    })
}

/// Whether a folded word has endings that can be cut.
pub(super) fn is_letters(folded: &str) -> bool {
    folded.bytes().all(|b| b.is_ascii_lowercase())
}

/// A word without the first of these endings that it has, if it is longer than so many letters.
fn cut<'w>(word: &'w str, endings: &[&str], longer_than: usize) -> Option<&'w str> {
    let word = Some(word).filter(|word| word.len() > longer_than)?;
    endings.iter().find_map(|ending| word.strip_suffix(ending))
}

fn ends_in(word: &str, letters: &str) -> bool {
    word.ends_with(|last| letters.contains(last))
}

/// `kundinn` is `kundin` and `ergebniss` is `ergebnis`, but `sinn` stays.
fn single_ending(word: &str) -> &str {
    let is_doubled = word.len() > 6 && (word.ends_with("inn") || word.ends_with("niss"));
    &word[..word.len() - usize::from(is_doubled)]
}

/// `shipp` is `ship`, but `fill` and `pass` stay.
fn single_consonant(word: &str) -> &str {
    let shorter = &word[..word.len() - 1];
    match (shorter.chars().last(), word.chars().last()) {
        (Some(one), Some(other)) if one == other && !"aeioulsz".contains(one) => shorter,
        _ => word,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// How many zeros a word of digits begins with that say nothing.
fn leading_zeros(word: &str) -> usize {
    if !is_digits(word) {
        return 0;
    }
    let zeros = word.len() - word.trim_start_matches('0').len();
    zeros.min(word.len() - 1)
}

/// Where digits end and others begin, or the other way round, if a word has one such place.
fn border(word: &str) -> Option<usize> {
    let starts_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
    let border = word.find(|c: char| c.is_ascii_digit() != starts_with_digit)?;
    let goes_on = word[border..].contains(|c: char| c.is_ascii_digit() == starts_with_digit);
    Some(border).filter(|_| !goes_on)
}

/// A chunk that is a date as `20250312`, or one that is an amount as `1234.50`.
fn number(chunk: &str) -> Option<String> {
    if !chunk.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    date(chunk)
        .or_else(|| amount(chunk, &['.'], ','))
        .or_else(|| amount(chunk, &[',', '\''], '.'))
}

/// A date as German writes it: `12.3.2025` or `12.3.25`.
fn date(chunk: &str) -> Option<String> {
    let parts: Vec<&str> = chunk.split('.').collect();
    let [day, month, year] = parts[..] else {
        return None;
    };
    let century = match year.len() {
        2 => "20",
        4 => "",
        _ => return None,
    };
    let is_within = |part: &str, most: u8| {
        let number = Some(part).filter(|part| is_digits(part) && part.len() <= 2);
        number.is_some_and(|part| (1..=most).contains(&part.parse().unwrap_or(0)))
    };
    let is_date = is_within(day, 31) && is_within(month, 12) && is_digits(year);
    is_date.then(|| format!("{century}{year}{month:0>2}{day:0>2}"))
}

/// An amount with groups of three digits or decimals, as the language with these signs writes it.
fn amount(chunk: &str, groups: &[char], point: char) -> Option<String> {
    let (integer, decimals) = match chunk.split_once(point) {
        Some((integer, decimals)) if is_digits(decimals) && decimals.len() <= 2 => {
            (integer, decimals)
        }
        Some(_) => return None,
        None => (chunk, ""),
    };
    let is_plain = !decimals.is_empty() && is_digits(integer);
    if !is_plain && !is_grouped(integer, groups) {
        return None;
    }
    let mut amount = integer.replace(groups, "");
    if !matches!(decimals, "" | "0" | "00") {
        amount.push_str(&format!(".{decimals:0<2}"));
    }
    Some(amount)
}

/// Whether digits stand in groups of three, of which the first may be shorter.
fn is_grouped(integer: &str, groups: &[char]) -> bool {
    let mut parts = integer.split(groups);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    is_digits(first)
        && first.len() <= 3
        && !rest.is_empty()
        && rest.iter().all(|part| is_digits(part) && part.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str, language: Language) -> Vec<String> {
        let mut analyzer = Analyzer::default();
        let analysis = analyzer.analyze(text, language);
        analysis
            .terms()
            .map(|(term, weight)| {
                if weight < 1.0 {
                    format!("{term}/2")
                } else {
                    term.to_owned()
                }
            })
            .collect()
    }

    #[track_caller]
    fn says(text: &str, expected: &str) {
        assert_eq!(terms(text, Language::De).join(" "), expected, "{text}");
    }

    #[test]
    fn spellings_are_one() {
        for word in [
            "Müller",
            "Mueller",
            "Muller",
            "MÜLLER",
            "Mu\u{308}ller",
            "Mü\u{ad}ller",
        ] {
            assert_eq!(fold(word), "muller", "{word}");
        }
        for (word, folded) in [
            ("Straße", "strasse"),
            ("STRASSE", "strasse"),
            ("Bauer", "bauer"),
            ("Quelle", "quelle"),
            ("Steuer", "steuer"),
            ("aktuell", "aktull"),
            ("Café", "cafe"),
            ("Citroën", "citroen"),
            ("Łódź", "lodz"),
            ("Ærø", "aro"),
            ("Þór", "thor"),
            ("İstanbul", "istanbul"),
            ("Ὀδυσσεύς", "οδυσσευσ"),
            ("ﬁn", "fin"),
        ] {
            assert_eq!(fold(word), folded, "{word}");
        }
    }

    #[test]
    fn chunks_give_their_parts_and_the_whole() {
        says("RE-2024-0815", "re 2024 0815 815 re20240815");
        says("RE 2024 0815", "re 2024 0815 815");
        says("re20240815", "re20240815 re/2 20240815/2");
        says("Kund:innen", "kund inn kundin");
        says("a--b, c-", "a b c");
        says("„Wort“ – und‑oder", "wort und oder undod");
        says("1-2-3-4-5-6-7", "1 2 3 4 5 6 7");
        says("´a m² ½ №5", "a m2 m/2 2/2 1 2 no5 no/2 5/2");
    }

    #[test]
    fn numbers_are_one_however_they_are_written() {
        says("12.3.2025", "12 3 2025 20250312");
        says("05.03.25", "05 5 03 3 25 20250305");
        says("2025-03-12", "2025 03 3 12 20250312");
        says("32.1.2025", "32 1 2025 3212025");
        says("1.234,5", "1 234 5 1234.50 1234");
        says("1,234.50", "1 234 50 1234.50 1234");
        says("1'234.50", "1 234 50 1234.50 1234");
        says("1234,00", "1234 00 0");
        says("0,5", "0 5 0.50");
        says("1.234", "1 234 1234");
        says("5kg", "5kg 5/2 kg/2");
        says("5kg-kg", "5kg 5/2 kg 5kgkg");
        says("h2o", "h2o");
    }

    #[test]
    fn stems_are_beginnings() {
        for (word, german, english) in [
            ("rechnungen", "rechnung", "rechnungen"),
            ("kindern", "kind", "kindern"),
            ("kundinnen", "kundin", "kundinnen"),
            ("sinne", "sinn", "sinn"),
            ("ergebnissen", "ergebnis", "ergebnissen"),
            ("kleinste", "klein", "kleinst"),
            ("lehrers", "lehr", "lehrer"),
            ("shipped", "shipped", "ship"),
            ("companies", "compani", "compan"),
            ("company", "company", "compan"),
            ("processes", "process", "process"),
            ("buildings", "building", "build"),
            ("spring", "spring", "spring"),
            ("missing", "missing", "miss"),
            ("1990er", "1990er", "1990er"),
        ] {
            assert_eq!(
                (german_stem(word), english_stem(word)),
                (german, english),
                "{word}"
            );
        }
    }

    #[test]
    fn a_text_is_in_the_language_of_its_function_words() {
        let language = |text| language_of(text, Language::En).code();
        assert_eq!(language("Die Ware ist da und der Kunde zufrieden."), "de");
        assert_eq!(language("Die Ware"), "en");
        let language = |text| language_of(text, Language::De).code();
        assert_eq!(
            language("The goods are there, and that is all of it."),
            "en"
        );
        assert_eq!(language("the and of der die das"), "de");
    }

    #[test]
    fn capitals_of_words_are_told() {
        let mut analyzer = Analyzer::default();
        let analysis = analyzer.analyze("Öl-preise im Überblick", Language::De);
        let words: Vec<_> = analysis.words().collect();
        let expected = [
            ("ol", Case::Capital),
            ("preise", Case::Small),
            ("im", Case::Small),
            ("uberblick", Case::Capital),
        ];
        assert_eq!(words, expected);
    }
}
