// Where a result leads: `#anchor?h=words`. The words are marked there, and the address becomes the bare one, which
// the script of pages opens. This runs before that script does.

function arrive() {
  const [, anchor, sought] = /^#(.*)\?h=(.*)$/.exec(location.hash) ?? [];
  if (sought === undefined) return;
  location.replace(`#${anchor}`);
  for (const mark of document.querySelectorAll('main mark.sought')) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
  const place = document.getElementById(decoded(anchor));
  if (!place) return;
  const groups = tokens(decoded(sought)).map((word) => groupOf({ ...word, isOpen: true }));
  for (const part of partsFrom(place)) markWithin(part, groups);
}

// An entry by itself; of a heading all that follows before the next.
function partsFrom(place) {
  if (!/^H\d$/.test(place.tagName)) return [place];
  const parts = [place];
  let next = place.nextElementSibling;
  for (; next && !/^H\d$/.test(next.tagName); next = next.nextElementSibling) parts.push(next);
  return parts;
}

function markWithin(element, groups) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const nodes = marked(text.data, groups);
    if (nodes.length < 2) continue;
    text.replaceWith(...nodes);
    for (const mark of nodes.filter(({ tagName }) => tagName)) {
      mark.className = 'sought';
      for (let at = mark.parentElement; at !== element; at = at.parentElement) if ('open' in at) at.open = true;
    }
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
