import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  canonicalParts,
  TOKEN_KINDS,
  type TokenKind,
  verifySignature,
} from '../../../shared/tokens/index.ts';
import { claimsIn } from '../../kit/cast.ts';

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws: string;
  readonly result: 'valid' | 'invalid';
}

interface Group {
  readonly public?: JsonWebKey;
  readonly private?: JsonWebKey;
  readonly tests: readonly Vector[];
}

const file = new URL('vectors/wycheproof-json-web-signature.json', import.meta.url);
const { testGroups, numberOfTests } = JSON.parse(readFileSync(file, 'utf8')) as {
  testGroups: readonly Group[];
  numberOfTests: number;
};
const vectors = testGroups.flatMap(group =>
  group.tests.map(vector => ({ ...vector, jwk: (group.public ?? group.private)! })),
);

/**
 * Vectors that our signature layer judges otherwise than their label, each with the reason. Everything else
 * must agree.
 */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  346: 'valid, but made with PS384 by a key that says PS256: the algorithm is pinned to the key',
  347: 'valid, but its key says ES521, which is no algorithm',
  350: 'as 346',
  351: 'as 347',
  367: 'labelled invalid, but byte for byte the valid vector 357',
  370: 'as 367',
  372: "labelled valid, with a '?' in the header",
  373: "labelled valid, with a '?' in the payload",
};

function keyOf(jwk: JsonWebKey): KeyObject {
  if (jwk.kty === 'oct') return createSecretKey(Buffer.from(jwk['k'] as string, 'base64url'));
  return createPublicKey({ key: jwk, format: 'jwk' });
}

/** What stands before and around the signature check, with the algorithm that the vector's key is for. */
async function accepts({ jws, jwk }: { jws: string; jwk: JsonWebKey }): Promise<boolean> {
  try {
    canonicalParts(jws);
    await verifySignature(jws, keyOf(jwk), { algorithms: [String(jwk['alg'])], what: 'vector' });
    return true;
  } catch {
    return false;
  }
}

describe('the JWS vectors of Wycheproof', () => {
  test('the JWS vectors of Wycheproof are all here', () => expect(vectors).toHaveLength(numberOfTests));

  test('the JWS vectors of Wycheproof are judged as they are labelled, but for the exceptions named here', async () => {
    const others: Record<number, string> = {};
    for (const vector of vectors) {
      if ((await accepts(vector)) !== (vector.result === 'valid')) others[vector.tcId] = vector.comment;
    }
    expect(Object.keys(others)).toEqual(Object.keys(EXCEPTIONS));
  });

  test('367 and 370 are the valid 357 indeed', () => {
    const jwsOf = (id: number): string | undefined => vectors.find(({ tcId }) => tcId === id)?.jws;
    expect([jwsOf(367), jwsOf(370)]).toEqual([jwsOf(357), jwsOf(357)]);
  });

  test.each([360, 365, 368, 375])('%d, which the library takes, ends at the canonical form', async tcId => {
    const { jws, jwk } = vectors.find(vector => vector.tcId === tcId)!;
    await verifySignature(jws, keyOf(jwk), { algorithms: [String(jwk['alg'])], what: 'vector' });
    expect(() => canonicalParts(jws)).toThrow('canonical base64url');
  });

  test.each(Object.keys(TOKEN_KINDS) as TokenKind[])(
    'the JWS vectors of Wycheproof are refused as %s, each one, even by a keyring that has their keys',
    async kind => {
      for (const { jws, jwk } of vectors) {
        const keyring = new Map([[String(jwk['kid']), { owner: 'joe', key: keyOf(jwk) }]]);
        await expect(claimsIn(kind, jws, { keyring, nowMs: 1_300_819_000_000 })).rejects.toMatchObject({
          code: expect.stringMatching(/^TOKEN_/),
        });
      }
    },
  );
});
