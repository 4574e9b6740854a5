// A vocabulary as large as a company's: nouns, verbs and adjectives of both languages in all their forms, compounds,
// invented names; and dice that fall alike on every machine. Words are drawn by Zipf's law.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SIZE = 60_000;
const read = (path) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

/** Pseudo-random numbers (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound) => Math.floor(next() * bound);
  return { next, below, pick: (list) => list[below(list.length)], oneIn: (times) => below(times) === 0 };
}

const section = (name) => {
  const [, rest] = read('tests/search/words.txt').split(`[${name}]`);
  return rest.split('\n[')[0].split(/\s+/).filter(Boolean);
};
const capital = (word) => word[0].toUpperCase() + word.slice(1);

function pluralOf(noun) {
  if (/e$/.test(noun)) return `${noun}n`;
  if (/(ung|heit|keit|schaft|ion|ät)$/.test(noun)) return `${noun}en`;
  return /(er|el|en)$/.test(noun) ? noun : `${noun}e`;
}

const german = {
  noun: (word) => [word, `${word}${/(s|ß|z|x)$/.test(word) ? 'es' : 's'}`, pluralOf(word)],
  verb: (stem) => [`${stem}en`, `${stem}t`, `${stem}te`, `${stem}ten`],
  adjective: (word) => [word, `${word}e`, `${word}er`, `${word}en`, `${word}es`],
};
const english = {
  noun: (word) => [word, /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : word.replace(/(s|x|ch|sh)$/, '$1e') + 's'],
  verb: (word) => [word, `${word}s`, `${word.replace(/e$/, '')}ed`, `${word.replace(/e$/, '')}ing`],
  adjective: (word) => [word],
};

function linkOf(left) {
  if (/(ung|heit|keit|schaft|ion|ät)$/.test(left)) return 's';
  return /e$/.test(left) ? 'n' : '';
}

const STARTS = 'b br d dr f fl g gr h j k kl kr l m n p pr r s sch st t tr v w z'.split(' ');
const VOWELS = 'a a e e i o u ä ö ü au ei ie'.split(' ');
const ENDS = 'l n r m s t nd rt ck tz ch ll ss ß mp lb rk'.split(' ');

/** A name that no word list knows. */
export function inventedName({ pick, oneIn }) {
  const syllable = () => pick(STARTS) + pick(VOWELS);
  const more = oneIn(3) ? '' : syllable() + pick(ENDS);
  return capital(syllable() + pick(ENDS) + more + pick(['', 'er', 'mann', 'au', 'ow', 'ing']));
}

/** Draws words of each language, the most frequent most often: lemmas with their forms and a compound's parts. */
export function vocabulary(seed) {
  const roll = dice(seed);
  const seeds = read('src/search/compound_seed.txt').split(/\s+/).filter((word) => /^\p{Lu}/u.test(word));
  const all = [...new Set([...section('german nouns'), ...seeds])];
  const nouns = all.filter((word) => /^\p{Lu}\p{Ll}{2,}$/u.test(word));
  const lemma = (language, sort) => (word) => ({ word, sort, forms: language[sort](word) });
  const simple = [
    ...nouns.map(lemma(german, 'noun')),
    ...section('german verbs').map(lemma(german, 'verb')),
    ...section('german adjectives').map(lemma(german, 'adjective')),
  ];
  const compound = () => {
    const [left, right] = [roll.pick(nouns), roll.pick(nouns)];
    const word = left + linkOf(left) + right.toLowerCase();
    return { word, sort: 'noun', forms: german.noun(word), parts: [left, right] };
  };
  const invented = () => {
    const word = inventedName(roll);
    return { word, sort: 'name', forms: [word, `${word}s`] };
  };
  const rare = Array.from({ length: SIZE }, () => (roll.oneIn(4) ? invented() : compound()));
  const englishWords = (sort) => section(`english ${sort}s`).map(lemma(english, sort));
  const others = ['noun', 'verb', 'adjective'].flatMap(englishWords);
  const names = rare.slice(0, SIZE / 10);
  return { german: drawer(mixed(simple, rare, roll)), english: drawer(mixed(others, names, roll)) };
}

/** Simple words are the frequent ones, as a rule. */
function mixed(simple, rare, { next }) {
  const ranked = [...simple.map((of) => [next() * 2500, of]), ...rare.map((of, i) => [150 + i + next() * 900, of])];
  return ranked.sort((a, b) => a[0] - b[0]).map(([, of], rank) => ({ ...of, rank }));
}

/** Draws lemmas by Zipf's law. */
function drawer(lemmas) {
  const sums = [];
  let sum = 0;
  for (let rank = 0; rank < lemmas.length; rank += 1) sums.push((sum += 1 / (rank + 12)));
  return ({ next }) => {
    const at = next() * sum;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < at) low = middle + 1;
      else high = middle;
    }
    return lemmas[low];
  };
}
