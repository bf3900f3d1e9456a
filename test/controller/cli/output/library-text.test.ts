import { expect, test } from 'vitest';
import { renderLibrary } from '../../../../controller/cli/output/index.ts';
import { releasedLibrary } from '../../../../shared/assets/index.ts';

const LIBRARY = releasedLibrary();
const TEXT = LIBRARY.select('list_empty(x)');
const style = { columns: 80, paint: (text: string) => `<red>${text}</red>`, whole: false };

test('a library that is word for word the released one is one line', () => {
  const lines = renderLibrary(TEXT, LIBRARY.compare(TEXT), style);
  expect(lines).toEqual([
    expect.stringMatching(/^Library: 1 definition of linux\/list\.h, unchanged from farcall \d+\.\d+\.\d+$/),
  ]);
});

test('the words of an unchanged library are shown where they are asked for', () => {
  const lines = renderLibrary(TEXT, LIBRARY.compare(TEXT), { ...style, whole: true });
  expect(lines.join('\n')).toContain('return head->next == head;');
});

test('a library with other words is shown whole, and what differs is named in red', () => {
  const other = TEXT.replace('head->next == head', 'panic("x"), 1');
  const lines = renderLibrary(other, LIBRARY.compare(other), style);
  expect(lines[0]).toMatch(/^<red>Library: NOT AS IN farcall .*: list_empty<\/red>$/);
  expect(lines.join('\n')).toContain('panic("x")');
});
