import { z } from 'zod';
import { hasControl } from './plain-text.ts';
import { valueToText } from './value-text.ts';

/**
 * The kinds of values, numbered as in `TypedValue.Kind`; `other` is what our call programs cannot compute
 * with.
 */
export const VALUE_KINDS = [
  'void',
  'bool',
  'int',
  'enum',
  'pointer',
  'string',
  'struct',
  'union',
  'array',
  'other',
] as const;

/** One of {@link VALUE_KINDS}. */
export type ValueKind = (typeof VALUE_KINDS)[number];

/** The largest value that a host reports. A larger one is truncated and marked so. */
export const VALUE_LIMITS = {
  /** Levels of nested structures and arrays. */
  depth: 32,
  /** Scalars, strings, structures and arrays in one value. */
  nodes: 8192,
  /** Bytes of the fields of one value, as {@link valueBytes} counts them. */
  bytes: 96 << 10,
  stringChars: 4096,
  /** Width of a bit field, or of an `other`. */
  bits: 1024,
} as const;

/** Most characters of the strings in one part of a value. */
export const VALUE_TEXT_CHARS = {
  ...{ name: 256, type: 1024, symbol: 512, errnoName: 64, enumerator: 256 },
  string: VALUE_LIMITS.stringChars,
} as const;

/** A value, or a member or element of one. */
export interface ValueNode {
  /** The name of the member, in a structure or union. */
  readonly name?: string | undefined;
  /** Its C type; absent in the elements of an array. */
  readonly type?: string | undefined;
  readonly kind: ValueKind;
  /** `bool`, `int`, `enum`: in decimal. */
  readonly integer?: string | undefined;
  /** `int`, `enum`: whether the type is signed. */
  readonly signed?: boolean | undefined;
  /** Width of a bit field, or of an `other`. */
  readonly bits?: number | undefined;
  /** `pointer`, and `string` behind a `char *`: in hexadecimal. */
  readonly address?: string | undefined;
  /** `name+0xoffset` if a pointer points into a known symbol. */
  readonly symbol?: string | undefined;
  /** `-EINVAL` for a negative errno that a function returned, and for an ERR_PTR. */
  readonly errnoName?: string | undefined;
  /** `enum`: name of the enumerator with this value, if there is one. */
  readonly enumerator?: string | undefined;
  /** The characters before the NUL; each byte is the character with its number (Latin-1). */
  readonly string?: string | undefined;
  /** `struct`, `union`; members of anonymous members are listed too. */
  readonly members?: readonly ValueNode[] | undefined;
  /** `array`. */
  readonly elements?: readonly ValueNode[] | undefined;
  /** Whether members, elements or characters after these are left out. */
  readonly truncated?: boolean | undefined;
}

/** A value with its C type, as it is sent and stored. */
export interface TypedValue extends ValueNode {
  readonly type: string;
  /** The value as a C initializer. It is not sent: both sides derive it from the other members. */
  readonly text: string;
}

const kind = z.preprocess(
  value => (typeof value === 'number' ? VALUE_KINDS[value] : value),
  z.enum(VALUE_KINDS),
);

const plain = (key: keyof typeof VALUE_TEXT_CHARS) =>
  z
    .string()
    .max(VALUE_TEXT_CHARS[key])
    .refine(text => !hasControl(text), 'text without control characters')
    .optional();

const nodeSchema: z.ZodType<ValueNode> = z.lazy(() =>
  z
    .object({
      name: plain('name'),
      type: plain('type'),
      kind,
      integer: z
        .string()
        .regex(/^-?\d{1,40}$/)
        .optional(),
      signed: z.boolean().optional(),
      bits: z.int().min(1).max(VALUE_LIMITS.bits).optional(),
      address: z
        .string()
        .regex(/^0x[0-9a-f]{1,16}$/)
        .optional(),
      symbol: plain('symbol'),
      errnoName: plain('errnoName'),
      enumerator: plain('enumerator'),
      string: z.string().max(VALUE_TEXT_CHARS.string).optional(),
      members: z.array(nodeSchema).max(VALUE_LIMITS.nodes).optional(),
      elements: z.array(nodeSchema).max(VALUE_LIMITS.nodes).optional(),
      truncated: z.boolean().optional(),
    })
    .transform(ofItsKind),
);

/** Decoding gives every node both lists; only aggregates have one. */
function ofItsKind({ members = [], elements = [], ...rest }: ValueNode): ValueNode {
  if (rest.kind === 'struct' || rest.kind === 'union') return { ...rest, members };
  return rest.kind === 'array' ? { ...rest, elements } : rest;
}

/** Schema of {@link TypedValue}. */
export const typedValueSchema: z.ZodType<TypedValue> = nodeSchema
  .refine(value => value.type !== undefined, 'a value has a type')
  .refine(value => partsOfValue(value) <= VALUE_LIMITS.nodes, `at most ${VALUE_LIMITS.nodes} parts`)
  .refine(value => depthOf(value) <= VALUE_LIMITS.depth, `at most ${VALUE_LIMITS.depth} levels`)
  .transform(typedValue);

/** `node` with its text. */
export function typedValue(node: ValueNode): TypedValue {
  return { ...node, type: node.type ?? '', text: valueToText(node) };
}

/** Approximate size of a value in a message, in bytes. */
export function valueBytes(node: ValueNode): number {
  let bytes = ownBytes(node);
  for (const part of partsOf(node)) bytes += valueBytes(part);
  return bytes;
}

/** Approximate size of a value without its members and elements, in bytes. */
export function ownBytes(node: ValueNode): number {
  const { name, type, integer, address, symbol, errnoName, enumerator, string } = node;
  const named = bytesOfText(name) + bytesOfText(type) + bytesOfText(symbol) + bytesOfText(string);
  const noted = bytesOfText(errnoName) + bytesOfText(enumerator);
  return 8 + named + noted + bytesOfText(integer) + bytesOfText(address);
}

function bytesOfText(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text) + 2;
}

const NO_PARTS: readonly ValueNode[] = [];

function partsOf({ members, elements }: ValueNode): readonly ValueNode[] {
  return members ?? elements ?? NO_PARTS;
}

/** How many parts a value has: itself, its members and elements, and all of theirs. */
export function partsOfValue(node: ValueNode): number {
  let parts = 1;
  for (const part of partsOf(node)) parts += partsOfValue(part);
  return parts;
}

function depthOf(node: ValueNode): number {
  const parts = partsOf(node);
  return parts.length === 0 ? 0 : 1 + Math.max(...parts.map(depthOf));
}
