// How well the search finds and ranks in the example, without a browser: as good as it was, or better. The numbers
// come close to what is reached, so whoever changes what words weigh learns at once what it does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from './site.mjs';
import { openIndex } from './client.mjs';
import { judged, means, placesOf, worth } from './relevance.mjs';

const site = build();
const index = openIndex(site);
const known = new Set((await index.records()).flatMap(placesOf));

/** What each half must be worth to the box, and to the page with all results. */
const floors = [
  { where: 'in the box', half: 'open', floor: { mrr: 0.89, hit: 0.92, ndcg: 0.87 } },
  { where: 'in the box', half: 'held', floor: { mrr: 0.86, hit: 0.92, ndcg: 0.89 } },
  { where: 'on the page', half: 'open', floor: { mrr: 0.9, hit: 0.92, ndcg: 0.87 }, isWhole: true },
  { where: 'on the page', half: 'held', floor: { mrr: 0.86, hit: 0.92, ndcg: 0.89 }, isWhole: true },
];

test('what is sought is there to be found', () => {
  const lost = judged().flatMap(({ grades }) => [...grades.keys()]).filter((place) => !known.has(place));
  assert.deepEqual(lost, []);
});

for (const { where, half, floor, isWhole } of floors) {
  test(`searches find what they are for, and it stands high ${where}: ${half}`, async () => {
    const searches = judged().filter((search) => search.half === half);
    const worths = [];
    for (const search of searches) {
      const { records } = await index.ask(search.typed, 10, { isWhole });
      worths.push({ search, ...worth(search, records.map(placesOf)) });
    }
    const all = means(worths);
    // Of the other half nobody may know which ones: the ranking would be made for them.
    const open = worths.filter(({ mrr }) => half === 'open' && mrr < 1);
    const low = open.map(({ search, mrr }) => `${search.typed}: ${mrr.toFixed(2)}`);
    for (const [key, least] of Object.entries(floor)) {
      assert.ok(all[key] >= least, `${key} is ${all[key].toFixed(3)} and not ${least}\n${low.join('\n')}`);
    }
    assert.ok(all.count >= 40);
  });
}

test('what the help shows finds something', async () => {
  const help = readFileSync(join(site, 'search.html'), 'utf8');
  const shown = [...help.matchAll(/<dt><code>(.*?)<\/code>/g)].map(([, text]) => text);
  // Names and phrases are the reader's own.
  const texts = shown.filter((text) => !/:name|Wort für Wort/.test(text));
  assert.ok(texts.length >= 5);
  for (const text of texts) assert.ok((await index.ask(text, 10, { isWhole: true })).total > 0, text);
});

/** The folders of the files that a text needs, from an empty cache; and its first result. */
async function needs(text) {
  const fresh = openIndex(site);
  const { records } = await fresh.ask(text, 5);
  return { first: records[0]?.title, folders: fresh.read.map((name) => name.split('/')[0]) };
}

test('names are asked for where one may be meant, and only there', async () => {
  const titles = { 'Rösterei Lindqvist': 'Rösterei Lindqvist', 'adler glasrec': 'Adler Glasrecycling AG' };
  for (const [text, title] of Object.entries(titles)) {
    const name = await needs(text);
    assert.equal(name.first, title);
    assert.ok(name.folders.includes('n'), text);
  }
  const words = await needs('Staub Maschine');
  assert.ok(words.first);
  assert.ok(!words.folders.includes('n'));
});

test('five results take eight files', async () => {
  for (const text of ['Maschine', 'Rechnung', 'Lieferung Rechnung', 'Staub Maschine']) {
    const { folders } = await needs(text);
    assert.ok(folders.length <= 8, `${text}: ${folders}`);
  }
});
