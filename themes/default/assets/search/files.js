// The files of the index and what they hold, as the module comment of src/search/encode.rs says: format 1. A file is
// read once; what is read stays until a file turns out to be gone. It must never know what is searched for.

const VERSION = 1;
// So many records of a frequent term stand with it.
const BEST = 1000;
// So long no file is fetched while somebody goes on typing.
const REST = 60;
// The characters that windows-1252 has for the bytes 128 to 159.
const UPPER = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const ESCAPED = { n: 10, r: 13, x: 0 };

// The root of the site, above the folder of this script.
let site = '';
// The number of the question asked last: answers to earlier ones are not wanted any more.
let latest = 0;
let typedAt = 0;
const shards = new Map();
const arrived = new Map();

class Stale extends Error {}
class Missing extends Error {}

// What a file holds, decoded; `turn` is the question it is wanted for.
async function shard(name, decode, turn) {
  if (!shards.has(name)) {
    const rest = typedAt + REST - Date.now();
    if (rest > 0) await pause(rest);
    if (turn !== latest) throw new Stale();
    if (!shards.has(name)) shards.set(name, open(name, decode));
  }
  return shards.get(name);
}

// A file that is gone makes all others doubtful: a new build has come.
function forget() {
  shards.clear();
}

function pause(time) {
  return new Promise((done) => setTimeout(done, time));
}

async function open(name, decode) {
  try {
    const data = await (location.protocol === 'file:' ? loaded(name) : fetched(name));
    const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const letter = String.fromCharCode(bytes[0]).toLowerCase();
    if (letter !== name[0] || bytes[1] !== VERSION) throw new Missing(name);
    const body = reader(bytes);
    const held = decode(body);
    if (body.at !== bytes.length) throw new Missing(name);
    return held;
  } catch (error) {
    shards.delete(name);
    throw error instanceof Missing ? error : new Missing(name);
  }
}

async function fetched(name) {
  const cache = name === 'root' ? 'no-cache' : 'default';
  const answer = await fetch(`${site}search/${name}.js`, { cache });
  if (!answer.ok) throw new Missing(name);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const data = bytes.subarray(`strangShard("${name}","`.length, bytes.length - 2);
  const out = new Uint8Array(data.length);
  let length = 0;
  for (let i = 0; i < data.length; i += 1) {
    let byte = data[i];
    if (byte === 92) {
      i += 1;
      byte = ESCAPED[String.fromCharCode(data[i])] ?? data[i];
      if (byte === 0) i += 2;
    }
    out[length] = byte;
    length += 1;
  }
  return out.subarray(0, length);
}

// From a disk, where browsers fetch nothing but load scripts.
function loaded(name) {
  window.strangShard = (of, data) => arrived.set(of, data);
  return new Promise((done, fail) => {
    const script = document.createElement('script');
    script.charset = 'windows-1252';
    script.src = `${site}search/${name}.js`;
    script.onerror = fail;
    script.onload = () => {
      const data = arrived.get(name);
      if (data === undefined) return fail();
      done(Uint8Array.from(data, (char) => (char > 'ÿ' ? 128 + UPPER.indexOf(char) : char.charCodeAt(0))));
    };
    script.addEventListener('load', () => script.remove());
    document.head.append(script);
  });
}

// Reads the parts of a body one after the other. Strings that are compared stay bytes, a character each.
function reader(bytes) {
  const utf8 = new TextDecoder();
  return {
    at: 2,
    length: bytes.length,
    u8() {
      return bytes[this.at++];
    },
    v() {
      let value = 0;
      let unit = 1;
      for (;;) {
        const byte = bytes[this.at++];
        value += (byte & 127) * unit;
        if (!(byte > 127)) return value;
        unit *= 128;
      }
    },
    take(length) {
      this.at += length;
      return bytes.subarray(this.at - length, this.at);
    },
    raw(length) {
      return String.fromCharCode(...this.take(length));
    },
    s() {
      return utf8.decode(this.take(this.v()));
    },
    h() {
      return [...this.take(5)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    },
    // A column of `f`.
    column() {
      let last = '';
      return () => {
        last = last.slice(0, this.v());
        last += this.raw(this.v());
        return last;
      };
    },
    list(item) {
      const list = [];
      for (let left = this.v(); left > 0; left -= 1) list.push(item());
      return list;
    },
    ids(count) {
      const ids = new Uint32Array(count);
      let id = 0;
      for (let i = 0; i < count; i += 1) ids[i] = id += this.v();
      return ids;
    },
    impacts(count) {
      const packed = this.take(Math.ceil(count / 2));
      return Uint8Array.from({ length: count }, (_, i) => (packed[i >> 1] >> ((i & 1) * 4)) & 15);
    },
  };
}

function decodeRoot(body) {
  const s = () => body.s();
  const v = () => body.v();
  const bounds = () => {
    const f = body.column();
    return body.list(() => ({ bound: f(), h: body.h() }));
  };
  const root = { namesPeople: v() > 0, day: v() };
  const counts = [v(), v(), v(), v(), v(), v()];
  root.ends = counts.map((_, i) => counts.slice(0, i + 1).reduce((sum, count) => sum + count));
  root.base = v();
  const entries = v();
  root.end = root.base + entries;
  root.size = root.ends[5] + entries;
  let day = 0;
  let id = root.base;
  root.days = body.list(() => {
    const of = { day: (day += v()), id };
    id += v();
    return of;
  });
  root.kinds = body.list(() => ({ id: s(), label: s(), mark: s() }));
  root.departments = body.list(() => ({ id: s(), label: s(), isFar: body.u8() === 1 }));
  root.facts = body.list(() => ({ key: s(), label: s(), values: body.list(() => ({ id: s(), label: s() })) }));
  root.terms = bounds();
  root.words = bounds();
  root.names = bounds();
  root.texts = body.list(() => ({ e: body.u8(), h: body.h() }));
  root.columns = body.list(() => ({ column: body.u8(), h: body.h() }));
  return root;
}

function decodeTerms(body) {
  const f = body.column();
  const terms = body.list(() => {
    const term = { term: f(), df: body.v(), parts: body.s(), length: body.v() };
    term.isFirst = term.df % 2 > 0;
    term.df = Math.floor(term.df / 2);
    return term.length ? term : { ...term, all: body.h(), length: body.v() };
  });
  for (const term of terms) {
    const count = term.all && Math.min(term.df, term.length && BEST);
    term.postings = postingsOf(body, count ?? term.df, body.at + term.length);
  }
  return terms;
}

// Filters have no impacts.
function postingsOf(body, count, end) {
  const ids = body.ids(count);
  const hasImpacts = end > body.at;
  return { ids, impacts: hasImpacts ? body.impacts(count) : new Uint8Array(0) };
}

function decodeLong(hasImpacts) {
  return (body) => postingsOf(body, body.v(), hasImpacts ? Infinity : 0);
}

function decodeWords(body) {
  const words = [];
  let word = '';
  for (const read = body.v(); words.length < read;) {
    const sign = body.u8();
    const shared = sign & 15;
    word = word.slice(0, shared);
    for (let byte = body.u8(); byte; byte = body.u8()) word += String.fromCharCode(byte);
    words.push({ word, shared, often: sign >> 4 });
  }
  return words;
}

function decodeTexts(body) {
  const s = () => body.s();
  const v = () => body.v();
  const f = body.column();
  return body.list(() => ({
    group: body.u8(),
    kind: v() - 1,
    day: v(),
    status: body.u8(),
    title: s(),
    path: s(),
    meta: s(),
    targets: body.list(() => ({ address: f(), anchor: s(), customer: s() })),
    text: s(),
  }));
}

function decodeColumn(body) {
  const sets = body.list(() => body.list(() => body.v()));
  const of = [];
  while (body.at < body.length) of.push(body.v());
  return { sets, of };
}

function decodeNames(body) {
  const f = body.column();
  const targets = body.list(() => ({ group: body.u8(), id: body.v(), title: body.s(), address: f(), note: body.s() }));
  const key = body.column();
  return body.list(() => ({ key: key(), target: targets[body.v()] }));
}

// The bytes of a text in UTF-8, a character each: what terms, words and bounds are compared as.
function bytesOf(text) {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function textOf(bytes) {
  return new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}

// The first place in a sorted list that does not come before.
function lowerBound(list, isBefore) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

function getRoot(turn) {
  return shard('root', decodeRoot, turn);
}

// The shards of a table that may hold strings from `low` on and before `high`, `most` at most.
function shardsBetween(table, low, high, most) {
  const first = Math.max(0, lowerBound(table, ({ bound }) => bound <= low) - 1);
  const end = lowerBound(table, ({ bound }) => bound < high);
  return table.slice(first, Math.max(Math.min(end, first + most), Math.min(first + 1, table.length)));
}

async function termsBetween(root, low, high, most, turn) {
  const names = shardsBetween(root.terms, low, high, most).map(({ h }) => `t/${h}`);
  const lists = await Promise.all(names.map((name) => shard(name, decodeTerms, turn)));
  return lists.flatMap((terms) => {
    const start = lowerBound(terms, ({ term }) => term < low);
    return terms.slice(start, lowerBound(terms, ({ term }) => term < high));
  });
}

async function findTerm(root, term, turn) {
  return (await termsBetween(root, term, `${term}\0`, 1, turn))[0];
}

async function wordsBetween(root, low, high, most, turn) {
  const names = shardsBetween(root.words, low, high, most).map(({ h }) => `w/${h}`);
  return Promise.all(names.map((name) => shard(name, decodeWords, turn)));
}

// The records that have a term: all of them, or the best where there are very many.
async function postings({ all, length, postings }, isWhole, turn) {
  const name = `l/${all}`;
  if (!all || (length && !isWhole && !shards.has(name))) return postings;
  return shard(name, decodeLong(length), turn);
}

// The file that holds what a record says.
function fileOf(root, id) {
  const { e, h } = root.texts[id >> 8];
  return `x/${h}-${(id & 255) >> (8 - e)}`;
}

async function record(root, id, turn) {
  const records = await shard(fileOf(root, id), decodeTexts, turn);
  const found = records[id & (2 ** (8 - root.texts[id >> 8].e) - 1)];
  found.label = root.kinds[found.kind]?.label ?? '';
  return found;
}

// The values of a column for a record: positions in root, or ids.
async function columnOf(root, column, turn) {
  const names = root.columns.filter((of) => of.column === column).map(({ h }) => `f/${h}`);
  const blocks = await Promise.all(names.map((name) => shard(name, decodeColumn, turn)));
  return (id) => {
    const { sets, of } = blocks[id >> 16] ?? { sets: [[]], of: [0] };
    return sets[of[id & 65535]] ?? [];
  };
}
