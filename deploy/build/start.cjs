// Starts the built agent; copied to dist/agent by the build.
//
// Within a checkout a build may be older than its sources. Then the sources are run: slower, and never wrong. Looking at
// 170 files costs a few milliseconds. Where there are no sources (a release on a host), there is nothing to compare.

'use strict';

const { existsSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const dist = join(__dirname, '..');
const checkout = join(dist, '..');
const sources = join(checkout, 'agent', 'main.ts');

function isFresh() {
  const stamps = JSON.parse(readFileSync(join(dist, 'sources.json'), 'utf8'));
  for (const path in stamps) {
    const now = statSync(join(checkout, path), { throwIfNoEntry: false });
    const [size, mtimeMs] = stamps[path];
    if (now === undefined || now.size !== size || now.mtimeMs !== mtimeMs) return false;
  }
  return true;
}

if (!existsSync(sources) || isFresh()) require('./main.cjs');
else import(pathToFileURL(sources).href);
