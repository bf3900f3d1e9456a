import type { HostRemovalView } from '../../../shared/messages/index.ts';
import { passkeySigningInput, passkeyToken, TOKEN_KINDS, withLowS } from '../../../shared/tokens/index.ts';
import type { SigningProposalJson } from '../../views/index.ts';
import type { Assertion } from './assertion.ts';
import type { OperatorApi } from './operator-api.ts';
import type { SignedIn } from './sessions.ts';
import { type ProposalDeps, proposal } from './sign-actions.ts';

/**
 * The token that a passkey of the signed-in approver is asked to sign for the removal of a host. It counts
 * for a week, in which a second person can sign. Throws CONFLICT where they have no passkey.
 *
 * Threat: a session of an approver, stolen or of an unlocked desk, removes hosts. So it takes their passkey,
 * and like on the command line two people. Nobody trusts this proposal: the page compares it with the host
 * that it shows, and the controller verifies the finished token.
 */
export function proposeRemoval(
  deps: ProposalDeps,
  { caller }: SignedIn,
  { host, kid, reason }: Pick<HostRemovalView, 'host' | 'kid'> & { readonly reason: string },
): SigningProposalJson {
  const iat = Math.floor(deps.clock.nowMs() / 1000);
  const exp = iat + TOKEN_KINDS.hostRemoval.maxAgeS;
  const content = { iss: caller.name, site: deps.trust.site, iat, exp, host, kid, reason };
  return proposal(deps, { caller, action: 'remove-host' }, key =>
    passkeySigningInput('hostRemoval', content, key),
  );
}

/** Makes a token of a signed proposal and hands it in. Throws what the operator API throws. */
export async function submitRemoval(
  api: OperatorApi,
  host: string,
  { signingInput, assertion }: { readonly signingInput: string } & Pick<Assertion, 'assertion'>,
): Promise<HostRemovalView> {
  const token = passkeyToken(signingInput, { ...assertion, signature: withLowS(assertion.signature) });
  return api.call('removeHost', { host, token });
}
