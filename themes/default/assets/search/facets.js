// What the results can be narrowed down by. Counts stand beside kinds, states, years and customers; never beside
// departments or people, and nowhere as long as somebody is asked for.

const MOST_OFFERED = 8;
const COLUMNS = { kind: 0, status: 1, department: 2, customer: 3 };

// The filters of the page; `toggle` is told which value of which key goes in or out, `again` asks once more.
function facetsFor(toggle, again) {
  const summary = make('summary', {}, say('search_narrow'));
  const details = make('details', {}, summary);
  const element = make('form', { className: 'filter', autocomplete: 'off', hidden: true }, details);
  const facets = {
    element,
    search: undefined,
    show: (search) => {
      facets.search = search;
      element.hidden = false;
      if (details.open) fill();
    },
  };
  let isLost = false;
  const fill = async () => {
    try {
      await offer(facets.search);
      isLost = false;
    } catch (error) {
      if (error instanceof Stale) return;
      if (isLost || !(error instanceof Missing)) throw error;
      // Another site was published since.
      isLost = true;
      forget();
      again();
    }
  };
  const offer = async (search) => {
    const groups = await groupsOf(search);
    if (search.turn !== latest || search !== facets.search) return;
    const focused = document.activeElement?.dataset.filter;
    // The summary stays where it is, and the focus on it.
    while (summary.nextSibling) summary.nextSibling.remove();
    details.append(...groups.map((group) => fieldset(search, group)));
    if (search.root.namesPeople) details.append(personField(search));
    [...details.querySelectorAll('input')].find(({ dataset }) => dataset.filter === focused && focused)?.focus();
  };
  const fieldset = (search, { key, label, choices }) => {
    const labels = choices.map(({ value, title, count, className = '' }) => {
      const box = make('input', { type: 'checkbox', checked: ticked(search, key).includes(value) });
      box.dataset.filter = `${key}:${value}`;
      box.addEventListener('change', () => toggle(key, value));
      const word = make('span', { className: className && 'kind' }, title);
      const shown = count && !isByWhom(search) ? make('small', {}, `${count}`) : '';
      return make('label', { className: className || (count === 0 ? 'none' : '') }, box, word, shown);
    });
    return make('fieldset', {}, make('legend', {}, label), ...labels);
  };
  const personField = ({ root, turn }) => {
    const list = make('datalist', { id: 'find--people' });
    const input = make('input', { type: 'search' });
    input.setAttribute('list', list.id);
    const known = new Map();
    const language = document.documentElement.lang;
    input.addEventListener('input', async () => {
      const typed = input.value;
      if (known.has(typed)) return toggle('person', known.get(typed));
      // After another question nobody waits for names.
      const names = await namesOf(root, { words: tokens(typed), filters: [], without: [] }, turn).catch(() => []);
      if (typed !== input.value) return;
      const inOrder = names.sort((a, b) => a.title.localeCompare(b.title, language));
      const people = inOrder.filter(({ group }) => TYPES.person.includes(group)).slice(0, MOST_OFFERED);
      for (const { title, address } of people) known.set(title, idOf(address));
      list.replaceChildren(...people.map(({ title }) => make('option', { value: title })));
    });
    return make('label', {}, say('person'), ' ', input, list);
  };
  details.addEventListener('toggle', () => details.open && facets.search && fill());
  element.addEventListener('submit', (event) => event.preventDefault());
  return facets;
}

// The values of a filter that are asked for: they are offered whatever they leave.
function ticked({ query }, key) {
  return query.filters.flatMap((filter) => (filter.key === key && filter.known) || []);
}

// What each filter would leave: a record counts where it passes all others.
async function groupsOf(search) {
  const { root, turn, tests } = search;
  const columns = await Promise.all(Object.values(COLUMNS).map((column) => columnOf(root, column, turn)));
  const counts = { kind: [], status: [], department: [], customer: [], in: [], type: {} };
  const count = (key, value) => (counts[key][value] = (counts[key][value] ?? 0) + 1);
  for (const id of new Set(search.raw.flatMap((ids) => [...ids]))) {
    const failed = tests.filter(({ fits }) => !fits(id));
    if (failed.length > 1) continue;
    const isFree = (key) => !failed.length || failed[0].key === key;
    for (const [key, column] of Object.entries(COLUMNS)) {
      if (isFree(key)) for (const value of columns[column](id)) count(key, value);
    }
    if (id >= root.base && isFree('in')) count('in', yearOf(dayOfEntry(root, id)));
    if (isFree('type')) count('type', HEADS[classOf(root, id)] ?? 'entry');
  }
  const often = Object.keys(counts.customer).sort((a, b) => counts.customer[b] - counts.customer[a]);
  // The head of a page has the least id of all that belongs to it; of a person's, customers may come before.
  const headsOf = (key) => Promise.all(ticked(search, key).map(async (value) => {
    const ids = await idsOf(root, key, value, turn);
    return ids.find((id) => TYPES[key].includes(classOf(root, id)));
  }));
  const pages = async (ids) => {
    const some = unique(ids.filter((id) => id !== undefined), (id) => +id);
    const records = await Promise.all(some.map((id) => record(root, +id, turn)));
    return records.map(({ title, targets: [{ address }] }, i) => {
      return { value: idOf(address), title, count: counts.customer[some[i]] };
    });
  };
  const customers = await pages([...often.slice(0, MOST_OFFERED), ...await headsOf('customer')]);
  const isOffered = (key) => ({ value, count }) => count || ticked(search, key).includes(value);
  const choices = (key, list) => {
    const counted = list.map(({ id, label }, i) => ({ value: id, title: label, count: counts[key][i] }));
    return counted.filter(isOffered(key));
  };
  const kinds = choices('kind', root.kinds).map((kind) => ({ ...kind, className: `kind-${kind.value}` }));
  const states = choices('status', [{}, { id: 'open', label: say('open') }, { id: 'done', label: say('done') }]);
  const days = unique([...Object.keys(counts.in), ...ticked(search, 'in')], (day) => day).sort().reverse();
  const years = days.map((day) => ({ value: day, title: day, count: counts.in[day] }));
  const types = typeWords().map(([value, title]) => ({ value, title, count: counts.type[value] }));
  const departments = (isFar) => root.departments.flatMap((department, i) => {
    const { id, label } = department;
    return department.isFar === isFar ? [{ value: id, title: label, count: counts.department[i] ? undefined : 0 }] : [];
  });
  const groups = [
    { key: 'type', label: say('search_type'), choices: types.filter(isOffered('type')) },
    { key: 'kind', label: say('kind'), choices: kinds },
    { key: 'status', label: say('status'), choices: states },
    { key: 'in', label: say('year'), choices: years },
    { key: 'customer', label: say('customer'), choices: customers },
    { key: 'department', label: say('near'), choices: departments(false) },
    { key: 'department', label: say('far'), choices: departments(true) },
    { key: 'person', label: say('person'), choices: await pages(await headsOf('person')) },
  ];
  return groups.filter((group) => group.choices.length);
}

function typeWords() {
  return [
    ['customer', say('customers')],
    ['department', say('departments')],
    ['person', say('people')],
    ['page', say('pages')],
    ['entry', say('entries_title')],
  ];
}
