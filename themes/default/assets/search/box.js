// The box of every page: a list of suggestions below it while somebody types, worked by the keyboard alone if need be
// (ARIA 1.2, combobox with a list).

const MOST_OPTIONS = 7;

function searchBox(form) {
  const input = form.elements.q;
  const list = make('div', { id: 'find--list', role: 'listbox', ariaLabel: say('search_hits') });
  const status = make('p', { role: 'status' });
  const sheet = make('div', { className: 'sheet', hidden: true }, list, status);
  let active = -1;
  form.append(sheet);
  const set = (name, value) => input.setAttribute(name, value);
  set('role', 'combobox');
  set('aria-expanded', false);
  set('aria-controls', list.id);
  set('aria-autocomplete', 'list');
  input.autocomplete = 'off';

  const options = () => [...list.querySelectorAll('[role="option"]')];
  const open = (isOpen) => {
    sheet.hidden = !isOpen;
    set('aria-expanded', isOpen);
    if (!isOpen) choose(-1);
  };
  const choose = (at) => {
    active = at;
    options().forEach((option, i) => option.setAttribute('aria-selected', i === at));
    const option = options()[at];
    if (option) set('aria-activedescendant', option.id);
    else input.removeAttribute('aria-activedescendant');
    option?.scrollIntoView({ block: 'nearest' });
  };
  const all = () => `${form.action}#q=${encodeURIComponent(input.value.trim())}`;

  const show = async (search) => {
    const { names, steps } = search;
    const hits = steps.flatMap((step) => step.best.map(({ id }) => ({ id, step })));
    const some = hits.slice(0, Math.min(FEW, MOST_OPTIONS - names.length));
    const texts = await Promise.all(some.map(({ id }) => record(search.root, id, search.turn)));
    if (search.turn !== latest) return;
    const groups = new Map([[say('search_direct'), names.map(nameOf)]]);
    texts.forEach((text, i) => {
      const first = texts[some.findIndex(({ step }) => step === some[i].step)];
      const label = noteOf(some[i].step, first) || say('search_hits');
      groups.set(label, [...(groups.get(label) ?? []), hitOf(search, text)]);
    });
    list.replaceChildren(...[...groups].filter(([, own]) => own.length).map(groupElement));
    const none = !names.length && !texts.length;
    const every = { href: all(), parts: [say('search_all', { q: input.value.trim() })], className: 'all' };
    if (!none) list.append(optionOf(every));
    options().forEach((option, i) => (option.id = `find--${i}`));
    open(!none);
    sheet.hidden = false;
    choose(-1);
    status.textContent = '';
    await pause(500);
    if (search.turn !== latest) return;
    status.textContent = none ? say('search_none', { q: input.value.trim() }) : countOf(search);
  };
  const failed = () => {
    list.replaceChildren();
    status.textContent = say('search_failed');
    open(true);
  };
  const ask = () => {
    if (input.value.trim()) question(input.value, { count: FEW }, show, failed);
    else close();
  };
  const close = () => {
    latest += 1;
    open(false);
  };

  input.addEventListener('focus', prepare);
  input.addEventListener('input', () => {
    typedAt = Date.now();
    ask();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    location.href = input.value.trim() ? all() : form.action;
  });
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  // A press on the list must not take the focus out of the box.
  sheet.addEventListener('mousedown', (event) => event.preventDefault());
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const { key } = event;
    const count = options().length;
    if (key === 'Escape') {
      if (sheet.hidden) input.value = '';
      close();
    } else if (key === 'ArrowDown' || key === 'ArrowUp') {
      if (sheet.hidden) ask();
      else choose(key === 'ArrowDown' ? (active + 2) % (count + 1) - 1 : (active + count + 1) % (count + 1) - 1);
    } else if (key === 'Enter' && active >= 0) {
      const { href } = options()[active];
      if (event.ctrlKey || event.metaKey) window.open(href, '_blank', 'noopener');
      else location.href = href;
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
}

function groupElement([label, own], i) {
  const name = make('b', { id: `find--group-${i}` }, label);
  const group = make('div', { role: 'group' }, name, ...own.map(optionOf));
  group.setAttribute('aria-labelledby', name.id);
  return group;
}

function optionOf({ href, parts, className = '' }) {
  const option = make('a', { href, role: 'option', tabIndex: -1, className }, ...parts);
  option.setAttribute('aria-selected', false);
  return option;
}

function hitOf(search, text) {
  const { isOpen, element } = kindOf(text, search.root);
  const title = make('span', {}, ...marked(text.title, search.groups));
  const about = [text.path, text.meta.split(' · ')[0]].filter(Boolean).join(' · ');
  const parts = [element, title, make('small', {}, about)];
  return { href: hrefOf(text, search), className: isOpen ? 'open' : '', parts };
}
