import { bare, type CType, type RecordType } from '../../ctype/index.ts';
import type { EnumeratorDeclaration, TypeBase } from '../../program/index.ts';
import { type CheckContext, refuseFunctionName } from '../context/index.ts';
import { convertTo } from '../conversions/index.ts';
import { enumeratorType } from '../names/index.ts';
import { constantOf } from './check-expression.ts';
import { RecordLayout } from './record-layout.ts';

type RecordDefinition = Extract<TypeBase, { kind: 'record' }>;
type EnumDefinition = Extract<TypeBase, { kind: 'enumeration' }>;

/** Structures within each other by value: later stages recurse, and no kernel has half as many. */
const DEPTH_LIMIT = 16;

/** A record while its members are read: they may point to it. */
type OpenRecord = { -readonly [K in keyof RecordType]: RecordType[K] };

/**
 * A structure, union or enumeration that the program defines; each definition makes one type, however often
 * it is asked.
 */
export function definedType(context: CheckContext, definition: RecordDefinition | EnumDefinition): CType {
  const known = context.definitions.made.get(definition);
  if (known) return known;
  if (definition.kind === 'record') return defineRecord(context, definition);
  const type = defineEnum(context, definition);
  context.definitions.made.set(definition, type);
  if (definition.name !== '') declareTag(context, definition, type);
  return type;
}

/** `struct name;`: a type that is defined later, unless this kernel has one. */
export function declareRecord(
  context: CheckContext,
  { tag, name }: Extract<TypeBase, { kind: 'tag' }>,
): void {
  if (tag === 'enum' || context.scope.tagInBlock(name) || context.names.tagged(tag, name)) return;
  context.scope.declareTag(name, openRecord(context, tag, name));
}

function openRecord(context: CheckContext, kind: 'struct' | 'union', name: string): OpenRecord {
  return { kind, name, sizeBytes: undefined, id: context.definitions.newId(), members: () => [] };
}

function defineRecord(context: CheckContext, definition: RecordDefinition): CType {
  const { tag, name, at } = definition;
  const declared = name === '' ? undefined : (context.scope.tagInBlock(name) as OpenRecord | undefined);
  const isOpen =
    declared?.kind === tag && declared.sizeBytes === undefined && !context.definitions.isOpen(declared);
  const record = isOpen ? declared : openRecord(context, tag, name);
  if (name !== '' && !isOpen) declareTag(context, definition, record);
  context.definitions.made.set(definition, record);
  const layout = new RecordLayout(context, tag);
  context.definitions.whileOpen(record, () => {
    for (const member of definition.members) layout.add(member);
  });
  record.members = () => layout.members;
  record.sizeBytes = layout.sizeBytes(at);
  record.alignmentBytes = layout.alignmentBytes;
  context.definitions.setDepth(record, layout.depth + 1);
  if (layout.depth >= DEPTH_LIMIT)
    throw context.diagnostics.typeError(at, `structures are nested more than ${DEPTH_LIMIT} deep`);
  return record;
}

function declareTag(
  context: CheckContext,
  { name, at }: RecordDefinition | EnumDefinition,
  type: CType,
): void {
  if (context.scope.tagInBlock(name)) throw context.diagnostics.typeError(at, `'${name}' is defined twice`);
  const { kind } = bare(type);
  if (context.names.tagged(kind as 'struct' | 'union' | 'enum', name))
    context.diagnostics.warn(at, `this hides the kernel's own ${kind} ${name}`);
  context.scope.declareTag(name, type);
}

/**
 * C11 6.7.2.2; an enumeration is unsigned where no enumerator is negative, and as wide as they ask, as gcc
 * has it.
 */
function defineEnum(context: CheckContext, { name, enumerators }: EnumDefinition): CType {
  const made: { readonly name: string; readonly value: bigint }[] = [];
  let [next, least, most] = [0n, 0n, 0n];
  for (const each of enumerators) {
    const value = each.value ? constantOf(context, each.value, 'the value of an enumerator') : next;
    declareEnumerator(context, each, value);
    made.push({ name: each.name, value });
    if (value < least) least = value;
    if (value > most) most = value;
    next = value + 1n;
  }
  const signed = least < 0n;
  const fits = signed
    ? BigInt.asIntN(32, least) === least && BigInt.asIntN(32, most) === most
    : most < 1n << 32n;
  return {
    kind: 'enum',
    name,
    sizeBytes: fits ? 4 : 8,
    signed,
    id: context.definitions.newId(),
    enumerators: () => made,
  };
}

function declareEnumerator(context: CheckContext, { name, at }: EnumeratorDeclaration, value: bigint): void {
  refuseFunctionName(context, 'an enumerator', name, at);
  const type = enumeratorType(value);
  const constant = convertTo(type, { kind: 'constant', type, value, at });
  if (constant.kind !== 'constant' || constant.value !== value)
    throw context.diagnostics.typeError(at, `${value} does not fit in 64 bits`);
  if (!context.scope.declare(name, { kind: 'enumerator', type, value }))
    throw context.diagnostics.typeError(at, `'${name}' is declared twice`);
}
