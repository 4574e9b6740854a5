// What happens when a page is there. All parts of this folder are joined into one script, in the order of their names
// and in one scope, after `words`; its last line is `start()`.

function start() {
  site = new URL('..', document.currentScript.src).href;
  arrive();
  addEventListener('hashchange', arrive);
  const form = document.querySelector('form.find');
  if (!form || !canInflate()) return;
  for (const sign of document.querySelectorAll('.no-search')) sign.hidden = true;
  const place = document.querySelector('.answers');
  if (place) searchPage(form, place);
  else searchBox(form);
  addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    form.elements.q.focus();
    form.elements.q.select();
  });
}

function canInflate() {
  try {
    return Boolean(new DecompressionStream('deflate-raw'));
  } catch {
    return false;
  }
}

// The root is there before the first word is typed.
function prepare() {
  getRoot(latest).catch(() => {});
}

// Asks, and shows the answer if it is still wanted. A file that is gone makes the client read the root again, once.
async function question(text, wants, show, failed) {
  latest += 1;
  const turn = latest;
  for (let tries = 0; turn === latest; tries += 1) {
    try {
      await show(await answer(text, wants, turn));
      return;
    } catch (error) {
      if (error instanceof Stale) return;
      if (!(error instanceof Missing)) throw error;
      if (tries) return void failed();
      forget();
    }
  }
}
