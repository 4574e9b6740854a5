// The example portal, built once into a folder that vanishes, served below a path of a server that knows no more
// than files.

import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');
const program = process.env.STRANG ?? join(project, 'target/release/strang');

/** The day of the build: the example's ages stay what they are. */
const day = '2026-11-23';

/** Builds a portal, else the example, and gives back the folder of its site. */
export function build(portal = example()) {
  const site = join(temporary(), 'site');
  execFileSync(program, ['-C', portal, 'build', '--strict', '--as-of', day, '--out', site], { stdio: 'pipe' });
  return site;
}

/** The example in a folder of its own, so that no history of the project says anything about its pages. */
export function example() {
  const portal = join(temporary(), 'example');
  for (const part of ['content', 'themes', 'strang.toml']) cpSync(join(project, part), join(portal, part), { recursive: true });
  return portal;
}

/** A folder that vanishes when the tests end. */
export function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'strang-browser-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Every file below a folder, as an address of the site. */
export function addresses(site) {
  const files = readdirSync(site, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.map((file) => relative(site, join(file.parentPath, file.name))).sort();
}

/** One page of each type: of many alike the largest, which holds most. */
export function pageTypes(site) {
  const all = addresses(site).filter((address) => address.endsWith('.html'));
  const isType = {
    home: /^index\.html$/,
    customers: /^customers\/index\.html$/,
    customer: /^customers\/(?!index\.)[^/]+\.html$/,
    'customer year': /^customers\/[^/]+\/\d{4}\.html$/,
    departments: /^departments\/index\.html$/,
    department: /^departments\/(?!index\.)[^/]+\.html$/,
    assessments: /^assessments\/index\.html$/,
    assessment: /^assessments\/(?!index\.)[^/]+\.html$/,
    people: /^people\/index\.html$/,
    person: /^people\/(?!index\.)[^/]+\.html$/,
    timeline: /^timeline\/index\.html$/,
    month: /^timeline\/\d.*\.html$/,
    contributions: /^contributions\/index\.html$/,
    goals: /^goals\.html$/,
    loops: /^loops\.html$/,
    search: /^search\.html$/,
    'not found': /^404\.html$/,
    'about data': /^about-data\.html$/,
    folder: /^wiki\/index\.html$/,
    plain: /^wiki\/(?!.*index\.).*\.html$/,
  };
  const size = (address) => statSync(join(site, address)).size;
  return Object.entries(isType).map(([type, pattern]) => {
    const largest = all.filter((address) => pattern.test(address)).sort((a, b) => size(b) - size(a))[0];
    if (!largest) throw new Error(`the example has no page of the type ${type}`);
    return { type, address: largest };
  });
}

const contentTypes = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.pdf': 'application/pdf',
};

/** A policy under which nothing inline runs and nothing comes from elsewhere. */
const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'";

/** Serves a folder below a path. */
export async function serve(site, below = '/intranet/portal/') {
  const known = new Set(addresses(site));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const address = path.startsWith(below) ? path.slice(below.length) : '';
    const found = known.has(address);
    response.writeHead(found ? 200 : 404, {
      'content-type': contentTypes[extname(address)] ?? 'application/octet-stream',
      'content-security-policy': policy,
    });
    response.end(found ? readFileSync(join(site, address)) : '');
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { root: `http://127.0.0.1:${server.address().port}${below}`, close: () => server.close() };
}

/** The preview of a portal. */
export async function preview(portal) {
  const options = { stdio: ['ignore', 'ignore', 'pipe'] };
  const child = spawn(program, ['-C', portal, 'serve', '--port', '0', '--as-of', day], options);
  process.once('exit', () => child.kill());
  const root = await new Promise((ready, failed) => {
    let said = '';
    child.stderr.on('data', (part) => {
      said += part;
      const [root] = said.match(/http:\/\/127\.0\.0\.1:\d+\//) ?? [];
      if (root) ready(root);
    });
    child.once('exit', () => failed(new Error(`the preview has ended: ${said}`)));
  });
  return { root, close: () => child.kill() };
}
