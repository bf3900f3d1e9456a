import { type CallRequest, PROTOCOL_VERSION } from '../../shared/messages/index.ts';
import {
  digestText,
  type SigningKey,
  sha256,
  type TokenContent,
  tokenDigest,
} from '../../shared/tokens/index.ts';
import { holderOf, KEYS, type Member, SITE, START_MS, tokenOf } from './cast.ts';

const HOUR_MS = 3_600_000;

/** One of the cast, or somebody of another name with a key that the test has. */
export type Signer = Member | { readonly name: string; readonly key: SigningKey };

/** The time at which something is said, {@link START_MS} unless told otherwise, and claims to replace. */
type Saying<C> = Partial<C> & { readonly nowMs?: number };

/** The name and the key of somebody. */
export function signerOf(by: Signer): { readonly name: string; readonly key: SigningKey } {
  return typeof by === 'string' ? { name: holderOf(by), key: KEYS[by] } : by;
}

/** A request of alice for hosts with env=test, which lives for an hour; `changes` replace its members. */
export function requestOf(changes: Partial<CallRequest> = {}): CallRequest {
  const { createdAtMs = START_MS } = changes;
  return {
    protocol: PROTOCOL_VERSION,
    id: 'req00001',
    requester: 'alice',
    program: '_printk("Hello")',
    selector: 'env=test',
    reason: 'a test',
    policy: 'standard',
    effect: 'call',
    createdAtMs,
    expiresAtMs: createdAtMs + HOUR_MS,
    timeoutMs: 1000,
    site: SITE,
    ...changes,
  };
}

/** The token by which somebody signs the request in these bytes as its requester; it outlives the request. */
export function requestTokenOf(
  by: Signer,
  requestBytes: Uint8Array,
  { nowMs = START_MS, ...changes }: Saying<TokenContent<'request'>> = {},
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  const req = digestText(sha256(requestBytes));
  return tokenOf('request', { iss, iat, exp: iat + 7 * 24 * 3600, req, ...changes }, key);
}

/** A token by which somebody approves the request in these bytes, for an hour. */
export function approvalOf(
  by: Signer,
  requestBytes: Uint8Array,
  { nowMs = START_MS, ...changes }: Saying<TokenContent<'approval'>> = {},
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  const req = digestText(sha256(requestBytes));
  return tokenOf('approval', { iss, iat, exp: iat + 3600, req, decision: 'approve', ...changes }, key);
}

/** A token by which somebody takes `token`, an approval or rejection of these bytes, back, for two hours. */
export function withdrawalOf(
  by: Signer,
  requestBytes: Uint8Array,
  { token, nowMs = START_MS, ...changes }: Saying<TokenContent<'withdrawal'>> & { readonly token: string },
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  const digests = { req: digestText(sha256(requestBytes)), token: digestText(sha256(Buffer.from(token))) };
  return tokenOf('withdrawal', { iss, iat, exp: iat + 7200, ...digests, ...changes }, key);
}

let actions = 0;

/** A token by which somebody acts on the rollout of the request in these bytes, for ten minutes. */
export function actionOf(
  by: Signer,
  requestBytes: Uint8Array,
  { nowMs = START_MS, ...changes }: Saying<TokenContent<'action'>> & Pick<TokenContent<'action'>, 'action'>,
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  const about = { jti: `action ${++actions}`, req: digestText(sha256(requestBytes)), wave: 0 };
  return tokenOf('action', { iss, iat, exp: iat + 600, ...about, reason: 'to see', ...changes }, key);
}

let locks = 0;

/** A token by which somebody locks `name`, for ten minutes. */
export function lockOf(
  by: Signer,
  {
    nowMs = START_MS,
    ...changes
  }: Saying<TokenContent<'lock'>> & Pick<TokenContent<'lock'>, 'what' | 'name'>,
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  const about = { jti: `the lock ${++locks}`, reason: 'stolen' };
  return tokenOf('lock', { iss, iat, exp: iat + 600, ...about, ...changes }, key);
}

/** A token by which somebody ends the lock that `token` has set, for ten minutes. */
export function unlockOf(
  by: Signer,
  { token, nowMs = START_MS, ...changes }: Saying<TokenContent<'unlock'>> & { readonly token: string },
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  const about = { lock: tokenDigest(token), reason: 'found' };
  return tokenOf('unlock', { iss, iat, exp: iat + 600, ...about, ...changes }, key);
}

/** A token by which somebody lets a held host go on, for ten minutes. */
export function acceptanceOf(
  by: Signer,
  {
    nowMs = START_MS,
    ...changes
  }: Saying<TokenContent<'hostAcceptance'>> & Pick<TokenContent<'hostAcceptance'>, 'host' | 'kid' | 'heldMs'>,
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  return tokenOf('hostAcceptance', { iss, iat, exp: iat + 600, reason: 'a backup', ...changes }, key);
}

/** A token by which somebody revokes an enrolment, for ten minutes. */
export function revocationOf(
  by: Signer,
  {
    nowMs = START_MS,
    ...changes
  }: Saying<TokenContent<'enrolmentRevocation'>> &
    Pick<TokenContent<'enrolmentRevocation'>, 'enrolment' | 'host'>,
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  return tokenOf('enrolmentRevocation', { iss, iat, exp: iat + 600, ...changes }, key);
}

/** A token by which somebody signs for the removal of `host`, which has the key `kid`, for an hour. */
export function hostRemovalOf(
  by: Signer,
  { nowMs = START_MS, ...changes }: Saying<TokenContent<'hostRemoval'>> & { host: string; kid: string },
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  return tokenOf('hostRemoval', { iss, iat, exp: iat + 3600, reason: 'was scrapped', ...changes }, key);
}

/** A token by which somebody signs for labels of `host`, which has the key `kid`, for an hour. */
export function hostLabelsOf(
  by: Signer,
  {
    nowMs = START_MS,
    ...changes
  }: Saying<TokenContent<'hostLabels'>> & Pick<TokenContent<'hostLabels'>, 'host' | 'kid' | 'labels'>,
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  const about = { number: 1, reason: 'became a database' };
  return tokenOf('hostLabels', { iss, iat, exp: iat + 3600, ...about, ...changes }, key);
}

/** A token by which somebody aborts the request in these bytes; it outlives the request. */
export function abortOf(
  by: Signer,
  requestBytes: Uint8Array,
  { nowMs = START_MS, ...changes }: Saying<TokenContent<'abort'>> = {},
): Promise<string> {
  const { name: iss, key } = signerOf(by);
  const iat = Math.floor(nowMs / 1000);
  const req = digestText(sha256(requestBytes));
  return tokenOf('abort', { iss, iat, exp: iat + 7200, req, reason: 'it hangs', ...changes }, key);
}
