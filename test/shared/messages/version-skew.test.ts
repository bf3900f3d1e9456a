import { expect, test } from 'vitest';
import { hostFactsCodec, PROTOCOL_VERSION } from '../../../shared/messages/index.ts';
import { newSigningKey } from '../../../shared/tokens/index.ts';
import { factsOf } from '../../kit/host-statements.ts';

const HOST = { name: 'web-1', key: newSigningKey() };

test('the hello of a host that speaks another protocol is refused, and the refusal says which is spoken here', () => {
  const facts = Buffer.from(hostFactsCodec.encode(factsOf(HOST)));
  expect([...facts.subarray(0, 2)]).toEqual([0x08, PROTOCOL_VERSION]); // field 1, a varint
  expect(hostFactsCodec.decode(facts)).toMatchObject({ host: 'web-1' });
  for (const other of [0, PROTOCOL_VERSION + 1]) {
    facts[1] = other;
    expect(() => hostFactsCodec.decode(facts)).toThrow(`this side speaks protocol ${PROTOCOL_VERSION}`);
  }
});

test('a host of another version that speaks this protocol is heard, and so is one that tells more than is known here', () => {
  const facts = Buffer.from(hostFactsCodec.encode({ ...factsOf(HOST), agentVersion: '0.2.7' }));
  // Field 999, a varint: what a later version might add.
  const later = Buffer.concat([facts, Buffer.from([0xb8, 0x3e, 1])]);
  expect(hostFactsCodec.decode(later)).toMatchObject({ agentVersion: '0.2.7' });
});
