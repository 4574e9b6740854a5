// Portals of any size, from a number: customers with twenty entries each, departments, people, plain pages. What is
// written is German, one entry in six English. Some entries are given back as they were meant, for searches to find.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dice, inventedName, vocabulary } from './words.mjs';

const ENTRIES = 20;
const REMEMBERED = 4000;
const PAGES = 200;
const PEOPLE = 200;
const BRANCHES = 'Logistik Maschinenbau Lebensmittel Pharma Energie Handel Textil Bau Chemie Medien Möbel'.split(' ');
const FORMS = ['GmbH', 'AG', 'KG', 'e.K.', 'SE'];
const DEPARTMENTS = 'Vertrieb Kundendienst Versand Fertigung Einkauf Buchhaltung Personal Kantine'.split(' ');
const KINDS = ['inquiry', 'order', 'payment', 'complaint', 'action', 'action', 'visit', 'feedback', 'note'];
const SMALL = {
  german: 'der die das und mit für nach ohne über wegen beim zum zur im am auf ist nicht den dem des auch'.split(' '),
  english: 'the and of to for is with that this are by from has have at which you our we'.split(' '),
};
const UMLAUTS = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' };

const SETTINGS = `title = "Portal"
language = "de"
currency = "EUR"

[facts.customer.segment]
type = "choice"
choices = ["A", "B", "C"]
`;

export function idOf(text) {
  const plain = text.toLowerCase().replace(/[äöüß]/g, (sign) => UMLAUTS[sign]);
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

/** Writes a portal; gives back the customers, each with the lemmas of each entry, and some of the entries. */
export function writePortal(folder, { customers: count, seed }) {
  const roll = dice(seed);
  const draw = vocabulary(seed);
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const page = (path, fields, text) => write(`content/${path}`, `+++\n${fields.join('\n')}\n+++\n\n${text}\n`);
  const words = (language, count) => Array.from({ length: count }, () => {
    const lemma = draw[language](roll);
    return { lemma, text: roll.pick(lemma.forms) };
  });
  const sentence = (language) => {
    const said = words(language, 3 + roll.below(4));
    const text = said.map(({ text }) => `${roll.pick(SMALL[language])} ${text}`).join(' ');
    return { said, text: `${text[0].toUpperCase()}${text.slice(1)}.` };
  };
  const prose = (language, count) => {
    const all = Array.from({ length: count }, () => sentence(language));
    return { said: all.flatMap(({ said }) => said), text: all.map(({ text }) => text).join(' ') };
  };
  const title = (language) => {
    const said = words(language, 2 + roll.below(3));
    return { said, text: said.map(({ text }, i) => (i ? text : text[0].toUpperCase() + text.slice(1))).join(' ') };
  };

  write('strang.toml', SETTINGS);
  for (const name of DEPARTMENTS) page(`departments/${idOf(name)}.md`, [`title = "${name}"`], prose('german', 5).text);
  const taken = new Set();
  const fresh = (make) => {
    for (;;) {
      const name = make();
      if (taken.has(idOf(name))) continue;
      taken.add(idOf(name));
      return name;
    }
  };
  const people = Array.from({ length: PEOPLE }, () => {
    const name = fresh(() => `${inventedName(roll)} ${inventedName(roll)}`);
    const fields = [`title = "${name}"`, `departments = "${idOf(roll.pick(DEPARTMENTS))}"`];
    page(`people/${idOf(name)}.md`, fields, prose('german', 2).text);
    return idOf(name);
  });
  for (let at = 0; at < PAGES; at += 1) {
    const parts = [prose('german', 8).text, `## ${title('german').text}`, prose('german', 8).text];
    page(`wiki/seite-${at}.md`, [`title = "${title('german').text}"`], parts.join('\n\n'));
  }

  const customers = [];
  const entries = [];
  const keep = REMEMBERED / (count * ENTRIES);
  for (let at = 0; at < count; at += 1) {
    const name = fresh(() => inventedName(roll));
    const called = `${name} ${roll.pick(BRANCHES)} ${roll.pick(FORMS)}`;
    const customer = { id: idOf(name), name, title: called, lemmas: [] };
    customers.push(customer);
    const segment = roll.pick(['A', 'B', 'C']);
    const head = [`title = "${customer.title}"`, `segment = "${segment}"`, `owner = "${roll.pick(people)}"`];
    const parts = [prose('german', 3).text, `## ${title('german').text}`, prose('german', 4).text];
    page(`customers/${customer.id}/index.md`, head, parts.join('\n\n'));
    for (let i = 0; i < ENTRIES; i += 1) {
      const entry = entryOf(roll, { title, prose }, customer, at * ENTRIES + i);
      page(`customers/${customer.id}/${entry.stem}.md`, [...entry.fields, `by = "${roll.pick(people)}"`], entry.text);
      customer.lemmas.push([...entry.title.said, ...entry.said].map(({ lemma }) => lemma));
      if (roll.next() < keep) entries.push(entry);
    }
  }
  return { customers, entries };
}

function entryOf(roll, { title, prose }, customer, serial) {
  const language = roll.oneIn(6) ? 'english' : 'german';
  const day = new Date(Date.UTC(2019, 0, 1 + roll.below(2880))).toISOString().slice(0, 10);
  const kind = roll.pick(KINDS);
  const head = title(language);
  const body = prose(language, 1 + roll.below(5));
  const entry = { customer, language, day, kind, stem: `${day}-${kind}-${serial}`, title: head, said: body.said };
  entry.fields = [`kind = "${kind}"`, `title = "${head.text}"`];
  entry.text = body.text;
  // What could be one word is told in two: the delay of the delivery.
  const compound = body.said.find(({ lemma }) => lemma.parts);
  if (language === 'german' && compound && roll.oneIn(10)) {
    const [left, right] = compound.lemma.parts;
    entry.apart = compound.lemma;
    entry.text = `${right} der ${left}. ${body.text.replaceAll(compound.text, right)}`;
    entry.said = body.said.filter(({ lemma }) => lemma !== compound.lemma);
  }
  if (kind === 'order' || kind === 'payment') {
    entry.number = `${kind === 'order' ? 'A' : 'RE'}-${day.slice(0, 4)}-${String(10_000 + serial)}`;
    entry.fields.push(`number = "${entry.number}"`, `amount = ${100 + roll.below(90_000)}.${10 + roll.below(89)}`);
  }
  return entry;
}
