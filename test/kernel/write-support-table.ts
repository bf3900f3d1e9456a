import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withSupportTable } from './suite/support-table.ts';

// Writes the table of kernels into README.md from what the last run of suite.test.ts measured.

const inCheckout = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const measured = JSON.parse(readFileSync(inCheckout('.cache/measured/support.json'), 'utf8'));
const readme = inCheckout('README.md');
writeFileSync(readme, withSupportTable(readFileSync(readme, 'utf8'), measured));
