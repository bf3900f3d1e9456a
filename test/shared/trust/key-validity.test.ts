import { describe, expect, it } from 'vitest';
import { callRequestCodec } from '../../../shared/messages/index.ts';
import type { KeyValidity } from '../../../shared/tokens/index.ts';
import { countApprovals, keyringOf, type TrustBundle } from '../../../shared/trust/index.ts';
import { BUNDLE, claimsIn, KEYS, START_MS, tokenOf } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import { approvalOf, requestOf } from '../../kit/decisions.ts';

const DAY_MS = 24 * 3_600_000;
const request = requestOf({ expiresAtMs: START_MS + 20 * DAY_MS + 3_600_000 });
const requestBytes = callRequestCodec.encode(request);

/** The bundle, with dates on bob's key. */
const dated = (validity: KeyValidity): TrustBundle => ({
  ...BUNDLE,
  approvers: BUNDLE.approvers.map(member =>
    member.name === 'bob' ? { ...member, keys: member.keys.map(key => ({ ...key, ...validity })) } : member,
  ),
});

/** Whether bob's approval, made and looked at at these moments, counts. */
async function counts(validity: KeyValidity, madeAtMs: number, nowMs: number): Promise<boolean> {
  const exp = Math.floor(madeAtMs / 1000) + 25 * 24 * 3600;
  const approvals = [await approvalOf('bob', requestBytes, { nowMs: madeAtMs, exp })];
  const bundle = dated(validity);
  const decisions = { approvals, withdrawals: [] };
  const { approvers } = await countApprovals({ requestBytes, request, ...decisions, bundle, nowMs });
  return approvers.includes('bob');
}

describe("an approver's key counts", () => {
  const at = (days: number): number => START_MS + days * DAY_MS;
  const cases: readonly [string, KeyValidity, number, number, boolean][] = [
    ['without dates', {}, 0, 1, true],
    ['within its dates', { notBeforeMs: at(-1), notAfterMs: at(9) }, 0, 1, true],
    ['not where it signed before its time', { notBeforeMs: at(2) }, 1, 3, false],
    ['not where it signed in its time and that is over now', { notAfterMs: at(2) }, 1, 3, false],
    ['not where it signed after its time', { notAfterMs: at(2) }, 3, 3, false],
    ['not where it is looked at before its time', { notBeforeMs: at(2) }, 1, 1, false],
    ['to the last millisecond, and not after', { notAfterMs: at(2) }, 1, 2, false],
  ];
  it.each(cases)(
    'or does not count by its dates: %s',
    async (_name, validity, madeAtDay, nowDay, expected) => {
      expect(await counts(validity, at(madeAtDay), at(nowDay))).toBe(expected);
    },
  );

  it('a moment before its end', async () => {
    expect(await counts({ notAfterMs: at(2) }, at(1), at(2) - 1)).toBe(true);
  });

  it("a controller's and an operator's key are held to their dates in the same way", async () => {
    const iat = Math.floor(START_MS / 1000);
    const keys = [{ ...KEYS.alice.publicJwk, notAfterMs: START_MS }];
    const keyring = keyringOf([{ name: 'alice', keys }]);
    const token = await tokenOf(
      'operator',
      { iss: 'alice', iat, exp: iat + 60, jti: 'a-token-of-test', method: '/m', sha256: 'A'.repeat(43) },
      KEYS.alice,
    );
    expect(await codeOf(claimsIn('operator', token, { keyring, nowMs: START_MS }))).toBe('TOKEN_EXPIRED');
  });
});
