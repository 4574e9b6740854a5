// What pages gain by a script: filters, tables that sort, folded entries that open when a link leads to them, buttons
// that copy. A page says everything without it. It fetches nothing and is no module, so it works from a file share;
// it makes no markup out of text, so it runs under the strictest policy.
'use strict';
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

  // The state of a filter is the fragment of the address, so that a link to it can be sent and the back key undoes
  // it: #f=kind:complaint+order;dept:kueche. The group `at` is the anchor that the fragment has no room for.
  const isState = (fragment) => fragment.startsWith('#f=');
  const parse = (fragment) => {
    const parts = isState(fragment) ? fragment.slice(3).split(';') : [];
    return new Map(parts.map((part) => {
      const [group, values = ''] = part.split(':');
      return [group, values.split('+').map(decode)];
    }));
  };
  const format = (state) => {
    const parts = [...state].map(([group, values]) => `${group}:${values.map(encodeURIComponent).join('+')}`);
    return parts.length ? `#f=${parts.join(';')}` : '';
  };
  const decode = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  // What an item of a list is found by: its kind stands in its class, pages in the links to them.
  const id = (link) => link.pathname.split('/').pop().replace('.html', '');
  const folders = { dept: '/departments/', person: '/people/' };
  const entryKeys = (entry, { group }) => {
    if (group === 'kind') return /(?:^| )kind-([\w-]+)/.exec(entry.className)?.slice(1) ?? [];
    return all('.by > a', entry).filter((link) => link.pathname.includes(folders[group])).map(id);
  };
  const rowKeys = (row, { input, isText }) => {
    const cell = row.cells[input.dataset.column];
    return isText ? fold(cell.textContent) : [cell.textContent.trim(), ...all('a', cell).map(id)];
  };
  // By whom: these groups find without a count, since nobody's work is counted.
  const isByWhom = (state) => ['dept', 'person', 'owner'].some((group) => state.has(group));
  const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/ß/g, 'ss').toLowerCase();

  // A form whose fields narrow down a list: or within a group, and between groups.
  const filter = (form, items, keysOf, whenShown) => {
    const fields = all('input, select', form).map((input) => {
      const { group } = input.closest('[data-group]').dataset;
      return { input, group, isBox: input.type === 'checkbox', isText: input.type === 'search' };
    });
    const [chosen, said, clear] = form.querySelector('.found').children;
    const known = new Map();

    const isSet = ({ input, isBox }) => (isBox ? input.checked : input.value.trim() !== '');
    const read = () => {
      const state = new Map();
      for (const { input, group } of fields.filter(isSet)) {
        state.set(group, [...(state.get(group) ?? []), input.value.trim()]);
      }
      return state;
    };
    const write = (state) => {
      for (const { input, group, isBox } of fields) {
        const values = state.get(group) ?? [];
        if (isBox) input.checked = values.includes(input.value);
        else input.value = values[0] ?? '';
      }
    };
    const label = ({ input }) => (input.selectedOptions?.[0] ?? input.labels[0]).textContent.trim();
    const name = (field) => (field.isText ? field.input.value.trim() : label(field));

    // What an item is found by is looked up once for each group, and only when somebody filters.
    const test = ([group, values]) => {
      const field = fields.find((field) => field.group === group);
      if (!known.has(group)) known.set(group, items.map((item) => keysOf(item, field)));
      const keys = known.get(group);
      if (!field.isText) return (i) => values.some((value) => keys[i].includes(value));
      const words = fold(values[0]).split(/\s+/);
      return (i) => words.every((word) => keys[i].includes(word));
    };
    const show = () => {
      const state = read();
      const tests = [...state].map(test);
      let shown = 0;
      items.forEach((item, i) => {
        const hidden = !tests.every((fits) => fits(i));
        if (item.hidden !== hidden) item.hidden = hidden;
        if (!hidden) shown += 1;
      });
      const names = fields.filter(isSet).map(name).join(', ');
      const { some, found, none } = said.dataset;
      chosen.textContent = names && `${chosen.dataset.by}: ${names}`;
      said.textContent = names && fill(!shown ? none : isByWhom(state) ? found : some, { m: shown, n: items.length });
      clear.hidden = !names;
      whenShown(state);
    };
    // Typing replaces the address, so that the back key does not undo it letter by letter.
    const remember = (isTyping) => {
      const address = format(read()) || location.pathname + location.search;
      history[isTyping ? 'replaceState' : 'pushState'](1, '', address);
      show();
    };

    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', (event) => remember(event.target.type === 'search'));
    form.addEventListener('reset', (event) => {
      event.preventDefault();
      write(new Map());
      remember(false);
      // The button that was pressed is gone; the keyboard goes on where it would filter anew.
      form.querySelector('summary, input').focus();
    });
    return {
      form,
      apply: (state) => {
        write(state);
        show();
      },
    };
  };

  // The history: years count what is left of them and open where something is; other pages of the customer get the
  // same filter.
  const historyFilter = (form) => {
    const years = all('details.year > summary > span').map((count) => {
      const year = count.closest('details');
      return { year, count, text: count.textContent, entries: all('ol.entries > li', year), wasOpen: year.open };
    });
    const elsewhere = all('.bar a, .older a, .turn a').filter((link) => link.pathname !== location.pathname);
    const anchors = new Map(elsewhere.map((link) => [link, link.hash]));
    const { some, year = some } = form.querySelector('[data-some]').dataset;
    let wasFiltered = false;
    return filter(form, all('ol.entries > li'), entryKeys, (state) => {
      const isFiltered = state.size > 0;
      for (const one of years) {
        if (isFiltered && !wasFiltered) one.wasOpen = one.year.open;
        const shown = one.entries.filter((entry) => !entry.hidden).length;
        const left = isByWhom(state) ? '' : fill(year, { m: shown, n: one.entries.length });
        one.count.textContent = isFiltered ? left : one.text;
        if (isFiltered || wasFiltered) one.year.open = isFiltered ? shown > 0 : one.wasOpen;
      }
      for (const [link, anchor] of anchors) {
        const at = anchor && !isState(anchor) ? `;at:${anchor.slice(1)}` : '';
        link.hash = isFiltered ? format(state) + at : anchor;
      }
      wasFiltered = isFiltered;
    });
  };

  // Tables: the script makes the buttons, so that without it none is dead. The keys are what `data-v` says, else the
  // text of the cell; blanks come last either way.
  const key = (cell) => cell.dataset.v ?? cell.textContent.trim();
  const sort = (body, column, direction) => {
    const rows = [...body.rows].map((row) => ({ row, key: key(row.cells[column]) }));
    const compare = rows.every(({ key }) => !isNaN(key)) ? (a, b) => a - b : collator.compare;
    rows.sort((a, b) => (a.key === '') - (b.key === '') || direction * compare(a.key, b.key));
    // Out of the page, ten thousand rows move for next to nothing.
    const table = body.parentElement;
    body.remove();
    for (const { row } of rows) body.append(row);
    table.append(body);
  };
  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if ('unsorted' in head.dataset) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.title = fill(table.dataset.sort ?? '{x}', { x: head.textContent });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const order = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', order);
        sort(table.tBodies[0], column, order === 'ascending' ? 1 : -1);
      });
    });
  };

  // Copying. The clipboard is there only where the page came over HTTPS or from the disk; elsewhere the text is
  // selected and copied as by hand.
  const copy = async (element) => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(element);
      return document.execCommand('copy');
    }
  };
  const copies = (button) => {
    const said = document.createElement('span');
    said.className = 'copied';
    said.setAttribute('role', 'status');
    button.after(said);
    button.addEventListener('click', async () => {
      said.textContent = '';
      if (await copy(document.getElementById(button.dataset.copy))) said.textContent = button.dataset.copied;
    });
  };

  // Paper shows what is folded. Browsers whose style sheet cannot unfold it do it here, and fold it again.
  if (!CSS.supports('selector(details::details-content)')) {
    let folded = [];
    addEventListener('beforeprint', () => {
      folded = all('details:not([open])');
      for (const details of folded) details.open = true;
    });
    addEventListener('afterprint', () => {
      for (const details of folded) details.open = false;
    });
  }

  const filters = [
    ...all('form[data-list="entries"]').map(historyFilter),
    ...all('form[data-list="rows"]').map((form) => filter(form, all('table.index > tbody > tr'), rowKeys, () => {})),
  ];
  all('table.sortable').forEach(sortable);
  all('button[data-copy]').forEach(copies);

  // Whoever comes to an address finds what it names: filtered, unfolded, in sight. Only the first time, so that the
  // back key returns to the very spot; a history entry with a state has been arrived at.
  const arrive = () => {
    const { hash } = location;
    const state = parse(hash);
    if (hash === '' || isState(hash)) filters.forEach((filter) => filter.apply(state));
    let place = document.getElementById(decode(state.get('at')?.[0] ?? hash.slice(1)));
    // An entry that has moved to the page of its year since somebody wrote the address down.
    const year = place ? null : /^#(\d{4})-\d\d-\d\d/.exec(hash)?.[1];
    const moved = year && all('.older a').find((link) => link.pathname.endsWith(`/${year}.html`));
    if (moved) return void location.replace(moved.pathname + hash);
    if (place?.closest('[hidden]')) filters.forEach((filter) => filter.apply(new Map()));
    const closed = all('details:not([open])').filter((details) => details.contains(place));
    for (const details of closed) details.open = true;
    if (history.state !== null) return;
    history.replaceState(1, '');
    if (isState(hash)) place ??= filters[0]?.form;
    else if (closed.length === 0) return;
    place?.scrollIntoView();
  };
  addEventListener('hashchange', arrive);
  if (location.hash) arrive();
})();
