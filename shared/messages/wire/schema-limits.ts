import { z } from 'zod';

/** What a schema says of one member, as far as it can be counted before anything is decoded. */
export interface MemberLimits {
  /** The schema of the member itself; of an array or record, that of its entries. */
  readonly schema: z.ZodType;
  /** Most entries, if it is an array with a limit. */
  readonly entries: number | undefined;
  /** Most bytes of its text in UTF-8, if it is a string with a limit. */
  readonly textBytes: number | undefined;
}

/** A UTF-16 code unit takes at most this many bytes in UTF-8. */
const BYTES_OF_CODE_UNIT = 3;

/** The schema of an object's members by their names; empty if `schema` is not one of an object. */
export function memberSchemas(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  const bare = bareSchema(schema);
  return bare instanceof z.ZodObject ? (bare.shape as Record<string, z.ZodType>) : {};
}

/** The limits in the schema of a member. */
export function limitsOf(member: z.ZodType): MemberLimits {
  const bare = bareSchema(member);
  const isList = bare instanceof z.ZodArray;
  const entry = bareSchema(isList ? (bare.element as z.ZodType) : bare);
  const chars = entry instanceof z.ZodString ? maximumOf(entry) : undefined;
  return {
    schema: entry instanceof z.ZodRecord ? (entry.valueType as z.ZodType) : entry,
    entries: isList ? maximumOf(bare) : undefined,
    textBytes: chars === undefined ? undefined : chars * BYTES_OF_CODE_UNIT,
  };
}

/** `schema` without what only surrounds it: optional, lazy, a transformation before or after it. */
export function bareSchema(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) return bareSchema(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodLazy) return bareSchema(schema._zod.innerType as z.ZodType);
  if (!(schema instanceof z.ZodPipe)) return schema;
  const { in: before, out: after } = schema.def as unknown as Record<'in' | 'out', z.ZodType>;
  return bareSchema(before instanceof z.ZodTransform ? after : before);
}

/** The smallest `max` of a string or an array. */
function maximumOf(schema: z.ZodType): number | undefined {
  const checks = (schema.def.checks ?? []).map(check => check._zod.def as { readonly maximum?: number });
  const maxima = checks.flatMap(({ maximum }) => (maximum === undefined ? [] : [maximum]));
  return maxima.length === 0 ? undefined : Math.min(...maxima);
}
