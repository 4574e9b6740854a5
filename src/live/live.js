// The preview's own script: it loads the page anew when a build has changed it, keeping the reader's place, and shows
// what there is to say. Everything an author wrote is set as text.
(() => {
  'use strict';
  const own = '/~strang/';
  const script = document.currentScript;
  const shown = Number(script.dataset.build);
  const place = 'strang-place ' + location.pathname;
  const title = document.title;
  let stream = null;
  let wasOpen = false;
  let wasLost = false;
  let latest = 0;

  const folds = () => [...document.querySelectorAll('main details')];
  const nameOf = (fold) => {
    const within = fold.id || fold.parentElement.closest('[id]')?.id;
    return within + ' ' + (fold.querySelector('summary')?.textContent ?? '');
  };

  function reload() {
    leave();
    const open = folds().filter((fold) => fold.open).map(nameOf);
    try {
      sessionStorage.setItem(place, JSON.stringify({ x: scrollX, y: scrollY, open }));
    } catch { /* The page begins at its top, then. */ }
    location.reload();
  }

  function restore() {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(place));
      sessionStorage.removeItem(place);
    } catch { /* There is nothing to go back to. */ }
    if (!kept) return;
    for (const fold of folds()) fold.open = kept.open.includes(nameOf(fold));
    const back = () => scrollTo({ left: kept.x, top: kept.y, behavior: 'instant' });
    back();
    // Pictures and the browser's own idea of the place come in until the page has loaded.
    addEventListener('load', () => requestAnimationFrame(back), { once: true });
  }

  function listen() {
    if (stream || document.hidden) return;
    stream = new EventSource(own + 'live');
    stream.onmessage = (event) => hear(Number(event.data));
    stream.onopen = () => (wasOpen = true);
    stream.onerror = () => {
      // One that never opened has told nothing that could be lost: the preview has too many open pages.
      wasLost ||= wasOpen;
      if (stream?.readyState !== EventSource.CLOSED) return;
      leave();
      setTimeout(listen, 2000);
    };
  }

  // A browser has six connections to one server: a page that nobody sees needs none.
  function leave() {
    stream?.close();
    stream = null;
  }

  async function hear(number) {
    // Another preview may have taken the place of this one, and counts anew.
    if (wasLost) return reload();
    if (number === latest) return;
    const answer = await fetch(own + 'told.json').catch(() => null);
    if (!answer?.ok) return void setTimeout(hear, 1000, number);
    const news = await answer.json();
    if (news.number < latest) return;
    latest = news.number;
    if ((news.site ?? news.number) !== shown) reload();
    else show(news);
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function button(text, act) {
    const made = element('button', { type: 'button' }, text);
    made.addEventListener('click', act);
    return made;
  }

  function hide() {
    document.getElementById('strang-told')?.remove();
  }

  function show({ told, number, site }) {
    hide();
    document.title = told.errors ? `(${told.errors}) ${title}` : title;
    // A page that says nothing else says it already.
    if (told.items.length === 0 || document.getElementById('told')) return;
    const texts = told.items.map((item) => element('li', { class: item.class }, element('pre', {}, item.text)));
    const copy = () => navigator.clipboard.writeText(told.items.map((item) => item.text).join('\n\n'));
    const status = element('span', { role: 'status' });
    const fold = element('details', {}, element('summary', {}, status));
    fold.open = told.errors > 0;
    if (site !== number) fold.append(element('p', {}, told.stale));
    fold.append(element('p', {}, button(told.copy, copy), ' ', button(told.hide, hide)));
    fold.append(element('ol', {}, ...texts));
    if (told.more) fold.append(element('p', {}, told.more));
    const sheet = { id: 'strang-told', role: 'region', 'aria-label': told.label, lang: told.language };
    document.body.append(element('aside', sheet, fold));
    // What comes in after the region is there is read aloud.
    status.append(told.count);
  }

  document.head.append(element('link', { rel: 'stylesheet', href: own + 'live.css' }));
  document.addEventListener('keydown', (event) => event.key === 'Escape' && hide());
  document.addEventListener('visibilitychange', () => (document.hidden ? leave() : listen()));
  addEventListener('pagehide', leave);
  addEventListener('pageshow', listen);
  restore();
  listen();
})();
