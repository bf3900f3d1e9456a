import { styleText } from 'node:util';

/** Colours a text, or leaves it as it is. */
export type Paint = (text: string) => string;

/** Red, for what a person must not overlook; unchanged without colours. */
export function redWords(hasColours: boolean): Paint {
  return hasColours ? text => styleText('red', text, { validateStream: false }) : text => text;
}

/** What requesters and approvers read of a request that declares indirect calls. */
export const INDIRECT_CALLS_TEXT =
  'INDIRECT CALLS: it may call whatever function it finds in a pointer, and not only those that it names';
