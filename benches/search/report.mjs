// What is said of the figures: tables of one engine beside the other, and each goal with its target.

const MANY = 5000;
const kilo = (bytes) => bytes / 1000;
const mega = (bytes) => bytes / 1e6;
const digits = (value) => value.toFixed([10, 100].filter((bound) => Math.abs(value) < bound).length);

/** The goals of the search for a portal of this size. */
export function goals({ about, built, sizes, speeds, ranks }) {
  const isLarge = about.customers >= MANY;
  const { strang } = speeds;
  const own = ranks.generated.strang.bySort;
  const other = (part) => ({ own: ranks[part].strang.all.page.mrr, pagefind: ranks[part].pagefind.all.page.mrr });
  const coldest = Object.values(strang.cold);
  const most = (key) => Math.max(...coldest.map((of) => of[key]));
  const edits = ['left out', 'put in', 'changed', 'swapped'].map((kind) => own[`typo, ${kind}`].page.mrr);
  const all = [
    ['KB to five results, rare word, with the script', isLarge ? 80 : 50, kilo(strang.cold['rare word'].gzip)],
    ['KB to five results, common word, with the script', isLarge ? 150 : 50, kilo(strang.cold['common word'].gzip)],
    ['requests after the script, at most', 8, most('mostRequests')],
    ['serial trips after the script, at most', 3, most('mostTrips')],
    ['s added to the build', isLarge ? 3.5 : 0.6, built.strang.seconds],
    ['MB added to the build', isLarge ? 600 : 150, built.strang.megabytes],
    ...(isLarge ? [] : [['files', 2300, sizes.strang.files], ['MB of files', 10, mega(sizes.strang.bytes)]]),
    ['ms a keystroke, p95', isLarge ? 16 : 6, strang.full.p95],
    ['bytes of terms a record', 150, sizes.terms.bytes / about.records],
  ].map(([what, target, value]) => ({ what, target, value, isMet: value <= target }));
  const atLeast = [
    ['MRR, a letter left out', 0.98, edits[0]],
    ['MRR, one mistake of any kind', 0.95, edits.reduce((sum, mrr) => sum + mrr) / edits.length],
    ['MRR, generated, as good as Pagefind', other('generated').pagefind, other('generated').own],
    ['MRR, judged by hand, as good as Pagefind', other('example').pagefind, other('example').own],
  ].map(([what, target, value]) => ({ what, target, value, isMet: value >= target }));
  return [...all, ...atLeast];
}

export function print({ about, built, sizes, speeds, ranks, goals }) {
  const out = (text = '') => process.stdout.write(`${text}\n`);
  out(`${about.customers} customers, ${about.entries} entries, ${about.records} records, seed ${about.seed}`);
  out(`Pagefind ${about.pagefind}, only main, only pages that are no lists; node ${about.node}`);
  out(`${about.cores} × ${about.processor}\n`);
  const compare = (what, of, isMore = false) => {
    const [own, other] = ['strang', 'pagefind'].map(of);
    const isAhead = isMore ? own > other : own < other;
    const isEqual = digits(own) === digits(other);
    const standing = isEqual ? 'equal' : isAhead ? 'ahead' : 'BEHIND';
    return [what, digits(own), digits(other), digits(own / other), standing];
  };
  const cold = (sort) => [
    compare(`${sort}: KB in all`, (name) => kilo(speeds[name].cold[sort].gzip)),
    compare(`${sort}: KB beside the script`, (name) => kilo(speeds[name].cold[sort].withoutScript)),
    compare(`${sort}: requests beside the script`, (name) => speeds[name].cold[sort].restRequests),
    compare(`${sort}: serial trips`, (name) => speeds[name].cold[sort].trips),
    compare(`${sort}: ms with trips of 50 ms`, (name) => speeds[name].cold[sort].milliseconds),
  ];
  const relevance = (part) => [
    compare(`${part}: MRR@10`, (name) => ranks[part][name].all.page.mrr, true),
    compare(`${part}: hit@5`, (name) => ranks[part][name].all.page.hit, true),
    compare(`${part}: nDCG@10`, (name) => ranks[part][name].all.page.ndcg, true),
  ];
  table(out, ['', 'strang', 'Pagefind', 'ratio', ''], [
    compare('s added to the build', (name) => built[name].seconds),
    compare('s of processors', (name) => built[name].cpu),
    compare('MB added to the build', (name) => built[name].megabytes),
    compare('files', (name) => sizes[name].files),
    compare('MB of files', (name) => mega(sizes[name].bytes)),
    ...Object.keys(speeds.strang.cold).flatMap(cold),
    compare('ms a keystroke, p50', (name) => speeds[name].full.p50),
    compare('ms a keystroke, p95', (name) => speeds[name].full.p95),
    compare('ms a keystroke 4 × slower, p50', (name) => speeds[name].slow.p50),
    compare('ms a keystroke 4 × slower, p95', (name) => speeds[name].slow.p95),
    ...Object.keys(ranks).flatMap((part) => relevance(part)),
  ]);
  for (const part of Object.keys(ranks)) sorts(out, part, ranks[part]);
  out('goals');
  table(out, ['', 'target', 'value', ''], goals.map(({ what, target, value, isMet }) =>
    [what, digits(target), digits(value), isMet ? 'ok' : 'MISSED']));
}

/** Searches of each sort: MRR@10 and hit@5 of pages, and of the very places for whoever finds them. */
function sorts(out, part, { strang, pagefind, records, recordsBuild }) {
  out(`searches, ${part}`);
  if (recordsBuild) {
    const { seconds, size } = recordsBuild;
    out(`Pagefind of records: ${digits(seconds)} s, ${size.files} files, ${digits(mega(size.bytes))} MB`);
  }
  const engines = [strang, pagefind, ...(records ? [records] : [])];
  const row = (name, of) => [
    name, String(of(strang).page.count),
    ...engines.flatMap((engine) => [of(engine).page.mrr.toFixed(3), of(engine).page.hit.toFixed(3)]),
    of(strang).place.mrr.toFixed(3), ...(records ? [of(records).place.mrr.toFixed(3)] : []),
  ];
  const heads = [
    'sort', 'n', 'strang MRR', 'hit', 'Pagefind MRR', 'hit', ...(records ? ['of records MRR', 'hit'] : []),
    'strang places', ...(records ? ['of records places'] : []),
  ];
  const rows = [
    ...Object.keys(strang.bySort).map((sort) => row(sort, ({ bySort }) => bySort[sort])),
    ...Object.keys(strang.byHalf).map((half) => row(`half: ${half}`, ({ byHalf }) => byHalf[half])),
    row('all', ({ all }) => all),
  ];
  table(out, heads, rows);
}

function table(out, heads, rows) {
  const widths = heads.map((head, i) => Math.max(...[head, ...rows.map((row) => row[i])].map((cell) => cell.length)));
  const padded = (cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]));
  const line = (cells) => `| ${cells.map(padded).join(' | ')} |`;
  out(line(heads));
  out(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) out(line(row));
  out();
}
