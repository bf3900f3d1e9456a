import { describe, expect, it } from 'vitest';
import { checkTrustBundle, type TrustBundle } from '../../../shared/trust/index.ts';
import { KEYS, ROOTS, rootsOf, SITE } from '../../kit/cast.ts';

const one = KEYS['ctl-1'].publicJwk;
const two = KEYS.alice.publicJwk;
const three = KEYS.bob.publicJwk;
const rob = KEYS.rob.publicJwk;

const good: TrustBundle = {
  version: 1,
  site: SITE,
  issuedAtMs: 1000,
  expiresAtMs: 2000,
  roots: ROOTS,
  controllers: [{ name: 'ctl-1', keys: [one] }],
  requesters: [{ name: 'alice', keys: [two] }],
  approvers: [
    { name: 'alice', keys: [two] },
    { name: 'bob', keys: [three] },
  ],
  thresholds: { standard: { read: 0, call: 1, write: 2 } },
};

/** The other spellings of a key: the two bits that 43 characters have too many. */
function respelled(x: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = digits.indexOf(x.at(-1) ?? '');
  return `${x.slice(0, -1)}${digits[last ^ 1]}`;
}

describe('a trust bundle', () => {
  it('a trust bundle may have one person in two roles, with one key or with two', () => {
    expect(checkTrustBundle(good)).toEqual(good);
    const approvers = [{ name: 'alice', keys: [three] }];
    expect(() =>
      checkTrustBundle({ ...good, approvers, thresholds: { standard: { read: 0, call: 1, write: 1 } } }),
    ).not.toThrow();
  });

  it('a trust bundle may have a root who is an approver too, with another key', () => {
    const approvers = [...good.approvers, { name: 'rob', keys: [KEYS.carol.publicJwk] }];
    expect(() => checkTrustBundle({ ...good, approvers })).not.toThrow();
  });

  const wrong: readonly [string, object, string][] = [
    [
      'one key under two names',
      { approvers: [{ name: 'bob', keys: [two] }] },
      'alice and bob have the same key',
    ],
    [
      'a name twice in a role',
      {
        approvers: [
          { name: 'bob', keys: [three] },
          { name: 'bob', keys: [KEYS.carol.publicJwk] },
        ],
      },
      'approvers: bob is named twice',
    ],
    ['one key twice', { approvers: [{ name: 'bob', keys: [three, three] }] }, 'bob has one key twice'],
    [
      'one key in another spelling',
      { approvers: [{ name: 'bob', keys: [three, { ...three, x: respelled(three.x) }] }] },
      'not in canonical base64url',
    ],
    [
      'a root key that approves',
      { approvers: [{ name: 'rob', keys: [rob] }] },
      'a root key may do nothing else',
    ],
    [
      'a root key that orders',
      { controllers: [{ name: 'rob', keys: [rob] }] },
      'a root key may do nothing else',
    ],
    [
      'a root key that asks',
      { requesters: [{ name: 'rob', keys: [rob] }] },
      'a root key may do nothing else',
    ],
    [
      'a controller that approves',
      { approvers: [{ name: 'ctl-1', keys: [one] }, ...good.approvers] },
      'a controller cannot be a person',
    ],
    [
      'a controller with the name of an approver',
      { controllers: [{ name: 'bob', keys: [one] }] },
      'a controller cannot be a person',
    ],
    [
      'a controller with the name of a root',
      { controllers: [{ name: 'rob', keys: [one] }] },
      'cannot be a person',
    ],
    ['a threshold of calls of 0', { thresholds: { standard: { read: 0, call: 0, write: 1 } } }, 'below 1'],
    ['a negative threshold', { thresholds: { standard: { read: 0, call: -1, write: 1 } } }, 'below 1'],
    [
      'half a threshold',
      { thresholds: { standard: { read: 0, call: 1.5, write: 2 } } },
      'thresholds.standard.call',
    ],
    ['reads below nought', { thresholds: { standard: { read: -1, call: 1, write: 1 } } }, 'standard.read'],
    [
      'a threshold that nobody reaches',
      { thresholds: { standard: { read: 0, call: 1, write: 3 } } },
      '3 can never be reached with 2 approvers',
    ],
    [
      'a write that needs less than a call',
      { thresholds: { standard: { read: 0, call: 2, write: 1 } } },
      'a write needs 1 approvals, and a call 2',
    ],
    [
      'a call that needs less than a read',
      { thresholds: { standard: { read: 2, call: 1, write: 2 } } },
      'a call needs 1 approvals, and a read 2',
    ],
    ['a policy that nobody knows', { thresholds: { lax: { read: 0, call: 1, write: 1 } } }, 'thresholds'],
    ['a root threshold of 0', { roots: { ...ROOTS, threshold: 0 } }, 'let anyone decide who is trusted'],
    ['a negative root threshold', { roots: { ...ROOTS, threshold: -2 } }, 'let anyone decide who is trusted'],
    [
      'a root threshold above the roots',
      { roots: rootsOf(4, 'rob', 'rose', 'ruth') },
      '4 can never be reached',
    ],
    [
      'a root threshold above the persons, though not above their keys',
      {
        roots: {
          threshold: 2,
          members: [{ name: 'rob', keys: [rob, KEYS.rob2.publicJwk] }],
        },
      },
      '2 can never be reached with 1 roots',
    ],
    [
      'one root under two names',
      { roots: { threshold: 2, members: [...rootsOf(1, 'rob').members, { name: 'robert', keys: [rob] }] } },
      'rob and robert have the same key',
    ],
    ['no roots', { roots: { threshold: 1, members: [] } }, 'roots.members'],
    [
      'a root key with dates',
      { roots: { threshold: 1, members: [{ name: 'rob', keys: [{ ...rob, notAfterMs: 5 }] }] } },
      'roots.members.0.keys.0',
    ],
    ['no version', { version: 0 }, 'version'],
    ['a version past all counting', { version: 2 ** 31 }, 'version'],
    ['an end before its beginning', { expiresAtMs: 1000 }, 'it expires before it is issued'],
    [
      'a key that ends before it begins',
      { controllers: [{ name: 'ctl-1', keys: [{ ...one, notBeforeMs: 7, notAfterMs: 7 }] }] },
      'a key of ctl-1 ends before it begins',
    ],
    [
      'a key with other dates in another role',
      { requesters: [{ name: 'alice', keys: [{ ...two, notAfterMs: 7 }] }] },
      'has different dates in two roles',
    ],
    ['an unknown member', { admins: [] }, 'Unrecognized key: "admins"'],
    [
      'a private key',
      { controllers: [{ name: 'ctl-1', keys: [{ ...one, d: one.x }] }] },
      'controllers.0.keys.0',
    ],
  ];
  it.each(wrong)('a trust bundle is refused for %s', (_name, change, message) => {
    expect(() => checkTrustBundle({ ...good, ...change })).toThrow(
      expect.objectContaining({ code: 'TRUST_INVALID', message: expect.stringContaining(message) }),
    );
  });
});
