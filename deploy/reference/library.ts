import { libraryHeaders } from '../../shared/assets/index.ts';
import { Library } from '../../shared/library/index.ts';
import { WRITTEN } from './markdown.ts';

/** The page about the C library: every definition with its comment, header by header. */
export function libraryPage(): string {
  const library = new Library(libraryHeaders());
  const headers = [...new Set(library.items.map(({ header }) => header))].sort();
  const sections = headers.flatMap(header => [
    `## ${header}`,
    '',
    ...library.items
      .filter(item => item.header === header)
      .map(({ defines, comment }) => `- \`${defines[0]}\`: ${comment}`),
    '',
  ]);
  return [
    '# Library',
    '',
    WRITTEN,
    '',
    'These definitions are there for every call program. A program needs no `#include`, which it may write all the same.',
    'What it uses is signed with it; see [Programs](../guide/programs.md#the-library).',
    '',
    ...sections,
  ].join('\n');
}
