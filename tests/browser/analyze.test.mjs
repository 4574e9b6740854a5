// The script's analyzer against the golden file that the build's analyzer has written, here and in the browser, which
// has a Unicode of its own; and that marks hit what they mean.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
const script = join(project, 'themes/default/assets/search/analyze.js');
const golden = readFileSync(join(project, 'tests/search/analyze.tsv'), 'utf8');

// A script's functions are global, here as in a page.
vm.runInThisContext(readFileSync(script, 'utf8'));
const { tokens, stems, germanStem, englishStem, halfTyped, fold, cleaned } = globalThis;

/** Texts, languages and terms of the golden file; runs in the browser, too. */
function read(golden) {
  const meant = (text) => text.replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(parseInt(code, 16)));
  return golden.split('\n').filter((line) => line).map((line) => line.split('\t').map(meant));
}

/** The terms that the build makes of a chunk, with their weights, in a language or in either; in the browser, too. */
function termsOf({ parts, joined }, language) {
  const stem = { de: (word) => [germanStem(word)], en: (word) => [englishStem(word)] }[language] ?? stems;
  const terms = new Map();
  const put = (term, weight) => terms.set(term, Math.max(weight, terms.get(term) ?? 0));
  const add = (word, weight) => {
    stem(word).forEach((term) => put(term, weight));
    if (/^0+\d+$/.test(word)) put(word.replace(/^0+(?=\d)/, ''), weight);
  };
  for (const part of parts) {
    add(part, 1);
    const sides = /^(\d+)(\D+)$|^(\D+)(\d+)$/.exec(part) ?? [];
    sides.slice(1).filter((side) => side).forEach((side) => add(side, 0.5));
  }
  if (joined) {
    add(joined, 1);
    add(joined.split('.')[0], 1);
  }
  return [...terms];
}

/** How many lines there are, and those that the analyzer does not come to. */
function compare(lines) {
  const wrong = lines.filter(([text, language, expected]) => {
    const terms = tokens(text).flatMap((chunk) => termsOf(chunk, language));
    return terms.map(([term, weight]) => term + (weight < 1 ? '/2' : '')).join(' ') !== expected;
  });
  return { count: lines.length, wrong: wrong.slice(0, 20) };
}

const lines = read(golden);

test('words have the terms of the golden file', () => {
  const { count, wrong } = compare(lines);
  assert.ok(count >= 50_000);
  assert.deepEqual(wrong, []);
});

test('words have the terms of the golden file in Chromium', async () => {
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ path: script });
    const asked = `(${compare})((${read})(${JSON.stringify(golden)}))`;
    const { count, wrong } = await page.evaluate(`(() => { ${termsOf}\nreturn ${asked}; })()`);
    assert.equal(count, lines.length);
    assert.deepEqual(wrong, []);
  } finally {
    await browser.close();
  }
});

test('each beginning of each golden word finds it', () => {
  const lost = lines.filter(([text, language], i) => {
    const terms = tokens(text).flatMap((chunk) => termsOf(chunk, language).map(([term]) => term));
    const knows = (word) => terms.includes(word) || stems(word).some((stem) => terms.includes(stem));
    const goesOn = (word) => terms.some((term) => term.startsWith(word)) || halfTyped(word).some((term) => terms.includes(term));
    const all = [...text].map((_, at, signs) => signs.slice(0, at + 1).join(''));
    // The law is tested in full where the analyzer is written first; here one beginning of each word is enough.
    const parts = tokens(all[i % all.length]).flatMap((chunk) => chunk.parts);
    const last = parts.pop();
    return last && !(parts.every(knows) && (goesOn(last) || knows(last)));
  });
  assert.deepEqual(lost.slice(0, 20), []);
});

test('chunks know where they stand', () => {
  const placed = (text) => tokens(text).map(({ start, end }) => text.slice(start, end));
  assert.deepEqual(placed('Der Ku\u0308hl\u00adwagen („Kühl-1“) fuhr am 12.3.2025, 7½ ﬁx'),
    ['Der', 'Ku\u0308hl\u00adwagen', 'Kühl-1', 'fuhr', 'am', '12.3.2025', '7½', '½', 'ﬁx']);
  for (const [text] of lines) {
    const inside = tokens(`« ${text} »`);
    const within = inside.every(({ start, end }) => start > 0 && start < end && end <= text.length + 2);
    assert.ok(within, text);
    // What a chunk of plain letters and digits covers is that chunk.
    if (!/^[\p{Script=Latin}\d][\p{Script=Latin}\d\u0300-\u036f\xad]*$/u.test(text) || text.normalize('NFKC') !== text.normalize('NFC')) continue;
    assert.deepEqual(inside.map(({ start, end }) => `« ${text} »`.slice(start, end)), [text]);
  }
});

test('what was typed has its parts and its whole', () => {
  const [chunk, ...others] = tokens('RE-2024-0815');
  assert.equal(others.length, 0);
  assert.deepEqual([chunk.parts, chunk.joined], [['re', '2024', '0815'], 're20240815']);
  assert.equal(tokens('1.234,5')[0].joined, '1234.50');
  assert.equal(tokens('Wort')[0].joined, null);
  assert.deepEqual(tokens('´'), []);
  assert.deepEqual(['Müller', 'Mueller', 'MULLER'].map((name) => fold(cleaned(name))), ['muller', 'muller', 'muller']);
  assert.deepEqual(halfTyped('shipp'), ['ship']);
});
