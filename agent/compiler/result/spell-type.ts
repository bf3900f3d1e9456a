import { type CType, typeToC } from '../ctype/index.ts';

/** Types are spelled out in results up to this length. */
const TYPE_LIMIT = 1000;

/** A type as C spells it, cut where that is no longer readable. */
export function spellType(type: CType): string {
  const spelled = typeToC(type);
  return spelled.length > TYPE_LIMIT ? `${spelled.slice(0, TYPE_LIMIT)}...` : spelled;
}
