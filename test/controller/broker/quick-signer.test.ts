import { createAccount, fromPublic } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { quickSigner } from '../../../controller/broker/quick-signer.ts';

test('a quick signer has the keys of its pair, and makes the signatures that the pair makes', () => {
  const pair = createAccount();
  const quick = quickSigner(pair);
  expect(quick.getPublicKey()).toBe(pair.getPublicKey());
  expect(quick.getPrivateKey()).toEqual(pair.getPrivateKey());
  for (const text of ['', 'a claim', 'x'.repeat(4096)]) {
    const bytes = Buffer.from(text);
    expect(Buffer.from(quick.sign(bytes))).toEqual(Buffer.from(pair.sign(bytes)));
    expect(fromPublic(pair.getPublicKey()).verify(bytes, quick.sign(bytes))).toBe(true);
  }
});
