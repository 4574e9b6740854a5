// The page that searches: the same box with all results below it. What is asked stands in the fragment of the address,
// so that the back key and bookmarks work and no server ever learns of it.

const MORE = 20;
const MOST = 200;
// The address is written when typing rests so long: browsers count how often it changes.
const REST_FOR_ADDRESS = 300;

function searchPage(form, place) {
  const input = form.elements.q;
  const status = make('p', { role: 'status', className: 'found' });
  const results = make('div', { className: 'results' });
  const toggle = (key, value) => change(toggled(input.value, facets.search, key, value));
  const facets = facetsFor(toggle, () => ask());
  const help = document.querySelector('.try');
  let wants = {};
  let writing;
  let painter;
  place.append(facets.element, status, results);
  place.hidden = false;

  const ask = (how) => {
    const isEmpty = !input.value.trim();
    help.hidden = !isEmpty;
    wants = { count: MOST, isWhole: true, ...how };
    if (!isEmpty) return question(input.value, wants, show, failed);
    latest += 1;
    document.title = title;
    facets.element.hidden = true;
    status.textContent = '';
    results.replaceChildren();
  };
  const change = (text) => {
    clearTimeout(writing);
    input.value = text;
    history.pushState(null, '', addressOf(text));
    ask();
  };
  // Typing replaces the address, so that the back key does not undo it letter by letter.
  const write = (left = null) => {
    clearTimeout(writing);
    history.replaceState(left, '', addressOf(input.value));
  };
  const show = async (search) => {
    const { query, turn } = search;
    const left = wants.left ?? {};
    const own = painterOf(search, results);
    const first = await own.texts(FEW);
    if (turn !== latest) return;
    painter = own;
    document.title = `${query.text.trim()} · ${title}`;
    const isNothing = !search.total && !search.names.length;
    status.textContent = isNothing ? say('search_none', { q: query.text.trim() }) : countOf(search);
    status.dataset.q = query.text.trim();
    const days = daysMeant(search);
    const asDays = days && button(say('search_dated', { x: days }), () => change(days));
    const notes = [...notesOf(search), asDays && make('p', { className: 'note' }, asDays)];
    results.replaceChildren(...notes, ...directOf(search));
    painter.paint(first, () => ask({ isExact: true }));
    if (isNothing) {
      help.hidden = false;
      for (const { piece } of query.filters) {
        const left = pieces(query.text).filter((other) => other !== piece).join(' ');
        results.append(button(say('search_take_off', { x: piece }), () => change(left)));
      }
    }
    facets.show(search);
    if (!left.rows) await whenSeen(results.lastElementChild?.lastElementChild);
    await go(search, Math.max(MORE, left.rows ?? 0) - FEW);
    if (left.rows && turn === latest) {
      results.querySelectorAll('a')[left.at]?.focus({ preventScroll: true });
      scrollTo(0, left.y);
    }
    if (search.total < FEW && query.words.length && !wants.isInside) {
      results.append(button(say('search_inside'), () => ask({ isInside: true })));
    }
  };
  const go = async (search, count) => {
    const { turn } = search;
    const texts = await painter.texts(count);
    if (turn !== latest) return;
    painter.paint(texts, () => ask({ isExact: true }));
    if (painter.isDone()) {
      const n = painter.painted();
      if (n < search.total) results.append(make('p', { className: 'note' }, say('search_cut', { n })));
      return;
    }
    const more = button(say('search_more'), async () => {
      const before = results.querySelectorAll('a').length;
      more.remove();
      try {
        await go(search, MORE);
        results.querySelectorAll('a')[before]?.focus();
      } catch {
        // Another site was published since: what follows is not what went before.
        if (turn === latest) ask(wants);
      }
    });
    results.append(more);
  };
  const failed = () => {
    status.textContent = say('search_failed');
    results.replaceChildren();
    facets.element.hidden = true;
    help.hidden = false;
  };

  const remember = () => {
    write();
    ask();
  };
  const recall = () => {
    // A link within the page, as to its content, leads on and asks for nothing.
    if (location.hash && !location.hash.startsWith('#q=')) return write();
    input.value = textOfAddress();
    ask({ left: history.state });
  };
  input.addEventListener('input', () => {
    typedAt = Date.now();
    clearTimeout(writing);
    writing = setTimeout(write, REST_FOR_ADDRESS);
    ask();
  });
  input.addEventListener('blur', () => write());
  // Whoever comes back from a result finds as many as there were, at the same place.
  results.addEventListener('click', ({ target }) => {
    const at = [...results.querySelectorAll('a')].indexOf(target.closest('a'));
    if (at >= 0) write({ at, rows: painter.painted(), y: scrollY });
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    remember();
  });
  addEventListener('popstate', recall);
  // From the box to the first result, from one result to the next, and back.
  document.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const links = [input, ...results.querySelectorAll('a')].filter((link) => !link.closest('details:not([open])'));
    const at = links.indexOf(document.activeElement);
    const next = { ArrowDown: links[at + 1], ArrowUp: links[at - 1], Escape: input }[event.key];
    if (at < 0 || !next) return;
    if (event.key === 'Escape' && at === 0) input.value = '';
    next.focus();
    event.preventDefault();
    if (event.key === 'Escape' && at === 0) remember();
  });
  const title = document.title;
  prepare();
  recall();
  if (document.activeElement === document.body) input.focus({ preventScroll: true });
}

function addressOf(text) {
  return text.trim() ? `#q=${encodeURIComponent(text.trim())}` : location.pathname;
}

// What the fragment asks, or the form without its script.
function textOfAddress() {
  const fragment = /^#q=(.*)/.exec(location.hash)?.[1];
  return fragment === undefined ? new URLSearchParams(location.search).get('q') ?? '' : decoded(fragment);
}

function button(text, act) {
  const button = make('button', { type: 'button' }, text);
  button.addEventListener('click', act);
  return button;
}

// Paints results below each other, some at a time; what is painted stays where it is. Sections of one page beyond the
// third are folded.
function painterOf(search, results) {
  const { root, turn, query, steps } = search;
  const rows = steps.flatMap((step) => step.best.map(({ id }) => ({ id, step })));
  const pages = new Map();
  let painted = 0;
  const placeOf = (list, { group, targets: [{ address }] }) => {
    if (group === ENTRY) return list;
    const page = pages.get(address) ?? { count: 0 };
    pages.set(address, page);
    page.count += 1;
    if (page.count <= MOST_NAMES) return list;
    if (!page.rest) {
      page.rest = make('ol', {});
      list.append(make('li', {}, make('details', {}, make('summary', {}, say('search_more_here')), page.rest)));
    }
    return page.rest;
  };
  return {
    isDone: () => painted === rows.length,
    painted: () => painted,
    texts: (count) => Promise.all(rows.slice(painted, painted + count).map(({ id }) => record(root, id, turn))),
    paint(texts, undo) {
      for (const text of texts) {
        const { step } = rows[painted];
        painted += 1;
        if (!step.list) {
          step.list = make('ol', {});
          const note = noteOf(step, text);
          const back = note && !step.isInside && button(say('search_exact', { q: query.text.trim() }), undo);
          results.append(note && make('p', { className: 'note' }, make('span', {}, note), back), step.list);
        }
        placeOf(step.list, text).append(rowOf(search, text));
      }
    },
  };
}

// Pages that are named by what was typed stand above the results.
function directOf({ names, total }) {
  if (!names.length) return [];
  const links = names.map(nameOf).map(({ href, parts: [word, title, note] }) => {
    return make('li', {}, word, make('div', {}, make('a', { href }, title), note));
  });
  const list = make('ol', {}, ...links);
  return [make('h2', {}, say('search_direct')), list, total ? make('h2', {}, say('search_hits')) : ''];
}

function notesOf({ query, isPartial }) {
  const notes = query.unknown.map((x) => say('search_unknown', { x }));
  if (isPartial) notes.push(say('search_some_read'));
  if (query.isPersonRefused) notes.push(say('search_no_people'));
  return notes.map((note) => make('p', { className: 'note' }, note));
}

// What may be meant where a day is all that was typed, or where little has all words; only if there are entries then.
function daysMeant({ root, query, steps }) {
  const { text, span: [from, until] = [] } = asDates(query.text) ?? {};
  const typed = steps.find((step) => !isWider(step))?.ids.length ?? 0;
  const isMeant = text && (typed < FEW || !/\s/.test(text));
  return isMeant && firstEntryOn(root, from) < firstEntryOn(root, until + 1) ? text : '';
}

function whenSeen(element) {
  if (!element) return undefined;
  return new Promise((done) => {
    const observer = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      done();
    }, { rootMargin: '320px' });
    observer.observe(element);
  });
}
