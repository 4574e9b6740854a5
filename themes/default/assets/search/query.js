// What is typed: words, phrases, words to leave out, filters, dates, an order. Text in, a query out; the same text is
// what filters on the page write. It must never ask the index.

// Each key as German and as English pages write it; both always work.
const KEYS = {
  customer: ['kunde', 'customer'],
  department: ['abteilung', 'department'],
  person: ['person', 'person'],
  goal: ['ziel', 'goal'],
  kind: ['art', 'kind'],
  status: ['stand', 'status'],
  type: ['typ', 'type'],
  in: ['im', 'in'],
  from: ['ab', 'from'],
  until: ['bis', 'until'],
  sort: ['sort', 'sort'],
};
const ORDERS = { datum: 'new', date: 'new', alt: 'old', oldest: 'old' };
// Of what is longer, so many characters are asked for.
const LONGEST_QUERY = 1000;
// The day before 1970-01-01, where days are counted from 0001-01-01.
const EPOCH = 719162;

function isGerman() {
  return document.documentElement.lang === 'de';
}

// The text cut at blanks, but for those between quotation marks.
function pieces(text) {
  return text.match(/(?:"[^"]*(?:"|$)|[^\s"])+/g) ?? [];
}

// `key:value,"a value"`, or nothing where the key is none.
function filterOf(piece, root) {
  const [, typed, rest] = /^([\p{L}\p{N}_-]+):(.*)$/su.exec(piece) ?? [];
  if (!typed) return undefined;
  const name = typed.toLowerCase();
  const key = Object.keys(KEYS).find((key) => KEYS[key].includes(name));
  const fact = key ? undefined : root.facts.find((fact) => [fact.key, fact.label.toLowerCase()].includes(name));
  if (!key && !fact) return undefined;
  const values = (rest.match(/(?:"[^"]*(?:"|$)|[^,"])+/g) ?? []).map((value) => value.replaceAll('"', '').trim());
  return { key: key ?? `fact:${fact.key}`, fact, piece, values: values.filter((value) => value) };
}

function parseQuery(text, root) {
  const query = { text, words: [], without: [], phrases: [], filters: [], intervals: [], order: '', unknown: [] };
  const all = pieces(text.slice(0, LONGEST_QUERY));
  const last = all.findLastIndex((piece) => !filterOf(piece, root));
  all.forEach((piece, i) => {
    const filter = filterOf(piece, root);
    if (filter) return takeFilter(query, filter, root);
    const isWithout = /^-["\p{L}\p{N}]/u.test(piece);
    // Filters and phrases pick; what they would leave out they cannot.
    if (isWithout && (filterOf(piece.slice(1), root) || /\s/.test(piece))) return query.unknown.push(piece);
    const isPhrase = /^-?"/.test(piece);
    const isOpen = i === last && !/\s$/.test(text) && !isPhrase && !isWithout;
    const chunks = tokens(piece).map((chunk, k, all) => ({ ...chunk, isOpen: isOpen && k === all.length - 1 }));
    if (isWithout) query.without.push(...chunks);
    else query.words.push(...chunks.map((chunk) => ({ ...chunk, typed: piece.slice(chunk.start, chunk.end) })));
    if (isPhrase && !isWithout) query.phrases.push(chunks.flatMap(({ parts }) => parts));
  });
  return query;
}

function takeFilter(query, filter, root) {
  const { key, values } = filter;
  if (key === 'sort') {
    query.order = ORDERS[values[0]?.toLowerCase()] ?? query.order;
    query.unknown.push(...values.filter((value) => !ORDERS[value.toLowerCase()]));
  } else if (SPANS.includes(key)) {
    const spans = values.map(spanOf);
    query.unknown.push(...values.filter((_, i) => !spans[i]));
    const known = spans.filter((span) => span);
    if (!known.length) return;
    query.filters.push({ ...filter, known: values });
    if (key === 'from') query.intervals.push([[known[0][0], Infinity]]);
    else if (key === 'until') query.intervals.push([[0, known[0][1]]]);
    else query.intervals.push(known);
  } else if (key === 'person' && !root.namesPeople) {
    query.isPersonRefused = true;
  } else if (values.length) {
    const same = query.filters.find((other) => other.key === key);
    if (same) same.values.push(...values);
    else query.filters.push(filter);
  }
}

// The first and the last day of `2025`, `2025-03`, `2025-03-12` or `12.3.2025`.
function spanOf(text) {
  const iso = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text);
  const german = /^(?:(\d{1,2})\.)?(\d{1,2})\.(\d{4})$/.exec(text);
  const [year, month, day] = iso ? iso.slice(1) : german ? german.slice(1).reverse() : [];
  if (!year || month > 12 || month < 1) return undefined;
  const [first, last] = [dayOf(year, month ?? 1, 1), dayOf(year, +(month ?? 12) + 1, 1) - 1];
  if (!day) return [first, last];
  const only = first + +day - 1;
  return day > 0 && only <= last ? [only, only] : undefined;
}

// The text with what looks like days in it as a filter, and its span: `Bericht Mai 2024` is `Bericht im:2024-05`.
function asDates(text) {
  const all = pieces(text);
  const at = all.findIndex((piece, i) => /^\d{4}$/.test(all[i + 1]) && monthOf(piece));
  if (at >= 0) {
    const [, day] = /^(\d{1,2})\.?$/.exec(all[at - 1]) ?? [];
    const named = [all[at + 1], monthOf(all[at]), day].filter(Boolean).map((number) => `${number}`.padStart(2, 0));
    all.splice(day ? at - 1 : at, named.length, named.join('-'));
  }
  const day = all.findIndex(spanOf);
  // Numbers side by side are one number.
  if (day < 0 || all.some((piece, i) => i !== day && /^\d/.test(piece))) return undefined;
  const span = spanOf(all[day]);
  all[day] = `${keyName('in')}:${all[day]}`;
  return { text: all.join(' '), span };
}

// The number of a month that is named in either language, or 0.
function monthOf(word) {
  const isNamed = (month) => ['de', 'en'].some((language) => {
    return folded(new Date(2000, month).toLocaleString(language, { month: 'long' })) === folded(word);
  });
  return Array.from({ length: 12 }, (_, month) => month).findIndex(isNamed) + 1;
}

function dayOf(year, month, day) {
  return Date.UTC(year, month - 1, day) / 864e5 + EPOCH;
}

function yearOf(day) {
  return new Date((day - EPOCH) * 864e5).getUTCFullYear();
}

// The text with a filter's value put in or taken out. What was typed last may go on, unless a blank stands behind it.
function toggled(text, { root, query }, key, value) {
  const isOfKey = (piece) => filterOf(piece, root)?.key === key;
  const at = pieces(text).findIndex(isOfKey);
  const all = pieces(text).filter((piece) => !isOfKey(piece));
  const values = query.filters.find((filter) => filter.key === key)?.known ?? [];
  const left = values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
  const piece = left.length ? [`${keyName(key)}:${left.map(quoted).join(',')}`] : [];
  const isOver = /\s$/.test(text);
  if (at >= 0) all.splice(at, 0, ...piece);
  else if (isOver) all.unshift(...piece);
  else all.push(...piece);
  return all.join(' ') + (isOver ? ' ' : '');
}

function keyName(key) {
  return KEYS[key]?.[isGerman() ? 0 : 1] ?? key.slice('fact:'.length);
}

function quoted(value) {
  return /[\s,]/.test(value) ? `"${value}"` : value;
}
