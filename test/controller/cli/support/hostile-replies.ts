import { z } from 'zod';
import { OPERATOR_METHODS, type OperatorMethodName } from '../../../../controller/rpc/index.ts';
import { parameterValuesText } from '../../../../shared/library/index.ts';
import { bareSchema } from '../../../../shared/messages/wire/schema-limits.ts';

/** At the beginning of a line of output it shows that a line feed of somebody else was obeyed. */
export const FORGED = 'FORGED';

/**
 * What a terminal would obey: a line feed, a carriage return, a title, a colour, erasing, a C1 control, a
 * change of direction, NUL.
 */
export const HOSTILE_TEXT = `x\n${FORGED}\r\u001b]0;x\u0007\u001b[2J\u009b31m\u202e\u0000`;

/** The later texts are for fields that refuse the first. */
const HOSTILE = [HOSTILE_TEXT, `x\n${FORGED} \u202e\u2028${FORGED}`, 'x\u202e\u2028'];

/** Harmless texts, of which each field that takes no other one takes one. */
const HARMLESS = [
  'web-1',
  'rest',
  'http://a.example.org',
  '7k2m9x4qw8rt',
  'a.b.c',
  'tls://a',
  '',
  'a'.repeat(43),
  'a'.repeat(64),
  'EINVAL',
  '0x1',
  'INTERNAL',
];

/** The values of some members by their names, such as bytes that are messages of their own. */
export type GivenMembers = Readonly<Record<string, unknown>>;

/**
 * A value that `schema` accepts, with a hostile text wherever it accepts one. Optional members are there, and
 * each list has one entry. `given` has the values of members by their names.
 */
export function hostileValue(schema: z.ZodType, given: GivenMembers, name = ''): unknown {
  const bare = bareSchema(schema);
  if (Object.hasOwn(given, name) && !(bare instanceof z.ZodObject && given[name] !== undefined))
    return given[name];
  const def = bare._zod.def as { readonly value?: unknown; readonly values?: readonly unknown[] };
  if (bare instanceof z.ZodObject)
    return Object.fromEntries(
      Object.entries(bare.shape).map(([key, member]) => [key, hostileValue(member as z.ZodType, given, key)]),
    );
  if (bare instanceof z.ZodArray) return [hostileValue(bare.element as z.ZodType, given, name)];
  if (bare instanceof z.ZodRecord)
    return acceptable(bare, [
      { env: HOSTILE_TEXT },
      { env: 'prod' },
      { [HOSTILE.at(-1) ?? '']: 1 },
      { env: 1 },
    ]);
  if (bare instanceof z.ZodEnum) return bare.options[0];
  if (bare instanceof z.ZodLiteral) return def.values?.[0];
  if (bare instanceof z.ZodBoolean) return true;
  if (bare instanceof z.ZodUnion) return hostileValue(bare.options[0] as z.ZodType, given, name);
  if (bare.def.type === 'string') return acceptable(schema, [...HOSTILE, HOSTILE_VALUES, ...HARMLESS]);
  if (bare instanceof z.ZodNumber) return acceptable(schema, [1, 1000]);
  return acceptable(schema, [new Uint8Array(32), new Uint8Array(16)]);
}

/** A value of a parameter, for the members that hold such values. */
const HOSTILE_VALUES = parameterValuesText(new Map([['COMM', HOSTILE_TEXT]]));

/** The first of `candidates` that `schema` accepts. */
function acceptable(schema: z.ZodType, candidates: readonly unknown[]): unknown {
  const found = candidates.find(each => schema.safeParse(each).success);
  if (found === undefined)
    throw new Error(
      `no candidate fits ${JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' }))}`,
    );
  return found;
}

/** The reply to each method of the operator API by somebody hostile. */
export function hostileReplies(given: GivenMembers): Readonly<Record<OperatorMethodName, unknown>> {
  const replies = Object.entries(OPERATOR_METHODS).map(([name, { reply }]) => [
    name,
    hostileValue(reply.schema, given),
  ]);
  return Object.fromEntries(replies);
}
