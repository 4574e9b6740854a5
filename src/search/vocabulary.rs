//! The words of some records as terms with numbers: what a worker remembers, so that no word is analyzed twice.
//!
//! Numbers are a worker's own, in the order in which it met its terms; nothing of them may reach a file.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use rustc_hash::FxBuildHasher;

use super::analyze::{Analyzer, Case, pieces};
use super::compound::{Count, Counts};
use super::records::id_of;
use crate::value::Language;

/// Numbers of texts, from 0 in the order in which they came.
type Numbers = HashMap<Box<str>, u32, FxBuildHasher>;

/// What a worker has met.
#[derive(Default)]
pub(super) struct Vocabulary {
    analyzer: Analyzer,
    terms: Numbers,
    /// Pieces of German text, and of English.
    pieces: [Numbers; 2],
    known: Vec<Piece>,
    /// The terms of all pieces, one piece behind the other.
    piece_terms: Vec<(u32, f64)>,
    /// The words of German pieces, likewise.
    piece_words: Vec<(u32, Case)>,
    words: Numbers,
    /// The terms of the text that was read last: of known pieces their places, and those of all others.
    read: Vec<Range<usize>>,
    others: Vec<(u32, f64)>,
}

/// A piece of text that was met.
struct Piece {
    /// How many words it has.
    length: usize,
    terms: Range<usize>,
    words: Range<usize>,
    /// How often it was met.
    times: u32,
}

/// What a worker leaves behind, in the order of bytes.
pub(super) struct Met {
    pub(super) terms: Vec<(Box<str>, u32)>,
    /// How often each word of German texts occurs, by how it begins.
    pub(super) words: Vec<(Box<str>, [u32; 2])>,
}

impl Vocabulary {
    /// Reads a text; gives back how many words it has.
    pub(super) fn read(&mut self, text: &str, language: Language) -> usize {
        self.read.clear();
        self.others.clear();
        let mut length = 0;
        for piece in pieces(text) {
            // There may be a million numbers, none of which comes twice.
            if piece.bytes().any(|b| b.is_ascii_digit()) {
                let analysis = self.analyzer.analyze(piece, language);
                let terms = analysis.terms();
                let numbers = &mut self.terms;
                self.others
                    .extend(terms.map(|(term, weight)| (number(numbers, term), weight)));
                length += analysis.words().len();
            } else {
                let piece = self.piece(piece, language);
                let piece = &mut self.known[piece];
                piece.times = piece.times.saturating_add(1);
                length += piece.length;
                self.read.push(piece.terms.clone());
            }
        }
        length
    }

    /// The terms of the text that was read last, with their weights in it.
    pub(super) fn terms(&self) -> impl Iterator<Item = (u32, f64)> {
        let known = self
            .read
            .iter()
            .flat_map(|terms| &self.piece_terms[terms.clone()]);
        known.chain(&self.others).copied()
    }

    /// The number of what is a term as it is.
    pub(super) fn term(&mut self, term: &str) -> u32 {
        number(&mut self.terms, term)
    }

    fn piece(&mut self, text: &str, language: Language) -> usize {
        let pieces = &mut self.pieces[language as usize];
        if let Some(known) = pieces.get(text) {
            return *known as usize;
        }
        let at = self.known.len();
        pieces.insert(text.into(), id_of(at));
        let analysis = self.analyzer.analyze(text, language);
        let (terms, words) = (self.piece_terms.len(), self.piece_words.len());
        self.piece_terms.extend(
            analysis
                .terms()
                .map(|(term, weight)| (number(&mut self.terms, term), weight)),
        );
        if language == Language::De {
            self.piece_words.extend(
                analysis
                    .words()
                    .map(|(word, case)| (number(&mut self.words, word), case)),
            );
        }
        self.known.push(Piece {
            length: analysis.words().len(),
            terms: terms..self.piece_terms.len(),
            words: words..self.piece_words.len(),
            times: 0,
        });
        at
    }

    pub(super) fn finish(self) -> Met {
        let mut counts = vec![[0; 2]; self.words.len()];
        for piece in &self.known {
            for (word, case) in &self.piece_words[piece.words.clone()] {
                let count: &mut u32 = &mut counts[*word as usize][*case as usize];
                *count = count.saturating_add(piece.times);
            }
        }
        let words = in_order(self.words).into_iter();
        Met {
            terms: in_order(self.terms),
            words: words
                .map(|(word, number)| (word, counts[number as usize]))
                .collect(),
        }
    }
}

impl Met {
    /// How often words occur that compounds can be made of.
    pub(super) fn count(&self, counts: &mut Counts) {
        for (word, [capital, small]) in &self.words {
            counts.add(word, Count::times(*capital, Case::Capital));
            counts.add(word, Count::times(*small, Case::Small));
        }
    }
}

fn number(numbers: &mut Numbers, text: &str) -> u32 {
    if let Some(known) = numbers.get(text) {
        return *known;
    }
    let next = id_of(numbers.len());
    numbers.insert(text.into(), next);
    next
}

fn in_order<T: Ord + Eq + Hash>(numbers: HashMap<T, u32, FxBuildHasher>) -> Vec<(T, u32)> {
    let mut texts: Vec<(T, u32)> = numbers.into_iter().collect();
    texts.sort_unstable();
    texts
}
