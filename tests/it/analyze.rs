//! What the search makes of words: `tests/search/analyze.tsv`, which the script's twin of the analyzer is held to as
//! well, and the laws of typing. `UPDATE=1` rewrites the file; read the difference.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::iter::once;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rayon::prelude::*;
use strang::search::analyze::{Analyzer, fold, half_typed, pieces, stems};
use strang::value::Language;
use strang::value::Language::{De, En};

use crate::portal_generator::Dice;

const WORDS: &str = include_str!("../search/words.txt");

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/search/analyze.tsv")
}

#[test]
fn words_have_the_terms_of_the_golden_file() {
    assert!(INPUTS.len() >= 50_000, "only {} inputs", INPUTS.len());
    let lines: Vec<String> = INPUTS
        .par_iter()
        .map_init(Analyzer::default, |analyzer, (text, language)| {
            line(analyzer, text, *language)
        })
        .collect();
    let lines = lines.concat();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(golden(), lines).unwrap();
        return;
    }
    let expected = fs::read_to_string(golden()).unwrap();
    let both = lines.lines().zip(expected.lines());
    let other = both.filter(|(line, expected)| line != expected);
    let found: Vec<String> = other
        .take(20)
        .map(|(line, expected)| format!("{line}\n   not {expected}"))
        .collect();
    assert!(
        lines == expected,
        "words have other terms; UPDATE=1 writes them down:\n{}",
        found.join("\n")
    );
}

/// The law of typing: whoever types a word finds it all the way.
#[test]
fn each_beginning_of_each_golden_word_finds_it() {
    let lost: Vec<String> = INPUTS
        .par_iter()
        .map_init(Analyzer::default, |analyzer, (text, language)| {
            let analysis = analyzer.analyze(text, *language);
            let terms: Vec<String> = analysis.terms().map(|(term, _)| term.to_owned()).collect();
            let ends = text.char_indices().map(|(at, sign)| at + sign.len_utf8());
            let beginnings = ends.map(|end| &text[..end]);
            let mut lost = beginnings.filter(|typed| !finds(analyzer, typed, &terms));
            let lost = lost.next();
            lost.map(|typed| format!("{typed} does not find {text} ({language:?}): {terms:?}"))
        })
        .flatten()
        .collect();
    assert!(
        lost.is_empty(),
        "{} lost\n{}",
        lost.len(),
        lost[..lost.len().min(20)].join("\n")
    );
}

/// Whether words typed so far find a text by its terms: each is one of them, or the last might become one.
fn finds(analyzer: &mut Analyzer, typed: &str, terms: &[String]) -> bool {
    let analysis = analyzer.analyze(typed, De);
    let words: Vec<&str> = analysis.words().map(|(word, _)| word).collect();
    let Some((last, whole)) = words.split_last() else {
        return true;
    };
    let is_known = |word: &&str| {
        let stems = stems(word);
        let mut known = terms.iter();
        known.any(|term| term == word || stems.contains(&term.as_str()))
    };
    let goes_on = |word: &str| terms.iter().any(|term| term.starts_with(word));
    let is_half_typed = |word: &str| half_typed(word).iter().any(|term| terms.contains(term));
    whole.iter().all(is_known) && (goes_on(last) || is_known(last) || is_half_typed(last))
}

#[test]
fn the_fold_of_a_beginning_is_a_beginning_of_the_fold() {
    let broken: Vec<&str> = INPUTS
        .par_iter()
        .map(|(text, _)| text.as_str())
        .filter(|text| {
            let folded = fold(text);
            let ends = text.char_indices().map(|(at, sign)| at + sign.len_utf8());
            !ends
                .into_iter()
                .all(|end| folded.starts_with(&fold(&text[..end])))
        })
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn pieces_say_what_the_whole_text_says() {
    let mut analyzer = Analyzer::default();
    let mut say = |text: &str| -> Vec<String> {
        let analysis = analyzer.analyze(text, De);
        analysis.words().map(|(word, _)| word.to_owned()).collect()
    };
    for texts in INPUTS.chunks(7) {
        let texts: Vec<&str> = texts.iter().map(|(text, _)| text.as_str()).collect();
        let text = texts.join(" ");
        let by_piece: Vec<String> = pieces(&text).flat_map(&mut say).collect();
        assert_eq!(by_piece, say(&text), "{text}");
    }
}

/// A line of the golden file: text, language, terms, with `/2` behind those of half the weight.
fn line(analyzer: &mut Analyzer, text: &str, language: Language) -> String {
    let mut line = format!("{}\t{}\t", escaped(text), language.code());
    for (at, (term, weight)) in analyzer.analyze(text, language).terms().enumerate() {
        let space = if at > 0 { " " } else { "" };
        let half = if weight < 1.0 { "/2" } else { "" };
        let _ = write!(line, "{space}{}{half}", escaped(term));
    }
    line.push('\n');
    line
}

/// Texts are written so that an editor shows each sign: as they are if they are ASCII or letters of Europe.
fn escaped(text: &str) -> String {
    let is_plain = |c: char| match c {
        '\\' | '\u{7f}' => false,
        ' '..='~' => true,
        '\u{c0}'..='\u{24f}' | '\u{3b1}'..='\u{3c9}' | '\u{410}'..='\u{44f}' => c.is_alphabetic(),
        _ => false,
    };
    let signs = text.chars().map(|c| {
        if is_plain(c) {
            c.to_string()
        } else {
            format!("\\u{{{:x}}}", u32::from(c))
        }
    });
    signs.collect()
}

/// The words of a section of `words.txt`.
fn words(section: &str) -> Vec<&'static str> {
    let from = WORDS.split(&format!("[{section}]\n")).nth(1).unwrap();
    from.split("\n[")
        .next()
        .unwrap()
        .split_whitespace()
        .collect()
}

/// Inputs in the order in which they came, each once.
#[derive(Default)]
struct Inputs {
    list: Vec<(String, Language)>,
    known: HashSet<(String, &'static str)>,
}

impl Inputs {
    fn add(&mut self, text: impl Into<String>, language: Language) {
        let text = text.into();
        if self.known.insert((text.clone(), language.code())) {
            self.list.push((text, language));
        }
    }

    fn add_to_both(&mut self, text: &str) {
        self.add(text, De);
        self.add(text, En);
    }

    /// A word in one of the ways in which people write it.
    fn add_spelled(&mut self, dice: &mut Dice, text: &str, language: Language) {
        let text = match dice.below(8) {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            2 => spelled(text, ["ae", "oe", "ue"]),
            3 => spelled(text, ["a", "o", "u"]),
            4 => spelled(text, ["a\u{308}", "o\u{308}", "u\u{308}"]),
            5 => with_soft_hyphen(dice, text),
            _ => text.to_owned(),
        };
        self.add(text, language);
    }
}

fn spelled(text: &str, [a, o, u]: [&str; 3]) -> String {
    text.replace('ä', a)
        .replace('ö', o)
        .replace('ü', u)
        .replace('ß', "ss")
}

fn with_soft_hyphen(dice: &mut Dice, text: &str) -> String {
    let at = dice.below(text.chars().count() + 1);
    let (before, behind): (String, String) = (
        text.chars().take(at).collect(),
        text.chars().skip(at).collect(),
    );
    format!("{before}\u{ad}{behind}")
}

/// All texts of the golden file.
static INPUTS: LazyLock<Vec<(String, Language)>> = LazyLock::new(|| {
    let mut inputs = Inputs::default();
    let dice = &mut Dice::new(3);
    german(&mut inputs, dice);
    english(&mut inputs, dice);
    joined(&mut inputs, dice);
    numbers(&mut inputs, dice);
    signs(&mut inputs, dice);
    inputs.list
});

fn german(inputs: &mut Inputs, dice: &mut Dice) {
    const PREFIXES: [&str; 20] = [
        "", "ab", "an", "auf", "aus", "be", "ein", "ent", "er", "ge", "nach", "um", "un", "unter",
        "ver", "vor", "wieder", "zer", "zu", "über",
    ];
    const VERBS: [&str; 20] = [
        "e", "st", "t", "en", "te", "ten", "test", "tet", "tes", "ter", "ten", "ern", "er", "ers",
        "erin", "end", "endes", "ung", "ungen", "bar",
    ];
    const NOUNS: [&str; 14] = [
        "", "e", "en", "n", "er", "ern", "s", "es", "in", "innen", "chen", "heit", "schaften",
        "los",
    ];
    const ADJECTIVES: [&str; 18] = [
        "", "e", "em", "en", "er", "es", "ere", "erem", "eren", "erer", "eres", "este", "esten",
        "ste", "sten", "stes", "heit", "keiten",
    ];
    let nouns = words("german nouns");
    for noun in &nouns {
        for ending in NOUNS {
            inputs.add_spelled(dice, &format!("{noun}{ending}"), De);
        }
    }
    for adjective in words("german adjectives") {
        for ending in ADJECTIVES {
            inputs.add_spelled(dice, &format!("{adjective}{ending}"), De);
        }
    }
    let verbs = words("german verbs");
    for _ in 0..9_000 {
        let word = format!(
            "{}{}{}",
            dice.pick(&PREFIXES),
            dice.pick(&verbs),
            dice.pick(&VERBS)
        );
        inputs.add_spelled(dice, &word, De);
    }
    for _ in 0..10_000 {
        let link = dice.pick(&["", "s", "n", "en", "er", "es", "e"]);
        let head = dice.pick(&nouns).to_lowercase();
        let word = format!("{}{link}{head}{}", dice.pick(&nouns), dice.pick(&NOUNS));
        inputs.add_spelled(dice, &word, De);
    }
    for name in words("names") {
        for ending in ["", "s", "'s", "sche", "-GmbH", "&Co"] {
            inputs.add_to_both(&format!("{name}{ending}"));
        }
    }
}

fn english(inputs: &mut Inputs, dice: &mut Dice) {
    const NOUNS: [&str; 12] = [
        "", "s", "es", "ies", "'s", "s’", "less", "ful", "y", "ier", "sed", "sing",
    ];
    const VERBS: [&str; 14] = [
        "", "s", "es", "d", "ed", "ing", "ings", "er", "ers", "able", "ied", "ies", "ment", "ingly",
    ];
    const ADJECTIVES: [&str; 10] = [
        "", "er", "est", "r", "st", "ly", "ness", "ier", "iest", "ily",
    ];
    let verbs = words("english verbs");
    for (section, endings) in [
        ("nouns", &NOUNS[..]),
        ("verbs", &VERBS),
        ("adjectives", &ADJECTIVES),
    ] {
        for word in words(&format!("english {section}")) {
            let last = word.chars().last().unwrap();
            let bare = word.trim_end_matches(['e', 'y']);
            for ending in endings {
                inputs.add_spelled(dice, &format!("{word}{ending}"), En);
                inputs.add(
                    format!("{bare}{ending}"),
                    if dice.one_in(4) { De } else { En },
                );
                if section == "verbs" {
                    inputs.add(format!("{word}{last}{ending}"), En);
                }
            }
        }
    }
    for _ in 0..3_000 {
        let prefix = dice.pick(&["re", "un", "over", "out", "pre", "under", "dis", "mis"]);
        let word = format!("{prefix}{}{}", dice.pick(&verbs), dice.pick(&VERBS));
        inputs.add(word, En);
    }
}

fn joined(inputs: &mut Inputs, dice: &mut Dice) {
    const JOINERS: [&str; 16] = [
        "-", "-", "-", ".", "/", "_", "@", "&", "+", "'", ":", "*", ",", "–", "’", "--",
    ];
    let sections = ["german nouns", "english nouns", "names", "english verbs"];
    let mut parts: Vec<&str> = sections.into_iter().flat_map(words).collect();
    parts.extend([
        "0", "1", "7", "007", "12", "300", "2024", "0815", "RE", "kg", "E", "innen", "in", "ß", "e",
    ]);
    for _ in 0..5_000 {
        let mut text = dice.pick(&parts).to_owned();
        for _ in 0..1 + dice.below(3) * dice.below(4) {
            text += dice.pick(&JOINERS);
            text += dice.pick(&parts);
        }
        inputs.add(text, if dice.one_in(2) { De } else { En });
    }
    for text in [
        "-a-", "a-", "a--b", "a b", "a, b", "'n'", "x:", "1,", ",1", "1,a", "a,1", "1,2", "1,2,3",
        "@x", "a@b@c",
    ] {
        inputs.add_to_both(text);
    }
}

fn numbers(inputs: &mut Inputs, dice: &mut Dice) {
    for _ in 0..3_000 {
        let (day, month) = (dice.below(34), dice.below(14));
        let year = 1_995 + dice.below(35);
        let short = year % 100;
        inputs.add(
            match dice.below(9) {
                0 => format!("{day}.{month}.{year}"),
                1 => format!("{day:02}.{month:02}.{year}"),
                2 => format!("{day:02}.{month:02}.{short:02}"),
                3 => format!("{day}.{month}.{short:02}"),
                4 => format!("{year}-{month:02}-{day:02}"),
                5 => format!("{day}/{month}/{year}"),
                6 => format!("{year}/{short}"),
                7 => format!("KW{month}/{year}"),
                _ => format!("{year}-{month:02}-{day:02}T{month:02}:{day}"),
            },
            De,
        );
    }
    for _ in 0..4_000 {
        let length = [10, 1_000, 100_000, 10_000_000, 100_000_000_000][dice.below(5)];
        let (integer, cents) = (dice.below(length), dice.below(100));
        let [point, comma, quote] = [".", ",", "’"].map(|sign| grouped(integer, sign));
        inputs.add(
            match dice.below(12) {
                0 => format!("{point},{cents:02}"),
                1 => format!("{comma}.{cents:02}"),
                2 => format!("{quote}.{cents:02}"),
                3 => format!("{integer},{cents:02}"),
                4 => format!("{integer}.{cents:02}"),
                5 => format!("{integer},{}", cents % 10),
                6 => format!("{point},00"),
                7 => point,
                8 => comma,
                9 => format!("{integer}.{cents:03}"),
                10 => format!("{point}.{cents}"),
                _ => format!("{comma},{cents},{cents:02}€"),
            },
            if dice.one_in(2) { De } else { En },
        );
    }
    for _ in 0..5_000 {
        let number = dice.below(1_000_000);
        let unit = dice.pick(&[
            "kg", "Stück", "m²", "€", "x", "er", "Boxes", "St.", "ü", "ß",
        ]);
        let system = dice.pick(&["RE", "AB", "K", "Order", "PO", "Rückgabe", "ß", "№"]);
        inputs.add(
            match dice.below(9) {
                0 => format!("{number}{unit}"),
                1 => format!("{system}{number:08}"),
                2 => format!("{system}-{}-{:04}", 2_000 + number % 30, number % 9_999),
                3 => format!("{system}/{number}/{unit}"),
                4 => format!("{system}{number}{unit}"),
                5 => format!("+49 (0) {}/{number:06}-{}", number % 999, number % 10),
                6 => format!("{number:09}"),
                7 => format!("#{number}"),
                _ => format!("v{}.{}.{}", number % 7, number % 13, number % 3),
            },
            if dice.one_in(2) { De } else { En },
        );
    }
}

/// A number with a sign between groups of three digits.
fn grouped(number: usize, sign: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push_str(sign);
        }
        text.push(digit);
    }
    text
}

/// Blocks of Unicode whose letters are at least as old as version 13.
const BLOCKS: [(u32, u32); 26] = [
    (0x00a0, 0x036f),
    (0x0370, 0x03ff),
    (0x0400, 0x052f),
    (0x0531, 0x0556),
    (0x0561, 0x0587),
    (0x0591, 0x05f4),
    (0x0620, 0x06ff),
    (0x0904, 0x0965),
    (0x0e01, 0x0e5b),
    (0x10a0, 0x10ff),
    (0x1e00, 0x1eff),
    (0x1f00, 0x1ffe),
    (0x2000, 0x2064),
    (0x2070, 0x209c),
    (0x2100, 0x218b),
    (0x2460, 0x24ff),
    (0x2c60, 0x2c7f),
    (0x3001, 0x30ff),
    (0x3131, 0x318e),
    (0xa722, 0xa78e),
    (0xac00, 0xac20),
    (0xfb00, 0xfb4f),
    (0xfe70, 0xfefc),
    (0xff01, 0xffee),
    (0x1d400, 0x1d4a0),
    (0x1d7ce, 0x1d7ff),
];

fn signs(inputs: &mut Inputs, dice: &mut Dice) {
    let listed = words("letters of the world");
    for text in &listed {
        for text in [
            (*text).to_owned(),
            format!("Bau{text}en"),
            format!("1{text}2"),
            format!("Ma{text} {text}e"),
        ] {
            inputs.add_to_both(&text);
        }
    }
    let chars = BLOCKS.into_iter().flat_map(|(first, last)| first..=last);
    for sign in chars.filter_map(char::from_u32) {
        inputs.add(sign, De);
        inputs.add(
            format!("{}{sign}e", dice.pick(&["u", "Bo", "au", "q", "7"])),
            if dice.one_in(2) { De } else { En },
        );
    }
    let letters: Vec<String> = "a e o u ä ö ü ß i n s t r d ng es ed ing er st y q 0 1 . - , : E U"
        .split(' ')
        .map(str::to_owned)
        .collect();
    let marks = [
        "\u{308}", "\u{301}", "\u{323}", "\u{ad}", "\u{200b}", "\u{200d}", "\u{345}", "\u{3099}",
        " ",
    ];
    let letters: Vec<&str> = letters.iter().map(String::as_str).chain(marks).collect();
    for _ in 0..5_000 {
        let text: String = (0..2 + dice.below(9))
            .map(|_| dice.pick(&letters))
            .collect();
        inputs.add(text, if dice.one_in(2) { De } else { En });
    }
    for length in [39, 40, 41, 63, 64, 65, 100] {
        for letter in ["a", "ß", "ue", "ж", "𝛼", "a\u{308}", "e-"] {
            inputs.add(letter.repeat(length), De);
            inputs.add(
                once("x-")
                    .chain(std::iter::repeat_n(letter, length))
                    .collect::<String>(),
                En,
            );
        }
    }
}
