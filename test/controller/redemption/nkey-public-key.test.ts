import { verify } from 'node:crypto';
import { createAccount, createUser } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { nkeyPublicKey } from '../../../controller/redemption/index.ts';

const BYTES = Buffer.from('a claim');

test('the key in a public nkey verifies what the pair of the nkey has signed, and nothing else', () => {
  for (let round = 0; round < 20; round++) {
    const [pair, other] = [createUser(), createUser()];
    const key = nkeyPublicKey(pair.getPublicKey());
    expect(verify(null, BYTES, key, pair.sign(BYTES))).toBe(true);
    expect(verify(null, BYTES, key, other.sign(BYTES))).toBe(false);
    expect(verify(null, Buffer.from('another claim'), key, pair.sign(BYTES))).toBe(false);
  }
});

test('an nkey with one changed character is no key, whichever it is', () => {
  const nkey = createUser().getPublicKey();
  for (let at = 1; at < nkey.length; at++) {
    const changed = `${nkey.slice(0, at)}${nkey[at] === 'A' ? 'B' : 'A'}${nkey.slice(at + 1)}`;
    expect(() => nkeyPublicKey(changed), changed).toThrow();
  }
});

test('an nkey that is cut off, is too long, is a seed or is of an account is no key of a user', () => {
  const pair = createUser();
  const nkey = pair.getPublicKey();
  for (const text of ['', 'U', nkey.slice(0, -1), `${nkey}A`, new TextDecoder().decode(pair.getSeed())])
    expect(() => nkeyPublicKey(text), text).toThrow();
  expect(() => nkeyPublicKey(createAccount().getPublicKey())).toThrow();
});
