import { expect, test } from 'vitest';
import { checkRemoval } from '../../../../controller/console/web/signed/check-removal.ts';
import { passkeyChallenge, passkeySigningInput, type TokenContent } from '../../../../shared/tokens/index.ts';
import { KEYS, OTHER_SITE, SITE } from '../../../kit/cast.ts';

const times = { iat: 1_700_000_000, exp: 1_700_003_600 };
const about = { host: 'web-1', kid: KEYS.eve.kid, site: SITE, reason: 'was scrapped' };
const expected = { ...about, person: 'bob' };

function proposed(changes: Partial<TokenContent<'hostRemoval'>> = {}) {
  const signingInput = passkeySigningInput(
    'hostRemoval',
    { iss: 'bob', ...times, ...about, ...changes },
    'kid',
  );
  const challenge = Buffer.from(passkeyChallenge(signingInput)).toString('base64url');
  return { action: 'remove-host' as const, signingInput, challenge, credentialIds: [], rpId: 'localhost' };
}

test('the removal of the host that the page shows is signed, with a challenge computed from it', async () => {
  const proposal = proposed();
  const challenge = await checkRemoval(proposal, expected);
  expect(Buffer.from(challenge).toString('base64url')).toBe(proposal.challenge);
});

test.each([
  ['another host', { host: 'web-2' }, 'about the host web-2'],
  ['another machine of that name', { kid: KEYS.mallory.kid }, 'another machine'],
  ['another site', { site: OTHER_SITE }, 'for another site'],
  ['another person', { iss: 'carol' }, 'in the name of carol'],
  ['another reason', { reason: 'all is well' }, 'another reason: all is well'],
])('a removal that a hostile controller changed is not signed: %s', async (_what, changes, problem) => {
  await expect(checkRemoval(proposed(changes), expected)).rejects.toThrow(problem);
});

test('a removal is not signed by a challenge of another text, or as a token of another kind', async () => {
  const { challenge } = proposed({ host: 'web-2' });
  await expect(checkRemoval({ ...proposed(), challenge }, expected)).rejects.toThrow('does not belong');
  const content = { iss: 'bob', site: SITE, ...times, req: 'A'.repeat(43), reason: 'was scrapped' };
  const signingInput = passkeySigningInput('abort', content, 'kid');
  await expect(checkRemoval({ ...proposed(), signingInput }, expected)).rejects.toThrow('farcall-abort+jwt');
});
