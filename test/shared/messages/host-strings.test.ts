import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  abortStatementCodec,
  buildFactsCodec,
  callResultCodec,
  credentialQueryCodec,
  enrolmentClaimCodec,
  hostFactsCodec,
  hostHeartbeatCodec,
  hostHelloCodec,
  kernelTypesCodec,
  type MessageCodec,
  ordersQueryCodec,
  planReplyCodec,
  redemptionCodec,
  resultEnvelopeCodec,
  signEnvelopeCodec,
  signedAbortStatementCodec,
  signedHeartbeatCodec,
  signedPlanReplyCodec,
  signedTypesReplyCodec,
  signQueryCodec,
  trustQueryCodec,
  typesReplyCodec,
} from '../../../shared/messages/index.ts';
import { bareSchema } from '../../../shared/messages/wire/index.ts';
import type { HostTopic } from '../../../shared/subjects/index.ts';

/** Every message that a host sends, with those that are in the bytes of others. */
const OF_HOSTS = {
  hello: [hostHelloCodec, hostFactsCodec],
  heartbeat: [signedHeartbeatCodec, hostHeartbeatCodec],
  result: [resultEnvelopeCodec, callResultCodec],
  abort: [signedAbortStatementCodec, abortStatementCodec],
  orders: [ordersQueryCodec],
  trust: [trustQueryCodec],
  credential: [credentialQueryCodec],
  plan: [signedPlanReplyCodec, planReplyCodec],
  types: [signedTypesReplyCodec, typesReplyCodec, kernelTypesCodec],
  sign: [signEnvelopeCodec, signQueryCodec, buildFactsCodec],
  enrolment: [redemptionCodec, enrolmentClaimCodec],
} satisfies Record<HostTopic | 'enrolment', readonly Pick<MessageCodec<never>, 'name' | 'schema'>[]>;

/**
 * What was in the memory of a kernel, character for character. Readers show it as a C string, in which
 * control characters are escaped.
 */
const KERNEL_MEMORY = /^CallResult\.(value|rows\[\]\.values\[\])(\.(members|elements)\[\])?\.string$/;

/** The strings in a schema, with the path to each. A schema that contains itself is entered once. */
function strings(schema: z.ZodType, path: string, inside: readonly z.ZodType[] = []): [string, z.ZodType][] {
  const bare = bareSchema(schema);
  if (inside.includes(bare)) return [];
  const within = [...inside, bare];
  if (bare instanceof z.ZodString) return [[path, schema]];
  if (bare instanceof z.ZodArray) return strings(bare.element as z.ZodType, `${path}[]`, within);
  if (bare instanceof z.ZodRecord)
    return [
      ...strings(bare.keyType as z.ZodType, `${path}{}`, within),
      ...strings(bare.valueType as z.ZodType, `${path}{}`, within),
    ];
  if (bare instanceof z.ZodUnion)
    return bare.options.flatMap(option => strings(option as z.ZodType, path, within));
  if (!(bare instanceof z.ZodObject)) return [];
  return Object.entries(bare.shape).flatMap(([key, member]) =>
    strings(member as z.ZodType, `${path}.${key}`, within),
  );
}

const codecs = Object.values(OF_HOSTS).flat();
const all = codecs.flatMap(({ name, schema }) => strings(schema, name));

/** Each control character of Unicode but tab and newline, which a few texts may have. */
const CONTROLS = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).filter(
  text => /\p{Cc}/u.test(text) && text !== '\t' && text !== '\n',
);

describe('no string of a host has a control character', () => {
  test('every kind of string is looked at', () => {
    expect(all.length).toBeGreaterThan(60);
    expect(all.map(([path]) => path)).toContain('HostFacts.signing.keys[].name');
    expect(all.filter(([path]) => KERNEL_MEMORY.test(path))).toHaveLength(6);
  });

  test.each(all.filter(([path]) => !KERNEL_MEMORY.test(path)))(
    '%s refuses control characters',
    (_path, schema) => {
      for (const control of CONTROLS)
        for (const text of [control, `a${control}`, `${control}1`, `0x1${control}`, `a${control}b`])
          expect(schema.safeParse(text).success, JSON.stringify(text)).toBe(false);
    },
  );
});
