//! Compounds: which words of German are made of others, so that `Verzug` finds `Lieferverzug` and the other way round.
//!
//! How often the words of a portal occur goes in, a [`Lexicon`] comes out, which splits words: the portal is its own
//! dictionary, and a seed of business nouns helps a small one. The index is built with it; the script of the theme
//! knows no lexicon, the files name the parts. It must never split what only looks like a compound: a wrong part
//! finds what nobody looks for, a missing one loses a hit that would rank low. Words are folded, and alike by stem.
//!
//! A compound ends in a *head*, a noun of the portal, and begins with a *modifier*, a word of any class, which a link
//! may follow: `vertrag` `s` `ende`. Of several cuts the one with the more frequent and longer head wins.

use std::collections::{HashMap, HashSet};

use super::analyze::{Analyzer, Case, fold, german_stem, is_letters};
use crate::value::Language;

/// Words that are at home in every business, as German writes them: nouns, and verbs that compounds begin with.
const SEED: &str = include_str!("compound_seed.txt");
/// How often the portal has each word of the seed, on top of what it has itself.
const SEED_COUNT: u32 = 5;

const SHORTEST_COMPOUND: usize = 9;
const SHORTEST_PART: usize = 4;
const LONGEST_HEAD: usize = 16;
const LEAST_HEAD: u32 = 3;
const LEAST_MODIFIER: u32 = 5;
/// Heads that are more frequent have no more weight.
const MOST_FREQUENT: u32 = 1000;
/// A compound is cut so often at most, each time what stands left.
const CUTS: usize = 2;

/// What may stand between two parts, in the order in which it is tried.
const LINKS: [&str; 7] = ["", "s", "es", "n", "en", "er", "e"];
/// Endings that are nouns elsewhere (`Schaft`) and never heads, as stems.
const SUFFIXES: [&str; 6] = ["ung", "heit", "keit", "schaft", "lich", "isch"];
/// As a head it needs a link: `Wochenende`, but `Mitarbeitende` end nothing.
const PARTICIPLE: &str = "end";
/// Words that are never modifiers: `Gegenstand` is no kind of `Stand`, nor `Vollmacht` of `Macht`.
const PREFIXES: [&str; 16] = [
    "durch", "entgegen", "gegen", "hinter", "nach", "nieder", "ober", "uber", "unter", "voll",
    "wider", "wieder", "wohl", "zuruck", "zusammen", "zwischen",
];

/// How often a word occurs, and how often of these with a capital letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    all: u32,
    capital: u32,
}

/// The words of the German records of a portal, as folded.
#[derive(Default)]
pub struct Counts(HashMap<Box<str>, Count>);

/// What compounds are made of, by stem.
pub struct Lexicon {
    /// How frequent each is.
    heads: HashMap<Box<str>, u32>,
    modifiers: HashSet<Box<str>>,
    /// Long words that are no nouns, as folded: `sicherstellen` has nothing to do with a `Stelle`.
    others: HashSet<Box<str>>,
    /// The parts of words that the settings know; a word without parts stays whole.
    ruled: HashMap<Box<str>, Vec<String>>,
}

impl Count {
    /// A word that stands so once.
    pub fn once(case: Case) -> Count {
        Count::times(1, case)
    }

    /// A word that stands so several times.
    pub fn times(all: u32, case: Case) -> Count {
        let capital = if case == Case::Capital { all } else { 0 };
        Count { all, capital }
    }

    fn add(&mut self, other: Count) {
        self.all = self.all.saturating_add(other.all);
        self.capital = self.capital.saturating_add(other.capital);
    }

    /// German writes nouns with a capital, and other words only where a sentence begins.
    fn is_noun(self) -> bool {
        u64::from(self.capital) * 5 > u64::from(self.all) * 4
    }
}

impl Counts {
    /// Counts a folded word; one with a digit is no part of compounds.
    pub fn add(&mut self, word: &str, count: Count) {
        if let Some(known) = self.0.get_mut(word) {
            known.add(count);
        } else if is_letters(word) {
            self.0.insert(word.into(), count);
        }
    }

    /// Adds what another worker has counted.
    pub fn merge(&mut self, other: Counts) {
        for (word, count) in other.0 {
            self.0.entry(word).or_default().add(count);
        }
    }

    fn add_seed(&mut self) {
        let mut analyzer = Analyzer::default();
        for (word, case) in analyzer.analyze(SEED, Language::De).words() {
            self.add(word, Count::times(SEED_COUNT, case));
        }
    }
}

impl Lexicon {
    /// The lexicon of a portal. Words of `never` stay whole; those of `always` have the parts between their `+`, as in
    /// `kraft+werk`. Both hold for all forms of the word.
    pub fn new(mut counts: Counts, never: &[String], always: &[String]) -> Lexicon {
        counts.add_seed();
        let never = never.iter().map(|word| (key(word), Vec::new()));
        let always = always.iter().map(|word| {
            (
                key(&word.replace('+', "")),
                word.split('+').map(fold).collect(),
            )
        });
        let heads = heads(&counts);
        Lexicon {
            modifiers: modifiers(&counts, &heads),
            heads,
            others: others(counts),
            ruled: never.chain(always).collect(),
        }
    }

    /// The parts of a folded word, two or more, without what links them; none if it is no compound.
    pub fn split<'a>(&'a self, word: &'a str) -> Vec<&'a str> {
        let mut parts = Vec::new();
        if is_letters(word) && !self.others.contains(word) {
            self.add_parts(word, CUTS, &mut parts);
        }
        if parts.len() < 2 {
            parts.clear();
        }
        parts
    }

    fn add_parts<'a>(&'a self, word: &'a str, cuts: usize, parts: &mut Vec<&'a str>) {
        if let Some(ruled) = self
            .ruled
            .get(german_stem(word))
            .filter(|ruled| !ruled.is_empty())
        {
            parts.extend(ruled.iter().map(String::as_str));
        } else if let Some(cut) = self.best_cut(word, cuts) {
            self.add_parts(cut.modifier, cuts - 1, parts);
            parts.push(cut.head);
        } else {
            parts.push(word);
        }
    }

    fn best_cut<'w>(&self, word: &'w str, cuts: usize) -> Option<Cut<'w>> {
        let is_whole = cuts == 0
            || word.len() < SHORTEST_COMPOUND
            || self.ruled.contains_key(german_stem(word));
        if is_whole {
            return None;
        }
        let places = SHORTEST_PART..=word.len() - SHORTEST_PART;
        let all = places.filter_map(|place| self.cut(word, place, cuts));
        // Of two that weigh the same the first has the longer head.
        all.reduce(|best, cut| if cut.weight > best.weight { cut } else { best })
    }

    fn cut<'w>(&self, word: &'w str, place: usize, cuts: usize) -> Option<Cut<'w>> {
        let (left, head) = word.split_at(place);
        let stem = german_stem(head);
        let frequency = *self.heads.get(stem)?;
        if stem == PARTICIPLE && !left.ends_with(['n', 's']) {
            return None;
        }
        let length = f64::from(u32::try_from(head.len()).ok()?);
        Some(Cut {
            modifier: self.modifier(left, cuts - 1)?,
            head,
            weight: f64::from(frequency.min(MOST_FREQUENT)).sqrt() * length,
        })
    }

    /// What stands left of a cut, without its link: a word that is known, or a compound.
    fn modifier<'w>(&self, left: &'w str, cuts: usize) -> Option<&'w str> {
        if PREFIXES.contains(&left) {
            return None;
        }
        let modifiers = LINKS.iter().filter_map(|link| left.strip_suffix(link));
        let mut modifiers = modifiers.filter(|modifier| modifier.len() >= SHORTEST_PART);
        modifiers
            .clone()
            .find(|modifier| self.is_modifier(modifier))
            .or_else(|| modifiers.find(|modifier| self.is_compound(modifier, cuts)))
    }

    fn is_modifier(&self, word: &str) -> bool {
        self.modifiers.contains(word) || self.modifiers.contains(german_stem(word))
    }

    fn is_compound(&self, word: &str, cuts: usize) -> bool {
        let is_ruled = self
            .ruled
            .get(german_stem(word))
            .is_some_and(|parts| !parts.is_empty());
        is_ruled || self.best_cut(word, cuts).is_some()
    }
}

/// A way to cut a compound.
struct Cut<'w> {
    modifier: &'w str,
    head: &'w str,
    weight: f64,
}

/// What the settings call a word by, in whichever form it stands.
fn key(word: &str) -> Box<str> {
    german_stem(&fold(word)).into()
}

fn heads(counts: &Counts) -> HashMap<Box<str>, u32> {
    let mut heads: HashMap<&str, u32> = HashMap::new();
    for (word, count) in &counts.0 {
        let stem = german_stem(word);
        let is_head =
            (SHORTEST_PART..=LONGEST_HEAD).contains(&word.len()) && !SUFFIXES.contains(&stem);
        if is_head && count.is_noun() {
            let frequency = heads.entry(stem).or_default();
            *frequency = frequency.saturating_add(count.all);
        }
    }
    let frequent = heads
        .into_iter()
        .filter(|(_, frequency)| *frequency >= LEAST_HEAD);
    frequent
        .map(|(stem, frequency)| (stem.into(), frequency))
        .collect()
}

fn modifiers(counts: &Counts, heads: &HashMap<Box<str>, u32>) -> HashSet<Box<str>> {
    let mut modifiers: HashMap<&str, u32> = HashMap::new();
    for (word, count) in &counts.0 {
        let stem = german_stem(word);
        if stem.len() >= SHORTEST_PART {
            let frequency = modifiers.entry(stem).or_default();
            *frequency = frequency.saturating_add(count.all);
        }
    }
    let frequent = modifiers
        .into_iter()
        .filter(|(_, frequency)| *frequency >= LEAST_MODIFIER);
    let frequent = frequent.map(|(stem, _)| stem.into());
    frequent.chain(heads.keys().cloned()).collect()
}

/// Words long enough for a compound that mostly stand with a small letter.
fn others(counts: Counts) -> HashSet<Box<str>> {
    let is_other = |word: &str, count: Count| {
        word.len() >= SHORTEST_COMPOUND && count.capital < count.all.div_ceil(2)
    };
    let others = counts
        .0
        .into_iter()
        .filter(|(word, count)| is_other(word, *count));
    others.map(|(word, _)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the portal of these tests says beside the seed, each of it often.
    const SAID: &str = "Eltern Beirat Spüle Geschirr Allergen Bau Sand Leute Kirsche Saft Stand Grund Mitarbeit \
        Vorsitz Fläche unter über gegen waren enden stellen nehmen anstehen vorsitzen studieren \
        sicherstellen bereitstellen anstehende";

    fn lexicon(never: &[&str], always: &[&str]) -> Lexicon {
        let owned = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let mut counts = Counts::default();
        let mut analyzer = Analyzer::default();
        for (word, case) in analyzer.analyze(SAID, Language::De).words() {
            (0..6).for_each(|_| counts.add(word, Count::once(case)));
        }
        Lexicon::new(counts, &owned(never), &owned(always))
    }

    fn parts(lexicon: &Lexicon, word: &str) -> String {
        lexicon.split(&fold(word)).join(" ")
    }

    #[test]
    fn compounds_have_parts() {
        let lexicon = lexicon(&[], &[]);
        for (word, expected) in [
            ("Allergenliste", "allergen liste"),
            ("Arbeitsvertrag", "arbeits vertrag"),
            ("Arbeitszeiterfassung", "arbeits zeit erfassung"),
            ("Auftragsbestätigung", "auftrags bestatigung"),
            ("Bestellmenge", "bestell menge"),
            ("Eingangsrechnung", "eingangs rechnung"),
            ("Eingangsrechnungen", "eingangs rechnungen"),
            ("Elternbeiratssitzung", "eltern beirats sitzung"),
            ("Geschirrspüler", "geschirr spuler"),
            ("Gutschriftsanzeige", "gutschrifts anzeige"),
            ("Kirschsaft", "kirsch saft"),
            ("Kraftwerk", "kraft werk"),
            ("Krankenstand", "kranken stand"),
            ("Küchenleitung", "kuchen leitung"),
            ("Kühlkette", "kuhl kette"),
            ("Kundennummer", "kunden nummer"),
            ("Lebensmittelhygiene", "lebensmittel hygiene"),
            ("Liefertermin", "liefer termin"),
            ("Lieferverzug", "liefer verzug"),
            ("Lieferverzüge", "liefer verzuge"),
            ("Lieferverzuege", "liefer verzuge"),
            ("Mahngebühr", "mahn gebuhr"),
            ("Mittagessen", "mittag essen"),
            ("Monatsbericht", "monats bericht"),
            ("Preiserhöhung", "preis erhohung"),
            ("Rechnungsdatum", "rechnungs datum"),
            ("Rechnungsprüfungsausschuss", "rechnungs prufungs ausschuss"),
            ("Reinigungsplan", "reinigungs plan"),
            ("Spülmaschinenwartung", "spul maschinen wartung"),
            ("Stellenanzeige", "stellen anzeige"),
            ("Straßenverkehrsordnung", "strassen verkehrs ordnung"),
            ("Tiefkühlware", "tiefkuhl ware"),
            ("Versicherungsvertrag", "versicherungs vertrag"),
            ("Warenlieferung", "waren lieferung"),
            ("Weihnachtsfeier", "weihnachts feier"),
            ("Wochenende", "wochen ende"),
        ] {
            assert_eq!(parts(&lexicon, word), expected, "{word}");
        }
    }

    #[test]
    fn words_that_only_look_like_compounds_stay_whole() {
        const WHOLE: &str = "Abteilung Angebot Ausbildung Bearbeitung Begleitung Beinhaltung Bestellung Botschaft \
        Durchschnitt Einrichtung Entscheidung Freundlichkeit Gegebenheit Gegenstand Gesellschaft \
        Hintergrund Information Interessen Konferenz Landschaft Lieferanten Mannschaft Maßnahmen \
        Mitarbeitende Mitarbeiter Montage Nachteile Niederlage Oberfläche Rechnungen Reklamation \
        Sicherheit Staubecken Studierende Teilnahme Überweisung Unterlagen Unternehmen \
        Unterschrift Urlaub Veranstaltung Verantwortung Verein Verlängerung Verpflegung \
        Versicherung Verwendung Vollmacht Vorsitzende Vorstellung Weiterbildung Wiederholung \
        Wirtschaft Zusammenarbeit anstehende bereitstellen sicherstellen kostenlos Lieferverzug2 \
        Straßenѣ";
        let lexicon = lexicon(&[], &[]);
        for word in WHOLE.split_whitespace() {
            assert_eq!(parts(&lexicon, word), "", "{word}");
        }
    }

    #[test]
    fn settings_overrule_the_lexicon() {
        let lexicon = lexicon(&["Kühlkette"], &["obst+korb", "Mit+Arbeiter"]);
        for (word, expected) in [
            ("Kühlketten", ""),
            ("Obstkörbe", "obst korb"),
            ("Obstkorbpreis", "obst korb preis"),
            ("Mitarbeiter", "mit arbeiter"),
        ] {
            assert_eq!(parts(&lexicon, word), expected, "{word}");
        }
    }

    #[test]
    fn counts_of_workers_add_up() {
        let mut one = Counts::default();
        let mut other = Counts::default();
        one.add("sprosse", Count::once(Case::Capital));
        (0..2).for_each(|_| other.add("sprosse", Count::once(Case::Capital)));
        assert_eq!(
            Lexicon::new(Counts::default(), &[], &[])
                .split("kundensprosse")
                .len(),
            0
        );
        one.merge(other);
        assert_eq!(
            Lexicon::new(one, &[], &[]).split("kundensprosse"),
            ["kunden", "sprosse"]
        );
    }
}
