import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { referencePages } from '../../deploy/reference/pages.ts';

const FOLDER = fileURLToPath(new URL('../../docs/reference/', import.meta.url));

test.each([...referencePages()])('docs/reference/%s is what the code says', (name, text) => {
  expect(readFileSync(`${FOLDER}${name}`, 'utf8'), 'run node deploy/reference/write.ts').toBe(text);
});

test('nothing else is in docs/reference', () => {
  expect(readdirSync(FOLDER).sort()).toEqual([...referencePages().keys()].sort());
});

test('every configuration member of the first level, and of what it holds, says what it means', () => {
  const page = referencePages().get('configuration.md') ?? '';
  const bare = [...page.matchAll(/^\| `([^`]+)` \|.*\|\s+\|$/gm)].map(([, member]) => member);
  // What these are is said where the object is.
  const clear = [
    'functions.allow',
    'functions.deny',
    'modules.allow',
    'modules.deny',
    'moduleKey.key',
    'moduleKey.certificateFile',
    'leastBundle.version',
    'leastBundle.digest',
  ];
  expect(bare.filter(member => !clear.includes(member!))).toEqual([]);
});
