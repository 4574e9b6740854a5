// From a query to records in their order: what each word finds, all words together, step by step wider while there is
// little, the best first. It must never touch the page.

// With fewer results than this the next step is taken.
const FEW = 5;
const REST_FOR_TYPOS = 250;
// In so many files phrases are looked for, on the page in more.
const FILES_FOR_PHRASES = 24;
const MOST_NAMES = 3;
const MOST_PAGES = 20;
// Words in titles have this part of the highest impact and more, in texts less.
const IN_TITLES = 0.75;
const HIGHEST_IMPACT = 15;
// What a record counts by its class.
const CLASSES = [1.5, 1.5, 1.5, 0.7, 1.2, 1.1, 1];
const PERSON = 2;
const ENTRY = 6;
const SPANS = ['in', 'from', 'until'];
// The classes that `typ:` and `type:` name.
const TYPES = {
  customer: [0], department: [1], person: [2, 3], page: [4, 5], entry: [6],
};
const TYPES_IN_GERMAN = { kunde: 'customer', abteilung: 'department', seite: 'page', eintrag: 'entry' };
const STATES = { offen: 'open', open: 'open', erledigt: 'done', done: 'done' };

function classOf(root, id) {
  return id >= root.base ? ENTRY : root.ends.findIndex((end) => id < end);
}

function dayOfEntry(root, id) {
  return root.days[lowerBound(root.days, (day) => day.id <= id) - 1].day;
}

function firstEntryOn(root, day) {
  return root.days[lowerBound(root.days, (of) => of.day < day)]?.id ?? root.end;
}

// What a record's score is multiplied by: what it is, and how long ago.
function factorOf(root, id) {
  if (id < root.base) return CLASSES[classOf(root, id)];
  return 1 + 0.35 * 2 ** (-Math.max(0, root.day - dayOfEntry(root, id)) / 180);
}

function idf(root, df) {
  return Math.log(1 + (root.size - df + 0.5) / (df + 0.5));
}

// Everything that a text finds. `wants` says how many rows, whether all hits are counted (`isWhole`), whether no step
// is taken beyond what was typed (`isExact`), whether words are looked for inside words (`isInside`).
async function answer(text, wants, turn) {
  const root = await getRoot(turn);
  const query = parseQuery(text, root);
  const groups = query.words.map(groupOf);
  // `isPartial`: not all was looked at; `isRough`: not all words were looked for.
  const lacks = { isPartial: false, isRough: false };
  const found = { left: [], names: [], steps: [], seen: new Set(), raw: [], total: 0, ...lacks };
  const search = { root, turn, wants, query, groups, ...found };
  await find(search);
  search.meansSomebody = await meansSomebody(search);
  return search;
}

async function find(search) {
  const { root, turn, wants, query } = search;
  const { words, filters } = query;
  const isShort = words.length === 1 && words[0].isOpen && !words[0].joined && words[0].parts[0].length < SHORT;
  const isName = isShort && !filters.length && !wants.isWhole;
  // Most words begin with such a sign, and very many records may have it.
  if (isShort && !isName) await pause(REST_FOR_TYPOS);
  // Everything that does not wait for something else is asked for at once: each trip takes longer than all its bytes.
  // Names of several words come late, on the trip of the first texts.
  const named = namesOf(root, query, turn).then((names) => takeNames(search, names));
  named.catch(() => {});
  [search.tests] = await Promise.all([
    testsOf(search),
    words.length < 2 && named,
    ...search.groups.map((group) => !isName && typedWays(search, group)),
    joinNeighbours(search),
  ]);
  if (isName) return;
  if (!words.length) {
    if (filters.length || query.order) await addStep(search, everything(search), {});
    return;
  }
  const hits = await allOf(search, search.groups);
  await addStep(search, hits, {});
  await named;
  // What stands between quotation marks is neither taken apart nor left out. Where a title has all words, the box has
  // more of the kind at once by leaving out one; only the page goes on to fetch what compounds are made of.
  const isTitle = hits.scores.some((score) => score > IN_TITLES * hits.most);
  const other = isTitle && !wants.isWhole ? [leaveOut, takeApart] : [takeApart, leaveOut];
  const wider = query.phrases.length ? [correct] : [correct, ...other];
  const steps = wants.isExact ? [] : wider;
  for (const step of steps) {
    if (search.total < FEW) await step(search);
  }
  if (wants.isInside) await lookInside(search);
  await Promise.all(search.steps.map((step) => sharpen(search, step)));
}

// Whether something that was typed, meant or left out is the name of somebody, whose work a count would tell.
async function meansSomebody({ root, turn, wants, groups, left }) {
  const terms = [...groups, ...left].flatMap(({ ways }) => ways.flatMap(({ words }) => words.flat()));
  const first = unique(terms.map(({ term }) => term).filter(({ isFirst }) => isFirst), ({ term }) => term);
  // The box waits for no files that it does not show.
  if (groups.length > 1 && !wants.isWhole) return first.length > 0;
  const alone = ({ term }) => ({ words: [{ parts: [textOf(term)] }], filters: [], without: [] });
  const names = await Promise.all(first.map((term) => namesOf(root, alone(term), turn)));
  return names.flat().some(isSomebody);
}

// Names stand above the results, and not among them.
function takeNames(search, names) {
  search.names = names.slice(0, MOST_NAMES);
  const isOther = (id) => !search.names.some((name) => name.id === id);
  for (const { id } of search.names) search.seen.add(id);
  for (const step of search.steps) {
    search.total -= step.ids.length;
    step.ids = step.ids.filter(isOther);
    step.best = step.best.filter(({ id }) => isOther(id));
    search.total += step.ids.length;
  }
  search.steps = search.steps.filter(({ ids }) => ids.length);
}

// The joined form of a word or all of its parts.
async function typedWays(search, group) {
  const { root, turn } = search;
  const { joined, parts, isOpen } = group.word;
  const wordsOf = (parts) => {
    return Promise.all(parts.map((part, i) => termsOf(root, part, isOpen && i === parts.length - 1, turn)));
  };
  const apart = parts.flatMap(sidesOf);
  const [whole, each, sides] = await Promise.all([
    wordsOf(joined ? [joined] : []),
    wordsOf(parts),
    wordsOf(apart.length > parts.length ? apart : []),
  ]);
  // Parts of a number alone are mostly those of another one.
  const isNumber = parts.every((part) => /^\d+$/.test(part));
  const ways = [[1, whole], [joined ? (isNumber ? 0.3 : 0.8) : 1, each], [0.5, sides]];
  for (const [scale, words] of ways) {
    if (words.length && words.every((terms) => terms.length)) group.ways.push({ scale, words });
  }
}

// Words behind each other, all but one of them with digits, may be written as one: `DN 800` is `DN800`.
async function joinNeighbours({ root, groups, turn }) {
  const runs = groups.flatMap((_, i) => [2, 3, 4].map((count) => groups.slice(i, i + count)));
  await Promise.all(runs.map(async (run) => {
    const words = run.map(({ word }) => word.joined ?? word.parts.join(''));
    const numbers = words.filter((word) => /\d/.test(word)).length;
    if (run.length < 2 || numbers < 1 || numbers < run.length - 1) return;
    const term = await findTerm(root, bytesOf(words.join('')), turn);
    if (!term) return;
    for (const group of run) {
      group.ways.push({ scale: 1, words: [[{ term, weight: 1, df: term.df }]] });
      group.forms.add(words.join(''));
    }
  }));
}

// What a typed word means, as far as texts are looked through for it: forms of words, and how longer ones may begin.
function groupOf(word) {
  const { joined, parts, isOpen } = word;
  const last = parts[parts.length - 1];
  const all = [joined, ...parts, ...parts.flatMap(sidesOf), ...parts.flatMap(kinOf)];
  const forms = new Set(all.filter(Boolean).flatMap(formsOf));
  return { word, ways: [], known: new Map(), forms, open: isOpen && last.length >= SHORT ? last : undefined };
}

// Words that nothing matches may have a mistake in them.
async function correct(search) {
  const lost = search.groups.filter((group) => !group.ways.length && group.word.parts.length === 1);
  if (!lost.length) return;
  if (lost.some(({ word }) => word.isOpen)) await pause(REST_FOR_TYPOS);
  const meant = [];
  for (const group of lost) {
    const { parts, isOpen } = group.word;
    const terms = await corrections(search.root, parts[0], isOpen, search.turn);
    if (!terms.length) continue;
    group.ways.push({ scale: 1, words: [terms] });
    for (const { term } of terms) group.forms.add(textOf(term.term));
    meant.push(terms.map(({ term }) => textOf(term.term)));
  }
  if (meant.length) await addStep(search, await allOf(search, search.groups), { meant });
}

// Compounds by their parts, the left one as the beginning of a word.
async function takeApart(search) {
  const { root, turn } = search;
  const apart = [];
  const alone = search.groups.filter(({ word }) => word.parts.length === 1);
  await Promise.all(alone.map(async (group) => {
    const halves = await halvesOf(root, group.word.parts[0], turn);
    if (!halves) return;
    const words = await Promise.all(halves.map((half, i) => termsOf(root, half, i === 0, turn)));
    if (words.some((terms) => !terms.length)) return;
    group.ways.push({ scale: 0.5, words });
    for (const { term } of words.flat()) group.forms.add(textOf(term.term));
    apart[search.groups.indexOf(group)] = halves.map(textOf).join(' + ');
  }));
  const told = apart.filter((halves) => halves);
  if (told.length) await addStep(search, await allOf(search, search.groups), { apart: told });
}

async function leaveOut(search) {
  if (search.groups.length < 2) return;
  const without = (group) => allOf(search, search.groups.filter((other) => other !== group));
  // The most frequent word says least.
  const left = [...search.groups].sort((a, b) => often(b) - often(a));
  const each = await Promise.all(left.map(without));
  for (const [i, hits] of each.entries()) await addStep(search, hits, { without: left[i].word.typed });
}

async function lookInside(search) {
  for (const group of search.groups) {
    const terms = await termsWith(search.root, group.word.parts[0], search.turn);
    group.ways.push({ scale: 1, words: [terms] });
    for (const { term } of terms) group.forms.add(textOf(term.term));
  }
  await addStep(search, await allOf(search, search.groups), { isInside: true });
}

// On how many records a group may be, roughly.
function often({ ways }) {
  const sumOf = (terms) => terms.reduce((sum, { term }) => sum + term.df, 0);
  return ways.reduce((sum, { words }) => sum + Math.min(...words.map(sumOf)), 0);
}

// What all of some groups find. For the box a word that is nearly everywhere is not fetched while a rarer one is there.
async function allOf(search, groups) {
  const { root } = search;
  const isFar = ({ ways }) => ways.some(({ words }) => words.flat().some(({ term }) => term.all));
  const isCommon = (group) => !search.wants.isWhole && isFar(group) && often(group) > root.size / 5;
  const rare = groups.filter((group) => !isCommon(group));
  const wanted = rare.length ? rare : groups;
  if (wanted.length < groups.length) search.isRough = true;
  const isWhole = search.wants.isWhole || wanted.length > 1 || search.tests.length > 0;
  const each = await Promise.all(wanted.map((group) => groupHits(search, group, isWhole)));
  // The shortest first, so that little is left soon.
  return each.sort((a, b) => a.ids.length - b.ids.length).reduce(both);
}

// What a group finds is the same with all others, however often it is asked for.
function groupHits(search, group, isWhole) {
  const { ways, known } = group;
  const key = `${ways.length} ${isWhole}`;
  if (!known.has(key)) known.set(key, hitsOf(search, ways, isWhole));
  return known.get(key);
}

async function hitsOf(search, ways, isWhole) {
  const each = await Promise.all(ways.map(async ({ scale, words }) => {
    const lists = await Promise.all(words.map((terms) => wordHits(search, terms, scale, isWhole || words.length > 1)));
    return lists.reduce(both);
  }));
  return merged(search.root, each);
}

async function wordHits(search, terms, scale, isWhole) {
  const { root, turn } = search;
  const each = await Promise.all(terms.map(async ({ term, weight, df }) => {
    const { ids, impacts } = await postings(term, isWhole, turn);
    if (ids.length < term.df) search.isPartial = true;
    const unit = scale * weight * idf(root, df);
    const scores = new Float32Array(ids.length);
    for (let i = 0; i < ids.length; i += 1) scores[i] = unit * impacts[i];
    return { ids, scores, most: unit * HIGHEST_IMPACT };
  }));
  return merged(root, each);
}

// What is in any of some hits, each with its best score. No score is higher than `most`.
function merged(root, lists) {
  if (lists.length === 1) return lists[0];
  const most = Math.max(...lists.map((list) => list.most));
  const best = new Float32Array(root.end);
  const all = [];
  for (const { ids, scores } of lists) {
    for (let i = 0; i < ids.length; i += 1) {
      const id = ids[i];
      if (!best[id]) all.push(id);
      if (scores[i] > best[id]) best[id] = scores[i];
    }
  }
  const ids = Uint32Array.from(all).sort();
  const scores = new Float32Array(ids.length);
  for (let i = 0; i < ids.length; i += 1) scores[i] = best[ids[i]];
  return { ids, scores, most };
}

// What is in both hits, with the sum of their scores.
function both(a, b) {
  const ids = [];
  const scores = [];
  for (let i = 0, k = 0; i < a.ids.length && k < b.ids.length;) {
    const way = a.ids[i] - b.ids[k];
    if (way === 0) {
      ids.push(a.ids[i]);
      scores.push(a.scores[i] + b.scores[k]);
    }
    if (way <= 0) i += 1;
    if (way >= 0) k += 1;
  }
  return { ids: Uint32Array.from(ids), scores: Float32Array.from(scores), most: a.most + b.most };
}

// A query without words finds whatever its filters leave, the newest first.
function everything({ root, query }) {
  const isUsed = (_, id) => id < root.ends[5] || id >= root.base;
  query.order ||= 'new';
  const ids = new Uint32Array(root.end).map((_, id) => id).filter(isUsed);
  return { ids, scores: new Float32Array(ids.length) };
}

// What a record must be to pass each filter.
async function testsOf(search) {
  const { root, query, turn } = search;
  const tests = [];
  for (const spans of query.intervals) {
    const ids = spans.map(([from, until]) => [firstEntryOn(root, from), firstEntryOn(root, until + 1)]);
    tests.push({ key: 'in', fits: (id) => id >= root.base && ids.some(([from, end]) => id >= from && id < end) });
  }
  for (const filter of query.filters) {
    const fits = filter.key === 'type' ? typeTest(search, filter) : await filterTest(search, filter);
    if (fits) tests.push({ key: filter.key, fits });
  }
  for (const chunk of query.without) {
    const group = groupOf(chunk);
    search.left.push(group);
    await typedWays(search, group);
    const { ids } = await groupHits(search, group, true);
    const has = setOf(root, ids);
    tests.push({ fits: (id) => !has(id) });
  }
  return tests;
}

function typeTest({ root, query }, filter) {
  filter.known = filter.values.map((value) => TYPES_IN_GERMAN[value.toLowerCase()] ?? value.toLowerCase());
  query.unknown.push(...filter.values.filter((_, i) => !TYPES[filter.known[i]]));
  const classes = filter.known.flatMap((name) => TYPES[name] ?? []);
  return (id) => classes.includes(classOf(root, id));
}

function setOf(root, ...lists) {
  const has = new Uint8Array(root.end);
  for (const ids of lists) for (const id of ids) has[id] = 1;
  return (id) => has[id] === 1;
}

// Filters are terms of the index; dates are none.
async function filterTest({ root, query, turn }, filter) {
  if (SPANS.includes(filter.key)) return undefined;
  const each = await Promise.all(filter.values.map((value) => valuesOf(root, filter, value, turn)));
  query.unknown.push(...filter.values.filter((_, i) => !each[i].length));
  filter.known = each.flat();
  return setOf(root, ...await Promise.all(filter.known.map((value) => idsOf(root, filter.key, value, turn))));
}

// What a filter's value picks.
async function idsOf(root, key, value, turn) {
  const term = await findTerm(root, filterTerm(key, value), turn);
  return term ? (await postings(term, true, turn)).ids : [];
}

function filterTerm(key, value) {
  return bytesOf(`\x01${key}\x02${value}`);
}

// The ids that a typed value means: an id, else the beginning of a name.
async function valuesOf(root, { key, fact }, value, turn) {
  if (key === 'status') return [STATES[value.toLowerCase()]].filter((state) => state);
  const list = { kind: root.kinds, department: root.departments }[key] ?? fact?.values;
  if (list) return named(list, value);
  if (await findTerm(root, filterTerm(key, value), turn)) return [value];
  if (key === 'goal') {
    const low = filterTerm(key, '');
    const goals = await termsBetween(root, low, `${low}\xff`, 4, turn);
    return goals.map(({ term }) => textOf(term.slice(low.length))).filter((id) => id.endsWith(`/${value}`));
  }
  const targets = await namesOf(root, { words: tokens(value), filters: [], without: [] }, turn);
  const classes = TYPES[key];
  const fitting = targets.filter(({ group }) => classes.includes(group)).slice(0, MOST_PAGES);
  return fitting.map(({ address }) => idOf(address));
}

function idOf(address) {
  return decodeURIComponent(address.replace(/(\/index)?\.html$/, '').split('/').pop());
}

function named(list, value) {
  const wanted = folded(value);
  const exact = list.filter(({ id, label }) => id === value || folded(label) === wanted);
  const fitting = exact.length || !wanted ? exact : list.filter(({ label }) => folded(label).startsWith(wanted));
  return fitting.map(({ id }) => id);
}

function folded(text) {
  return tokens(text).flatMap(({ parts }) => parts).join(' ');
}

// Takes what a step found and no step before it, in order.
async function addStep(search, hits, note) {
  const { root, query, turn, wants, seen, tests } = search;
  const found = [];
  for (let i = 0; i < hits.ids.length; i += 1) {
    const id = hits.ids[i];
    if (seen.has(id) || !tests.every(({ fits }) => fits(id))) continue;
    found.push({ id, score: query.order ? 0 : hits.scores[i] * factorOf(root, id) });
  }
  const said = query.phrases.length ? await withPhrases(search, found) : found;
  search.raw.push(query.phrases.length ? said.map(({ id }) => id) : hits.ids);
  if (!said.length) return;
  const best = bestOf(said, orderOf(root, query.order), wants.count);
  const step = { ...note, ids: said.map(({ id }) => id), best };
  for (const id of step.ids) seen.add(id);
  search.steps.push(step);
  // The first texts are on their way while other steps are taken.
  step.first = Math.max(0, FEW - search.total);
  for (const { id } of step.best.slice(0, step.first)) record(root, id, turn).catch(() => {});
  search.total += step.ids.length;
}

// Best first: by score, else by date with what has none at the end; alike ones by their ids.
function orderOf(root, order) {
  const isDated = ({ id }) => id >= root.base;
  const datedFirst = (a, b) => isDated(b) - isDated(a);
  const old = (a, b) => datedFirst(a, b) || a.id - b.id;
  const recent = (a, b) => datedFirst(a, b) || (isDated(a) ? b.id - a.id : a.id - b.id);
  return { old, new: recent }[order] ?? ((a, b) => b.score - a.score || b.id - a.id);
}

// The first so many in an order, without sorting the rest.
function bestOf(found, order, count) {
  const best = [];
  for (const hit of found) {
    if (best.length === count && order(hit, best[count - 1]) > 0) continue;
    best.splice(lowerBound(best, (other) => order(other, hit) < 0), 0, hit);
    if (best.length > count) best.pop();
  }
  return best;
}

// Phrases are looked for in texts: those of the best, then the newest, and all that lie in the same files.
async function withPhrases(search, found) {
  const { root, query, turn, wants } = search;
  const most = wants.isWhole ? 4 * FILES_FOR_PHRASES : FILES_FOR_PHRASES;
  const files = new Set();
  for (const { id } of [...bestOf(found, orderOf(root, query.order), FILES_FOR_PHRASES), ...[...found].reverse()]) {
    if (files.size === most) break;
    files.add(fileOf(root, id));
  }
  const near = found.filter(({ id }) => files.has(fileOf(root, id)));
  if (near.length < found.length) search.isPartial = true;
  const texts = await Promise.all(near.map(({ id }) => record(root, id, turn)));
  const says = texts.map((text) => ` ${folded(wordsOf(text))} `);
  const fits = (said) => query.phrases.every((words) => said.includes(` ${words.join(' ')} `));
  return near.filter((_, i) => fits(says[i]));
}

// Among the first five of all those go up whose words stand closest together, in order.
async function sharpen(search, step) {
  const { root, groups, query, turn } = search;
  if (groups.length < 2 || query.order || step.without || step.isInside) return;
  const first = step.best.slice(0, step.first);
  const texts = await Promise.all(first.map(({ id }) => record(root, id, turn)));
  first.forEach((hit, i) => (hit.score *= 1 + 0.25 * closeness(wordsOf(texts[i]), groups)));
  first.sort(orderOf(root, ''));
  step.best.splice(0, first.length, ...first);
}

function wordsOf({ label, title, path, meta, text }) {
  return [label, title, path, meta, text].join('\n');
}

// 1 where the words of the groups follow each other, less the wider they are apart, 0 where one is not there.
function closeness(text, groups) {
  const said = tokens(text);
  let best = 0;
  said.forEach((chunk, start) => {
    if (!isMeant(chunk, groups[0])) return;
    let at = start;
    for (const group of groups.slice(1)) {
      const next = said.slice(at + 1, at + 20).findIndex((chunk) => isMeant(chunk, group));
      if (next < 0) return;
      at += 1 + next;
    }
    best = Math.max(best, (groups.length - 1) / (at - start));
  });
  return best;
}

// Whether a word of a text is what a group looks for.
function isMeant({ parts, joined }, { forms, open }) {
  const fits = (part) => formsOf(part).some((form) => forms.has(form)) || (open && part.startsWith(open));
  return [joined, ...parts].filter(Boolean).some(fits);
}
