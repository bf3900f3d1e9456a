import { type LibraryComparison, libraryHeadersIn } from '../../../shared/library/index.ts';
import { agentVersion } from '../../../shared/version/index.ts';
import { printable } from '../../views/index.ts';
import type { Paint } from './red-words.ts';
import { numbered } from './request-text.ts';

/** How the library of a request is shown. */
export interface LibraryStyle {
  readonly columns: number;
  readonly paint: Paint;
  /** Whether its text is wanted though this release has the same. */
  readonly whole: boolean;
}

/**
 * The library that goes with a request: one line where this release has the same words, else the definitions
 * that differ by name, in red, and the whole text.
 *
 * Threat: a request carries other words under a well-known name. Only this release's own copy tells.
 */
export function renderLibrary(
  library: string,
  { names, changed }: LibraryComparison,
  { columns, paint, whole }: LibraryStyle,
): string[] {
  const count = `${names.length} definition${names.length === 1 ? '' : 's'}`;
  const from = libraryHeadersIn(library)
    .map(name => printable(name))
    .join(', ');
  const release = `farcall ${agentVersion()}`;
  if (changed.length === 0 && !whole) return [`Library: ${count} of ${from}, unchanged from ${release}`];
  const head =
    changed.length === 0
      ? `Library: ${count} of ${from}, unchanged from ${release}:`
      : paint(`Library: NOT AS IN ${release}: ${changed.map(name => printable(name)).join(', ')}`);
  return [head, ...numbered(printable(library, { lines: true }), columns)];
}
