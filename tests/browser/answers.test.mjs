// What the search answers in a portal made for it, without a browser: what it counts, what it leaves out, and how
// numbers and forms of words find each other.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { build, temporary } from './site.mjs';
import { openIndex } from './client.mjs';

const ROWS = 12_000;

/** Thousands of rows that say nearly the same, and some entries that say something. */
function portal() {
  const folder = temporary();
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('strang.toml', `title = "Portal"
language = "de"
[ledgers.bank]
files = "ledgers/*.csv"
kind = "payment"
customer = { column = "Kunde" }
columns = { date = "Datum", title = "Text", number = "Nummer" }
`);
  const day = (row) => `2025-${String(1 + (row % 12)).padStart(2, '0')}-${String(1 + (row % 28)).padStart(2, '0')}`;
  const text = (row) => (row % 60 === 7 ? 'Rechnung spät bezahlt' : row % 20 === 3 ? 'Bezahlt wurde die Rechnung' : 'Rechnung bezahlt');
  const rows = Array.from({ length: ROWS }, (_, row) => `mueller,${day(row)},${text(row)},N-${row}`);
  write('content/ledgers/bank.csv', `Kunde,Datum,Text,Nummer\n${rows.join('\n')}\n`);
  write('content/departments/lager.md', '+++\ntitle = "Lager"\n+++\n');
  write('content/people/martin-roth.md', '+++\ntitle = "Martin Roth"\ndepartments = "lager"\n+++\n');
  write('content/customers/mueller.md', '+++\ntitle = "Müller"\n+++\n');
  const entries = {
    'rohr-eng': 'Ein Rohr DN800 am Kessel.',
    'rohr-weit': 'Ein Rohr DN 800 am Tank.',
    'sieb': 'Das Sieb TS 2000 läuft.',
    'teil': 'Ersatz für E26-043 und für 4710-201.',
    'gewicht': 'Es wiegt 5kg, der Deckel 3 kg.',
    'format': 'Ein Blatt in A4 zu 42 Cent.',
    'konto': 'Das Konto und das Thema der Firma, das Ergebnis der Kundin.',
    'konten': 'Die Konten und die Themen der Firmen, die Ergebnisse der Kundinnen.',
    'brief': 'Der Kunde schrieb eine E-Mail.',
    'antwort': 'Die Antwort kam als Email.',
    'martin': 'Martin rief an.',
    'martina': 'Martina rief an.',
  };
  for (const [id, text] of Object.entries(entries)) {
    write(`content/customers/mueller/2024-05-12-${id}.md`, `+++\nkind = "note"\ntitle = "Notiz ${id}"\n+++\n\n${text}\n`);
  }
  return folder;
}

const site = build(portal());
const index = openIndex(site);
const onPage = (text, count = 200) => index.ask(text, count, { isWhole: true });
/** From an empty cache: what is there already is not left out. */
const inBox = (text) => openIndex(site).ask(text, 5);
const titles = ({ records }) => {
  const entries = records.filter(({ title }) => title.startsWith('Notiz '));
  return Array.from(entries, ({ title }) => title.slice('Notiz '.length)).sort();
};

describe('counts', () => {
  test('of a phrase are right on the page, however often it is said', async () => {
    const { total, count, records } = await onPage('"spät bezahlt"');
    assert.equal(total, ROWS / 60);
    assert.equal(count, `${ROWS / 60} Treffer`);
    assert.ok(records.every(({ title }) => title === 'Rechnung spät bezahlt'));
    assert.equal((await onPage('"Rechnung bezahlt"')).total, ROWS - ROWS / 60 - ROWS / 20);
  });

  test('of a phrase that may be said elsewhere say so', async () => {
    const { count, isPartial } = await inBox('"Rechnung bezahlt"');
    assert.equal(isPartial, true);
    assert.match(count, /^mindestens \d+ Treffer$/);
  });

  test('of a frequent word say in the box that there are more, and on the page how many', async () => {
    assert.equal((await inBox('Rechnung')).count, 'mindestens 1000 Treffer');
    assert.equal((await onPage('Rechnung')).count, '12 000 Treffer');
  });

  test('hold all words on the page, the frequent ones too', async () => {
    const { total } = await onPage('Rechnung rief');
    const { total: rare } = await onPage('rief');
    assert.equal(rare, 2);
    // None has both: what follows leaves out a word, and says so.
    assert.ok(total > ROWS);
    assert.equal((await inBox('Rechnung rief')).count, 'Was passt, steht unten.');
  });

  test('hold nothing twice', async () => {
    for (const text of ['Rechnung', 'Rechnung rief', '"spät bezahlt"', 'Müller', 'Müller Konto', 'Kontenn Firma']) {
      const { ids, total } = await onPage(text);
      assert.equal(new Set(ids).size, ids.length, text);
      assert.equal(total, ids.length, text);
    }
  });
});

describe('words', () => {
  const finds = async (text, ...expected) => assert.deepEqual(titles(await onPage(text)), expected.sort(), text);

  test('of one or two signs are found on the page, where they are a word', async () => {
    await finds('kg', 'gewicht');
    await finds('42', 'format');
    await finds('A4', 'format');
    assert.deepEqual(titles(await inBox('kg')), []);
  });

  test('with numbers are found apart and joined', async () => {
    for (const text of ['DN800', 'DN 800', 'dn-800']) await finds(text, 'rohr-eng', 'rohr-weit');
    for (const text of ['TS2000', 'TS 2000', 'ts-2000']) await finds(text, 'sieb');
    for (const text of ['E26-043', 'E26 043', 'E26043']) await finds(text, 'teil');
    for (const text of ['4710-201', '4710 201', '4710201', '4710/201']) await finds(text, 'teil');
    for (const text of ['5 kg', '5kg']) await finds(text, 'gewicht');
  });

  test('are found in plurals of every kind', async () => {
    const pairs = ['Konto Konten', 'Thema Themen', 'Firma Firmen', 'Ergebnis Ergebnisse', 'Kundin Kundinnen'];
    for (const text of pairs.flatMap((pair) => pair.split(' '))) await finds(`${text} `, 'konten', 'konto');
    await finds('Martina ', 'martina');
    await finds('Martin ', 'martin');
  });

  test('with a hyphen are found without', async () => {
    for (const text of ['e-mail', 'E-Mail', 'email', 'E-Mails']) await finds(text, 'antwort', 'brief');
  });
});

test('an order alone orders all', async () => {
  const old = await onPage('sort:alt');
  const recent = await onPage('sort:datum');
  assert.equal(old.total, recent.total);
  assert.ok(old.total > ROWS);
  assert.equal(old.records[0].day < recent.records[0].day, true);
});

test('many words take no time that grows with their square', async () => {
  const before = process.cpuUsage();
  await onPage(`${'wurde spät '.repeat(80)}xylofon`);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 1_200_000, `it took ${user + system} µs`);
});
