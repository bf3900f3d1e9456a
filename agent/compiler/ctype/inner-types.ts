import type { CType } from './ctype.ts';

/**
 * The types that a type is made of directly; members of records do not count, since records may lead back to
 * themselves.
 */
export function innerTypes(type: CType): readonly CType[] {
  switch (type.kind) {
    case 'pointer':
    case 'typedef':
      return [type.to];
    case 'array':
    case 'qualified':
      return [type.of];
    case 'function':
      return [type.result, ...type.params.map(param => param.type)];
    default:
      return [];
  }
}
