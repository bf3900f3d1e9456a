import { expect, test } from 'vitest';
import type { SigningJson } from '../../../../controller/console/web/api/types.ts';
import { checkSigning } from '../../../../controller/console/web/signed/check-signing.ts';
import {
  digestText,
  passkeyChallenge,
  passkeySigningInput,
  sha256,
  type TokenContent,
} from '../../../../shared/tokens/index.ts';

const digest = sha256(Buffer.from('the bytes'));
const times = { iat: 1_700_000_000, exp: 1_700_003_600 };
const approval = { iss: 'bob', ...times, req: digestText(digest), decision: 'approve' } as const;
const expected = { act: 'approve', digest, person: 'bob', reason: undefined } as const;

function proposal(content: TokenContent<'approval'>, part: Partial<SigningJson> = {}): SigningJson {
  const signingInput = passkeySigningInput('approval', content, 'kid');
  const challenge = Buffer.from(passkeyChallenge(signingInput)).toString('base64url');
  return { act: 'approve', signingInput, challenge, credentialIds: [], rpId: 'localhost', ...part };
}

test('the words that were expected are signed, by a challenge made of them', async () => {
  const asked = proposal(approval);
  const { claims, challenge } = await checkSigning(asked, expected);
  expect(claims).toMatchObject({ typ: 'farcall-approval+jwt', ...approval });
  expect(Buffer.from(challenge).toString('base64url')).toBe(asked.challenge);
});

test.each([
  [
    'another request',
    { ...approval, req: digestText(sha256(Buffer.from('others'))) },
    'about another request',
  ],
  ['a rejection', { ...approval, decision: 'reject' as const }, 'it says reject'],
  ['another person', { ...approval, iss: 'carol' }, 'in the name of carol'],
  ['a reason of its own', { ...approval, reason: 'all is well' }, 'another reason: all is well'],
])('what a hostile controller words otherwise is not signed: %s', async (_what, content, problem) => {
  await expect(checkSigning(proposal(content), expected)).rejects.toThrow(problem);
});

test('a challenge that is not of the words shown is not signed', async () => {
  const other = Buffer.from(sha256(Buffer.from('else'))).toString('base64url');
  await expect(checkSigning(proposal(approval, { challenge: other }), expected)).rejects.toThrow(
    'not that of the text shown',
  );
});

test('an abort is not taken for an approval', async () => {
  const signingInput = passkeySigningInput(
    'abort',
    { iss: 'bob', ...times, req: digestText(digest), reason: 'r' },
    'kid',
  );
  const asked = { ...proposal(approval), signingInput };
  await expect(checkSigning(asked, expected)).rejects.toThrow('asks for farcall-abort+jwt');
});
