// The preview in Chromium: a save that shows by itself, errors that come and go, a reader's place that stays.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { example, preview } from './site.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const source = 'content/customers/hollerbach/index.md';
const address = 'customers/hollerbach.html';

let browser;
let portal;
let server;

before(async () => {
  // The super-user of a container cannot have the sandbox.
  browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid() !== 0 });
  portal = example();
  server = await preview(portal);
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a page of the preview and gathers what goes wrong on it. */
async function open(at = address) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 700 } });
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  const heard = page.waitForResponse(/told\.json$/);
  await page.goto(server.root + at, { waitUntil: 'load' });
  await heard;
  return { page, faults };
}

/** Saves the customer's page with other words, and gives back what puts it right again. */
function save(change) {
  const file = join(portal, source);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, change(text));
  return () => writeFileSync(file, text);
}

test('a save is seen without doing anything, and the place on the page stays', async () => {
  const { page, faults } = await open();
  const folds = page.locator('main details');
  const fold = folds.nth((await folds.count()) - 1);
  const wasOpen = await fold.evaluate((e) => (e.open = !e.open));
  await page.evaluate(() => scrollTo(0, 400));
  const mend = save((text) => `${text}\nEben erst gespeichert.\n`);
  await page.getByText('Eben erst gespeichert.').waitFor();
  assert.equal(await page.evaluate(() => Math.round(scrollY)), 400);
  assert.equal(await fold.evaluate((e) => e.open), wasOpen);
  mend();
  await page.getByText('Eben erst gespeichert.').waitFor({ state: 'detached' });
  await page.close();
  assert.deepEqual(faults, []);
});

test('an error is told over the last good page, and goes when it is mended', async () => {
  const { page, faults } = await open();
  const title = await page.title();
  const heading = await page.locator('h1').textContent();
  const mend = save((text) => text.replace('title =', 'tittel = "<img src=x onerror=alert(1)>"\ntitle ='));
  const sheet = page.getByRole('region', { name: 'Was die Vorschau zu sagen hat' });
  await sheet.waitFor();
  assert.match(await sheet.textContent(), /content\/customers\/hollerbach\/index\.md:\d+:1: error\[unknown-key\]/);
  assert.match(await sheet.getByRole('status').textContent(), /^1 Fehler/);
  assert.equal(await sheet.locator('img').count(), 0);
  assert.equal(await page.title(), `(1) ${title}`);
  assert.equal(await page.locator('h1').textContent(), heading);
  await page.keyboard.press('Escape');
  assert.equal(await sheet.count(), 0);
  mend();
  await page.waitForFunction((title) => document.title === title, title);
  assert.equal(await sheet.count(), 0);
  await page.close();
  assert.deepEqual(faults, []);
});

test('a page that is not in sight listens to nobody', async () => {
  const { page } = await open();
  const asked = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    // The browser fetches the sign of the site for itself, whenever it likes.
    if (!pathname.includes('/favicon.')) asked.push(pathname);
  });
  const hide = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await hide(true);
  const mend = save((text) => `${text}\nUngesehen.\n`);
  await new Promise((done) => setTimeout(done, 1500));
  assert.deepEqual(asked, []);
  await hide(false);
  await page.getByText('Ungesehen.').waitFor();
  mend();
  await page.close();
});

test('the search finds what was saved while its page is open', async () => {
  const { page, faults } = await open('search.html#q=xq7788');
  const results = page.locator('.results li');
  await page.locator('.answers > .found').filter({ hasText: 'xq7788' }).waitFor();
  assert.equal(await results.count(), 0);
  const mend = save((text) => `${text}\nDie Maschine heißt XQ7788.\n`);
  await results.first().waitFor();
  assert.match(await results.first().locator('a').first().getAttribute('href'), /hollerbach/);
  mend();
  await results.first().waitFor({ state: 'detached' });
  await page.close();
  assert.deepEqual(faults, []);
});
