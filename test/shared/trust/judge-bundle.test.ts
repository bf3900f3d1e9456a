import { beforeAll, describe, expect, it } from 'vitest';
import type { SignedBundle } from '../../../shared/messages/index.ts';
import {
  encodeTrustBundle,
  evaluateBundle,
  reopenBundle,
  type TrustBundle,
  type VerifiedBundle,
} from '../../../shared/trust/index.ts';
import { BUNDLE, KEYS, keyOf, type Member, pinnedOf, rootsOf, tokenOf } from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import { rootSignature, signedBy } from '../../kit/keys/trust-kit.ts';

const version = (number: number, changes: Partial<TrustBundle> = {}): TrustBundle => ({
  ...BUNDLE,
  version: number,
  ...changes,
});
const with1 = (bundle: TrustBundle, ...signatures: string[]): SignedBundle => ({
  bundle: encodeTrustBundle(bundle),
  signatures,
});

describe('a bundle takes the place of the one before', () => {
  let current: VerifiedBundle;
  const judge = (signed: SignedBundle, standing = current) =>
    evaluateBundle(signed, { pinned: pinnedOf(), current: standing });
  const accepted = async (signed: SignedBundle, standing?: VerifiedBundle): Promise<VerifiedBundle> => {
    const verdict = await evaluateBundle(signed, { pinned: pinnedOf(), current: standing });
    if (verdict.effect !== 'newer') throw new Error('it is known');
    return verdict.verified;
  };

  beforeAll(async () => {
    current = await accepted(signedBy(BUNDLE));
  });

  it('a bundle takes the place of the one before where two of three roots signed it', async () => {
    const next = await accepted(signedBy(version(4)), current);
    expect(next.bundle).toEqual(version(4));
    expect(next.signers).toEqual(['rob', 'rose']);
  });

  it('a bundle is taken where versions between were not seen, as long as the roots are the same', async () => {
    expect((await judge(signedBy(version(99)))).effect).toBe('newer');
  });

  it('an expired bundle is taken: it leads to the next one', async () => {
    expect((await judge(signedBy(version(4, { issuedAtMs: 1, expiresAtMs: 2 })))).effect).toBe('newer');
  });

  it('a bundle takes the place of the one before, not where it is the same one, with whatever signatures', async () => {
    expect(await judge(signedBy(BUNDLE))).toEqual({ effect: 'known' });
    expect(await judge(with1(BUNDLE))).toEqual({ effect: 'known' });
  });

  it('a bundle takes the place of the one before, not where it is older', async () => {
    expect(await codeOf(judge(signedBy(version(2))))).toBe('TRUST_OLDER');
    expect(await codeOf(judge(with1(version(2))))).toBe('TRUST_SIGNATURES');
  });

  it('a bundle takes the place of the one before, not where it is another one of the same version, and both are signed', async () => {
    const other = version(3, { expiresAtMs: BUNDLE.expiresAtMs + 1 });
    expect(await codeOf(judge(signedBy(other)))).toBe('TRUST_EQUIVOCATION');
    expect(await codeOf(judge(with1(other)))).toBe('TRUST_SIGNATURES');
  });

  const four = version(4);
  const rob = rootSignature(four, 'rob');
  const tooFew: readonly [string, readonly string[], string][] = [
    ['no signature', [], 'by 0 of 2'],
    ['one signature', [rob], 'by 1 of 2'],
    ['one signature given twice', [rob, rob], 'rob: signed already'],
    [
      "one root's second signature",
      [rob, rootSignature({ ...four, issuedAtMs: 5 }, 'rob', { bytes: encodeTrustBundle(four) })],
      'rob: signed already',
    ],
    ['a stranger', [rob, rootSignature(four, 'eve')], 'no trusted key'],
    ["a stranger in a root's name", [rob, rootSignature(four, 'eve', { iss: 'rose' })], 'no trusted key'],
    [
      "a root in another root's name",
      [rob, rootSignature(four, 'rob', { iss: 'rose' })],
      "rob's key in the name of rose",
    ],
    ['signatures of the version before', signedBy(BUNDLE).signatures, 'is for other bytes'],
    [
      'a signature for another version of these bytes',
      [rob, rootSignature(four, 'rose', { version: 5 })],
      'is for version 5',
    ],
    [
      'a signature over other bytes',
      [rob, rootSignature(four, 'rose', { bytes: encodeTrustBundle(BUNDLE) })],
      'is for other bytes',
    ],
    [
      'a token of another kind',
      [rob, rootSignature(four, 'rose', { typ: 'farcall-approval+jwt' })],
      'is in the place of one of type farcall-trust+jwt',
    ],
    [
      'a token for another audience',
      [rob, rootSignature(four, 'rose', { aud: 'farcall-host' })],
      'the audience must be farcall-trust',
    ],
    ['rubbish', [rob, 'a.b.c', 'rubbish'], 'not canonical base64url'],
    ['a signature cut short', [rob, rootSignature(four, 'rose').slice(0, -4)], 'rose'],
  ];
  it.each(tooFew)(
    'a bundle takes the place of the one before, not with %s',
    async (_name, signatures, reason) => {
      const judged = judge(with1(four, ...signatures));
      await expect(judged).rejects.toMatchObject({ code: 'TRUST_SIGNATURES' });
      if (reason !== 'rose') await expect(judged).rejects.toThrow(reason);
    },
  );

  it('a bundle takes the place of the one before, not with signatures of enough roots who signed these bytes as another version', async () => {
    const signatures = (['rob', 'rose'] as const).map(by => rootSignature(four, by, { version: 5 }));
    await expect(judge(with1(four, ...signatures))).rejects.toMatchObject({ code: 'TRUST_SIGNATURES' });
  });

  it('nothing in a bundle is read before enough roots have signed it', async () => {
    const rubbish = Buffer.from('not JSON at all');
    const unsigned = judge({ bundle: rubbish, signatures: [] });
    expect(await codeOf(unsigned)).toBe('TRUST_SIGNATURES');
    const signatures = (['rob', 'rose'] as const).map(by => rootSignature(four, by, { bytes: rubbish }));
    expect(await codeOf(judge({ bundle: rubbish, signatures }))).toBe('TRUST_INVALID');
  });

  it('a bundle takes the place of the one before, whatever else lies beside the signatures that count', async () => {
    const signatures = ['rubbish', rob, rob, rootSignature(four, 'eve'), rootSignature(four, 'ruth')];
    expect((await judge(with1(four, ...signatures))).effect).toBe('newer');
  });

  it('a bundle takes the place of the one before, not with two keys of one person', async () => {
    const [robKey, rob2Key] = [KEYS.rob.publicJwk, KEYS.rob2.publicJwk];
    const members = [{ name: 'rob', keys: [robKey, rob2Key] }, ...rootsOf(1, 'rose').members];
    const roots = { threshold: 2, members };
    const both = { ...BUNDLE, roots };
    const verdict = evaluateBundle(signedBy(both, 'rob', 'rob2'), {
      pinned: pinnedOf(roots),
      current: undefined,
    });
    await expect(verdict).rejects.toThrow('signed by 1 of 2');
    const fine = evaluateBundle(signedBy(both, 'rob2', 'rose'), {
      pinned: pinnedOf(roots),
      current: undefined,
    });
    expect((await fine).effect).toBe('newer');
  });

  it('a bundle takes the place of the one before, not by a token that our own module made for a key that is no root', async () => {
    const key = keyOf('stranger');
    const forged = await tokenOf('trust', { iss: 'rose', iat: 1, version: 4, sha256: 'A'.repeat(43) }, key);
    expect(await codeOf(judge(with1(four, rob, forged)))).toBe('TRUST_SIGNATURES');
  });
});

describe('roots change', () => {
  const NEW = rootsOf(2, 'rose', 'ruth', 'rick');
  const judge = (signed: SignedBundle, current: VerifiedBundle | undefined) =>
    evaluateBundle(signed, { pinned: pinnedOf(), current });
  const rotation = (...by: Member[]) => signedBy(version(4, { roots: NEW }), ...by);
  let current: VerifiedBundle;
  beforeAll(async () => {
    current = await reopenBundle(signedBy(BUNDLE));
  });

  it('roots change by the threshold of the old roots and that of the new', async () => {
    expect((await judge(rotation('rob', 'rose', 'rick'), current)).effect).toBe('newer');
    expect((await judge(rotation('rose', 'ruth'), current)).effect).toBe('newer');
  });

  it('roots change, not by the old roots alone: nobody names roots who do not hold their keys', async () => {
    await expect(judge(rotation('rob', 'rose'), current)).rejects.toThrow('1 of 2 needed roots of its own');
  });

  it('roots change, not by the new roots alone', async () => {
    await expect(judge(rotation('rose', 'rick'), current)).rejects.toThrow(
      '1 of 2 needed roots; not counted',
    );
  });

  it('one change after the other: none is skipped', async () => {
    const third = signedBy(version(5, { roots: rootsOf(2, 'rick', 'eve') }), 'rose', 'ruth', 'rick', 'eve');
    const afterNew = signedBy(version(6, { roots: rootsOf(2, 'rick', 'eve') }), 'rick', 'eve');
    expect(await codeOf(judge(afterNew, current))).toBe('TRUST_SIGNATURES');
    let standing = current;
    for (const step of [rotation('rose', 'ruth'), third, afterNew]) {
      const verdict = await judge(step, standing);
      if (verdict.effect === 'newer') standing = verdict.verified;
    }
    expect(standing.bundle.version).toBe(6);
    expect(await codeOf(judge(signedBy(version(7)), standing))).toBe('TRUST_SIGNATURES');
  });

  it('a lower threshold of the new roots does not count for the old', async () => {
    const lax = version(4, { roots: rootsOf(1, 'rob') });
    expect(await codeOf(judge(signedBy(lax, 'rob'), current))).toBe('TRUST_SIGNATURES');
  });

  it('what was pinned at first counts no more', async () => {
    const verdict = await judge(rotation('rose', 'ruth'), current);
    if (verdict.effect !== 'newer') throw new Error('known');
    const byOldRoots = signedBy(version(5), 'rob', 'rose');
    expect(await codeOf(judge(byOldRoots, verdict.verified))).toBe('TRUST_SIGNATURES');
  });

  it('a host that pins the new roots takes a bundle of theirs, and none of the old', async () => {
    const standing = { pinned: pinnedOf(NEW), current: undefined };
    expect(await codeOf(evaluateBundle(signedBy(BUNDLE, 'rob', 'rose'), standing))).toBe('TRUST_SIGNATURES');
    expect((await evaluateBundle(rotation('rose', 'ruth'), standing)).effect).toBe('newer');
  });
});
