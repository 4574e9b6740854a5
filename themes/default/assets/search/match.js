// Which terms of the index a typed word means: as typed, as the beginning of a longer one, with a mistake in it, as a
// compound of others. A word in, terms with their weights out.

// So many words that begin alike stand for all of them.
const MOST_ALIKE = 30;
const SHORT = 3;
const SHORTEST_MISTAKEN = 5;
// So many words may be what was meant.
const MOST_MEANT = 5;
// So many ways of cutting a compound are tried.
const MOST_CUTS = 3;
const LINKS = ['', 's', 'es', 'n', 'en', 'er', 'e'];
const ROWS_OF_KEYS = ['qwertzuiop', 'asdfghjkl', 'yxcvbnm'];

function formsOf(part) {
  return /\d/.test(part) ? [part] : [...new Set([part, ...stems(part)])];
}

// `Firma` and `Firmen`, `Konto` and `Konten`: what has neither the other's word nor its stem, and means it.
function kinOf(part) {
  const [, stem, ending] = /^([a-z]{4,})(en|[ao])$/.exec(part) ?? [];
  if (!stem) return [];
  return ending === 'en' ? [`${stem}a`, `${stem}o`] : [stem, `${stem}en`];
}

// `TS2000` as it may be written apart: `ts` and `2000`. A single letter is on too many pages.
function sidesOf(part) {
  const sides = /^(\D{2,})(\d+)$|^(\d+)(\D{2,})$/.exec(part) ?? [part, part];
  return sides.slice(1).filter((side) => side);
}

// The first of each that have a key in common.
function unique(list, keyOf) {
  const seen = new Set();
  return list.filter((item) => !seen.has(keyOf(item)) && seen.add(keyOf(item)));
}

// The terms that a folded word is, and, as long as it may go on, those that begin with it.
async function termsOf(root, part, isOpen, turn) {
  const each = (words) => Promise.all(words.map((word) => findTerm(root, bytesOf(word), turn)));
  const [exact, kin] = await Promise.all([each(formsOf(part)), each(kinOf(part))]);
  const found = [
    ...exact.filter((term) => term).map((term) => ({ term, weight: 1, df: term.df })),
    // `Paula` means nobody of the name `Paul`.
    ...kin.filter((term) => term && !term.isFirst).map((term) => ({ term, weight: 0.8, df: term.df })),
  ];
  if (!isOpen || part.length < SHORT) return found;
  const low = bytesOf(part);
  const [longer, ...halves] = await Promise.all([
    termsBetween(root, low, `${low}\xff`, 2, turn),
    ...halfTyped(part).map((stem) => findTerm(root, bytesOf(stem), turn)),
  ]);
  const known = found.map(({ term }) => term);
  const alike = unique([...known, ...longer, ...halves.filter((term) => term)], ({ term }) => term).slice(known.length);
  const some = alike.sort((a, b) => b.df - a.df).slice(0, MOST_ALIKE);
  const df = Math.min(root.size, some.reduce((sum, term) => sum + term.df, 0));
  const weight = (term) => 0.6 + 0.3 * Math.min(1, low.length / term.term.length);
  return [...found, ...some.map((term) => ({ term, weight: weight(term), df }))];
}

// Words that differ from a typed one by a mistake or two, the likeliest first.
async function corrections(root, part, isOpen, turn) {
  if (part.length < SHORTEST_MISTAKEN || /\d/.test(part)) return [];
  const most = part.length < 9 ? 1 : 2;
  // Of a short stem nearly every word is a mistake.
  const words = formsOf(part).filter(({ length }) => length >= SHORTEST_MISTAKEN).map(bytesOf);
  const among = async (letter) => {
    const bodies = await wordsBetween(root, letter, `${letter}\xff`, 9, turn);
    return bodies.flatMap((body) => {
      const all = words.map((word, i) => nearWords(word, body, most, isOpen && i === 0));
      return all.flat();
    });
  };
  let found = await among(words[0][0]);
  if (!found.some(({ edits }) => edits < 2)) {
    const others = (await Promise.all(otherFirstLetters(words[0]).map(among))).flat();
    found = [...found, ...others.map((near) => ({ ...near, isFar: true }))];
  }
  const sharedWith = ({ word }) => [...word, ''].findIndex((char, i) => char !== words[0][i]);
  const inOrder = (a, b) => a.edits - b.edits || b.often - a.often || sharedWith(b) - sharedWith(a);
  found.sort((a, b) => inOrder(a, b) || (a.word < b.word ? -1 : 1));
  const best = unique(found, ({ word }) => word).slice(0, MOST_MEANT);
  const terms = await Promise.all(best.map(({ word }) => findTerm(root, word, turn)));
  return best.flatMap(({ edits, isFar }, i) => {
    const term = terms[i];
    return term ? [{ term, df: term.df, weight: isFar || edits > 1 ? 0.25 : 0.5 }] : [];
  });
}

// The letter after a first one too many or swapped, and those beside the first on the keyboard.
function otherFirstLetters(word) {
  const row = ROWS_OF_KEYS.find((row) => row.includes(word[0])) ?? '';
  const at = row.indexOf(word[0]);
  const others = new Set([word[1], row[at - 1], row[at + 1]].filter((letter) => letter && letter !== word[0]));
  return [...others];
}

// The words of a shard at most so many edits away; an edit inserts, drops, changes or swaps neighbours. Words in order
// share rows of the table; an open word may be as near to the beginning of another.
function nearWords(typed, words, most, isOpen) {
  const width = typed.length;
  const rows = [Array.from({ length: width + 1 }, (_, i) => i)];
  const least = [width];
  const found = [];
  let dead = Infinity;
  for (const { word, shared, often } of words) {
    if (shared >= dead) {
      if (least[dead] <= most) found.push({ word, often, edits: least[dead] });
      continue;
    }
    dead = Infinity;
    let i = shared;
    while (i < word.length && dead === Infinity) {
      i += 1;
      const above = rows[i - 1];
      const row = [i];
      let smallest = i;
      for (let j = 1; j <= width; j += 1) {
        const isSame = word[i - 1] === typed[j - 1];
        let edits = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (isSame ? 0 : 1));
        if (i > 1 && j > 1 && word[i - 1] === typed[j - 2] && word[i - 2] === typed[j - 1]) {
          edits = Math.min(edits, rows[i - 2][j - 2] + 1);
        }
        row.push(edits);
        if (edits < smallest) smallest = edits;
      }
      rows[i] = row;
      least[i] = isOpen ? Math.min(least[i - 1], row[width]) : Infinity;
      if (smallest > most) dead = i;
    }
    const edits = dead < Infinity ? least[dead] : Math.min(rows[word.length][width], least[word.length]);
    if (edits <= most) found.push({ word, often, edits });
  }
  return found;
}

// The words that a compound is made of, where the index knows them or knows how to cut.
async function halvesOf(root, part, turn) {
  if (part.length < 8 || /\d/.test(part)) return undefined;
  const terms = await Promise.all(formsOf(part).map((form) => findTerm(root, bytesOf(form), turn)));
  const known = terms.find((term) => term?.parts);
  if (known) return known.parts.split(' ');
  // What the build knows and has left whole is no compound.
  if (terms.some((term) => term)) return undefined;
  const typed = bytesOf(part);
  const bodies = await wordsBetween(root, typed.slice(0, 4), typed, 2, turn);
  const lefts = bodies.flat().filter(({ word }) => word.length >= 4 && typed.startsWith(word));
  lefts.sort((a, b) => b.word.length - a.word.length);
  const cuts = lefts.flatMap(({ word }) => LINKS.flatMap((link) => {
    const right = typed.slice(word.length + link.length);
    return right.length >= 4 && typed.slice(word.length, -right.length) === link ? [[word, right]] : [];
  }));
  const tries = cuts.slice(0, MOST_CUTS);
  const found = await Promise.all(tries.map(([, right]) => termsOf(root, right, false, turn)));
  return tries.find((_, i) => found[i].length);
}

// Words that hold a typed one, or its stem, anywhere: all those are looked at that mistakes are corrected to.
async function termsWith(root, part, turn) {
  const bodies = await wordsBetween(root, '', '\xff', Infinity, turn);
  const forms = formsOf(part).map(bytesOf);
  const inside = bodies.flat().filter(({ word }) => forms.some((form) => word.includes(form)));
  inside.sort((a, b) => b.often - a.often);
  const terms = await Promise.all(inside.slice(0, MOST_ALIKE).map(({ word }) => findTerm(root, word, turn)));
  return terms.filter((term) => term).map((term) => ({ term, df: term.df, weight: 0.5 }));
}

// The pages whose name, id or other name begins with what is typed.
async function namesOf(root, query, turn) {
  const typed = query.words.map((word) => word.joined ?? word.parts.join(' ')).join(' ');
  if (!typed || query.filters.length || query.without.length) return [];
  const [{ joined, parts }, ...others] = query.words;
  if (others.length && !(await beginsName(root, joined ?? parts[0], turn))) return [];
  const low = bytesOf(typed);
  const names = shardsBetween(root.names, low, `${low}\xff`, 3).map(({ h }) => `n/${h}`);
  const lists = await Promise.all(names.map((name) => shard(name, decodeNames, turn)));
  const keys = lists.flat().filter(({ key }) => key.startsWith(low));
  keys.sort((a, b) => (b.key === low) - (a.key === low) || a.target.id - b.target.id);
  return unique(keys.map(({ target }) => target), ({ id }) => id);
}

// Whether a name of several words begins with a folded one, as its term says.
async function beginsName(root, word, turn) {
  const terms = await Promise.all(formsOf(word).map((form) => findTerm(root, bytesOf(form), turn)));
  return terms.some((term) => term?.isFirst);
}
