import { beforeEach, describe, expect, it } from 'vitest';
import {
  operatorApi,
  proposeRemoval,
  type SignedIn,
  submitRemoval,
} from '../../../../controller/console/session/index.ts';
import type { SigningProposalJson } from '../../../../controller/views/index.ts';
import { bundleAt, HOSTS, KEYS, START_MS } from '../../../kit/cast.ts';
import { consoleDepsOf } from '../../../kit/console-deps-kit.ts';
import { codeOf, controllerParts, enrolAll } from '../../../kit/controller-kit.ts';
import { assertionBy, newPasskey } from '../../../kit/keys/passkey-kit.ts';

const CONFIG = {
  ...{ listen: '127.0.0.1:0', origin: 'https://console.example' },
  ...{ sessionMs: 8 * 3_600_000, idleMs: 900_000 },
};
const PASSKEYS = { bob: newPasskey(), carol: newPasskey() };
type Approver = keyof typeof PASSKEYS;

describe('the removal of a host at the console', () => {
  const approvers = (['bob', 'carol'] as const).map(name => ({
    name,
    keys: [KEYS[name].publicJwk, PASSKEYS[name].publicJwk],
  }));
  const { name: host, key } = HOSTS.one;
  let parts: ReturnType<typeof controllerParts> & { readonly config: typeof CONFIG };

  beforeEach(async () => {
    parts = { ...controllerParts(bundleAt(START_MS, { approvers })), config: CONFIG };
    await enrolAll(parts);
  });

  const signedIn = (name: Approver | 'alice', role = 'approver'): SignedIn => ({
    session: {
      id: '',
      person: name,
      kid: KEYS[name].kid,
      signInMethod: 'passkey',
      usedAtMs: START_MS,
      endsAtMs: START_MS,
    },
    caller: { name, kid: KEYS[name].kid, roles: new Set([role as 'approver']) },
    expiresAtMs: START_MS,
  });
  const proposed = (name: Approver | 'alice'): SigningProposalJson =>
    proposeRemoval(parts, signedIn(name), { host, kid: key.kid, reason: 'was scrapped' });
  const submitted = async (name: Approver, passkey: Approver = name, of = host) => {
    const proposal = proposed(name);
    const assertion = assertionBy(PASSKEYS[passkey], Buffer.from(proposal.challenge, 'base64url'));
    const api = operatorApi(consoleDepsOf(parts), signedIn(name).caller);
    return submitRemoval(api, of, { signingInput: proposal.signingInput, assertion });
  };

  it('the removal of a host at the console takes the passkeys of two approvers', async () => {
    expect(await submitted('bob')).toMatchObject({ needed: 2, others: ['carol'] });
    expect(await codeOf(submitted('bob'))).toBe('CONFLICT');
    expect((await submitted('carol')).removed).toBeDefined();
    expect(await parts.hostKeys.find(host)).toBeUndefined();
  });

  it('the removal of a host at the console is not signed by a session alone, another passkey, or for another host', async () => {
    expect(await codeOf(submitted('bob', 'carol'))).toMatch(/^TOKEN_/);
    expect(await codeOf(submitted('bob', 'bob', HOSTS.two.name))).toBe('TOKEN_CLAIMS');
    expect(() => proposed('alice')).toThrow('alice has no passkey for this console that may remove-host');
    expect(await parts.hostKeys.find(host)).toBeDefined();
  });
});
