import {
  alignmentOf,
  bare,
  type CType,
  constOf,
  findMember,
  isConst,
  memberNames,
  type RecordType,
  typeToC,
} from '../../ctype/index.ts';
import type { Offset } from '../../preprocessor/index.ts';
import type { CheckContext } from '../context/index.ts';
import { didYouMean, nearestNames } from '../names/index.ts';
import type { BitField, Lvalue } from '../tree/index.ts';

/** The member `name` of the record at `base`. */
export function memberOf(context: CheckContext, base: Lvalue, name: string, at: Offset): Lvalue {
  const record = recordAt(context, base.type, name, at);
  const member = findMember(record, name);
  if (!member) {
    const near = nearestNames(name, memberNames(record), 3);
    throw context.diagnostics.typeError(at, `${typeToC(record)} has no member '${name}'${didYouMean(near)}`);
  }
  const type = isConst(base.type) ? constOf(member.type) : member.type;
  if (member.bitWidth === 0)
    return { ...base, type, offset: base.offset + member.bitOffset / 8, bits: undefined, at };
  const { offset, bits } = bitFieldAt(context, record, member, at);
  return { ...base, type, offset: base.offset + offset, bits, at };
}

function recordAt(context: CheckContext, type: CType, name: string, at: Offset): RecordType {
  const plain = bare(type);
  if (plain.kind === 'pointer')
    throw context.diagnostics.typeError(at, `${typeToC(type)} is a pointer; write ->${name}`);
  if (plain.kind !== 'struct' && plain.kind !== 'union')
    throw context.diagnostics.typeError(at, `${typeToC(type)} has no members, so no '${name}'`);
  if (plain.sizeBytes === undefined)
    throw context.diagnostics.typeError(
      at,
      `this kernel's BTF does not describe the members of ${typeToC(plain)}`,
    );
  return plain;
}

/** The smallest aligned unit of 1, 2, 4 or 8 bytes that holds the bits: what is read and written as one. */
function bitFieldAt(
  context: CheckContext,
  record: RecordType,
  { bitOffset, bitWidth }: { readonly bitOffset: number; readonly bitWidth: number },
  at: Offset,
): { readonly offset: number; readonly bits: BitField } {
  for (const unitBytes of [1, 2, 4, 8] as const) {
    const start = Math.floor(bitOffset / (unitBytes * 8)) * unitBytes;
    const shift = bitOffset - start * 8;
    if (shift + bitWidth > unitBytes * 8) continue;
    const alignment = alignmentOf(record);
    const aligned = unitBytes <= alignment.bytes || (alignment.unaligned && unitBytes === 1);
    return { offset: start, bits: { unitBytes, shift, width: bitWidth, aligned } };
  }
  throw context.diagnostics.error(
    'PROGRAM_UNSUPPORTED',
    at,
    `this bit field of ${typeToC(record)} crosses an 8-byte boundary`,
  );
}
