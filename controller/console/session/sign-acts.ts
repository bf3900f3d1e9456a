import { z } from 'zod';
import { FarcallError } from '../../../shared/errors/index.ts';
import { callRequestCodec, type RequestView } from '../../../shared/messages/index.ts';
import {
  digestText,
  passkeyChallenge,
  passkeySigningInput,
  passkeyToken,
  sha256,
  splitCanonicalToken,
  tokenDigest,
  withLowS,
} from '../../../shared/tokens/index.ts';
import { keyringOf } from '../../../shared/trust/index.ts';
import { type ConsoleDeps, rpIdOf } from '../http/index.ts';
import type { Assertion } from './assertion.ts';
import type { Calls } from './calls.ts';
import type { SignedIn } from './sessions.ts';

/** What takes a person's own signature; being signed in is not enough for it. */
export const SIGNED_ACTS = ['approve', 'reject', 'withdraw', 'abort'] as const;

/** One of {@link SIGNED_ACTS}. */
export type SignedAct = (typeof SIGNED_ACTS)[number];

/** What somebody wants to sign. */
export const wishSchema = z.strictObject({
  act: z.enum(SIGNED_ACTS),
  reason: z.string().max(1024).optional(),
});

/** What a passkey is asked to sign: the page shows it, checks it against the request, and makes the challenge itself. */
export interface SigningProposal {
  readonly act: SignedAct;
  /** Header and claims of the token. */
  readonly signingInput: string;
  /** SHA-256 of that, base64url. */
  readonly challenge: string;
  readonly credentialIds: readonly string[];
  readonly rpId: string;
}

interface Wish {
  readonly act: SignedAct;
  readonly reason?: string | undefined;
}

type ProposalDeps = Pick<ConsoleDeps, 'config' | 'trust' | 'clock'>;

/**
 * The words for a passkey of whoever is signed in. Throws CONFLICT where he has none, REQUEST_EXPIRED, NOT_FOUND.
 *
 * Threat: none of this is trusted by whom it is for. The page holds it against the bytes it shows; each host verifies what comes of
 * it against the request and the trust bundle.
 */
export function proposeSigning(
  deps: ProposalDeps,
  { caller }: SignedIn,
  view: RequestView,
  { act, reason }: Wish,
): SigningProposal {
  const passkeys = passkeysOf(deps, caller.name, act);
  const [first] = passkeys;
  if (!first)
    throw new FarcallError(
      'CONFLICT',
      `${caller.name} has no passkey for this console that may ${act}; the command line signs with a key from a file`,
    );
  const kid = passkeys.find(each => each.kid === caller.kid)?.kid ?? first.kid;
  const said = act === 'withdraw' ? withdrawalOf(view, caller.name) : { req: requestDigest(view) };
  const signingInput = inputFor(deps, { view, kid, person: caller.name }, { act, reason, said });
  return {
    act,
    signingInput,
    challenge: Buffer.from(passkeyChallenge(signingInput)).toString('base64url'),
    credentialIds: passkeys.filter(each => each.kid === kid).map(({ credentialId }) => credentialId),
    rpId: rpIdOf(deps.config),
  };
}

interface Signer {
  readonly view: RequestView;
  readonly kid: string;
  readonly person: string;
}

function inputFor(
  { clock }: ProposalDeps,
  { view, kid, person }: Signer,
  {
    act,
    reason,
    said,
  }: Wish & { readonly said: { readonly req: string; readonly token?: string; readonly exp?: number } },
): string {
  const iat = Math.floor(clock.nowMs() / 1000);
  const { id, expiresAtMs } = callRequestCodec.decode(view.request);
  const exp = said.exp ?? Math.ceil(expiresAtMs / 1000);
  if (exp <= iat) throw new FarcallError('REQUEST_EXPIRED', `request ${id} is past its life`);
  const common = { iss: person, iat, exp, req: said.req };
  if (act === 'withdraw')
    return passkeySigningInput('withdrawal', { ...common, token: said.token ?? '' }, kid);
  if (act === 'abort') return passkeySigningInput('abort', { ...common, reason: reason ?? '' }, kid);
  const decision = { ...common, decision: act, ...(reason ? { reason } : {}) };
  return passkeySigningInput('approval', decision, kid);
}

/** Passkeys of `person` for this console, under the role that the act takes. */
export function passkeysOf(
  { trust, config }: Pick<ConsoleDeps, 'trust' | 'config'>,
  person: string,
  act?: SignedAct,
): { readonly kid: string; readonly credentialId: string }[] {
  const { requesters, approvers } = trust.current();
  const rpId = rpIdOf(config);
  const lists = act === undefined || act === 'abort' ? [approvers, requesters] : [approvers];
  const found = lists.flatMap(list => [...keyringOf(list)]);
  return [...new Map(found)].flatMap(([kid, { owner, passkey }]) =>
    owner === person && passkey?.rpId === rpId ? [{ kid, credentialId: passkey.credentialId }] : [],
  );
}

function requestDigest(view: RequestView): string {
  return digestText(sha256(view.request));
}

/** The decision of `person` that stands, as a withdrawal names it; it must live as long as that. */
function withdrawalOf(view: RequestView, person: string) {
  const own = view.decisions.find(({ approver, withdrawn }) => approver === person && !withdrawn);
  if (!own) throw new FarcallError('NOT_FOUND', `${person} has not decided about this request`);
  const exp = Number(splitCanonicalToken(own.token).payload['exp']);
  return { req: requestDigest(view), token: tokenDigest(own.token), exp };
}

/** What came back from the passkey, made into a token and handed in as any other. Throws what that throws. */
export async function handInSigned(
  calls: Calls,
  id: string,
  {
    act,
    signingInput,
    assertion,
  }: { readonly act: SignedAct; readonly signingInput: string } & Pick<Assertion, 'assertion'>,
): Promise<RequestView> {
  const token = passkeyToken(signingInput, { ...assertion, signature: withLowS(assertion.signature) });
  if (act === 'abort') return calls.call('abortRequest', { id, token });
  if (act === 'withdraw') return calls.call('withdrawApproval', { id, token });
  return calls.call('submitApproval', { id, token });
}
