import { writeFileSync } from 'node:fs';
import { parityPage } from './page.ts';

// Writes docs/drgn.md from what compiles.
writeFileSync(new URL('../../../../docs/drgn.md', import.meta.url), parityPage());
