// Every type of page in Chromium: from a server's sub-path and from the disk, wide and narrow, light and dark.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { build, pageTypes, serve } from './site.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

const site = build();
let browser;
let server;

before(async () => {
  // The super-user of a container cannot have the sandbox.
  browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid() !== 0 });
  server = await serve(site);
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a page and gives back everything that went wrong on the way. */
async function open(root, address, options) {
  const context = await browser.newContext({ bypassCSP: false, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(root)) faults.push(`elsewhere: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(root + address, { waitUntil: 'load' });
  return { context, page, faults };
}

/** What is folded is part of the page, too. */
async function unfold(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
}

async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1);
    return wide.slice(0, 5).map((element) => `wider than the page: ${element.outerHTML.slice(0, 120)}`);
  });
}

async function axe(page) {
  // The policy of the page lets nothing inline run, so the checker comes in through the debugger.
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

const views = [
  { name: 'wide', viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { name: 'narrow', viewport: { width: 360, height: 740 }, colorScheme: 'light' },
  { name: 'wide and dark', viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
];

for (const { type, address } of pageTypes(site)) {
  describe(`${type} (${address})`, () => {
    for (const { name, ...options } of views) {
      test(`served below a path, ${name}`, async () => {
        const { context, page, faults } = await open(server.root, address, options);
        faults.push(...(await overflow(page)));
        await unfold(page);
        faults.push(...(await overflow(page)), ...(await axe(page)));
        await context.close();
        assert.deepEqual(faults, []);
      });
    }

    test('from the disk, narrow', async () => {
      const root = `${pathToFileURL(site)}/`;
      const { context, page, faults } = await open(root, address, views[1]);
      const styled = await page.evaluate(() => getComputedStyle(document.querySelector('.skip')).position);
      assert.notEqual(styled, 'static', 'the style sheet is in force');
      faults.push(...(await overflow(page)));
      await context.close();
      assert.deepEqual(faults, []);
    });
  });
}

describe('on a narrow screen', () => {
  test('the menu opens, leads on and hides nothing from the keyboard', async () => {
    const { context, page, faults } = await open(server.root, 'index.html', views[1]);
    const menu = page.locator('#menu');
    assert.equal(await menu.isVisible(), false);
    await page.locator('button.menu').click();
    assert.equal(await menu.isVisible(), true);
    faults.push(...(await axe(page)), ...(await overflow(page)));
    await menu.locator('a').first().click();
    await page.waitForURL(`${server.root}customers/index.html`);
    await context.close();
    assert.deepEqual(faults, []);
  });
});

describe('with the keyboard', () => {
  test('the first stop leads to the content', async () => {
    const { context, page, faults } = await open(server.root, 'customers/index.html', views[0]);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#main');
    assert.equal(await page.locator('.skip').isVisible(), true);
    await context.close();
    assert.deepEqual(faults, []);
  });
});

describe('the matrix', () => {
  test('keeps the names of customers and departments in sight, however far it is scrolled', async () => {
    const { context, page, faults } = await open(server.root, 'contributions/index.html', views[1]);
    const region = page.locator('.region');
    await region.evaluate((e) => e.scrollIntoView());
    await region.evaluate((e) => e.scrollTo(e.scrollWidth, e.scrollHeight));
    const inside = (wanted) => page.locator(wanted).last().evaluate((e) => {
      const [own, region] = [e, e.closest('.region')].map((e) => e.getBoundingClientRect());
      return own.left >= region.left && own.top >= region.top && own.bottom <= region.bottom + 1;
    });
    assert.equal(await inside('.matrix tbody th'), true);
    assert.equal(await inside('.matrix thead th'), true);
    await context.close();
    assert.deepEqual(faults, []);
  });

  test('is narrowed down by name, and a mark leads to the contributions', async () => {
    const { context, page, faults } = await open(server.root, 'contributions/index.html', views[0]);
    await page.locator('.filter input').fill('hollerbach');
    assert.equal(await page.locator('.matrix tbody tr:visible').count(), 1);
    await page.getByRole('link', { name: /^Kantine für Mühle Hollerbach/ }).click();
    await page.waitForURL(`${server.root}departments/kantine.html#for-hollerbach`);
    assert.equal(await page.locator('#for-hollerbach .lines').isVisible(), true);
    await context.close();
    assert.deepEqual(faults, []);
  });
});

describe('a history on several pages', () => {
  test('is filtered on the page of an older year, too', async () => {
    const { address } = pageTypes(site).find(({ type }) => type === 'customer year');
    const [customer, year] = address.replace('.html', '').split('/').slice(1);
    const own = `customers/${customer}.html#f=kind:payment`;
    const { context, page, faults } = await open(server.root, own, views[0]);
    await page.locator('.bar a', { hasText: year }).click();
    await page.waitForURL(`${server.root}${address}#f=kind:payment`);
    const shown = page.locator('ol.entries > li:visible');
    assert.ok((await shown.count()) > 0);
    assert.equal(await shown.count(), await page.locator('ol.entries > li.kind-payment').count());
    assert.ok((await shown.count()) < (await page.locator('ol.entries > li').count()));
    await context.close();
    assert.deepEqual(faults, []);
  });
});

describe('without scripts', () => {
  test('the matrix shows all time, or the last twelve months', async () => {
    const options = { ...views[0], javaScriptEnabled: false };
    const { context, page, faults } = await open(server.root, 'contributions/index.html', options);
    const marks = page.locator('.matrix td > a:visible');
    const older = await page.locator('.matrix td > a.earlier:visible').count();
    const all = await marks.count();
    assert.ok(older > 5 && all > older);
    await page.locator('.legend input').check();
    assert.equal(await marks.count(), all - older);
    await context.close();
    assert.deepEqual(faults, []);
  });

  test('a customer says all it has to say', async () => {
    const { address } = pageTypes(site).find(({ type }) => type === 'customer');
    const { context, page, faults } = await open(server.root, address, { ...views[0], javaScriptEnabled: false });
    assert.ok((await page.locator('ol.entries > li').count()) > 5);
    await context.close();
    assert.deepEqual(faults, []);
  });
});
