import { writeFileSync } from 'node:fs';
import { errorTable } from './error-table.ts';

// Writes the table of error codes: node shared/errors/write-table.ts
writeFileSync(new URL('./README.md', import.meta.url), errorTable());
