import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BUNDLE_LIMIT_BYTES, type SignedBundle } from '../../../shared/messages/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import {
  bundleFileText,
  decodeTrustBundle,
  encodeTrustBundle,
  evaluateBundle,
  outsideScope,
  parseBundleFile,
  readBundleFile,
  readRootsFile,
  reopenBundle,
  rootsFileText,
  type Scope,
  type TrustBundle,
} from '../../../shared/trust/index.ts';
import { countRootSignatures, signBundle, signedVersion } from '../../../shared/trust/root-signatures.ts';
import { isVerifiedBundle } from '../../../shared/trust/verify-bundle.ts';
import {
  BUNDLE,
  bundleAt,
  KEYS,
  OTHER_SITE,
  pinnedOf,
  ROOTS,
  rootsOf,
  SITE,
  START_MS,
} from '../../kit/cast.ts';
import { codeOf } from '../../kit/controller-kit.ts';
import { requestOf } from '../../kit/decisions.ts';
import { rootSignature, signedBy } from '../../kit/keys/trust-kit.ts';

const INVALID = { code: 'TRUST_INVALID' };

describe('what a machine was told is the newest bundle', () => {
  const signed = signedBy(BUNDLE);
  const digest = digestText(sha256(signed.bundle));
  const judged = (version: number, expected = digest) =>
    evaluateBundle(signed, { pinned: pinnedOf(), current: undefined, least: { version, digest: expected } });

  it('what a machine was told is the newest bundle, or a newer one, is taken', async () => {
    expect((await judged(3)).effect).toBe('newer');
    expect((await judged(2, 'A'.repeat(43))).effect).toBe('newer');
  });

  it('a bundle that is older than what a machine was told, or another one of that version, is refused', async () => {
    expect(await codeOf(judged(4))).toBe('TRUST_OLDER');
    expect(await codeOf(judged(3, 'A'.repeat(43)))).toBe('TRUST_EQUIVOCATION');
  });
});

describe('a bundle that was verified', () => {
  it('a bundle that was verified is told from one that looks like it', async () => {
    const verified = await reopenBundle(signedBy(BUNDLE));
    expect(isVerifiedBundle(verified)).toBe(true);
    expect(isVerifiedBundle({ ...verified })).toBe(false);
    expect(verified.digest).toEqual(sha256(signedBy(BUNDLE).bundle));
  });

  it('a bundle is not verified by too few of its own roots', async () => {
    await expect(reopenBundle(signedBy(BUNDLE, 'rob'))).rejects.toMatchObject({
      code: 'TRUST_SIGNATURES',
      message: 'trust bundle 3 is signed by 1 of 2 needed roots of its own',
    });
  });
});

describe('signatures of roots', () => {
  const bytes = encodeTrustBundle(BUNDLE);
  const content = { site: SITE, bytes };

  it('signatures of roots are made over site, version and bytes', async () => {
    const by = (name: 'rob' | 'rose') => ({ name, key: KEYS[name], nowMs: START_MS });
    const signatures = [
      await signBundle({ ...content, version: 3 }, by('rose')),
      await signBundle({ ...content, version: 3 }, by('rob')),
    ];
    expect(await countRootSignatures({ ...content, version: 3, signatures }, ROOTS)).toEqual({
      ...{ signers: ['rob', 'rose'], discounted: [], threshold: 2 },
    });
    const claims = JSON.parse(Buffer.from(signatures[0]!.split('.')[1]!, 'base64url').toString());
    expect(claims.iat).toBe(START_MS / 1000);
  });

  it('the version that enough roots signed is the one that counts, where they signed several for the same bytes', async () => {
    const sign = (by: 'rob' | 'rose' | 'ruth', version: number) => rootSignature(BUNDLE, by, { version });
    const signatures = [sign('ruth', 9), sign('rob', 3), sign('rose', 3)];
    expect(await signedVersion({ ...content, signatures }, ROOTS)).toBe(3);
    const three = rootsOf(3, 'rob', 'rose', 'ruth');
    await expect(signedVersion({ ...content, signatures }, three)).rejects.toThrow(
      /by 2 of 3 needed roots; not/,
    );
    await expect(signedVersion({ ...content, signatures: [] }, ROOTS)).rejects.toThrow(
      /by 0 of 2 needed roots$/,
    );
    const many = Array.from({ length: 12 }, () => 'rubbish');
    await expect(signedVersion({ ...content, signatures: many }, ROOTS)).rejects.toThrow(
      /not counted: (one: [^;]*; ){7}one: [^;]*$/,
    );
  });

  it('a signature that cannot be read at all is a fault', async () => {
    await expect(signedVersion({ ...content, signatures: [undefined as never] }, ROOTS)).rejects.toThrow(
      TypeError,
    );
  });
});

describe('bytes of a bundle', () => {
  const bytes = Buffer.from(encodeTrustBundle(BUNDLE));

  it('bytes of a bundle are UTF-8 without a mark, in JSON', () => {
    for (const wrong of [
      Buffer.concat([Buffer.from('\ufeff'), bytes]),
      Buffer.concat([bytes.subarray(0, -1), Buffer.of(0xff, 0x7d)]),
      bytes.subarray(0, -1),
    ])
      expect(() => decodeTrustBundle(wrong)).toThrow(
        expect.objectContaining({ ...INVALID, message: 'trust bundle: not JSON' }),
      );
  });

  it('bytes of a bundle are refused one over the limit, before they are read', () => {
    expect(() => decodeTrustBundle(new Uint8Array(BUNDLE_LIMIT_BYTES + 1))).toThrow(/over the limit/);
    expect(() => decodeTrustBundle(new Uint8Array(BUNDLE_LIMIT_BYTES))).toThrow(/not JSON/);
  });
});

describe('files of a bundle and of roots', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-trust-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const written = (text: string): string => {
    const path = join(folder, 'file.json');
    writeFileSync(path, text);
    return path;
  };

  it('files of a bundle and of roots are read as they were written', () => {
    const { signatures } = signedBy(BUNDLE);
    expect(readBundleFile(written(bundleFileText(BUNDLE, signatures)))).toMatchObject({ bundle: BUNDLE });
    expect(readRootsFile(written(rootsFileText({ site: SITE, roots: ROOTS })))).toEqual(pinnedOf());
  });

  it('files that are not there cannot be read', () => {
    const nowhere = join(folder, 'nowhere');
    for (const read of [readBundleFile, readRootsFile])
      expect(() => read(nowhere)).toThrow(
        expect.objectContaining({ code: 'FILE_UNREADABLE', message: expect.stringContaining(nowhere) }),
      );
  });

  it.each(['[]', 'null', '7', '"x"'])('a file of a bundle is no %s', text => {
    expect(() => parseBundleFile(text, 'f')).toThrow(
      expect.objectContaining({ ...INVALID, message: 'f: not a JSON object' }),
    );
  });

  it('a file of a bundle is JSON of limited length, with signatures that are text', () => {
    expect(() => parseBundleFile('{', 'f')).toThrow(
      expect.objectContaining({ ...INVALID, message: 'f: not JSON' }),
    );
    const limit = 4 * BUNDLE_LIMIT_BYTES;
    expect(() => parseBundleFile(`{${' '.repeat(limit)}`, 'f')).toThrow(/f: over \d+ characters/);
    expect(() => parseBundleFile(`{${' '.repeat(limit - 2)}}`, 'f')).not.toThrow(/characters/);
    const odd = JSON.stringify({ bundle: BUNDLE, signatures: [7] });
    expect(() => parseBundleFile(odd, 'f')).toThrow(expect.objectContaining(INVALID));
    const more = JSON.stringify({ bundle: BUNDLE, signatures: [], more: 1 });
    expect(() => parseBundleFile(more, 'f')).toThrow(/unknown member 'more'/);
  });

  it('a file of roots that can never reach their threshold is refused', () => {
    const path = written(rootsFileText({ site: SITE, roots: { ...ROOTS, threshold: 4 } }));
    expect(() => readRootsFile(path)).toThrow(
      expect.objectContaining({
        ...INVALID,
        message: `${path}: roots.threshold: 4 can never be reached with 3 roots`,
      }),
    );
  });
});

describe('rules of emergencies', () => {
  const bundle = (call: number, write: number, reviewers: number): Partial<TrustBundle> => ({
    thresholds: { ...BUNDLE.thresholds, emergency: { read: 1, call, write } },
    emergency: { reviewWithinMs: 3_600_000, reviewers },
  });

  it('rules of emergencies leave enough people who were not in it', () => {
    for (const [call, write, reviewers] of [
      [1, 2, 1],
      [1, 1, 2],
      [2, 2, 1],
    ] as const)
      expect(() => bundleAt(START_MS, bundle(call, write, reviewers))).not.toThrow();
    expect(() => bundleAt(START_MS, bundle(1, 2, 2))).toThrow(/2 can never be reached; 1 approvers are left/);
    expect(() => bundleAt(START_MS, bundle(2, 3, 1))).toThrow(/1 can never be reached; 0 approvers are left/);
  });

  it('rules of emergencies need thresholds for them', () => {
    const { emergency } = bundle(1, 1, 1);
    expect(() => bundleAt(START_MS, { ...(emergency && { emergency }) })).toThrow(
      /no thresholds for the policy/,
    );
  });
});

describe('rules of scopes', () => {
  const teams = [
    { name: 'kernel', members: ['bob'] },
    { name: 'db', members: ['carol'] },
  ];
  const refused = (scope: Scope) => () => bundleAt(START_MS, { teams, scopes: [scope] });

  it.each<[string, Scope, string]>([
    ['a stranger', { may: 'approve', person: 'eve' }, 'scopes.0: eve is none of the approvers'],
    [
      'an approver as a requester',
      { may: 'request', person: 'bob' },
      'scopes.0: bob is none of the requesters',
    ],
    ['no such team', { may: 'approve', team: 'web' }, 'scopes.0: there is no team web'],
    ['nobody', { may: 'approve' }, 'scopes.0: it must name one person or one team'],
    ['two', { may: 'approve', person: 'bob', team: 'db' }, 'scopes.0: it must name one person or one team'],
    [
      'a fact of hosts',
      { may: 'approve', person: 'bob', hosts: 'arch=x86_64' },
      "scopes.0: hosts: 'arch' is a",
    ],
    ['no selector', { may: 'approve', person: 'bob', hosts: 'env==(' }, 'scopes.0: hosts: '],
  ])('rules of scopes refuse a scope of %s', (_what, scope, why) => {
    expect(refused(scope)).toThrow(
      expect.objectContaining({ ...INVALID, message: expect.stringContaining(why) }),
    );
  });

  it('rules of scopes take names of hosts and labels', () => {
    expect(refused({ may: 'approve', team: 'db', hosts: 'host=db-*, env=prod' })).not.toThrow();
    expect(refused({ may: 'approve', person: 'alice', hosts: 'host=db-1' })).not.toThrow();
  });

  it('a scope of one team is not one of another', () => {
    const scopes: Scope[] = [{ may: 'approve', team: 'db', effects: ['read'] }];
    const outside = (person: string) =>
      outsideScope({ teams, scopes }, { person, may: 'approve' }, { request: requestOf() });
    expect(outside('carol')).toBe('the effect call is outside their scope');
    expect(outside('bob')).toBeUndefined();
    expect(
      outsideScope({ scopes }, { person: 'carol', may: 'approve' }, { request: requestOf() }),
    ).toBeUndefined();
  });

  it('a function is covered by one pattern of several', () => {
    const scopes: Scope[] = [{ may: 'approve', person: 'bob', functions: ['get_*', 'put_*'] }];
    const outside = (...callees: string[]) =>
      outsideScope({ scopes }, { person: 'bob', may: 'approve' }, { request: requestOf(), callees });
    expect(outside('get_int', 'put_int')).toBeUndefined();
    expect(outside('get_int', 'panic')).toBe('the function panic is outside their scope');
    expect(
      outsideScope({ scopes }, { person: 'bob', may: 'approve' }, { request: requestOf() }),
    ).toBeUndefined();
  });

  it('a scope without hosts covers every host, and one with hosts limits nothing as long as no host is named', () => {
    const hosts = [{ host: 'a', labels: {} }];
    const request = requestOf();
    const outside = (scope: Partial<Scope>, act: object) =>
      outsideScope(
        { scopes: [{ may: 'approve', person: 'bob', ...scope }] },
        { person: 'bob', may: 'approve' },
        { request, ...act },
      );
    expect(outside({}, { hosts })).toBeUndefined();
    expect(outside({ hosts: 'env=prod' }, {})).toBeUndefined();
    expect(outside({ hosts: 'env=prod' }, { hosts })).toBe(
      'a is outside their scope, which is hosts env=prod',
    );
    expect(outside({ hosts: 'env=prod' }, { hosts: [] })).toBeUndefined();
  });
});

describe('a bundle that its roots signed twice', () => {
  const signedAs = (
    bundle: TrustBundle,
    ...changes: Parameters<typeof rootSignature>[2][]
  ): SignedBundle => ({
    bundle: encodeTrustBundle(bundle),
    signatures: changes.flatMap(each => [
      rootSignature(bundle, 'rob', each),
      rootSignature(bundle, 'rose', each),
    ]),
  });
  const judged = (signed: SignedBundle) => evaluateBundle(signed, { pinned: pinnedOf(), current: undefined });

  it('a bundle that its roots signed for this site and for the other, which it names, is refused', async () => {
    const elsewhere = { ...BUNDLE, site: OTHER_SITE };
    expect(await codeOf(judged(signedAs(elsewhere, { site: SITE }, { site: OTHER_SITE })))).toBe(
      'SITE_OTHER',
    );
    expect(await codeOf(judged(signedAs(elsewhere, { site: OTHER_SITE })))).toBe('TRUST_SIGNATURES');
  });

  it('a bundle that its roots signed as its own version and as another is refused', async () => {
    await expect(judged(signedAs(BUNDLE, { version: 5 }, { version: 3 }))).rejects.toMatchObject({
      code: 'TRUST_SIGNATURES',
      message: 'the roots signed this as trust bundle 5, and it says that it is version 3',
    });
  });
});
