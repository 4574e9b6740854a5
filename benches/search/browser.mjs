// Chromium asks, over a server that counts. The same for every engine: a text goes in, the first results with their
// excerpts come out.

import { createServer } from 'node:http';
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { clientScript } from '../../tests/browser/client.mjs';

const tests = createRequire(fileURLToPath(new URL('../../tests/browser/package.json', import.meta.url)));
const { chromium } = tests('playwright-core');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** What a round trip takes where trips are counted, in milliseconds. */
const TRIP = 50;
const TEXT = ['.js', '.json', '.css', '.html'];
const TYPES = { '.js': 'text/javascript', '.json': 'application/json', '.html': 'text/html', '.css': 'text/css' };
const page = (script) => `<!doctype html><html lang="de"><meta charset="utf-8"><title>.</title>${script}</html>`;

/** Serves a site, an index of Pagefind beside it, and a page to ask each. */
async function serve({ site, pagefind }) {
  const log = [];
  const assets = readdirSync(join(site, 'assets'));
  const script = assets.find((name) => /^search\..*\.js$/.test(name));
  const made = {
    '/strang.html': page(`<script src="/ask.js"></script><script src="/assets/${script}"></script>`),
    '/pagefind.html': page(''),
    // Its own script keeps to itself, so the same parts are there once more to be asked. How long it waits whether
    // somebody types on before it looks for mistakes is no work, so it is not measured.
    '/ask.js': `(() => {${clientScript()};site = location.origin + '/';pause = async () => {};window.ask = ask;})();`,
  };
  const state = { trip: 0 };
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const file = path.startsWith('/pagefind/') ? join(pagefind, path.slice('/pagefind'.length)) : join(site, path);
    const body = made[path] ?? (existsSync(file) ? readFileSync(file) : undefined);
    const entry = { path, start: performance.now(), bytes: body?.length ?? 0, isMade: path in made };
    entry.gzip = TEXT.includes(extname(path)) && body ? Math.min(entry.bytes, gzipSync(body).length) : entry.bytes;
    log.push(entry);
    if (state.trip) await new Promise((done) => setTimeout(done, state.trip));
    entry.end = performance.now();
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'cache-control': 'max-age=3600',
    });
    response.end(body ?? '');
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { root: `http://127.0.0.1:${server.address().port}`, log, state, close: () => server.close() };
}

/** How many requests wait for others: a wave begins with the first that starts when one of the last wave has ended. */
function waves(requests) {
  let count = 0;
  let end = -Infinity;
  for (const { start, end: own } of [...requests].sort((a, b) => a.start - b.start)) {
    if (start < end) continue;
    count += 1;
    end = own;
  }
  return count;
}

/** An engine in a browser: `strang` or `pagefind`. */
export async function open(name, folders) {
  const server = await serve(folders);
  const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid() !== 0 });
  const ready = async ({ isPlain = false } = {}) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${server.root}/${name}.html`);
    if (name === 'pagefind') await page.evaluate(startPagefind, isPlain);
    return { context, page };
  };
  return {
    /** The addresses of the best results of each text. */
    async answers(texts) {
      const { context, page } = await ready();
      const found = [];
      for (const text of texts) found.push(await page.evaluate((text) => window.find(text, 10), text));
      await context.close();
      return found;
    },
    /** What comes over the line, from an empty cache, until five results of a text can be shown. */
    async cold(text) {
      server.state.trip = TRIP;
      server.log.length = 0;
      const start = performance.now();
      const { context, page } = await ready();
      await page.evaluate(({ text }) => window.ask(text, 5), { text });
      const milliseconds = performance.now() - start;
      await context.close();
      server.state.trip = 0;
      const all = server.log.filter(({ isMade, path, bytes }) => !isMade && bytes && path !== '/favicon.ico');
      const isScript = ({ path }) => /assets\/search\.|pagefind(-worker)?\.js$/.test(path);
      const sum = (list, key) => list.reduce((total, of) => total + of[key], 0);
      const rest = all.filter((of) => !isScript(of));
      return {
        requests: all.length, bytes: sum(all, 'bytes'), gzip: sum(all, 'gzip'),
        script: sum(all.filter(isScript), 'gzip'), withoutScript: sum(rest, 'gzip'),
        restRequests: rest.length, trips: waves(rest), milliseconds,
      };
    },
    /** Milliseconds for each letter of some texts, all files being there, the processor so many times slower. */
    async keystrokes(texts, slower) {
      // Only a page's own thread can be slowed down, so what is slowed down has no other.
      const { context, page } = await ready({ isPlain: slower > 1 });
      const type = (texts) => page.evaluate(async (texts) => {
        const times = [];
        for (const text of texts) {
          for (let end = 1; end <= text.length; end += 1) {
            const start = performance.now();
            await window.ask(text.slice(0, end), 5);
            times.push(performance.now() - start);
          }
        }
        return times;
      }, texts);
      await type(texts);
      const session = await context.newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
      const times = (await type(texts)).sort((a, b) => a - b);
      await context.close();
      const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
      return { count: times.length, p50: at(0.5), p95: at(0.95) };
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** Runs in the page: `ask` fetches the first results as they are shown, `find` says where they lead. */
async function startPagefind(isPlain) {
  const { createInstance } = await import('/pagefind/pagefind.js');
  const pagefind = createInstance({ basePath: '/pagefind/', excerptLength: 28, noWorker: isPlain });
  await pagefind.init();
  window.ask = async (text, count) => {
    const { results } = await pagefind.search(text);
    return Promise.all(results.slice(0, count).map((result) => result.data()));
  };
  window.find = async (text, count) => (await window.ask(text, count)).map(({ url }) => url.replace(/^\//, ''));
}
