import { writeFileSync } from 'node:fs';
import { cookbookPage } from './cookbook.ts';
import { referencePages } from './pages.ts';

// Writes docs/reference and the cookbook from the code: node deploy/reference/write.ts
for (const [name, text] of referencePages())
  writeFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), text);
writeFileSync(new URL('../../docs/guide/cookbook.md', import.meta.url), cookbookPage());
