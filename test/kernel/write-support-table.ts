import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measured } from './suite/measured.ts';
import { withSupportTable } from './suite/support-table.ts';

// Writes the tables of kernels into README.md from what the last run of suite.test.ts on each measured.

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
writeFileSync(readme, withSupportTable(readFileSync(readme, 'utf8'), measured()));
