import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measured } from './suite/measured.ts';
import { withSupportTable } from './suite/support-table.ts';

// Writes the tables of kernels into docs/guide/kernels.md from what the last run of suite.test.ts on each
// measured.

const page = fileURLToPath(new URL('../../docs/guide/kernels.md', import.meta.url));
writeFileSync(page, withSupportTable(readFileSync(page, 'utf8'), measured()));
