// From text to terms: the twin of src/search/analyze.rs, which says the rules in words, for what readers type and for
// the marks in excerpts. tests/search/analyze.tsv holds both; whoever changes a rule changes both.

const JOINER = /[-./_@&+'*:,]/g;
const SIGN = String.raw`[\p{Alphabetic}\p{N}\u0300-\u036f]`;
const CHUNK = new RegExp(String.raw`${SIGN}+(?:(?:[-./_@&+'*:]|(?<=\d),(?=\d))${SIGN}+)*`, 'gu');
// Signs without a width.
const NOTHING = /[\xad\u200b-\u200d\u2060\ufeff]/g;
// ASCII, or a sign with the marks behind it, which NFKD may bring into another order.
const CLUSTER = new RegExp(String.raw`[\0-\x7f]+(?!MARK)|[^]MARK*`.replace(/MARK/g,
  String.raw`[\p{M}\uff9e\uff9f\xad\u200b-\u200d\u2060\ufeff]`), 'gu');
// Letters of Europe that do not decompose.
const RESPELLED = { ß: 'ss', ł: 'l', đ: 'd', ð: 'd', þ: 'th', æ: 'a', œ: 'o', ø: 'o', ı: 'i' };
const LONGEST_WORD = 64;
const MOST_PARTS = 6;
const LONGEST_JOINED = 40;

// A text of small letters, decomposed, without signs that have no width, with hyphens and apostrophes of ASCII.
function cleaned(text) {
  const plain = text.replace(NOTHING, '').normalize('NFKD').toLowerCase();
  return plain.replace(/ς/g, 'σ').replace(/[\u2010-\u2015\u2212]/g, '-').replace(/[\u2018\u2019\u02bc]/g, "'");
}

// The chunks of a text: where each stands in it, its parts and its joined form or null, both folded.
function tokens(text) {
  const starts = [];
  const ends = [];
  let clean = '';
  for (const { 0: cluster, index } of text.matchAll(CLUSTER)) {
    const isAscii = cluster.charCodeAt(cluster.length - 1) < 128;
    clean += cleaned(cluster);
    for (let at = index; starts.length < clean.length; at += 1) {
      starts.push(isAscii ? at : index);
      ends.push(isAscii ? at + 1 : index + cluster.length);
    }
  }
  const chunks = [...clean.matchAll(CHUNK)].map(({ 0: chunk, index }) => {
    const parts = chunk.split(JOINER).map(fold).filter((part) => part);
    const joined = number(chunk) ?? joinedForm(chunk, parts);
    const [start, end] = [starts[index], ends[index + chunk.length - 1]];
    return { start, end, parts, joined };
  });
  return chunks.filter(({ parts }) => parts.length);
}

// Two to six parts are a word together, if it is not too long.
function joinedForm(chunk, { length }) {
  if (length < 2 || length > MOST_PARTS) return null;
  const joined = fold(chunk.replace(JOINER, ''));
  return [...joined].length > LONGEST_JOINED ? null : joined;
}

// A chunk that is a date as `20250312`, one that is an amount as `1234.50`, or null.
function number(chunk) {
  const [, day, month, year] = /^(\d\d?)\.(\d\d?)\.(\d{4}|\d\d)$/.exec(chunk) ?? [];
  if (day > 0 && day < 32 && month > 0 && month < 13) {
    return (year.length < 4 ? '20' : '') + year + month.padStart(2, '0') + day.padStart(2, '0');
  }
  const amount = /^(\d{1,3}(?:\.\d{3})+)(?:,(\d\d?))?$/.exec(chunk) ?? /^(\d+),(\d\d?)$/.exec(chunk)
    ?? /^(\d{1,3}(?:[,']\d{3})+)(?:\.(\d\d?))?$/.exec(chunk) ?? /^(\d+)\.(\d\d?)$/.exec(chunk);
  if (!amount) return null;
  const decimals = (amount[2] ?? '').padEnd(2, '0');
  return amount[1].replace(/\D/g, '') + (decimals === '00' ? '' : `.${decimals}`);
}

// The fold of a cleaned word, in which spellings are one: `müller`, `mueller` and `muller` are `muller`.
function fold(word) {
  const isMark = (sign) => sign >= '\u0300' && sign <= '\u036f';
  let folded = '';
  // What stands before a letter: nothing, an open vowel that an `e` makes an umlaut, or another vowel.
  let before = '';
  for (let at = 0; at < word.length; at += 1) {
    const letter = word[at];
    const mark = word[at + 1];
    if (isMark(letter)) continue;
    if (letter === 'e' && before === 'open' && !isMark(mark)) {
      before = 'vowel';
      continue;
    }
    folded += RESPELLED[letter] ?? letter;
    if ('aou'.includes(letter) && mark === '\u0308') before = 'vowel';
    else if ('ao'.includes(letter) || (letter === 'u' && !before)) before = 'open';
    else before = 'eiquyæœøı'.includes(letter) ? 'vowel' : '';
  }
  return folded.length > LONGEST_WORD ? [...folded].slice(0, LONGEST_WORD).join('') : folded;
}

// What is before the ending of the first rule that fits: endings are cut, nothing is rewritten.
function cut(word, ...rules) {
  const rule = rules.find((rule) => rule.test(word));
  return rule ? rule.exec(word)[1] : word;
}

function germanStem(folded) {
  if (!/^[a-z]+$/.test(folded)) return folded;
  const word = cut(folded, /^(.{3,})ern$/, /^(.{3,})e[mnrs]$/, /^(.{3,})e$/, /^(..+[bdfghklmnrt])s$/);
  const rest = cut(word, /^(.{3,})est$/, /^(.{3,})e[rn]$/, /^(..+[bdfghklmnt])st$/);
  return cut(rest, /^(.{4,}in)n$/, /^(.{3,}nis)s$/);
}

function englishStem(folded) {
  if (!/^[a-z]+$/.test(folded)) return folded;
  const one = cut(folded, /^(..+)ies$/, /^(?=.{5})(.*(?:[sxz]|[cs]h))es$/, /^(..+[^sui])s$/);
  const verb = cut(one, /^(?=.{6})(.*[aeiouy].*)ing$/, /^(?=.{5})(.*[aeiouy].*)ed$/);
  const word = verb === one ? one : verb.replace(/([^aeioulsz])\1$/, '$1');
  return cut(word, /^(...+[^aeiou])y$/, /^(.{4,})e$/);
}

// Both stems of a folded word, or one where they are the same.
function stems(folded) {
  return [...new Set([germanStem(folded), englishStem(folded)])];
}

// The terms that a folded word finds only because an ending may be half typed: `shipp` finds `ship`.
function halfTyped(folded) {
  if (!/^[a-z]+$/.test(folded)) return [];
  const found = ['n', 's', 'd', 'g', 'ng', 'es', 'ed', 'ing'].flatMap((rest) => stems(folded + rest));
  return [...new Set(found)].filter((term) => !term.startsWith(folded) && !stems(folded).includes(term));
}
