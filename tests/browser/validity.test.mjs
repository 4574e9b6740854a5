// Every page of the example before the Nu checker: no error and no warning.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from './site.mjs';

const jar = createRequire(import.meta.url).resolve('vnu-jar/build/dist/vnu.jar');

test('the HTML of every page is valid', async () => {
  const site = build();
  const arguments_ = ['-jar', jar, '--stdout', '--exit-zero-always', '--skip-non-html', '--format', 'json', site];
  const { stdout } = await promisify(execFile)('java', arguments_, { maxBuffer: 2 ** 28 });
  const faults = JSON.parse(stdout).messages.map(({ url, lastLine, subType, type, message, extract }) => {
    const page = relative(site, fileURLToPath(url));
    return `${page}:${lastLine}: ${subType ?? type}: ${message} ${extract ?? ''}`;
  });
  assert.deepEqual(faults, []);
});
