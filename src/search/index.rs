//! Terms: by which words each record is found, and how well each fits.
//!
//! Records go in, sorted terms with their postings come out, and on the way the text of each record, while it is there.
//! Workers take records in order, so that their postings join end to end; what a record's words weigh depends on that
//! record alone. No number of workers may change a byte.

use std::ops::Range;

use rayon::prelude::*;

use super::analyze::{german_stem, language_of};
use super::compound::{Counts, Lexicon};
use super::encode::{GROUP, GroupWriter, TextGroup};
use super::records::{Records, id_of};
use super::vocabulary::{Met, Vocabulary};
use crate::settings::Weights;
use crate::value::Language;
use crate::view::{Field, Found};

/// All that is found.
pub(super) struct Terms {
    /// In the order of bytes.
    pub(super) terms: Vec<Term>,
    /// The texts of all records, group by group.
    pub(super) groups: Vec<TextGroup>,
    columns: Vec<Postings>,
}

/// What the index knows of a term.
pub(super) struct Term {
    pub(super) text: Box<str>,
    /// The parts of a compound, separated by blanks.
    pub(super) parts: String,
    /// Whether a title or a name has it.
    pub(super) is_name: bool,
    /// In how many records it is.
    pub(super) df: u32,
}

/// The postings of the records of one worker, term by term.
struct Postings {
    /// Where those of each term start; one more than there are terms.
    starts: Vec<u32>,
    ids: Vec<u32>,
    impacts: Vec<u8>,
}

/// What a worker makes of its records.
struct Batch {
    met: Met,
    /// Whether a title or a name has the term, by its number.
    is_name: Vec<bool>,
    /// Group by group.
    hits: Vec<Hits<f32>>,
    groups: Vec<TextGroup>,
}

/// What the records of a group are found by: terms with weights, or with impacts in the end. A batch may have tens of
/// millions; those of a group are read into room that is used again, and kept in as much as they need.
#[derive(Clone, Default)]
struct Hits<W> {
    /// Each record with the end of its own.
    records: Vec<(u32, usize)>,
    terms: Vec<u32>,
    weights: Vec<W>,
}

impl<W: Copy> Hits<W> {
    fn push(&mut self, term: u32, weight: W) {
        self.terms.push(term);
        self.weights.push(weight);
    }

    /// What was pushed since the record before was that of a record.
    fn end(&mut self, id: u32) {
        self.records.push((id, self.terms.len()));
    }

    /// Hands out all that was pushed and forgets it.
    fn take(&mut self) -> Hits<W> {
        let taken = self.clone();
        self.records.clear();
        self.terms.clear();
        self.weights.clear();
        taken
    }

    /// Each record with its terms and their weights.
    fn each(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = (u32, W)>)> {
        let mut start = 0;
        self.records.iter().map(move |(id, end)| {
            let own = start..*end;
            start = *end;
            let weights = self.weights[own.clone()].iter().copied();
            (*id, self.terms[own].iter().copied().zip(weights))
        })
    }
}

/// Fewer records are not worth a vocabulary of their own.
const LEAST_IN_A_BATCH: usize = 4096;
/// So many batches for each core keep all of them busy until the end.
const BATCHES_FOR_EACH: usize = 2;
/// What parts of a compound count, beside the compound.
const PART: f64 = 0.5;
/// Average lengths of titles and paths, and of texts, in words. They are constant, so that a record's weights are its
/// own.
const TITLE_LENGTH: f64 = 6.0;
const TEXT_LENGTH: f64 = 64.0;
/// Shorter words are no compounds.
const SHORTEST_COMPOUND: usize = 9;

impl Terms {
    pub(super) fn of(records: &Records<'_>) -> Terms {
        let mut batches: Vec<Batch> = ranges(records.end())
            .into_par_iter()
            .with_max_len(1)
            .map(|ids| Batch::of(records, ids))
            .collect();
        let groups = batches
            .iter_mut()
            .flat_map(|batch| std::mem::take(&mut batch.groups))
            .collect();
        let lexicon = lexicon(records, &batches);
        let compounds = compounds(&lexicon, &batches);
        let (mut terms, numbers) = join(&batches, &compounds);
        let parts = parts_of(&mut terms, &compounds);
        let columns: Vec<Postings> = batches
            .into_par_iter()
            .zip(numbers)
            .with_max_len(1)
            .map(|(batch, numbers)| Postings::of(batch, &numbers, &parts))
            .collect();
        for (at, term) in terms.iter_mut().enumerate() {
            let counts = columns.iter().map(|column| column.range(at).len());
            term.df = id_of(counts.sum());
        }
        Terms {
            terms,
            groups,
            columns,
        }
    }

    /// The records of a term with their impacts, by id.
    pub(super) fn postings(&self, term: usize) -> impl Iterator<Item = (u32, u8)> + Clone {
        self.columns.iter().flat_map(move |column| {
            let at = column.range(term);
            let impacts = column.impacts[at.clone()].iter().copied();
            column.ids[at].iter().copied().zip(impacts)
        })
    }
}

/// Whole groups of records for each worker.
fn ranges(end: usize) -> Vec<Range<usize>> {
    let batches = rayon::current_num_threads() * BATCHES_FOR_EACH;
    let length = end.div_ceil(batches).max(LEAST_IN_A_BATCH);
    let length = length.next_multiple_of(GROUP);
    (0..end)
        .step_by(length)
        .map(|start| start..end.min(start + length))
        .collect()
}

impl Batch {
    fn of(records: &Records<'_>, ids: Range<usize>) -> Batch {
        let mut reader = Reader::new(records);
        let mut hits = Vec::with_capacity(ids.len().div_ceil(GROUP));
        let mut groups = Vec::with_capacity(hits.capacity());
        let mut writer = GroupWriter::new(records);
        for start in ids.clone().step_by(GROUP) {
            let group = start..ids.end.min(start + GROUP);
            records.each(group, |id, class, found| {
                writer.add(class, found);
                reader.read(found);
                reader.hits.end(id_of(id));
            });
            hits.push(reader.hits.take());
            groups.push(writer.finish());
        }
        Batch {
            met: reader.vocabulary.finish(),
            is_name: reader.is_name,
            hits,
            groups,
        }
    }
}

/// Turns records into hits.
struct Reader {
    language: Language,
    weights: Weights,
    vocabulary: Vocabulary,
    is_name: Vec<bool>,
    sums: Sums,
    /// Those of the group that is read.
    hits: Hits<f32>,
}

/// The weights of the terms of one record, added up in the order in which they come.
#[derive(Default)]
struct Sums {
    /// By term.
    sums: Vec<f64>,
    /// The terms that have one.
    touched: Vec<u32>,
}

impl Sums {
    fn add(&mut self, term: u32, weight: f64) {
        let at = term as usize;
        if at >= self.sums.len() {
            self.sums.resize((at + 1).next_power_of_two(), 0.0);
        }
        if self.sums[at] == 0.0 && weight > 0.0 {
            self.touched.push(term);
        }
        self.sums[at] += weight;
    }

    /// Hands out all weights and forgets them.
    fn take(&mut self, mut with: impl FnMut(u32, f64)) {
        for term in self.touched.drain(..) {
            with(term, std::mem::take(&mut self.sums[term as usize]));
        }
    }
}

impl Reader {
    fn new(records: &Records<'_>) -> Reader {
        let settings = &records.portal.settings;
        Reader {
            language: settings.language,
            weights: settings.search.weights,
            vocabulary: Vocabulary::default(),
            is_name: Vec::new(),
            sums: Sums::default(),
            hits: Hits::default(),
        }
    }

    fn read(&mut self, found: &Found<'_>) {
        let text = &found.text[..found.body];
        let language = language_of(text, self.language);
        self.add(Field::Title, &found.title, language);
        for (field, name) in &found.names {
            self.add(*field, name, language);
        }
        self.add(Field::Text, text, language);
        for term in found.terms.split_ascii_whitespace() {
            self.sums.add(self.vocabulary.term(term), self.weights.name);
        }
        let hits = &mut self.hits;
        self.sums
            .take(|term, weight| hits.push(term, weight as f32));
    }

    fn add(&mut self, field: Field, text: &str, language: Language) {
        let length = self.vocabulary.read(text, language);
        let weight = self.weight(field, length);
        let is_name = matches!(field, Field::Title | Field::Id);
        for (term, times) in self.vocabulary.terms() {
            self.sums.add(term, weight * times);
            if is_name {
                mark(&mut self.is_name, term);
            }
        }
    }

    /// What a word counts in a field of so many words: in a long text less.
    fn weight(&self, field: Field, length: usize) -> f64 {
        let length = f64::from(id_of(length));
        let shared = |b: f64, average: f64| 1.0 - b + b * length / average;
        let weights = &self.weights;
        match field {
            Field::Id => weights.id,
            Field::Title => weights.title / shared(0.3, TITLE_LENGTH),
            Field::Name => weights.name,
            Field::Path => weights.path / shared(0.5, TITLE_LENGTH),
            Field::Page => weights.page,
            Field::Fact => weights.fact,
            Field::Text => weights.text / shared(0.75, TEXT_LENGTH),
        }
    }
}

fn mark(marks: &mut Vec<bool>, term: u32) {
    let at = term as usize;
    if at >= marks.len() {
        marks.resize(at + 1, false);
    }
    marks[at] = true;
}

fn lexicon(records: &Records<'_>, batches: &[Batch]) -> Lexicon {
    let search = &records.portal.settings.search;
    let mut counts = Counts::default();
    for batch in batches {
        batch.met.count(&mut counts);
    }
    Lexicon::new(counts, &search.compounds_never, &search.compounds_always)
}

/// The compounds by their terms, in order, each with its parts as folded: those of its shortest form.
fn compounds(lexicon: &Lexicon, batches: &[Batch]) -> Vec<(Box<str>, Vec<String>)> {
    let words = batches.par_iter().flat_map_iter(|batch| &batch.met.words);
    let long = words.filter(|(word, _)| word.len() >= SHORTEST_COMPOUND);
    let mut split: Vec<(&str, usize, &str, Vec<String>)> = long
        .filter_map(|(word, _)| {
            let parts = lexicon.split(word);
            let parts: Vec<String> = parts.into_iter().map(str::to_owned).collect();
            (!parts.is_empty()).then(|| (german_stem(word), word.len(), &**word, parts))
        })
        .collect();
    split.par_sort_unstable();
    split.dedup_by(|b, a| a.0 == b.0);
    split
        .into_iter()
        .map(|(term, _, _, parts)| (term.into(), parts))
        .collect()
}

/// One list of all terms, and for each batch the places of its own in it.
fn join(batches: &[Batch], compounds: &[(Box<str>, Vec<String>)]) -> (Vec<Term>, Vec<Vec<u32>>) {
    let mut met: Vec<(&str, usize, u32)> = Vec::new();
    for (batch, of) in batches.iter().enumerate() {
        let terms = of.met.terms.iter();
        met.extend(terms.map(|(term, number)| (&**term, batch, *number)));
    }
    // Parts need not be words of the portal.
    let parts = compounds.iter().flat_map(|(_, parts)| parts);
    met.extend(parts.map(|part| (german_stem(part), usize::MAX, 0)));
    met.par_sort_unstable();
    let mut numbers: Vec<Vec<u32>> = batches
        .iter()
        .map(|batch| vec![0; batch.met.terms.len()])
        .collect();
    let mut terms: Vec<Term> = Vec::new();
    for (text, batch, number) in met {
        if terms.last().is_none_or(|last| *last.text != *text) {
            terms.push(Term {
                text: text.into(),
                parts: String::new(),
                is_name: false,
                df: 0,
            });
        }
        let at = terms.len() - 1;
        if let Some(numbers) = numbers.get_mut(batch) {
            numbers[number as usize] = id_of(at);
            let is_name = batches[batch].is_name.get(number as usize);
            terms[at].is_name |= is_name.copied().unwrap_or(false);
        }
    }
    (terms, numbers)
}

/// The places of each term's parts; most have none.
fn parts_of(terms: &mut [Term], compounds: &[(Box<str>, Vec<String>)]) -> Vec<Box<[u32]>> {
    let mut parts_of = vec![Box::default(); terms.len()];
    let place = |terms: &[Term], text: &str| {
        let place = terms.binary_search_by(|term| (*term.text).cmp(text));
        place.expect("BUG: compounds and their parts were joined with the terms")
    };
    for (compound, parts) in compounds {
        let at = place(terms, compound);
        terms[at].parts = parts.join(" ");
        let places = parts
            .iter()
            .map(|part| id_of(place(terms, german_stem(part))));
        let mut places: Vec<u32> = places.filter(|part| *part != id_of(at)).collect();
        places.sort_unstable();
        places.dedup();
        parts_of[at] = places.into();
    }
    parts_of
}

impl Postings {
    fn of(batch: Batch, numbers: &[u32], parts: &[Box<[u32]>]) -> Postings {
        let mut starts = vec![0; parts.len() + 1];
        let mut groups: Vec<Hits<u8>> = Vec::with_capacity(batch.hits.len());
        let mut sums = Sums::default();
        let mut room = Hits::default();
        // What is read is let go, so that there is room for what comes of it.
        for group in batch.hits {
            for (id, hits) in group.each() {
                for (number, weight) in hits {
                    let (term, weight) = (numbers[number as usize], f64::from(weight));
                    sums.add(term, weight);
                    for part in &parts[term as usize] {
                        sums.add(*part, weight * PART);
                    }
                }
                sums.take(|term, weight| {
                    starts[term as usize + 1] += 1;
                    room.push(term, impact(weight));
                });
                room.end(id);
            }
            drop(group);
            groups.push(room.take());
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let count = starts[parts.len()] as usize;
        let mut next = starts.clone();
        let (mut ids, mut impacts) = (vec![0; count], vec![0; count]);
        for group in groups {
            for (id, hits) in group.each() {
                for (term, impact) in hits {
                    let next = &mut next[term as usize];
                    ids[*next as usize] = id;
                    impacts[*next as usize] = impact;
                    *next += 1;
                }
            }
        }
        Postings {
            starts,
            ids,
            impacts,
        }
    }

    fn range(&self, term: usize) -> Range<usize> {
        self.starts[term] as usize..self.starts[term + 1] as usize
    }
}

/// A weight in four bits, of which no record that has the word gets 0.
fn impact(weight: f64) -> u8 {
    let impact = (15.0 * weight / (1.2 + weight) + 0.5).floor();
    impact.clamp(1.0, 15.0) as u8
}
