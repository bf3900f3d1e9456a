import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  callRequestCodec,
  type RequestView,
  ROLLOUT_ACTIONS,
  type RolloutActionName,
} from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
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
import type { ProposalInput, SignableAction, SignedAction, SigningProposalJson } from '../../views/index.ts';
import { type ConsoleDeps, rpIdOf } from '../http/index.ts';
import type { Assertion } from './assertion.ts';
import type { OperatorApi } from './operator-api.ts';
import type { SignedIn } from './sessions.ts';

/** Actions that take a person's own signature; a session is not enough for them. */
export const SIGNED_ACTIONS = [
  'approve',
  'reject',
  'withdraw',
  'abort',
  'accept',
  'object',
  ...ROLLOUT_ACTIONS,
] as const satisfies readonly SignedAction[];

/** How long the token of a review or of an action on a rollout is valid, in seconds. */
const SHORT_LIFE_S = 600;

/** Checks {@link ProposalInput}. */
export const proposalInputSchema = z.strictObject({
  action: z.enum(SIGNED_ACTIONS),
  reason: z.string().max(1024).optional(),
  wave: z.int().min(0).max(10_000).optional(),
  only: z.array(z.enum(OUTCOME_NAMES)).min(1).max(OUTCOME_NAMES.length).optional(),
}) satisfies z.ZodType<ProposalInput, ProposalInput>;

/** What proposals are made of. */
export type ProposalDeps = Pick<ConsoleDeps, 'config' | 'trust' | 'clock'>;

/**
 * The token that a passkey of the signed-in person is asked to sign. Throws CONFLICT where they have no
 * passkey, REQUEST_EXPIRED, NOT_FOUND.
 *
 * Threat: nobody trusts this proposal. The page compares it with the bytes that it shows, and each host
 * verifies the finished token against the request and the trust bundle.
 */
export function proposeSigning(
  deps: ProposalDeps,
  { caller }: SignedIn,
  view: RequestView,
  input: ProposalInput,
): SigningProposalJson {
  const { action } = input;
  const subject = action === 'withdraw' ? withdrawalOf(view, caller.name) : { req: requestDigest(view) };
  return proposal(deps, { caller, action }, kid =>
    inputFor(deps, { view, kid, person: caller.name }, { ...input, subject }),
  );
}

/**
 * The token that a passkey of the signed-in requester is asked to sign over the bytes of their request.
 * Throws CONFLICT where they have no passkey. Nobody trusts this proposal either: see {@link proposeSigning}.
 */
export function proposeRequest(
  deps: ProposalDeps,
  { caller }: SignedIn,
  bytes: Uint8Array,
): SigningProposalJson {
  const { site, expiresAtMs } = callRequestCodec.decode(bytes);
  const iat = Math.floor(deps.clock.nowMs() / 1000);
  const exp = Math.ceil(expiresAtMs / 1000);
  const content = { iss: caller.name, site, iat, exp, req: digestText(sha256(bytes)) };
  return proposal(deps, { caller, action: 'request' }, kid => passkeySigningInput('request', content, kid));
}

/** What a passkey of `caller` that may do `action` is asked to sign; `inputOf` makes it for a key id. */
export function proposal(
  deps: ProposalDeps,
  { caller, action }: Pick<SignedIn, 'caller'> & { readonly action: SignableAction },
  inputOf: (kid: string) => string,
): SigningProposalJson {
  const passkeys = passkeysOf(deps, caller.name, action);
  const [first] = passkeys;
  if (!first)
    throw new FarcallError(
      'CONFLICT',
      `${caller.name} has no passkey for this console that may ${action}; ` +
        'the command line signs with a key from a file',
    );
  const kid = passkeys.find(each => each.kid === caller.kid)?.kid ?? first.kid;
  const signingInput = inputOf(kid);
  return {
    action,
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

/** What a token is about: a request, and for a withdrawal the decision that it takes back. */
interface Subject {
  readonly req: string;
  readonly token?: string;
  readonly exp?: number;
}

function inputFor(
  { trust, clock }: ProposalDeps,
  { view, kid, person }: Signer,
  { action, reason, wave, only, subject }: ProposalInput & { readonly subject: Subject },
): string {
  const iat = Math.floor(clock.nowMs() / 1000);
  const { id, expiresAtMs } = callRequestCodec.decode(view.request);
  const isReview = action === 'accept' || action === 'object';
  const isShort = isReview || isRolloutAction(action);
  const exp = isShort ? iat + SHORT_LIFE_S : (subject.exp ?? Math.ceil(expiresAtMs / 1000));
  if (exp <= iat) throw new FarcallError('REQUEST_EXPIRED', `request ${id} has expired`);
  const common = { iss: person, site: trust.site, iat, exp, req: subject.req };
  if (action === 'withdraw')
    return passkeySigningInput('withdrawal', { ...common, token: subject.token ?? '' }, kid);
  if (action === 'abort') return passkeySigningInput('abort', { ...common, reason: reason ?? '' }, kid);
  if (isReview)
    return passkeySigningInput('review', { ...common, verdict: action, reason: reason ?? '' }, kid);
  if (isRolloutAction(action)) {
    const about = { action, wave: wave ?? 0, reason: reason ?? '', ...(only && { only: [...only] }) };
    return passkeySigningInput('action', { ...common, jti: randomUUID(), ...about }, kid);
  }
  const decision = { ...common, decision: action, ...(reason ? { reason } : {}) };
  return passkeySigningInput('approval', decision, kid);
}

/** Passkeys of `person` for this console, with a role that may do `action`. */
export function passkeysOf(
  { trust, config }: Pick<ConsoleDeps, 'trust' | 'config'>,
  person: string,
  action?: SignableAction,
): { readonly kid: string; readonly credentialId: string }[] {
  const { requesters, approvers } = trust.current();
  const rpId = rpIdOf(config);
  const lists =
    action === 'request'
      ? [requesters]
      : action === undefined || action === 'abort' || isRolloutAction(action)
        ? [approvers, requesters]
        : [approvers];
  const keys = new Map(lists.flatMap(list => [...keyringOf(list)]));
  return [...keys].flatMap(([kid, { owner, passkey }]) =>
    owner === person && passkey?.rpId === rpId ? [{ kid, credentialId: passkey.credentialId }] : [],
  );
}

function isRolloutAction(action: SignableAction): action is RolloutActionName {
  return (ROLLOUT_ACTIONS as readonly string[]).includes(action);
}

function requestDigest(view: RequestView): string {
  return digestText(sha256(view.request));
}

/**
 * The decision of `person` that counts, as a withdrawal names it. The withdrawal must live as long as the
 * decision.
 */
function withdrawalOf(view: RequestView, person: string): Subject {
  const own = view.decisions.find(({ approver, withdrawn }) => approver === person && !withdrawn);
  if (!own) throw new FarcallError('NOT_FOUND', `${person} has not decided about this request`);
  const exp = Number(splitCanonicalToken(own.token).payload['exp']);
  return { req: requestDigest(view), token: tokenDigest(own.token), exp };
}

/** A proposal that a passkey has signed. */
export interface SignedProposal {
  readonly action: SignedAction;
  readonly signingInput: string;
  readonly assertion: Assertion['assertion'];
}

/** Makes a token of a signed request and hands both in. Throws what the operator API throws. */
export async function submitRequest(
  api: OperatorApi,
  request: Uint8Array,
  { signingInput, assertion }: Omit<SignedProposal, 'action'>,
): Promise<RequestView> {
  const token = passkeyToken(signingInput, { ...assertion, signature: withLowS(assertion.signature) });
  return api.call('createRequest', { request, token });
}

/** Makes a token of a signed proposal and submits it like any other. Throws what the operator API throws. */
export async function submitSigned(
  api: OperatorApi,
  id: string,
  { action, signingInput, assertion }: SignedProposal,
): Promise<RequestView> {
  const token = passkeyToken(signingInput, { ...assertion, signature: withLowS(assertion.signature) });
  if (action === 'abort') return api.call('abortRequest', { id, token });
  if (action === 'withdraw') return api.call('withdrawApproval', { id, token });
  if (action === 'accept' || action === 'object') return api.call('submitReview', { id, token });
  if (isRolloutAction(action)) return api.call('submitAction', { id, token });
  return api.call('submitApproval', { id, token });
}
