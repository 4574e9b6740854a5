// The search beside Pagefind's, over the same site: `node benches/search/run.mjs --customers 2000`.
//
//   --customers N   how large the portal is (2000; each has twenty entries)
//   --seed N        which portal, and which searches (1)
//   --each N        searches of each sort (40)
//   --runs N        builds of which the median counts (3)
//   --folder DIR    where portal, sites and indexes lie while it runs (a new one below the system's, then gone)
//   --records       Pagefind also with each entry as a record of its own
//   --json FILE     the figures as JSON
//
// It needs target/release/strang, Chromium, and `npm ci` in tests/browser and here.

import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openIndex } from '../../tests/browser/client.mjs';
import { judged, means, placesOf, worth } from '../../tests/browser/relevance.mjs';
import { open } from './browser.mjs';
import { builds, pagefindOfRecords, pagefindVersion, sizeOf } from './engines.mjs';
import { writePortal } from './portal.mjs';
import { queriesFor } from './queries.mjs';
import { goals, print } from './report.mjs';

const number = (text) => ({ type: 'string', default: text });
const { values: options } = parseArgs({
  options: {
    customers: number('2000'), seed: number('1'), each: number('40'), runs: number('3'),
    folder: { type: 'string' }, records: { type: 'boolean', default: false }, json: { type: 'string' },
  },
});
const [customers, seed, each, runs] = ['customers', 'seed', 'each', 'runs'].map((key) => Number(options[key]));
const project = fileURLToPath(new URL('../..', import.meta.url));
const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'strang-search-'));
process.once('exit', () => options.folder || rmSync(folder, { recursive: true, force: true }));
const say = (text) => process.stderr.write(`${text}\n`);

/** Leaves a portal beside another that is the same but has no search. */
function withoutSearch(portal) {
  const bare = `${portal}-without-search`;
  mkdirSync(bare, { recursive: true });
  for (const part of ['strang.toml', 'content', 'themes']) {
    if (existsSync(join(portal, part))) cpSync(join(portal, part), join(bare, part), { recursive: true });
  }
  appendFileSync(join(bare, 'strang.toml'), '\n[search]\nenabled = false\n');
}

function example() {
  const portal = join(folder, 'example');
  const copy = (part) => cpSync(join(project, part), join(portal, part), { recursive: true });
  ['content', 'themes', 'strang.toml'].forEach(copy);
  return portal;
}

/** The places where what a search is for stands: an entry's on its customer's pages, or a customer's page. */
function goldOf(site, { entry, customer }) {
  if (customer) return new Map([[`customers/${customer.id}.html`, 2]]);
  if (!entry) return new Map();
  const { id } = entry.customer;
  const years = existsSync(join(site, 'customers', id)) ? readdirSync(join(site, 'customers', id)) : [];
  const all = [`customers/${id}.html`, ...years.map((name) => `customers/${id}/${name}`)];
  const pages = all.filter((page) => page.endsWith('.html'));
  const holds = (page) => readFileSync(join(site, page), 'utf8').includes(`id="${entry.stem}"`);
  return new Map(pages.filter(holds).map((page) => [`${page}#${entry.stem}`, 2]));
}

const pageOf = (place) => place.split('#')[0];

/** Pages of results, each once, for engines that find pages. */
function onPages({ grades }, results) {
  const best = new Map();
  const put = (page, grade) => best.set(page, Math.max(grade, best.get(page) ?? 0));
  for (const [place, grade] of grades) put(pageOf(place), grade);
  const pages = [...new Map(results.map((places) => [pageOf(places[0]), places.map(pageOf)])).values()];
  return worth({ grades: best }, pages);
}

/** What an engine's answers are worth, sort by sort: by page, and where it finds single places, by place. */
function relevance(queries, answers) {
  const sorts = [...new Set(queries.map(({ sort }) => sort))];
  const each = queries.map((query, i) => {
    return { query, page: onPages(query, answers[i]), place: worth(query, answers[i]) };
  });
  const of = (part, fits) => means(each.filter(({ query }) => fits(query)).map((all) => all[part]));
  const table = (fits) => ({ page: of('page', fits), place: of('place', fits) });
  const by = (key, names) => Object.fromEntries(names.map((name) => [name, table((query) => query[key] === name)]));
  const halves = ['open', 'held'].filter((half) => queries.some((query) => query.half === half));
  return { all: table(() => true), bySort: by('sort', sorts), byHalf: by('half', halves) };
}

/** Three engines answer the same searches. */
async function rank(portal, queries) {
  const index = openIndex(portal.site);
  const own = [];
  for (const { typed } of queries) own.push((await index.ask(typed, 30)).records.map(placesOf));
  const texts = queries.map(({ plain, typed }) => plain ?? typed);
  const other = await rankByPagefind(portal.pagefind, portal.site, queries, texts);
  const result = { strang: relevance(queries, own), pagefind: other };
  if (options.records) {
    const records = join(folder, 'pagefind-of-records');
    result.recordsBuild = await pagefindOfRecords(await index.records(), records);
    result.recordsBuild.size = sizeOf(records);
    result.records = await rankByPagefind(records, portal.site, queries, texts);
    rmSync(records, { recursive: true, force: true });
  }
  return result;
}

async function rankByPagefind(pagefind, site, queries, texts) {
  const engine = await open('pagefind', { site, pagefind });
  const answers = await engine.answers(texts);
  await engine.close();
  return relevance(queries, answers.map((found) => found.map((place) => [place])));
}

/** What is measured are the first results, so a text has so many, on as many pages. */
const SHOWN = 5;
/** So many texts of each sort are measured, if there are as many, and their mean counts. */
const SAMPLES = 8;

/**
 * Words to measure with: rare ones, very common ones, two that stand in one entry; and what somebody types letter by
 * letter.
 */
function samples({ customers, entries }) {
  const holds = ({ lemmas }, words) => lemmas.some((of) => words.every(({ lemma }) => of.includes(lemma)));
  const isShown = (words) => customers.filter((customer) => holds(customer, words)).length >= SHOWN;
  const some = (texts, fits) => {
    const found = [];
    for (const words of texts) if (found.length < SAMPLES && fits(words) && isShown(words)) found.push(words);
    if (!found.length) throw new Error('no text has five results in so small a portal: take more customers');
    return found.map((words) => words.map(({ text }) => text).join(' '));
  };
  const titles = entries.map(({ title }) => title.said);
  const words = titles.flat().filter(({ text }) => text.length > 3).map((word) => [word]);
  const distinct = [...new Map(words.map(([word]) => [word.lemma, [word]])).values()];
  const frequent = [...distinct].sort(([a], [b]) => a.lemma.rank - b.lemma.rank);
  const pairs = titles.map((said) => said.slice(0, 2)).filter(([a, b]) => b && a.lemma !== b.lemma);
  const typed = [
    ...titles.slice(0, 12).map(([word]) => word.text),
    ...titles.slice(12, 24).map((said) => said.slice(0, 2).map(({ text }) => text).join(' ')),
    ...customers.slice(0, 6).map(({ title }) => title),
  ];
  const cold = {
    'rare word': some(distinct, ([{ lemma, text }]) => lemma.rank > 20_000 && text.length > 7),
    'common word': some(frequent, () => true),
    'two words': some(pairs, () => true),
  };
  return { cold, typed };
}

async function speed(name, portal, { cold, typed }) {
  const engine = await open(name, portal);
  const figures = { cold: {} };
  for (const [sort, texts] of Object.entries(cold)) {
    const all = [];
    for (const text of texts) all.push(await engine.cold(text));
    const mean = (key) => all.reduce((sum, of) => sum + of[key], 0) / all.length;
    const most = (key) => Math.max(...all.map((of) => of[key]));
    const means = Object.fromEntries(Object.keys(all[0]).map((key) => [key, mean(key)]));
    figures.cold[sort] = { texts, ...means, mostRequests: most('restRequests'), mostTrips: most('trips') };
  }
  figures.full = await engine.keystrokes(typed, 1);
  figures.slow = await engine.keystrokes(typed, 4);
  await engine.close();
  return figures;
}

const below = (name) => join(folder, name);
const paths = (name) => ({ portal: below(name), site: below(`${name}-site`), pagefind: below(`${name}-pagefind`) });

say(`portal of ${customers} customers …`);
const generated = paths('generated');
const written = writePortal(generated.portal, { customers, seed });
withoutSearch(generated.portal);
say('builds …');
const built = await builds({ ...generated, runs });
const meant = queriesFor(written, { seed: seed + 1, each });
const queries = meant.map((query) => ({ ...query, grades: goldOf(generated.site, query) }));
say(`${queries.length} searches …`);
const ranks = { generated: await rank(generated, queries) };
say('speed …');
const sample = samples(written);
const speeds = {};
for (const engine of ['strang', 'pagefind']) speeds[engine] = await speed(engine, generated, sample);
const sizes = { strang: sizeOf(join(generated.site, 'search')), pagefind: sizeOf(generated.pagefind) };
sizes.terms = sizeOf(join(generated.site, 'search'), (path) => /^\/[tl]\//.test(path));
say('the example …');
const small = { ...paths('example'), portal: example() };
withoutSearch(small.portal);
await builds({ ...small, runs: 1 });
ranks.example = await rank(small, judged());
const records = (await openIndex(generated.site).records()).length;

const about = {
  customers, entries: customers * 20, records, seed, cores: cpus().length, processor: cpus()[0].model,
  node: process.version, pagefind: pagefindVersion(),
};
const figures = { about, built, sizes, speeds, ranks };
figures.goals = goals(figures);
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
print(figures);
