// What the scripts add to pages, from a server's sub-path and from the disk: filters, sorting, entries that a link
// unfolds, buttons that copy; and that without scripts nothing of it is in the way.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { build, serve, temporary } from './site.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** A source of a portal: front matter. */
const page = (fields) => `+++\n${fields.join('\n')}\n+++\n`;
const entry = (kind, ...fields) => page([`kind = "${kind}"`, `title = "Ein Eintrag"`, ...fields]);

/** One customer with a history, and some more for the index. */
function portal() {
  const folder = temporary();
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('strang.toml', `
title = "Portal"
language = "de"
[facts.customer.segment]
type = "choice"
choices = ["Gold", "Silber", "Bronze"]
label = { de = "Segment", en = "Segment" }
[facts.customer.machines]
type = "number"
label = { de = "Maschinen", en = "Machines" }
[facts.customer.since]
type = "date"
label = { de = "Seit", en = "Since" }
`);
  write('content/departments/kueche.md', page(['title = "Küche"']));
  write('content/departments/vertrieb.md', page(['title = "Vertrieb"']));
  write('content/people/jana-roth.md', page(['title = "Jana Roth"', 'departments = "vertrieb"']));
  write('content/people/tim-kurt.md', page(['title = "Tim Kurt"', 'departments = "kueche"']));
  const customers = {
    adler: ['"Adler Straße"', 'owner = "jana-roth"', 'segment = "Silber"', 'machines = 9', 'since = 2020-02-01'],
    bergmann: ['"Bergmann"', 'owner = "tim-kurt"', 'segment = "Gold"', 'machines = 10000', 'since = 2019-12-31'],
    oelmeier: ['"Öl-Meier"', 'owner = "jana-roth"', 'segment = "Bronze"', 'machines = -1.5'],
    oskar: ['"Oskar"', 'segment = "Silber"'],
    zorn: ['"Zorn"', 'since = 2021-01-15'],
  };
  for (const [id, [title, ...fields]] of Object.entries(customers)) {
    write(`content/customers/${id}.md`, page([`title = ${title}`, ...fields]));
  }
  const entries = {
    '2023-03-01-bestellt': entry('order', 'by = "jana-roth"'),
    '2023-04-01-kalt': entry('complaint', 'departments = "kueche"', 'status = "done"'),
    '2023-05-01-frage': entry('inquiry', 'by = "tim-kurt"', 'owner = "jana-roth"'),
    '2025-05-01-gekocht': entry('action', 'by = "tim-kurt"'),
    '2025-06-01-kalt': entry('complaint', 'by = "tim-kurt"', 'status = "done"'),
    '2026-02-01-kaputt': entry('complaint', 'by = "jana-roth"', 'status = "done"'),
    '2026-02-02-bestellt': entry('order', 'by = "jana-roth"'),
    '2026-02-03-gekocht': entry('action', 'by = "tim-kurt"', 'closes = "2023-03-01-bestellt"'),
  };
  for (let day = 1; day <= 28; day += 1) entries[`2026-01-${String(day).padStart(2, '0')}-notiz`] = entry('note');
  for (const [name, text] of Object.entries(entries)) write(`content/customers/bergmann/${name}.md`, text);
  return folder;
}

const site = build(portal());

/** Pages that no part of the site makes yet stand beside it: changed copies. */
function copyOf(address, name, change) {
  writeFileSync(join(site, dirname(address), name), change(readFileSync(join(site, address), 'utf8')));
}
const bar = '<ol class="bar"><li><a href="bergmann/2019.html">2019</a></li><li><a href="adler.html#2020">2020</a></li>'
  + '<li><a href="#2023">2023</a></li></ol>';
copyOf('customers/bergmann.html', 'bar.html', (html) => html.replace('<form class="filter', `${bar}<form class="filter`));
copyOf('404.html', 'copy.html', (html) => html.replace('</main>', `<pre id="text">+++\nkind = "note"\n+++\n</pre>
<button type="button" class="copy" data-copy="text" data-copied="Kopiert">Vorlage kopieren</button></main>`));

let browser;
let server;

before(async () => {
  browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid() !== 0 });
  server = await serve(site);
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** Does something with a page and finds no fault in the console. */
async function on(address, act, options = {}) {
  const { root = server.root, ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...rest });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  await page.goto(root + address, { waitUntil: 'load' });
  try {
    await act(page, context);
  } finally {
    await context.close();
  }
  assert.deepEqual(faults, []);
}

const history = {
  box: (page, group, value) => page.locator(`fieldset[data-group="${group}"] input[value="${value}"]`),
  open: (page) => page.locator('form.filter summary').click(),
  shown: (page) =>
    page.evaluate(() =>
      [...document.querySelectorAll('ol.entries > li')].filter((entry) => !entry.hidden).map((entry) => entry.id),
    ),
  status: (page) => page.locator('.found [role="status"]').textContent(),
  year: (page, year) => page.locator(`details.year[id="${year}"] > summary > span`).textContent(),
  isOpen: (page, year) => page.evaluate((year) => document.getElementById(year).open, String(year)),
};
const hash = (page) => page.evaluate(() => location.hash);

for (const where of ['served below a path', 'from the disk']) {
  const root = () => (where === 'from the disk' ? `${pathToFileURL(site)}/` : server.root);
  const onBergmann = (fragment, act) => on(`customers/bergmann.html${fragment}`, act, { root: root() });

  describe(`the filter of a history, ${where}`, () => {
    test('offers what occurs, folded', () =>
      onBergmann('', async (page) => {
        assert.equal(await history.box(page, 'kind', 'note').isVisible(), false);
        await history.open(page);
        const offered = await page.locator('form.filter fieldset').allInnerTexts();
        assert.deepEqual(
          offered.map((text) => text.replace(/\s+/g, ' ')),
          ['Art Anfrage Auftrag Reklamation Einsatz Notiz', 'Abteilung Küche Vertrieb', 'Person Jana Roth Tim Kurt'],
        );
        assert.equal(await history.status(page), '');
        assert.equal(await page.locator('.found button').isVisible(), false);
      }));

    test('narrows down: or within a group, and between groups', () =>
      onBergmann('', async (page) => {
        await history.open(page);
        await history.box(page, 'kind', 'complaint').check();
        assert.deepEqual(await history.shown(page), ['2026-02-01-kaputt', '2025-06-01-kalt', '2023-04-01-kalt']);
        assert.equal(await history.status(page), '3 von 36 Einträgen');
        assert.equal(await hash(page), '#f=kind:complaint');
        await history.box(page, 'kind', 'order').check();
        assert.equal(await history.status(page), '5 von 36 Einträgen');
        await history.box(page, 'dept', 'kueche').check();
        assert.deepEqual(await history.shown(page), ['2025-06-01-kalt', '2023-04-01-kalt']);
        assert.equal(await hash(page), '#f=kind:order+complaint;dept:kueche');
        assert.equal(await page.locator('.found b').textContent(), 'Gefiltert nach: Auftrag, Reklamation, Küche');
      }));

    test('knows people by what they did, not by what waits for them', () =>
      onBergmann('#f=person:jana-roth', async (page) => {
        const byJana = ['2026-02-02-bestellt', '2026-02-01-kaputt', '2023-03-01-bestellt'];
        assert.deepEqual(await history.shown(page), byJana);
      }));

    test('counts nothing by who did it', () =>
      onBergmann('#f=person:jana-roth', async (page) => {
        for (const whose of ['', '#f=kind:complaint;person:jana-roth', '#f=dept:kueche']) {
          if (whose) await page.evaluate((fragment) => (location.hash = fragment), whose);
          await page.waitForFunction((fragment) => !fragment || location.hash === fragment, whose);
          assert.equal(await history.status(page), 'Was passt, steht unten.');
          for (const year of [2023, 2026]) assert.equal(await history.year(page, year), '');
        }
        await page.evaluate(() => (location.hash = '#f=person:jana-roth;kind:note'));
        await page.getByText('Kein Eintrag passt.').waitFor();
      }));

    test('counts the years anew, opens those with hits and leaves empty ones as a line', () =>
      onBergmann('', async (page) => {
        assert.equal(await history.isOpen(page, 2023), false);
        const before = await history.year(page, 2023);
        await history.open(page);
        await history.box(page, 'kind', 'complaint').check();
        assert.equal(await history.isOpen(page, 2023), true);
        assert.equal(await history.year(page, 2023), '1 von 3 Einträgen');
        assert.equal(await history.year(page, 2026), '1 von 31 Einträgen');
        await history.box(page, 'dept', 'kueche').check();
        assert.equal(await history.isOpen(page, 2026), false);
        assert.equal(await history.year(page, 2026), '');
        assert.equal(await page.locator('details.year[id="2026"] summary').isVisible(), true);
        await page.locator('.found button').click();
        assert.equal(await history.year(page, 2023), before);
        assert.equal(await history.isOpen(page, 2023), false);
        assert.equal(await history.isOpen(page, 2026), true);
      }));

    test('comes with a link and shows the history', () =>
      onBergmann('#f=kind:complaint+order;dept:kueche', async (page) => {
        assert.deepEqual(await history.shown(page), ['2025-06-01-kalt', '2023-04-01-kalt']);
        assert.equal(await history.box(page, 'kind', 'order').isChecked(), true);
        assert.equal(await history.box(page, 'person', 'tim-kurt').isChecked(), false);
        assert.equal(await history.isOpen(page, 2023), true);
        assert.ok(await page.locator('.found').evaluate((e) => e.getBoundingClientRect().top < innerHeight));
      }));

    test('comes from a link on the page', () =>
      onBergmann('', async (page) => {
        await page.evaluate(() => {
          const link = document.createElement('a');
          link.href = '#f=dept:vertrieb';
          link.textContent = 'alle';
          document.querySelector('footer').append(link);
        });
        await page.getByRole('link', { name: 'alle', exact: true }).click();
        assert.equal(await history.status(page), 'Was passt, steht unten.');
        assert.ok(await page.locator('.found').evaluate((e) => e.getBoundingClientRect().top > 0));
      }));

    test('is undone by the back key, step by step', () =>
      onBergmann('', async (page) => {
        await history.open(page);
        await history.box(page, 'kind', 'complaint').check();
        await history.box(page, 'kind', 'order').check();
        await page.goBack();
        assert.equal(await history.status(page), '3 von 36 Einträgen');
        assert.equal(await history.box(page, 'kind', 'order').isChecked(), false);
        await page.goBack();
        assert.equal(await history.status(page), '');
        assert.equal((await history.shown(page)).length, 36);
        await page.goForward();
        assert.equal(await history.status(page), '3 von 36 Einträgen');
      }));

    test('is cleared, and the keyboard stays', () =>
      onBergmann('#f=kind:note', async (page) => {
        await page.locator('.found button').press('Enter');
        assert.equal((await history.shown(page)).length, 36);
        assert.equal(await hash(page), '');
        assert.equal(await history.box(page, 'kind', 'note').isChecked(), false);
        assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Verlauf filtern');
      }));

    test('says when nothing fits', () =>
      onBergmann('#f=kind:order;dept:kueche', async (page) => {
        assert.equal(await history.status(page), 'Kein Eintrag passt.');
        assert.equal(await page.locator('.found button').textContent(), 'Filter aufheben');
        assert.equal(await page.locator('.found button').isVisible(), true);
      }));

    test('goes along to other pages of the customer', () =>
      on('customers/bar.html#f=kind:order', async (page) => {
        const path = (links) => links.map((link) => link.href.split('/customers/')[1]);
        const links = () => page.locator('.bar').last().locator('a').evaluateAll(path);
        const here = 'bar.html#2023';
        assert.deepEqual(await links(), ['bergmann/2019.html#f=kind:order', 'adler.html#f=kind:order;at:2020', here]);
        await page.locator('.found button').click();
        assert.deepEqual(await links(), ['bergmann/2019.html', 'adler.html#2020', here]);
      }, { root: root() }));

    test('stays when a link leads to a place on the page', () =>
      on('customers/bar.html', async (page) => {
        await history.open(page);
        await history.box(page, 'kind', 'order').check();
        await page.locator('.bar a').last().click();
        assert.equal(await hash(page), '#2023');
        assert.equal(await history.status(page), '2 von 36 Einträgen');
        await page.goBack();
        assert.equal(await hash(page), '#f=kind:order');
        assert.equal(await history.status(page), '2 von 36 Einträgen');
      }, { root: root() }));

    test('gives way to an entry that it hides', () =>
      onBergmann('#f=kind:action', async (page) => {
        await page.locator('ol.entries a[href="#2023-03-01-bestellt"]').first().click();
        assert.equal((await history.shown(page)).length, 36);
        assert.ok(await page.locator('[id="2023-03-01-bestellt"]').isVisible());
      }));
  });

  describe(`an entry reached by link, ${where}`, () => {
    const isInSight = (page, id) =>
      page.evaluate((id) => {
        const { top, bottom, height } = document.getElementById(id).getBoundingClientRect();
        return height > 0 && top >= 0 && bottom <= innerHeight;
      }, id);

    test('is unfolded and in sight', () =>
      onBergmann('#2023-03-01-bestellt', async (page) => {
        assert.equal(await history.isOpen(page, 2023), true);
        assert.equal(await isInSight(page, '2023-03-01-bestellt'), true);
      }));

    test('is unfolded by a browser that does not do it itself', () =>
      onBergmann('', async (page) => {
        await page.evaluate(() => {
          history.pushState(null, '', '#2023-03-01-bestellt');
          dispatchEvent(new HashChangeEvent('hashchange'));
        });
        assert.equal(await history.isOpen(page, 2023), true);
        assert.equal(await isInSight(page, '2023-03-01-bestellt'), true);
      }));

    test('is unfolded on the same page, too, and the back key returns', () =>
      onBergmann('', async (page) => {
        const link = page.locator('ol.entries a[href="#2023-03-01-bestellt"]').first();
        await link.scrollIntoViewIfNeeded();
        const before = await page.evaluate(() => scrollY);
        await link.click();
        assert.equal(await history.isOpen(page, 2023), true);
        assert.equal(await isInSight(page, '2023-03-01-bestellt'), true);
        await page.goBack();
        await page.waitForFunction((before) => scrollY === before, before);
      }));
  });

  describe(`tables, ${where}`, () => {
    const onIndex = (act, fragment = '') => on(`customers/index.html${fragment}`, act, { root: root() });
    const names = (page) => page.locator('tbody tr:not([hidden]) > th').allTextContents();
    const sort = (page, name) => page.locator('thead').getByRole('button', { name, exact: true }).click();
    const order = (page) =>
      page.locator('thead th').evaluateAll((heads) => heads.map((head) => head.getAttribute('aria-sort')).join('|'));
    const status = (page) => page.locator('.found [role="status"]').textContent();

    test('say by what they are sorted, and sort names as the language does', () =>
      onIndex(async (page) => {
        const inOrder = ['Adler Straße', 'Bergmann', 'Öl-Meier', 'Oskar', 'Zorn'];
        assert.deepEqual(await names(page), inOrder);
        assert.equal(await order(page), 'ascending|||||||');
        await sort(page, 'Kunde');
        assert.deepEqual(await names(page), inOrder.toReversed());
        assert.equal(await order(page), 'descending|||||||');
        await sort(page, 'Kunde');
        assert.deepEqual(await names(page), inOrder);
      }));

    test('put blanks last, up and down', () =>
      onIndex(async (page) => {
        await sort(page, 'Maschinen');
        assert.deepEqual(await names(page), ['Öl-Meier', 'Adler Straße', 'Bergmann', 'Oskar', 'Zorn']);
        assert.equal(await order(page), '||||||ascending|');
        await sort(page, 'Maschinen');
        assert.deepEqual(await names(page), ['Bergmann', 'Adler Straße', 'Öl-Meier', 'Oskar', 'Zorn']);
        await sort(page, 'Seit');
        assert.deepEqual(await names(page), ['Bergmann', 'Adler Straße', 'Zorn', 'Öl-Meier', 'Oskar']);
        await sort(page, 'Seit');
        assert.deepEqual(await names(page), ['Zorn', 'Adler Straße', 'Bergmann', 'Öl-Meier', 'Oskar']);
      }));

    test('sort choices as the portal orders them', () =>
      onIndex(async (page) => {
        await sort(page, 'Segment');
        assert.deepEqual(await names(page), ['Bergmann', 'Adler Straße', 'Oskar', 'Öl-Meier', 'Zorn']);
      }));

    test('sort by the keyboard, and the keyboard stays', () =>
      onIndex(async (page) => {
        await page.locator('thead button').nth(1).press('Enter');
        assert.equal(await order(page), '|ascending||||||');
        assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Zuständig');
      }));

    test('are filtered by name', () =>
      onIndex(async (page) => {
        await page.locator('.filter input[type="search"]').pressSequentially('STRASSE ad');
        assert.deepEqual(await names(page), ['Adler Straße']);
        assert.equal(await status(page), '1 von 5');
        assert.equal(await hash(page), '#f=title:STRASSE%20ad');
        await page.locator('.filter input[type="search"]').press('Enter');
        assert.deepEqual(await names(page), ['Adler Straße']);
        await page.locator('.filter input[type="search"]').fill('ol');
        assert.deepEqual(await names(page), ['Öl-Meier']);
        await page.locator('.filter input[type="search"]').fill('x');
        assert.equal(await status(page), 'Kein Kunde passt.');
        await page.locator('.found button').click();
        assert.equal((await names(page)).length, 5);
      }));

    test('are filtered by choice and by who is in charge', () =>
      onIndex(async (page) => {
        await page.getByLabel('Zuständig').selectOption('Jana Roth');
        assert.deepEqual(await names(page), ['Adler Straße', 'Öl-Meier']);
        assert.equal(await status(page), 'Was passt, steht unten.');
        await page.getByLabel('Segment').selectOption('Bronze');
        assert.deepEqual(await names(page), ['Öl-Meier']);
        assert.equal(await hash(page), '#f=segment:Bronze;owner:jana-roth');
        await page.goBack();
        assert.deepEqual(await names(page), ['Adler Straße', 'Öl-Meier']);
        assert.equal(await page.getByLabel('Segment').inputValue(), '');
      }));

    test('come filtered with a link', () =>
      onIndex(async (page) => {
        assert.deepEqual(await names(page), ['Bergmann']);
        assert.equal(await page.locator('.filter input[type="search"]').inputValue(), 'b r');
        await sort(page, 'Kunde');
        assert.deepEqual(await names(page), ['Bergmann']);
      }, '#f=title:b%20r;segment:Gold'));
  });

  describe(`a button that copies, ${where}`, () => {
    const text = '+++\nkind = "note"\n+++\n';

    test('copies and says so', () =>
      on('copy.html', async (page, context) => {
        await context.grantPermissions(['clipboard-read', 'clipboard-write']);
        await page.locator('.copy').click();
        await page.getByRole('status').filter({ hasText: 'Kopiert' }).waitFor();
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
      }, { root: root() }));

    test('copies where the browser has no clipboard for pages', () =>
      on('copy.html', async (page, context) => {
        await context.grantPermissions(['clipboard-read', 'clipboard-write']);
        await page.evaluate(() => {
          window.kept = navigator.clipboard;
          Object.defineProperty(navigator, 'clipboard', { value: undefined });
        });
        await page.locator('.copy').click();
        await page.getByRole('status').filter({ hasText: 'Kopiert' }).waitFor();
        assert.equal((await page.evaluate(() => window.kept.readText())).trimEnd(), text.trimEnd());
      }, { root: root() }));
  });
}

describe('without scripts', () => {
  const off = { javaScriptEnabled: false };

  test('a history is complete and has no filter', () =>
    on('customers/bergmann.html#f=kind:order', async (page) => {
      assert.equal(await page.locator('form.filter').isVisible(), false);
      assert.equal(await page.locator('ol.entries > li').count(), 36);
    }, off));

  test('the index is complete and has nothing dead', () =>
    on('customers/index.html', async (page) => {
      assert.equal(await page.locator('form.filter').isVisible(), false);
      assert.equal(await page.locator('tbody tr').count(), 5);
      assert.equal(await page.locator('main button:visible').count(), 0);
    }, off));

  test('a button that copies does not show', () =>
    on('copy.html', async (page) => {
      assert.equal(await page.locator('.copy').isVisible(), false);
      assert.equal(await page.locator('#text').isVisible(), true);
    }, off));
});

describe('the scripts', () => {
  test('move nothing when they come', () =>
    on('customers/index.html', async (page) => {
      const shift = await page.evaluate(
        () =>
          new Promise((tell) => {
            let sum = 0;
            const add = (list) => list.getEntries().forEach((entry) => (sum += entry.value));
            new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
            setTimeout(() => tell(sum), 200);
          }),
      );
      assert.equal(shift, 0);
    }));

  test('move no head of a table', () =>
    on('customers/index.html', async (page, context) => {
      const widths = () => page.locator('thead th').evaluateAll((heads) => heads.map((head) => head.offsetWidth));
      const whenThere = await widths();
      await context.route('**/strang.*.js', (route) => route.fulfill({ body: '', contentType: 'text/javascript' }));
      await page.reload();
      assert.equal(await page.locator('thead button').count(), 0);
      assert.deepEqual(await widths(), whenThere);
    }));

  test('unfold a page for paper where the style sheet cannot', () =>
    on('customers/bergmann.html', async (page) => {
      await page.addInitScript(() => (CSS.supports = () => false));
      await page.reload();
      await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
      assert.equal(await history.isOpen(page, 2023), true);
      await page.evaluate(() => dispatchEvent(new Event('afterprint')));
      assert.equal(await history.isOpen(page, 2023), false);
      assert.equal(await history.isOpen(page, 2026), true);
    }));

  test('name on paper what is filtered by, and nothing that only a screen can work', () =>
    on('customers/bergmann.html#f=kind:order', async (page) => {
      await page.emulateMedia({ media: 'print' });
      assert.equal(await page.locator('form.filter summary').isVisible(), false);
      assert.equal(await page.locator('.found button').isVisible(), false);
      const printed = await page.locator('form.filter').innerText();
      assert.equal(printed.replace(/\s+/g, ' ').trim(), 'Gefiltert nach: Auftrag 2 von 36 Einträgen');
    }));

  test('and the style sheet stay small', () => {
    const assets = readdirSync(join(site, 'assets'));
    for (const [name, ending, most] of [['early', 'js', 512], ['strang', 'js', 4608], ['strang', 'css', 12288]]) {
      const file = assets.find((asset) => asset.startsWith(`${name}.`) && asset.endsWith(`.${ending}`));
      const size = gzipSync(readFileSync(join(site, 'assets', file)), { level: 9 }).length;
      assert.ok(size <= most, `${file} has ${size} bytes`);
    }
  });
});
