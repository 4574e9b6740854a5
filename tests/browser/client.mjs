// The parts of the search's script that need no page, in node: an index on the disk is asked as a page asks it.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PARTS = ['analyze', 'files', 'match', 'query', 'rank', 'rows'];

/** What the box does with a text, or the page: names as they are, and so many results with excerpts; how many there
 * are in all, and whether that is all. */
const ASK = `
async function ask(text, count, isWhole) {
  latest += 1;
  const search = await answer(text, { count, isWhole }, latest);
  const { root, groups = [], names, steps, total, isPartial, isRough } = search;
  const best = steps.flatMap((step) => step.best).slice(0, count);
  const records = await Promise.all(best.map(({ id }) => record(root, id, latest)));
  for (const record of records) record.excerpt = excerptOf(record.text, groups);
  const direct = names.map(({ address, ...name }) => ({ ...name, targets: [{ address, anchor: '' }] }));
  const ids = [...names.map(({ id }) => id), ...steps.flatMap(({ ids }) => [...ids])];
  const found = { records: [...direct, ...records].slice(0, count), ids, total: total + names.length };
  // The benches have no words.
  const said = typeof words === 'undefined' ? '' : countOf(search);
  return { ...found, isPartial, isRough, count: said };
}`;

/** The parts as one text, with `ask` behind them. */
export function clientScript() {
  const part = (name) => readFileSync(join(project, 'themes/default/assets/search', `${name}.js`), 'utf8');
  return [...PARTS.map(part), ASK].join('\n');
}

/** The words that the script of a site says. */
function own(site) {
  const name = readdirSync(join(site, 'assets')).find((name) => /^search\..*\.js$/.test(name));
  return JSON.parse(/^const words = (.*);$/m.exec(readFileSync(join(site, 'assets', name), 'utf8'))[1]);
}

/** The index of a site. */
export function openIndex(site) {
  const read = [];
  const fetch = async (address) => {
    read.push(address.split('/search/').pop());
    return new Response(readFileSync(new URL(address)));
  };
  const browser = { Blob, DecompressionStream, Response, TextDecoder, TextEncoder, fetch, setTimeout };
  const page = { location: { protocol: 'http:' }, document: { documentElement: { lang: 'de' } }, words: own(site) };
  const context = vm.createContext({ ...browser, ...page });
  vm.runInContext(clientScript(), context);
  // Nobody types here, so nobody is waited for.
  context.pause = async () => {};
  vm.runInContext(`site = ${JSON.stringify(`${pathToFileURL(site)}/`)}`, context);
  return {
    ask: (text, count = 10, { isWhole = false } = {}) => context.ask(text, count, isWhole),
    /** The files that were read so far. */
    read,
    /** All records, by id. */
    records: () => vm.runInContext(`(async () => {
      const root = await getRoot(latest);
      const ids = Array.from({ length: root.end }, (_, id) => id).filter((id) => id < root.ends[5] || id >= root.base);
      return Promise.all(ids.map((id) => record(root, id, latest)));
    })()`, context),
  };
}
