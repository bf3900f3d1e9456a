import { type CType, typeToC } from '../ctype/index.ts';

/** Types are spelled out in results up to this length. */
const TYPE_LIMIT = 1000;

/** What was spelled before: each row of a program has the same types. */
const known = new WeakMap<CType, string>();

/** A type as C spells it, cut where that is no longer readable. */
export function spellType(type: CType): string {
  let spelled = known.get(type);
  if (spelled === undefined) {
    spelled = spell(type);
    known.set(type, spelled);
  }
  return spelled;
}

function spell(type: CType): string {
  const spelled = typeToC(type);
  return spelled.length > TYPE_LIMIT ? `${spelled.slice(0, TYPE_LIMIT)}...` : spelled;
}
