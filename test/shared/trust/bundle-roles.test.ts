import { describe, expect, it } from 'vitest';
import { newSigningKey } from '../../../shared/tokens/index.ts';
import { parseTrustBundle } from '../../../shared/trust/index.ts';

const [one, two] = [newSigningKey().publicJwk, newSigningKey().publicJwk];
const bundle = (requester: string, approver: string, approverKey: typeof one) =>
  JSON.stringify({
    version: 1,
    expiresAtMs: 1,
    controllers: [],
    requesters: [{ name: requester, keys: [one] }],
    approvers: [{ name: approver, keys: [approverKey] }],
    thresholds: {},
  });

describe('a key in several roles of a trust bundle', () => {
  it('may be one person', () => {
    expect(() => parseTrustBundle(bundle('alice', 'alice', one))).not.toThrow();
    expect(() => parseTrustBundle(bundle('alice', 'alice', two))).not.toThrow();
  });

  it('may not be two', () => {
    expect(() => parseTrustBundle(bundle('alice', 'bob', one))).toThrow(
      expect.objectContaining({
        code: 'TRUST_INVALID',
        message: expect.stringContaining('alice and bob have the same'),
      }),
    );
  });
});
