// What is measured: the build with and without its search, and Pagefind over the same site. Programs run one after the
// other; what they took comes back.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));
const program = process.env.STRANG ?? join(project, 'target/release/strang');
/** The day of all builds. */
export const DAY = '2026-11-23';
/** The pages that a site's own search would be told to index: what things are about, not lists of them. */
const GLOB = '{index.html,{customers,departments,people,wiki}/**/*.html}';

/** Runs a program; seconds of the clock and of the processors, and the most memory it had, in MB. */
async function timed(command, args) {
  const format = 'TIMEFORMAT="%R %U %S"; time "$0" "$@" >/dev/null 2>&1';
  const shell = spawn('bash', ['-c', format, command, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  let peak = 0;
  shell.stderr.on('data', (text) => (told += text));
  const watch = setInterval(() => (peak = Math.max(peak, memoryBelow(shell.pid))), 10);
  const code = await new Promise((done) => shell.on('close', done));
  clearInterval(watch);
  if (code) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
  const [seconds, user, system] = told.trim().split(/\s+/).slice(-3).map(Number);
  return { seconds, cpu: user + system, megabytes: peak };
}

function memoryBelow(shell) {
  try {
    const [child] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ');
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

function medians(runs) {
  const each = Object.keys(runs[0]).map((key) => [key, median(runs.map((run) => run[key]))]);
  return Object.fromEntries(each);
}

/** Builds a portal with and without its search, and runs Pagefind over it, in turns. */
export async function builds({ portal, site, pagefind, runs }) {
  const bare = `${portal}-without-search`;
  const of = { without: [], with: [], pagefind: [] };
  const build = (folder, out) => timed(program, ['-C', folder, 'build', '--as-of', DAY, '--out', out]);
  for (let run = 0; run < runs; run += 1) {
    for (const folder of [site, `${site}-without-search`, pagefind]) rmSync(folder, { recursive: true, force: true });
    of.without.push(await build(bare, `${site}-without-search`));
    of.with.push(await build(portal, site));
    const where = ['--site', site, '--output-path', pagefind];
    const what = ['--root-selector', 'main', '--glob', GLOB, '--force-language', 'de'];
    of.pagefind.push(await timed(pagefindProgram(), [...where, ...what]));
  }
  rmSync(`${site}-without-search`, { recursive: true, force: true });
  const [without, whole, other] = [of.without, of.with, of.pagefind].map(medians);
  const added = Object.fromEntries(Object.keys(whole).map((key) => [key, whole[key] - without[key]]));
  return { strang: added, pagefind: other, whole, without };
}

const packages = fileURLToPath(new URL('node_modules', import.meta.url));

function pagefindProgram() {
  const [platform] = readdirSync(join(packages, '@pagefind'));
  const bin = join(packages, '@pagefind', platform, 'bin');
  return join(bin, readdirSync(bin).find((name) => /^pagefind(_extended)?(\.exe)?$/.test(name)));
}

export function pagefindVersion() {
  return JSON.parse(readFileSync(join(packages, 'pagefind/package.json'), 'utf8')).version;
}

/** Pagefind with each record of our index as its own: what it can do if somebody writes a program for it. */
export async function pagefindOfRecords(records, folder) {
  const { createIndex, close } = await import('pagefind');
  const start = performance.now();
  const { index } = await createIndex({ forceLanguage: 'de' });
  for (let at = 0; at < records.length; at += 500) {
    await Promise.all(records.slice(at, at + 500).map((record) => index.addCustomRecord(customRecord(record))));
  }
  await index.writeFiles({ outputPath: folder });
  await close();
  return { seconds: (performance.now() - start) / 1000 };
}

function customRecord({ targets, title, label, path, meta, text }) {
  const [{ address, anchor }] = targets;
  const content = [label, title, path, meta, text].join('\n');
  return { url: `/${address}${anchor ? `#${anchor}` : ''}`, content, language: 'de', meta: { title } };
}

/** How many files are below a folder, and their bytes. */
export function sizeOf(folder, fits = () => true) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name));
  const wanted = paths.filter((path) => fits(path.slice(folder.length)));
  return { files: wanted.length, bytes: wanted.reduce((sum, path) => sum + statSync(path).size, 0) };
}
