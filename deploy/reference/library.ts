import { releasedLibrary } from '../../shared/assets/index.ts';
import { code, page } from './markdown.ts';

/** docs/reference/library.md: every definition of the C library, header by header. */
export function libraryPage(): string {
  const { items } = releasedLibrary();
  const headers = [...new Set(items.map(({ header }) => header))].sort();
  return page('Library', [
    'These definitions are there for every call program, which may include their headers and need not.\n[Programs](../guide/programs.md#the-library) tells how they are signed.',
    ...headers.flatMap(header => [
      `## ${header}`,
      items
        .filter(item => item.header === header)
        .map(({ defines, comment }) => `- ${code(defines[0]!)}: ${comment}`)
        .join('\n'),
    ]),
  ]);
}
