import { createUser, fromPublic } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { signNonce } from '../../../agent/bus/sign-nonce.ts';

test("a signed nonce is the same as the library's own signature", () => {
  const user = createUser();
  const nonce = 'bm9uY2Utb2YtYS1icm9rZXI';
  const signature = signNonce(user.getSeed(), nonce);
  expect(signature).toBe(Buffer.from(user.sign(Buffer.from(nonce))).toString('base64url'));
  expect(
    fromPublic(user.getPublicKey()).verify(Buffer.from(nonce), Buffer.from(signature, 'base64url')),
  ).toBe(true);
});

test('a nonce is not signed with bytes that are not a seed', () => {
  const seed = Buffer.from(createUser().getSeed());
  seed[20] = seed[20] === 0x41 ? 0x42 : 0x41;
  for (const wrong of [seed, Buffer.from(''), Buffer.from('SU')])
    expect(() => signNonce(wrong, 'nonce')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
