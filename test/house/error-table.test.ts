import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorTable } from '../../shared/errors/error-table.ts';
import { ERROR_CODES } from '../../shared/errors/index.ts';
import { ROOT, sourcesBelow } from './imports.ts';

test('the page of error codes lists each code as the table has it', () => {
  expect(readFileSync(join(ROOT, 'shared/errors/README.md'), 'utf8')).toBe(errorTable());
});

test('every code is used somewhere: an unused one would be a promise that nobody keeps', () => {
  const sources = ['agent', 'controller', 'shared']
    .flatMap(sourcesBelow)
    .filter(path => path !== 'shared/errors/codes.ts' && !path.endsWith('outcome-of-code.ts'))
    .map(path => readFileSync(join(ROOT, path), 'utf8'))
    .join('\n');
  const unused = Object.keys(ERROR_CODES).filter(code => !sources.includes(`'${code}'`));
  expect(unused).toEqual([]);
});
