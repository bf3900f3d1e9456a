// Rewrites package-lock.json without download addresses, so that it works with every mirror: `npm run lock`
// after any change of dependencies. (npm's own omit-lockfile-registry-resolved loses the packages of other
// platforms.)

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node-packages.mjs';

const path = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));
for (const entry of Object.values(lock.packages)) delete entry.resolved;
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
