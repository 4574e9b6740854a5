// The parts of the search's script that need no page, in node: an index on the disk is asked as a page asks it.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
const PARTS = ['analyze', 'files', 'match', 'query', 'rank', 'rows'];

/** What the box does with a text: names as they are, and so many results with excerpts; how many there are in all. */
const ASK = `
async function ask(text, count) {
  latest += 1;
  const { root, groups = [], names, steps, total } = await answer(text, { count }, latest);
  const best = steps.flatMap((step) => step.best).slice(0, count);
  const records = await Promise.all(best.map(({ id }) => record(root, id, latest)));
  for (const record of records) record.excerpt = excerptOf(record.text, groups);
  const direct = names.map(({ address, ...name }) => ({ ...name, targets: [{ address, anchor: '' }] }));
  return { records: [...direct, ...records].slice(0, count), total: total + names.length };
}`;

/** The parts as one text, with `ask` behind them. */
export function clientScript() {
  const part = (name) => readFileSync(join(project, 'themes/default/assets/search', `${name}.js`), 'utf8');
  return [...PARTS.map(part), ASK].join('\n');
}

/** The index of a site. */
export function openIndex(site) {
  const read = [];
  const fetch = async (address) => {
    read.push(address.split('/search/').pop());
    return new Response(readFileSync(new URL(address)));
  };
  const browser = { Blob, DecompressionStream, Response, TextDecoder, TextEncoder, fetch, setTimeout };
  const page = { location: { protocol: 'http:' }, document: { documentElement: { lang: 'de' } } };
  const context = vm.createContext({ ...browser, ...page });
  vm.runInContext(clientScript(), context);
  // Nobody types here, so nobody is waited for.
  context.pause = async () => {};
  vm.runInContext(`site = ${JSON.stringify(`${pathToFileURL(site)}/`)}`, context);
  return {
    ask: (text, count = 10) => context.ask(text, count),
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
