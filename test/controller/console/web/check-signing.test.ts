import { expect, test } from 'vitest';
import { checkSigning } from '../../../../controller/console/web/signed/check-signing.ts';
import type { SigningProposalJson } from '../../../../controller/views/index.ts';
import {
  digestText,
  passkeyChallenge,
  passkeySigningInput,
  sha256,
  type TokenContent,
} from '../../../../shared/tokens/index.ts';
import { SITE } from '../../../kit/cast.ts';

const digest = sha256(Buffer.from('the bytes'));
const times = { iat: 1_700_000_000, exp: 1_700_003_600 };
const approval = { iss: 'bob', site: SITE, ...times, req: digestText(digest), decision: 'approve' } as const;
const expected = { action: 'approve', digest, site: SITE, person: 'bob', reason: undefined } as const;

function proposal(
  content: TokenContent<'approval'>,
  part: Partial<SigningProposalJson> = {},
): SigningProposalJson {
  const signingInput = passkeySigningInput('approval', content, 'kid');
  const challenge = Buffer.from(passkeyChallenge(signingInput)).toString('base64url');
  return { action: 'approve', signingInput, challenge, credentialIds: [], rpId: 'localhost', ...part };
}

test('a token with the expected claims is signed, with a challenge computed from it', async () => {
  const proposed = proposal(approval);
  const { claims, challenge } = await checkSigning(proposed, expected);
  expect(claims).toMatchObject({ typ: 'farcall-approval+jwt', ...approval });
  expect(Buffer.from(challenge).toString('base64url')).toBe(proposed.challenge);
});

test.each([
  [
    'another request',
    { ...approval, req: digestText(sha256(Buffer.from('others'))) },
    'about another request',
  ],
  ['a rejection', { ...approval, decision: 'reject' as const }, 'it says reject'],
  ['another site', { ...approval, site: digestText(sha256(Buffer.from('lab'))) }, 'for another site'],
  ['another person', { ...approval, iss: 'carol' }, 'in the name of carol'],
  ['a reason of its own', { ...approval, reason: 'all is well' }, 'another reason: all is well'],
])('a token that a hostile controller changed is not signed: %s', async (_what, content, problem) => {
  await expect(checkSigning(proposal(content), expected)).rejects.toThrow(problem);
});

test('a challenge that was not computed from the text shown is not signed', async () => {
  const other = Buffer.from(sha256(Buffer.from('else'))).toString('base64url');
  await expect(checkSigning(proposal(approval, { challenge: other }), expected)).rejects.toThrow(
    'does not belong to the text shown',
  );
});

test('an abort is not signed as an approval', async () => {
  const signingInput = passkeySigningInput(
    'abort',
    { iss: 'bob', site: SITE, ...times, req: digestText(digest), reason: 'r' },
    'kid',
  );
  const proposed = { ...proposal(approval), signingInput };
  await expect(checkSigning(proposed, expected)).rejects.toThrow('asks for farcall-abort+jwt');
});
