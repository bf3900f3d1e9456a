import { writeFileSync } from 'node:fs';
import { referencePages } from './pages.ts';

// Writes docs/reference from the code: node deploy/reference/write.ts
for (const [name, text] of referencePages())
  writeFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), text);
