// Searches over a generated portal, from a number, each with what it is for: an entry or a customer. Nothing here knows
// how any engine searches.

import { dice } from './words.mjs';

/** Words that stand in every second entry are nobody's memory of one. */
const REMEMBERED_RANK = 250;
const UMLAUT = /[äöüß]/i;
const PLAIN = { ä: 'a', ö: 'o', ü: 'u', ß: 'ss' };
const SPELLED = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' };
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** So many searches of each sort; a search is { sort, typed, plain, entry } or { …, customer } or for nothing. */
export function queriesFor({ customers, entries }, { seed, each }) {
  const roll = dice(seed);
  const isRemembered = ({ lemma }) => lemma.rank > REMEMBERED_RANK;
  const remembered = (entry) => [...entry.title.said, ...entry.said].filter(isRemembered);
  const distinct = (words) => [...new Map(words.map((word) => [word.lemma.word, word])).values()];
  const some = (words, count) => {
    const left = [...words];
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(roll.below(left.length), 1)[0]);
  };
  const two = (entry, fits = () => true) => {
    const words = distinct(remembered(entry));
    const first = words.find(fits);
    const others = words.filter((word) => word !== first);
    return first && others.length ? [first, roll.pick(others)] : undefined;
  };
  const said = (words) => words.map(({ text }) => text).join(' ');

  const ofEntry = {
    'known item': (entry) => {
      const words = some(distinct(remembered(entry)), 3);
      return words.length === 3 && said(words);
    },
    title: (entry) => entry.title.text,
    number: (entry) => entry.number?.replaceAll('-', roll.pick(['-', ' ', ''])),
    prefix: (entry) => {
      const words = two(entry, ({ text }) => text.length > 7);
      return words && `${words[1].text} ${words[0].text.slice(0, 4 + roll.below(3))}`;
    },
    inflection: (entry) => {
      const words = two(entry, ({ lemma }) => lemma.forms.length > 2);
      const other = ({ lemma, text }) => roll.pick(lemma.forms.filter((form) => form !== text)) ?? text;
      return words && words.map(other).join(' ');
    },
    spelling: (entry) => {
      const words = two(entry, ({ text }) => UMLAUT.test(text));
      const table = roll.pick([PLAIN, SPELLED]);
      return words && said(words).toLowerCase().replace(/[äöüß]/g, (sign) => table[sign]);
    },
    'part of a compound': (entry) => {
      const words = two(entry, ({ lemma }) => lemma.parts);
      return words && `${roll.pick(words[0].lemma.parts)} ${words[1].text}`;
    },
    'compound of parts': (entry) => {
      const others = distinct(remembered(entry));
      return entry.apart && others.length && `${entry.apart.word} ${roll.pick(others).text}`;
    },
    'typo in a text': (entry) => {
      const words = two(entry, ({ text, lemma }) => text.length > 6 && lemma.rank > REMEMBERED_RANK);
      const kind = roll.pick(Object.keys(typos));
      return words && `${typos[kind](words[0].text, roll)} ${words[1].text}`;
    },
    phrase: (entry) => {
      const words = /(\p{L}+ \p{L}+ \p{L}+ \p{L}+)\.$/u.exec(entry.text);
      return words && `"${words[1]}"`;
    },
    filter: (entry) => {
      const [word] = distinct(remembered(entry));
      return word && [`kunde:${entry.customer.id} ${word.text}`, `${entry.customer.name} ${word.text}`];
    },
    date: (entry) => {
      const [word] = distinct(remembered(entry));
      return word && [`im:${entry.day.slice(0, 7)} ${word.text}`, `${word.text} ${entry.day.slice(0, 4)}`];
    },
    'mixed languages': (entry) => {
      const [word] = distinct(remembered(entry)).filter(({ lemma }) => lemma.sort !== 'name');
      return entry.language === 'english' && word && `${entry.customer.name} ${word.text}`;
    },
  };
  const queries = [];
  for (const [sort, of] of Object.entries(ofEntry)) {
    for (let left = each, tries = 0; left > 0 && tries < 20_000; tries += 1) {
      const entry = roll.pick(entries);
      const typed = of(entry);
      if (!typed) continue;
      const [own, plain] = [typed, typed].map((text, i) => (Array.isArray(text) ? text[i] : text));
      queries.push({ sort, typed: own, plain, entry });
      left -= 1;
    }
  }
  const mistyped = Object.entries(typos).map(([kind, of]) => [`typo, ${kind}`, of]);
  for (const [sort, of] of [['name', (name) => name], ...mistyped]) {
    const long = customers.filter(({ name }) => name.length > 6);
    for (let left = each; left > 0; left -= 1) {
      const customer = roll.pick(long);
      const typed = of(customer.name, roll);
      queries.push({ sort, typed, plain: typed, customer });
    }
  }
  for (let left = each; left > 0; left -= 1) {
    const typed = Array.from({ length: 12 }, () => roll.pick('bcdfghjklmnpqrstvwxz')).join('');
    queries.push({ sort: 'nonsense', typed, plain: typed });
  }
  return queries;
}

/** One mistake each, not in the first two letters but for the last kind. */
const typos = {
  'left out': (word, roll) => {
    const at = 2 + roll.below(word.length - 3);
    return word.slice(0, at) + word.slice(at + 1);
  },
  'put in': (word, roll) => {
    const at = 2 + roll.below(word.length - 3);
    return word.slice(0, at) + roll.pick(LETTERS) + word.slice(at);
  },
  changed: (word, roll) => {
    const at = 2 + roll.below(word.length - 3);
    return word.slice(0, at) + roll.pick(LETTERS.replace(word[at], '')) + word.slice(at + 1);
  },
  swapped: (word, roll) => {
    const at = 2 + roll.below(word.length - 3);
    return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  },
  'first letter': (word) => word[1].toUpperCase() + word[0].toLowerCase() + word.slice(2),
};
