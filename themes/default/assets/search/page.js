// The page that searches: the same box with all results below it. What is asked stands in the fragment of the address,
// so that the back key and bookmarks work and no server ever learns of it.

const MORE = 20;

function searchPage(form, place) {
  const input = form.elements.q;
  const status = make('p', { role: 'status', className: 'found' });
  const results = make('div', { className: 'results' });
  const facets = facetsFor((key, value) => {
    input.value = toggled(input.value, facets.search.root, key, value);
    history.pushState(null, '', addressOf(input.value));
    ask({});
  });
  const help = document.querySelector('.try');
  let wants = {};
  place.append(facets.element, status, results);
  place.hidden = false;

  const ask = (more) => {
    wants = { count: MORE, isWhole: true, ...more };
    const isEmpty = !input.value.trim();
    help.hidden = !isEmpty;
    if (!isEmpty) return question(input.value, wants, show, failed);
    latest += 1;
    document.title = title;
    facets.element.hidden = true;
    status.textContent = '';
    results.replaceChildren();
  };
  const button = (text, more) => {
    const button = make('button', { type: 'button' }, text);
    button.addEventListener('click', () => ask({ ...wants, ...more }));
    return button;
  };

  const show = async (search) => {
    const { root, turn, query, steps, names } = search;
    const rows = steps.flatMap((step) => step.best.map(({ id }) => ({ id, step }))).slice(0, wants.count);
    const texts = (some) => Promise.all(some.map(({ id }) => record(root, id, turn)));
    const first = await texts(rows.slice(0, FEW));
    if (turn !== latest) return;
    document.title = `${query.text.trim()} · ${title}`;
    const lists = [];
    const add = (rows, texts) => rows.forEach(({ step }, i) => {
      step.list ??= startList(step, texts[i], lists);
      step.list.append(rowOf(search, texts[i]));
    });
    const startList = (step, text) => {
      const note = noteOf(step, text);
      const undo = note && !step.isInside && button(say('search_exact', { q: query.text.trim() }), { isExact: true });
      const list = make('ol', {});
      if (note) results.append(make('p', { className: 'note' }, make('span', {}, note), undo));
      results.append(list);
      return list;
    };
    results.replaceChildren(...notesOf(search), ...directOf(names));
    add(rows, first);
    status.textContent = search.total || names.length ? countOf(search) : '';
    if (!search.total && !names.length) results.append(...nothing(search));
    facets.show(search);
    await whenSeen(results.lastElementChild?.lastElementChild);
    const rest = await texts(rows.slice(FEW));
    if (turn !== latest) return;
    add(rows.slice(FEW), rest);
    if (search.total > rows.length) results.append(button(say('search_more'), { count: wants.count + MORE }));
    else if (search.total < FEW && query.words.length && !wants.isInside) {
      results.append(button(say('search_inside'), { isInside: true }));
    }
  };
  const nothing = ({ query }) => {
    const off = query.filters.map((filter) => {
      const button = make('button', { type: 'button' }, say('search_take_off', { x: filter.piece }));
      button.addEventListener('click', () => {
        input.value = pieces(input.value).filter((piece) => piece !== filter.piece).join(' ');
        remember();
      });
      return button;
    });
    help.hidden = false;
    return [make('p', { className: 'empty' }, say('search_none', { q: query.text.trim() })), ...off];
  };
  const failed = () => {
    status.textContent = say('search_failed');
    help.hidden = false;
  };

  // Typing replaces the address, so that the back key does not undo it letter by letter.
  const remember = () => {
    history.replaceState(null, '', addressOf(input.value));
    ask({});
  };
  const recall = () => {
    input.value = textOfAddress();
    ask({});
  };
  input.addEventListener('input', () => {
    typedAt = Date.now();
    remember();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    remember();
  });
  addEventListener('popstate', recall);
  // From the box to the first result, from one result to the next, and back.
  document.addEventListener('keydown', (event) => {
    const links = [input, ...results.querySelectorAll('a')];
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
}

function addressOf(text) {
  return text.trim() ? `#q=${encodeURIComponent(text.trim())}` : location.pathname;
}

/** What the fragment asks, or the form without its script. */
function textOfAddress() {
  const fragment = /^#q=(.*)/.exec(location.hash)?.[1];
  if (fragment === undefined) return new URLSearchParams(location.search).get('q') ?? '';
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** Pages that are named by what was typed stand above the results. */
function directOf(names) {
  if (!names.length) return [];
  const links = names.slice(0, FEW).map(nameOf).map(({ href, parts: [word, title, note] }) =>
    make('li', {}, word, make('div', {}, make('a', { href }, title), note)));
  return [make('h2', {}, say('search_direct')), make('ol', {}, ...links), make('h2', {}, say('search_hits'))];
}

function notesOf({ query }) {
  const notes = query.unknown.map((x) => say('search_unknown', { x }));
  if (query.isPersonRefused) notes.push(say('search_no_people'));
  return notes.map((note) => make('p', { className: 'note' }, note));
}

function whenSeen(element) {
  if (!element) return undefined;
  return new Promise((done) => {
    const observer = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      done();
    }, { rootMargin: '20rem' });
    observer.observe(element);
  });
}
