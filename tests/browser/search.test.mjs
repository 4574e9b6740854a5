// The search in Chromium: at the root of a server, below a path of it and from the disk; under a policy that lets no
// other script run and nothing become markup.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { addresses, build, serve } from './site.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

const site = build();
const roots = {};
const servers = [];
let browser;

before(async () => {
  browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid() !== 0 });
  servers.push(await serve(site, '/'), await serve(site));
  roots['at the root of a server'] = servers[0].root;
  roots['below a path of a server'] = servers[1].root;
  roots['from the disk'] = `${pathToFileURL(site)}/`;
});

after(async () => {
  await browser?.close();
  for (const server of servers) server.close();
});

/** Does something with a page and finds no fault in the console. */
async function on(url, act, { faultsExpected = false, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  await page.goto(url, { waitUntil: 'load' });
  try {
    await act(page, context);
  } finally {
    await context.close();
  }
  if (!faultsExpected) assert.deepEqual(faults, []);
}

/** The page with all results, as it is when it has answered. */
const results = {
  settled: async (page) => {
    await page.waitForFunction(() => document.querySelector('.answers > .found')?.textContent);
    await page.waitForLoadState('networkidle');
  },
  titles: (page) => page.locator('.results li > div > a').allTextContents(),
  marks: (page) => page.locator('.results mark').allTextContents(),
  status: (page) => page.locator('.answers > .found').textContent(),
  notes: (page) => page.locator('.results .note').allTextContents(),
  facets: async (page) => {
    await page.locator('.answers summary').first().click();
    await page.locator('.answers fieldset').first().waitFor();
    const groups = await page.locator('.answers fieldset').allInnerTexts();
    return groups.map((text) => text.replace(/\s+/g, ' ').trim());
  },
};
const search = (root, text, act, options) =>
  on(`${root}search.html#q=${encodeURIComponent(text)}`, async (page, context) => {
    await results.settled(page);
    await act(page, context);
  }, options);

/** What finds what: the results of each text hold a title, or the first of them is it. */
const finds = (root, text, title) =>
  search(root, text, async (page) => {
    const titles = await results.titles(page);
    assert.ok(titles.includes(title), `${text} finds ${title}, not only ${titles.join(' | ')}`);
  });
const leadsWith = (root, text, title) =>
  search(root, text, async (page) => assert.equal((await results.titles(page))[0], title));

const box = (page) => page.locator('form.find input');
const type = async (page, text) => {
  await box(page).click();
  await page.keyboard.type(text);
  await page.locator('.sheet [role="option"]').first().waitFor();
};
const options = (page) => page.locator('.sheet [role="option"]').allInnerTexts();

async function axe(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axeSource });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] })
      .then((found) => JSON.stringify(found.violations))`,
    awaitPromise: true,
  });
  return JSON.parse(result.value).flatMap((violation) =>
    violation.nodes.map((node) => `axe ${violation.id}: ${violation.help}: ${node.html.slice(0, 160)}`),
  );
}

const late = 'FR 400 drei Wochen zu spät';
const deduction = 'Zahlung FR 400, mit Abzug';

for (const where of ['at the root of a server', 'below a path of a server', 'from the disk']) {
  const root = () => roots[where];

  describe(`the words of a search, ${where}`, () => {
    test('find while they are typed', () =>
      on(`${root()}customers/hollerbach.html`, async (page) => {
        await type(page, 'holl');
        assert.match((await options(page))[0], /^Kunde\s+Mühle Hollerbach/);
        await page.keyboard.type('erb');
        await page.getByRole('option', { name: /Alle Treffer zu „hollerb“/ }).waitFor();
        assert.match((await options(page))[0], /^Kunde\s+Mühle Hollerbach/);
      }));

    for (const spelled of ['müller', 'Mueller', 'MULLER']) {
      test(`find in every spelling: ${spelled}`, () => finds(root(), spelled, 'TS 2000 nach Groningen'));
    }

    test('find compounds by a part', () => finds(root(), 'Verzug', late));

    test('find parts by the compound, and say so', () =>
      search(root(), 'Lieferverzug', async (page) => {
        const titles = await results.titles(page);
        assert.equal(titles[0], late);
        assert.ok(titles.includes(deduction), titles.join(' | '));
        assert.match((await results.notes(page))[0], /Auch gesucht: liefer/);
        await page.getByRole('button', { name: 'Nur „Lieferverzug“ suchen' }).click();
        await page.waitForFunction(() => document.querySelectorAll('.results li').length === 1);
        assert.deepEqual(await results.titles(page), [late]);
      }));

    test('find other forms of a word', () =>
      finds(root(), 'Rechnungen', 'Wieder die falsche Bestellnummer auf der Rechnung'));

    test('find in spite of a mistake, and say so', () =>
      search(root(), 'Reklamtion', async (page) => {
        assert.match((await results.notes(page))[0], /Meinten Sie „Reklamation(en)?“\?/);
        assert.ok((await results.titles(page)).length > 5);
      }));

    test('find German and English texts in one index', async () => {
      await finds(root(), 'drawing', 'Een dikke acht');
      await finds(root(), 'Brief Pieter', 'Een dikke acht');
    });

    for (const typed of ['RE-2022-0311', 're20220311', 'RE 2022 0311', 'RE/2022/0311']) {
      test(`find numbers with and without what separates them: ${typed}`, () => leadsWith(root(), typed, deduction));
    }

    for (const typed of ['hollerbach', 'MHH', 'Hollerbachmühle']) {
      test(`find names first: ${typed}`, () => leadsWith(root(), typed, 'Mühle Hollerbach GmbH & Co. KG'));
    }
    test('find former ids', () => leadsWith(root(), 'glas-adler', 'Adler Glasrecycling AG'));

    test('find a phrase as it stands, and nothing else', () =>
      search(root(), '"Verzug der Lieferung"', async (page) =>
        assert.deepEqual(await results.titles(page), [deduction])));

    test('leave out what follows a minus', () =>
      search(root(), 'Verzug -Abzug', async (page) => {
        const titles = await results.titles(page);
        assert.ok(titles.includes(late) && !titles.includes(deduction), titles.join(' | '));
      }));

    test('are marked where they are found', () =>
      search(root(), 'gutschrift verzug', async (page) => {
        assert.equal((await results.titles(page))[0], deduction);
        const marks = await page.locator('.results li').first().locator('mark').allTextContents();
        assert.deepEqual(marks, ['Verzug', 'Gutschrift']);
      }));

    test('that mean nothing lead on', () =>
      search(root(), 'xylofonkonzert kunde:hollerbach', async (page) => {
        assert.match(await results.status(page), /^Nichts gefunden zu „xylofonkonzert kunde:hollerbach“/);
        assert.equal(await page.getByRole('heading', { name: 'Zum Blättern' }).isVisible(), true);
        await page.getByRole('button', { name: 'Ohne kunde:hollerbach' }).click();
        assert.equal(await box(page).inputValue(), 'xylofonkonzert');
      }));
  });

  describe(`the filters of a search, ${where}`, () => {
    test('are by kind, customer, department, person and date, newest first where no word ranks', () =>
      search(root(), 'kunde:petry art:lieferung ab:2022 bis:12.2025', async (page) => {
        assert.deepEqual(await results.titles(page), [late]);
        assert.equal(await results.status(page), '1 Treffer');
      }));

    test('are in order by date', async () => {
      const dates = async (text) => {
        let found;
        await search(root(), text, async (page) => {
          found = await page.locator('.results .by').allTextContents();
        });
        return found.map((by) => /\d\d\.\d\d\.(\d{4})/.exec(by)[1]);
      };
      const newest = await dates('kunde:petry art:lieferung,reklamation');
      assert.ok(newest.length > 3);
      assert.deepEqual(newest, newest.toSorted().toReversed());
      assert.deepEqual(await dates('kunde:petry art:lieferung,reklamation sort:alt'), newest.toReversed());
    });

    test('are offered with counts, but for departments and people', () =>
      search(root(), 'dichtung', async (page) => {
        const groups = await results.facets(page);
        assert.match(groups.find((group) => group.startsWith('Art ')), /Reklamation \d/);
        assert.match(groups.find((group) => group.startsWith('Kunde ')), /AG \d/);
        assert.match(groups.find((group) => group.startsWith('Jahr ')), /2026 \d/);
        for (const name of ['Direkt beim Kunden', 'Macht es möglich']) {
          assert.doesNotMatch(groups.find((group) => group.startsWith(name)), /\d/);
        }
      }));

    test('write what is typed, and narrow down', () =>
      search(root(), 'dichtung', async (page) => {
        const before = parseInt(await results.status(page), 10);
        await results.facets(page);
        await page.getByLabel(/^Reklamation/).check();
        await page.waitForFunction(() => document.querySelector('form.find input').value === 'dichtung art:complaint');
        await page.waitForFunction((n) => parseInt(document.querySelector('.answers > .found').textContent, 10) < n, before);
        await page.goBack();
        assert.equal(await box(page).inputValue(), 'dichtung');
      }));

    test('count nothing where somebody is asked for', async () => {
      const asked = ['person:jana', 'abteilung:kantine', 'Jana Roth', 'Kantine'];
      const hidden = ['janna', 'jana linie', 'hollerbach -jana', 'Jana Roth im:2025'];
      for (const text of [...asked, ...hidden]) {
        await search(root(), text, async (page) => {
          assert.equal(await results.status(page), 'Was passt, steht unten.', text);
          await results.facets(page);
          assert.equal(await page.locator('.answers fieldset small').count(), 0);
        });
      }
    });

    test('that cannot leave out are told', () =>
      search(root(), 'dichtung -art:reklamation', async (page) =>
        assert.match((await results.notes(page))[0], /„-art:reklamation“ ist hier nicht bekannt/)));

    test('that nobody knows are told', () =>
      search(root(), 'kunde:gibtesnicht', async (page) =>
        assert.match((await results.notes(page))[0], /„gibtesnicht“ ist hier nicht bekannt/)));
  });

  describe(`a result, ${where}`, () => {
    test('opens the very entry, unfolded and marked', () =>
      search(root(), 'neun stunden stillstand', async (page) => {
        await page.getByRole('link', { name: 'Neun Stunden Stillstand mitten in der Ernte' }).click();
        await page.waitForURL(/hollerbach(\/\d{4})?\.html#2022-07-19-stillstand-in-der-ernte$/);
        const entry = page.locator('[id="2022-07-19-stillstand-in-der-ernte"]');
        assert.equal(await entry.isVisible(), true);
        assert.ok(await entry.evaluate((e) => e.matches(':target')));
        assert.ok((await entry.locator('mark').allTextContents()).includes('Stillstand'));
        const { top } = await entry.evaluate((e) => e.getBoundingClientRect().toJSON());
        assert.ok(top >= 0 && top < 900, `the entry is in sight, not at ${top}`);
      }));

    test('is in sight even where a filter hid it', () =>
      on(`${root()}customers/hollerbach.html#f=kind:order`, async (page) => {
        await type(page, 'ersatzsiebe beschriften');
        await page.getByRole('option', { name: /Ersatzsiebe der Mühle beschriften/ }).first().click();
        await page.waitForURL(/#2026-11-17-/);
        assert.equal(await page.locator('[id^="2026-11-17-"]').first().isVisible(), true);
        assert.equal(await page.locator('form.filter :checked').count(), 0);
      }));

    test('stays where a link within the page leads', () =>
      search(root(), 'verzug', async (page) => {
        const before = await results.titles(page);
        await page.locator('a[href="#main"]').first().press('Enter');
        await page.waitForTimeout(100);
        assert.equal(await box(page).inputValue(), 'verzug');
        assert.deepEqual(await results.titles(page), before);
        assert.match(page.url(), /#q=verzug$/);
      }));

    test('leads back to the same results', () =>
      search(root(), 'neun stunden stillstand', async (page) => {
        await page.getByRole('link', { name: 'Neun Stunden Stillstand mitten in der Ernte' }).click();
        await page.waitForURL(/#2022-07-19/);
        await page.goBack();
        await results.settled(page);
        assert.equal(await box(page).inputValue(), 'neun stunden stillstand');
        assert.ok((await results.titles(page)).includes('Neun Stunden Stillstand mitten in der Ernte'));
      }));
  });

  describe(`the box, ${where}`, () => {
    test('is worked by the keyboard alone', () =>
      on(`${root()}goals.html`, async (page) => {
        await page.keyboard.press('Control+k');
        assert.equal(await box(page).evaluate((e) => e === document.activeElement), true);
        await page.keyboard.type('hollerbach');
        await page.locator('.sheet [role="option"]').first().waitFor();
        assert.equal(await box(page).getAttribute('aria-expanded'), 'true');
        await page.keyboard.press('ArrowDown');
        const active = await box(page).getAttribute('aria-activedescendant');
        assert.equal(await page.locator(`[id="${active}"]`).getAttribute('aria-selected'), 'true');
        await page.keyboard.press('Escape');
        assert.equal(await page.locator('.sheet').isVisible(), false);
        assert.equal(await box(page).inputValue(), 'hollerbach');
        await page.keyboard.press('Escape');
        assert.equal(await box(page).inputValue(), '');
        await page.keyboard.type('hollerbach');
        await page.locator('.sheet [role="option"]').first().waitFor();
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await page.waitForURL(`${root()}customers/hollerbach.html`);
      }));

    test('leads to all results, which are worked by the keyboard, too', () =>
      on(`${root()}customers/petry.html`, async (page) => {
        await type(page, 'verzug');
        await page.keyboard.press('Enter');
        await page.waitForURL(`${root()}search.html#q=verzug`);
        await results.settled(page);
        await box(page).focus();
        await page.keyboard.press('ArrowDown');
        const first = page.locator('.results a').first();
        assert.ok(await first.evaluate((e) => e === document.activeElement));
        await page.keyboard.press('ArrowUp');
        assert.ok(await box(page).evaluate((e) => e === document.activeElement));
      }));

    test('says how many there are, once typing rests', () =>
      on(`${root()}goals.html`, async (page) => {
        await type(page, 'dichtung');
        await page.locator('.sheet [role="status"]', { hasText: 'Treffer' }).waitFor();
      }));
  });
}

test('every page has one box, with the page that searches behind it', () => {
  const pages = addresses(site).filter((address) => address.endsWith('.html'));
  for (const address of pages) {
    const html = readFileSync(join(site, address), 'utf8');
    if (html.includes('http-equiv="refresh"')) continue;
    assert.equal(html.split('<form class="find').length, 2, address);
  }
});

describe('from a server', () => {
  const root = () => roots['below a path of a server'];

  test('the box and the page with all results have no fault that axe knows', async () => {
    for (const viewport of [{ width: 1280, height: 900 }, { width: 360, height: 740 }]) {
      await on(`${root()}customers/hollerbach.html`, async (page) => {
        await type(page, 'linie 3');
        await page.keyboard.press('ArrowDown');
        assert.deepEqual(await axe(page), []);
      }, { viewport });
      await search(root(), 'dichtung', async (page) => {
        await results.facets(page);
        assert.deepEqual(await axe(page), []);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.equal(wide, false);
      }, { viewport });
    }
  });

  test('the answer to an earlier question is dropped, however late it comes', () =>
    on(`${root()}search.html`, async (page, context) => {
      await box(page).fill('dichtung');
      await results.settled(page);
      let hold;
      const held = new Promise((go) => (hold = go));
      await context.route('**/search/x/**', async (route) => {
        await held;
        await route.continue();
      });
      await box(page).fill('zuckerstaub');
      await page.waitForTimeout(300);
      await box(page).fill('');
      await box(page).fill('dichtung');
      await results.settled(page);
      const before = await results.titles(page);
      hold();
      await page.waitForTimeout(300);
      assert.deepEqual(await results.titles(page), before);
    }));

  test('a file that is gone makes the root read again, once', async () => {
    let roots = 0;
    await on(`${root()}search.html`, async (page, context) => {
      page.on('request', (request) => (roots += request.url().endsWith('search/root.js') ? 1 : 0));
      let isGone = true;
      await context.route('**/search/t/**', (route) => {
        if (isGone) return route.fulfill({ status: 404, body: '' });
        return route.continue();
      });
      page.on('response', (response) => {
        if (response.status() === 404) isGone = false;
      });
      await box(page).fill('dichtung');
      await results.settled(page);
      assert.ok((await results.titles(page)).length > 5);
      assert.equal(roots, 1);
    }, { faultsExpected: true });
  });

  test('a search that is gone says so and leads on', () =>
    on(`${root()}search.html`, async (page, context) => {
      await context.route('**/search/t/**', (route) => route.fulfill({ status: 404, body: '' }));
      await box(page).fill('dichtung');
      await results.settled(page);
      assert.match(await results.status(page), /^Die Suche ist gerade nicht zu erreichen/);
      assert.equal(await page.getByRole('heading', { name: 'Zum Blättern' }).isVisible(), true);
    }, { faultsExpected: true }));

  test('days that are written with blanks are meant, numbers are not', async () => {
    const offered = (text) => new Promise((done, fail) => {
      search(root(), text, async (page) => done(await results.notes(page))).catch(fail);
    });
    assert.ok((await offered('17. November 2026')).some((note) => note.includes('im:2026-11-17')));
    assert.ok((await offered('November 2026')).some((note) => note.includes('im:2026-11')));
    assert.ok(!(await offered('RE 2022 0311')).some((note) => note.includes('im:')));
  });

  test('what all words have leads, then what lacks the most frequent one', () =>
    search(root(), '29.640 EUR', async (page) => {
      const [first] = await page.locator('.results li').allTextContents();
      assert.match(first, /29\.640/);
    }));

  test('a part of a word that stands nowhere alone is found inside', () =>
    search(root(), 'Roboter', async (page) => {
      await page.getByRole('button', { name: /mitten in Wörtern/ }).click();
      await page.locator('.results mark', { hasText: /Schwei/ }).first().waitFor();
    }));

  test('a word without an end breaks, and nothing is wider than the page', async () => {
    for (const width of [360, 1280]) {
      await search(root(), `${'langes'.repeat(50)} kunde:${'unbekannt'.repeat(20)}`, async (page) => {
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      }, { viewport: { width, height: 740 } });
    }
  });

  test('ticking a filter leaves as many as stand beside it', async () => {
    for (const text of ['verzug', 'sieb', '"drei wochen"', 'Verzug ']) {
      await search(root(), text, async (page) => {
        await results.facets(page);
        const offered = await page.locator('.answers label:has(small)').evaluateAll((labels) => labels.map((label) => {
          return [label.querySelector('input').dataset.filter, parseInt(label.querySelector('small').textContent, 10)];
        }));
        assert.ok(offered.length > 2, text);
        for (const [filter, count] of offered.slice(0, 6)) {
          const box = page.locator(`.answers input[data-filter="${filter}"]`);
          await box.check();
          await page.waitForFunction((n) => {
            return document.querySelector('.answers > .found').textContent === `${n} Treffer`;
          }, count, { timeout: 5000 }).catch(async () => {
            assert.fail(`${text} with ${filter} is ${count}, not ${await results.status(page)}`);
          });
          await page.goBack();
          await page.waitForFunction((filter) => {
            return document.querySelector(`.answers input[data-filter="${filter}"]`)?.checked === false;
          }, filter);
        }
      });
    }
  });

  test('a filter that is typed twice means either, and no sign means all', async () => {
    const count = async (text) => {
      let n;
      await search(root(), text, async (page) => (n = parseInt(await results.status(page), 10)));
      return n;
    };
    assert.equal(await count('art:reklamation art:anfrage'), await count('art:reklamation,anfrage'));
    await search(root(), 'art:😀', async (page) =>
      assert.match((await results.notes(page))[0], /ist hier nicht bekannt/));
  });

  test('an empty box leads to the page that explains and filters', () =>
    on(`${root()}goals.html`, async (page) => {
      await box(page).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(`${root()}search.html`);
    }));

  test('nothing is fetched before somebody wants to search', () =>
    on(`${root()}goals.html`, async (page) => {
      const requests = [];
      await page.waitForLoadState('networkidle');
      page.on('request', (request) => requests.push(request.url().slice(root().length)));
      await page.waitForTimeout(200);
      assert.deepEqual(requests, []);
      await box(page).focus();
      await page.waitForTimeout(200);
      assert.deepEqual(requests, ['search/root.js']);
    }));

  test('without scripts the form leads to a page that leads on', () =>
    on(`${root()}goals.html`, async (page) => {
      await box(page).fill('dichtung');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${root()}search.html?q=dichtung`);
      assert.equal(await page.locator('.no-search').isVisible(), true);
      assert.ok((await page.locator('.folders a').count()) >= 6);
    }, { javaScriptEnabled: false }));

  test('a browser that cannot inflate is told', () =>
    on(`${root()}search.html`, async (page) => {
      await page.addInitScript(() => delete window.DecompressionStream);
      await page.reload();
      assert.equal(await page.locator('.no-search').isVisible(), true);
    }));
});

describe('the page with all results', () => {
  for (const where of ['below a path of a server', 'from the disk']) {
    test(`comes back as it was left, ${where}`, () =>
      search(roots[where], 'sieb', async (page) => {
        for (let more = 0; more < 3; more += 1) {
          const before = await page.locator('.results a').count();
          await page.getByRole('button', { name: 'Weitere Treffer' }).click();
          await page.waitForFunction((n) => document.querySelectorAll('.results a').length > n, before);
        }
        const count = await page.locator('.results a').count();
        const link = page.locator('.results a').nth(50);
        const [title, href] = [await link.textContent(), await link.getAttribute('href')];
        await link.scrollIntoViewIfNeeded();
        const place = () => page.evaluate(() => scrollY);
        const before = await place();
        assert.ok(before > 1000);
        await link.click();
        await page.waitForURL((url) => !url.pathname.endsWith('search.html'));
        await page.goBack();
        await page.waitForFunction((n) => document.querySelectorAll('.results a').length >= n, count);
        await page.waitForFunction((y) => Math.abs(scrollY - y) < 2, before);
        const [focused, at] = await page.evaluate(() => [document.activeElement.textContent, document.activeElement.getAttribute('href')]);
        assert.deepEqual([focused, at], [title, href]);
      }));
  }

  const root = () => roots['below a path of a server'];

  test('has the focus in the box, where the keyboard goes on', () =>
    on(`${root()}customers/petry.html`, async (page) => {
      await type(page, 'verzug');
      await page.keyboard.press('Enter');
      await page.waitForURL(/search\.html/);
      await results.settled(page);
      assert.ok(await box(page).evaluate((e) => e === document.activeElement));
      await page.keyboard.press('ArrowDown');
      assert.ok(await page.locator('.results a').first().evaluate((e) => e === document.activeElement));
    }));

  test('leads the keyboard past what is folded', () =>
    search(root(), 'glossar typ:seite', async (page) => {
      await page.locator('.results details a').first().waitFor({ state: 'attached' });
      const shown = await page.locator('.results a:not(details a)').allTextContents();
      const reached = [];
      for (let step = 0; step < shown.length; step += 1) {
        await page.keyboard.press('ArrowDown');
        reached.push(await page.evaluate(() => document.activeElement.textContent));
      }
      assert.deepEqual(reached, shown);
    }));

  test('writes its address when typing rests, and at once on Enter', () =>
    on(`${root()}search.html`, async (page) => {
      await page.evaluate(() => {
        window.written = 0;
        const own = history.replaceState;
        history.replaceState = (...all) => {
          window.written += 1;
          own.apply(history, all);
        };
      });
      await box(page).pressSequentially('dichtung der maschine', { delay: 10 });
      assert.ok((await page.evaluate(() => window.written)) <= 2);
      await page.waitForURL(/#q=dichtung%20der%20maschine$/);
      await page.keyboard.type('n');
      await page.keyboard.press('Enter');
      assert.match(page.url(), /#q=dichtung%20der%20maschinen$/);
    }));

  test('prints what was searched for and how much was found', () =>
    search(root(), 'dichtung', async (page) => {
      await page.emulateMedia({ media: 'print' });
      const said = await page.locator('.answers > .found').evaluate((e) => getComputedStyle(e, '::before').content);
      assert.equal(said.replaceAll('"', '').replaceAll(' + ', ''), 'dichtung:');
      assert.equal(await page.locator('.answers > .found').isVisible(), true);
      assert.equal(await page.locator('.results button').first().isVisible(), false);
    }));

  test('says where its list ends', () =>
    search(root(), 'typ:eintrag', async (page) => {
      const more = page.getByRole('button', { name: 'Weitere Treffer' });
      for (let count = 20; count < 200; count += 20) {
        await more.click();
        await page.waitForFunction((n) => document.querySelectorAll('.results li').length > n, count);
      }
      await page.getByText('Diese Liste endet nach 200 Treffern.').waitFor();
      assert.equal(await more.count(), 0);
    }));

  test('offers a period where a day was typed', () =>
    search(root(), 'Lieferung Mai 2024', async (page) => {
      await page.getByRole('button', { name: 'Als Zeitraum suchen: Lieferung im:2024-05' }).click();
      await page.waitForFunction(() => document.querySelector('form.find input').value === 'Lieferung im:2024-05');
      for (const [text, expected] of [['2024', 'im:2024'], ['14.05.2024', 'im:14.05.2024'], ['Sieb May 2023', 'Sieb im:2023-05']]) {
        await box(page).fill(text);
        await page.getByRole('button', { name: `Als Zeitraum suchen: ${expected}` }).waitFor();
      }
      await box(page).fill('4711');
      await page.waitForFunction(() => document.querySelector('.answers > .found').dataset.q === '4711');
      assert.equal(await page.getByRole('button', { name: 'Als Zeitraum' }).count(), 0);
    }));

  test('calls a goal a goal', () =>
    search(root(), 'klumpen typ:seite', async (page) =>
      assert.equal(await page.locator('.results li').first().locator('.state').textContent(), 'Ziel')));

  test('tells an order that there is none of', () =>
    search(root(), 'dichtung sort:bunt', async (page) =>
      assert.match((await results.notes(page))[0], /„bunt“ ist hier nicht bekannt/)));

  test('always offers the filters that are ticked', async () => {
    const ticked = {
      'rechnung kunde:alpensaat': 'alpensaat',
      'xylofon kunde:alpensaat': 'Alpensaat',
      'dichtung art:vorschlag im:2019': '2019',
      'dichtung im:2025-03': '2025-03',
      'dichtung typ:person': 'Menschen',
      'dichtung person:jana': 'Jana Roth',
    };
    for (const [text, label] of Object.entries(ticked)) {
      await search(root(), text, async (page) => {
        await results.facets(page);
        const checked = await page.locator('.answers label:has(:checked)').allInnerTexts();
        assert.ok(checked.some((own) => own.toLowerCase().includes(label.toLowerCase())), `${text}: ${checked}`);
      });
    }
  });

  test('offers people in order, and only for what stands in the field', () =>
    search(root(), 'dichtung', async (page, context) => {
      await results.facets(page);
      const field = page.locator('.answers input[list]');
      const offered = () => page.locator('.answers datalist option').evaluateAll((all) => all.map(({ value }) => value));
      await field.fill('r');
      await page.waitForFunction(() => document.querySelectorAll('.answers datalist option').length > 1);
      const people = await offered();
      assert.deepEqual(people, people.toSorted((a, b) => a.localeCompare(b, 'de')));
      const held = [];
      await context.route('**/search/n/**', (route) => void held.push(route));
      await field.fill('w');
      await field.fill('r');
      await page.waitForTimeout(100);
      for (const route of held) await route.continue();
      await page.waitForTimeout(100);
      assert.deepEqual(await offered(), people);
    }));
});

test('the script of the search stays small', () => {
  const [script] = addresses(site).filter((address) => /^assets\/search\.[0-9a-f]+\.js$/.test(address));
  const size = gzipSync(readFileSync(join(site, script)), { level: 9 }).length;
  assert.ok(size <= 23 * 1024, `it has ${size} bytes`);
});
