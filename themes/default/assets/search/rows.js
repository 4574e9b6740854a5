// What results look like: a line each, with what was meant marked in it. Elements are made one by one and texts stay
// texts, so that nothing an author wrote can become markup.

const EXCERPT = 28;
const HEADS = ['customer', 'department', 'person', 'person', 'page', 'page'];

function say(key, values = {}) {
  const [one, other] = words[key];
  const filled = { ...values, n: values.n > 9999 ? `${values.n}`.replace(/\B(?=(\d{3})+$)/g, ' ') : values.n };
  return (values.n === 1 ? one : other).replace(/\{(\w+)\}/g, (_, name) => filled[name]);
}

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child));
  return element;
}

// The word for what a record is.
function classWord(group) {
  const words = [say('customer'), say('department'), say('person'), say('person'), say('search_page')];
  return words[group] ?? (group === ENTRY ? say('entry') : say('search_page'));
}

// Where a record opens: with the words to mark there, for entries and sections.
function hrefOf({ targets, group }, { query }) {
  const customers = query.filters.find(({ key }) => key === 'customer')?.known ?? [];
  const { address, anchor } = targets.find(({ customer }) => customers.includes(customer)) ?? targets[0];
  const sought = query.words.map(({ typed }) => typed).join(' ');
  const hint = sought && group > 4 ? `?h=${encodeURIComponent(sought)}` : '';
  return insideSite(anchor ? `${address}#${anchor}${hint}` : address);
}

// Nothing in the index leads out of the site.
function insideSite(address) {
  const { href } = new URL(address, site);
  return href.startsWith(site) ? href : site;
}

// What a record is: the mark and word of its kind, else the word for its class.
function kindOf({ group, kind, label, status, targets: [{ anchor }] }, root) {
  const className = label ? `kind kind-${root.kinds[kind].id}` : 'state';
  const isGoal = group !== ENTRY && anchor.startsWith('goal-');
  const word = label || (isGoal ? say('goal') : classWord(group));
  return { isOpen: group === ENTRY && status === 1, element: make('span', { className }, word) };
}

// A text with what was meant marked.
function marked(text, groups) {
  const nodes = [];
  let end = 0;
  for (const [from, until] of marksIn(text, groups)) {
    nodes.push(text.slice(end, from), make('mark', {}, text.slice(from, until)));
    end = until;
  }
  return [...nodes, text.slice(end)];
}

// Whole words as a rule, of a compound only the part.
function marksIn(text, groups) {
  return tokens(text).flatMap((chunk) => {
    if (groups.some((group) => isMeant(chunk, group))) return [[chunk.start, chunk.end]];
    const [part] = chunk.parts;
    if (chunk.parts.length > 1 || part.length < 8) return [];
    for (const form of groups.flatMap(({ forms }) => [...forms])) {
      const at = part.indexOf(form);
      const rest = part.length - form.length;
      if (form.length < 4 || rest < 4 || (at !== 0 && at < 4)) continue;
      const word = text.slice(chunk.start, chunk.end);
      return [[chunk.start + cutAt(word, at), chunk.start + cutAt(word, at + form.length)]];
    }
    return [];
  });
}

// Where in a word as written its folded form has so many letters.
function cutAt(word, length) {
  let at = 0;
  while (at < word.length && fold(cleaned(word.slice(0, at))).length < length) at += 1;
  return at;
}

// The stretch of a text that holds most of what was meant, begun where a sentence does.
function excerptOf(text, groups) {
  const said = tokens(text);
  if (!said.length) return '';
  const meant = said.map((chunk) => groups.findIndex((group) => isMeant(chunk, group)));
  let best = 0;
  let most = 0;
  meant.forEach((group, i) => {
    if (group < 0) return;
    const held = new Set(meant.slice(i, i + EXCERPT)).size;
    if (held > most) [best, most] = [i, held];
  });
  const before = text.slice(said[Math.max(0, best - EXCERPT / 2)].start, said[best].start);
  const sentence = Math.max(before.lastIndexOf('. '), before.lastIndexOf('\n')) + 1;
  const isCut = best > EXCERPT / 2 && !sentence;
  const start = said[best].start - before.length + sentence;
  const first = lowerBound(said, (chunk) => chunk.start < start);
  const last = said[Math.min(said.length, first + EXCERPT) - 1];
  const rest = text.slice(last.end);
  const close = /^[^\p{L}\p{N}\s]*(?=\s|$)/u.exec(rest)?.[0] ?? '';
  const isEnd = rest.trim() === close.trim();
  const excerpt = text.slice(start, last.end + close.length).trim().replaceAll('\n', ' · ');
  return `${isCut ? '… ' : ''}${excerpt}${isEnd ? '' : ' …'}`;
}

// A result on the page.
function rowOf(search, text) {
  const { root, groups } = search;
  const { isOpen, element } = kindOf(text, root);
  const excerpt = excerptOf(text.text, groups);
  const about = [text.path, text.meta].filter(Boolean).join(' · ');
  const told = make('div', {},
    make('a', { href: hrefOf(text, search) }, ...marked(text.title, groups)),
    about && make('p', { className: 'by' }, ...marked(about, groups)),
    excerpt && make('p', {}, ...marked(excerpt, groups)));
  return make('li', { className: isOpen ? 'open' : '' }, element, told);
}

// A page that is named by what was typed.
function nameOf({ group, title, address, note }) {
  const word = make('span', { className: 'state' }, classWord(group));
  return { href: insideSite(address), parts: [word, make('b', {}, title), note && make('small', {}, note)] };
}

// Whether a step went beyond what was typed.
function isWider({ meant, apart, without, isInside }) {
  return Boolean(meant || apart || without || isInside);
}

// What a step did beyond what was typed; nothing for the first.
function noteOf({ meant, apart, without, isInside }, text) {
  if (meant) return say('search_meant', { x: meant.map((terms) => spelled(terms, text)).join(' ') });
  if (apart) return say('search_apart', { x: apart.join(', ') });
  if (without) return say('search_without', { x: without });
  return isInside ? say('search_inside_done') : '';
}

// One of some terms as a text spells it.
function spelled(terms, text) {
  const all = wordsOf(text);
  const isOne = (part) => formsOf(part).some((form) => terms.includes(form));
  const chunk = tokens(all).find(({ parts }) => parts.some(isOne));
  return chunk ? all.slice(chunk.start, chunk.end) : terms[0];
}

// How many there are, where that is known; where it would count what somebody did, only that there is something.
function countOf(search) {
  if (isByWhom(search) || search.isRough) return say('found_below');
  const n = search.total + search.names.length;
  return search.isPartial ? say('search_at_least', { n }) : say('search_count', { n });
}

// What is asked about departments and people is never counted.
function isByWhom({ query, names, meansSomebody }) {
  return meansSomebody || names.some(isSomebody)
    || query.filters.some(({ key }) => key === 'person' || key === 'department');
}

function isSomebody({ group }) {
  return TYPES.department.includes(group) || TYPES.person.includes(group);
}
