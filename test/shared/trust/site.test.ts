import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type CallRequest, callRequestCodec } from '../../../shared/messages/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import {
  checkTrustBundle,
  countApprovals,
  evaluateBundle,
  readRootsFile,
  reopenBundle,
  rootsFileText,
  siteName,
  siteOf,
  type TrustBundle,
  verifyAbort,
} from '../../../shared/trust/index.ts';
import {
  BUNDLE,
  KEYS,
  OTHER_SITE,
  pinnedOf,
  ROOTS,
  rootsOf,
  SITE,
  START_MS,
  tokenOf,
} from '../../kit/cast.ts';
import { DRAFT } from '../../kit/controller-kit.ts';
import { rootSignature, signedBy } from '../../kit/keys/trust-kit.ts';

const folder = mkdtempSync(join(tmpdir(), 'farcall-site-'));
afterAll(() => rmSync(folder, { recursive: true }));

const iat = Math.floor(START_MS / 1000);
const times = { iat, exp: iat + 3600 };

function requestFor(site: string): { request: CallRequest; requestBytes: Uint8Array; req: string } {
  const { lifetimeMs, ...wanted } = DRAFT;
  const request: CallRequest = {
    ...{ ...wanted, protocol: 1, id: 'abcd', site, requester: 'alice' },
    ...{ createdAtMs: START_MS, expiresAtMs: START_MS + lifetimeMs },
  };
  const requestBytes = callRequestCodec.encode(request);
  return { request, requestBytes, req: digestText(sha256(requestBytes)) };
}

describe('the id of a site', () => {
  it('the id of a site is the SHA-256 of the canonical JSON of its first roots', () => {
    const hash = createHash('sha256').update(JSON.stringify(ROOTS)).digest('base64url');
    expect(siteOf(ROOTS)).toBe(hash);
  });

  it('the id of a site is another with another threshold, other roots or another label', () => {
    const sites = [
      ...[siteOf(ROOTS), siteOf({ ...ROOTS, threshold: 1 }), siteOf(rootsOf(2, 'rob', 'rose'))],
      ...[siteOf(ROOTS, 'lab'), siteOf(ROOTS, 'production')],
    ];
    expect(new Set(sites).size).toBe(sites.length);
  });

  it('the id of a site is shown by its label and its beginning', () => {
    expect(siteName({ site: SITE })).toBe(SITE.slice(0, 12));
    expect(siteName({ site: SITE, siteLabel: 'lab' })).toBe(`lab (${SITE.slice(0, 12)})`);
  });

  it('the id of a site stands in the file of roots, with the label', () => {
    const path = join(folder, 'roots.json');
    const bundle: TrustBundle = { ...BUNDLE, site: siteOf(ROOTS, 'lab'), siteLabel: 'lab' };
    writeFileSync(path, rootsFileText(bundle));
    expect(readRootsFile(path)).toEqual({ site: bundle.site, siteLabel: 'lab', ...ROOTS });
  });

  it.each([
    ['a file of roots without a site', ROOTS],
    ['a site that is cut off', { ...ROOTS, site: SITE.slice(0, 12) }],
  ])('%s is refused', (_what, content) => {
    const path = join(folder, 'wrong.json');
    writeFileSync(path, JSON.stringify(content));
    expect(() => readRootsFile(path)).toThrow(expect.objectContaining({ code: 'TRUST_INVALID' }));
  });

  it('a first bundle cannot take the id of another site', () => {
    expect(checkTrustBundle({ ...BUNDLE, version: 1 }).site).toBe(SITE);
    expect(() => checkTrustBundle({ ...BUNDLE, version: 1, site: OTHER_SITE })).toThrow(
      `its roots make it the site ${SITE.slice(0, 12)}, and it says ${OTHER_SITE.slice(0, 12)}`,
    );
  });
});

describe('a trust bundle of another site with the same roots and people', () => {
  const other: TrustBundle = { ...BUNDLE, version: 4, site: OTHER_SITE };

  it('a trust bundle of another site with the same roots and people is refused at first contact, with both sites named', async () => {
    await expect(evaluateBundle(signedBy(other), { pinned: pinnedOf(), current: undefined })).rejects.toThrow(
      `is for site ${OTHER_SITE.slice(0, 12)}, this is ${SITE.slice(0, 12)}`,
    );
  });

  it('a trust bundle of another site with the same roots and people does not take the place of a bundle in force', async () => {
    const current = await reopenBundle(signedBy(BUNDLE));
    await expect(evaluateBundle(signedBy(other), { pinned: pinnedOf(), current })).rejects.toMatchObject({
      code: 'TRUST_SIGNATURES',
    });
  });

  it('a trust bundle of another site with the same roots and people is refused also if its roots signed it for this site', async () => {
    const signatures = (['rob', 'rose'] as const).map(by => rootSignature(other, by, { site: SITE }));
    const signed = { ...signedBy(other), signatures };
    await expect(evaluateBundle(signed, { pinned: pinnedOf(), current: undefined })).rejects.toThrow(
      'signed by 0 of 2 needed roots of its own',
    );
  });

  it('a trust bundle of another site with the same roots and people stays out after the roots have changed: the site stays', async () => {
    const roots = rootsOf(2, 'rose', 'ruth');
    const next = signedBy({ ...BUNDLE, version: 4, roots }, 'rose', 'ruth');
    const verdict = await evaluateBundle(next, {
      pinned: pinnedOf(),
      current: await reopenBundle(signedBy(BUNDLE)),
    });
    expect(verdict).toMatchObject({ effect: 'newer', verified: { bundle: { site: SITE } } });
  });
});

describe('the people of two sites are the same', () => {
  const here = requestFor(SITE);
  const there = requestFor(OTHER_SITE);
  const approvals = (req: string, site: string): Promise<string[]> =>
    Promise.all(
      (['bob', 'carol'] as const).map(iss =>
        tokenOf('approval', { iss, site, ...times, req, decision: 'approve' }, KEYS[iss]),
      ),
    );

  it('approvals for the other site do not count, of the very same bytes either', async () => {
    const { req, ...about } = here;
    const tokens = await approvals(req, OTHER_SITE);
    const count = await countApprovals({
      ...{ ...about, approvals: tokens, withdrawals: [], bundle: BUNDLE, nowMs: START_MS },
    });
    expect(count).toMatchObject({
      approvers: [],
      discounted: Array(2).fill({ reason: expect.stringContaining('is for site') }),
    });
  });

  it('a request of the other site is refused with both sites named, whatever approvals it has', async () => {
    const { req, ...about } = there;
    const tokens = await approvals(req, SITE);
    await expect(
      countApprovals({ ...about, approvals: tokens, withdrawals: [], bundle: BUNDLE, nowMs: START_MS }),
    ).rejects.toMatchObject({
      code: 'SITE_OTHER',
      message: `request abcd: is for site ${OTHER_SITE.slice(0, 12)}, this is ${SITE.slice(0, 12)}`,
    });
  });

  it('a withdrawal for the other site withdraws nothing', async () => {
    const { req, ...about } = here;
    const [one = '', two = ''] = await approvals(req, SITE);
    const claims = { iss: 'bob', ...times, req, token: digestText(sha256(Buffer.from(one))) };
    const withdrawals = [await tokenOf('withdrawal', { ...claims, site: OTHER_SITE }, KEYS.bob)];
    const { approvers } = await countApprovals({
      ...{ ...about, approvals: [one, two], withdrawals, bundle: BUNDLE, nowMs: START_MS },
    });
    expect(approvers).toEqual(['bob', 'carol']);
  });

  it('an abort for the other site, or of a request of the other site, stops nothing', async () => {
    const abort = async ({ req, ...about }: ReturnType<typeof requestFor>, site: string) => {
      const token = await tokenOf('abort', { iss: 'bob', site, ...times, req, reason: 'stop' }, KEYS.bob);
      return verifyAbort({ ...about, token, bundle: BUNDLE, nowMs: START_MS });
    };
    await expect(abort(here, SITE)).resolves.toMatchObject({ by: 'bob' });
    await expect(abort(here, OTHER_SITE)).rejects.toMatchObject({ code: 'SITE_OTHER' });
    await expect(abort(there, SITE)).rejects.toMatchObject({ code: 'SITE_OTHER' });
  });
});
