import type { SignedBundle } from '../../shared/messages/index.ts';
import {
  abortEnvelopeCodec,
  type CallRequest,
  callRequestCodec,
  orderEnvelopeCodec,
} from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import { type Slice, WHOLE } from '../../shared/targets/index.ts';
import { digestText, sha256, type TokenContent } from '../../shared/tokens/index.ts';
import type { TrustBundle } from '../../shared/trust/index.ts';
import { bundleAt, entryOf, KEYS, type Member, tokenOf } from './cast.ts';
import { abortOf, approvalOf, requestOf, requestTokenOf, withdrawalOf } from './decisions.ts';
import { signedBy } from './keys/trust-kit.ts';

type AbortClaims = TokenContent<'abort'>;

const HOUR_MS = 3_600_000;

/** What to change in an order that is otherwise right. */
export interface OrderChanges {
  readonly request?: Partial<CallRequest>;
  /** Bytes instead of the encoded request. */
  readonly requestBytes?: Uint8Array;
  readonly attempt?: number;
  readonly wave?: number;
  readonly only?: readonly Outcome[];
  readonly slice?: Slice;
  readonly jti?: string;
  /** Whose key signs the order, and in whose name. */
  readonly orderBy?: Member;
  readonly iss?: string;
  readonly iatMs?: number;
  readonly lifeMs?: number;
  readonly nbfMs?: number;
  readonly trustVersion?: number;
  /** Digest in the order, where it is to be wrong. */
  readonly req?: string;
  readonly approvers?: readonly Member[];
  /** Tokens instead of those of `approvers`. */
  readonly approvals?: readonly string[];
  readonly withdrawals?: readonly string[];
  /** A token instead of that of alice over the request. */
  readonly requestToken?: string;
}

/** An order and what went into it. */
export interface MadeOrder {
  readonly envelope: Uint8Array;
  readonly requestBytes: Uint8Array;
  readonly requestDigest: Uint8Array;
  readonly request: CallRequest;
  readonly attempt: number;
}

/** Everything that it takes to make orders with real cryptography. */
export interface OrderKit {
  readonly bundle: TrustBundle;
  /** The bundle as the roots of test/kit signed it. */
  readonly signedBundle: SignedBundle;
  order(changes?: OrderChanges): Promise<MadeOrder>;
  approval(by: Member, requestBytes: Uint8Array, decision?: 'approve' | 'reject'): Promise<string>;
  /** Takes `token`, an approval or rejection of these bytes, back. */
  withdrawal(by: Member, requestBytes: Uint8Array, token: string): Promise<string>;
  /** The envelope of an abort of these bytes. */
  abort(by: Member, requestBytes: Uint8Array, claims?: Partial<AbortClaims>): Promise<Uint8Array>;
}

let lastRequest = 0;

function nextId(): string {
  lastRequest++;
  return `req${String(lastRequest).padStart(5, '0')}`;
}

/**
 * A kit at the time `nowMs`, with the people of the cast; bob has two keys.
 */
export function orderKit(nowMs: number): OrderKit {
  const bundle = bundleAt(nowMs, {
    version: 1,
    expiresAtMs: nowMs + 24 * HOUR_MS,
    approvers: [entryOf('alice'), entryOf('bob', 'bob2'), entryOf('carol')],
  });
  const seconds = (ms: number) => Math.floor(ms / 1000);
  const kit: OrderKit = {
    bundle,
    signedBundle: signedBy(bundle),
    approval: (by, requestBytes, decision = 'approve') => approvalOf(by, requestBytes, { nowMs, decision }),
    withdrawal: (by, requestBytes, token) => withdrawalOf(by, requestBytes, { token, nowMs }),
    async abort(by, request, claims = {}) {
      return abortEnvelopeCodec.encode({ request, abort: await abortOf(by, request, { nowMs, ...claims }) });
    },
    async order(changes = {}) {
      const request = { ...requestOf({ id: nextId(), createdAtMs: nowMs }), ...changes.request };
      const requestBytes = changes.requestBytes ?? callRequestCodec.encode(request);
      const requestDigest = sha256(requestBytes);
      const requester = Object.keys(KEYS).find(name => name === request.requester) as Member | undefined;
      const approvers = changes.approvers ?? ['bob', 'carol'];
      const approvals =
        changes.approvals ?? (await Promise.all(approvers.map(by => kit.approval(by, requestBytes))));
      const { orderBy = 'ctl-1', iatMs = nowMs, lifeMs = HOUR_MS, attempt = 1 } = changes;
      const claims = {
        iss: changes.iss ?? orderBy,
        iat: seconds(iatMs),
        nbf: seconds(changes.nbfMs ?? iatMs),
        exp: seconds(iatMs + lifeMs),
        jti: changes.jti ?? `order-${request.id}-${attempt}`,
        req: changes.req ?? digestText(requestDigest),
        attempt,
        trustVersion: changes.trustVersion ?? bundle.version,
        wave: changes.wave ?? 1,
        slice: changes.slice ?? WHOLE,
        ...(changes.only && { only: [...changes.only] }),
      };
      const order = await tokenOf('order', claims, KEYS[orderBy]);
      const envelope = orderEnvelopeCodec.encode({
        request: requestBytes,
        approvals: [...approvals],
        withdrawals: [...(changes.withdrawals ?? [])],
        order,
        requestToken:
          changes.requestToken ?? (await requestTokenOf(requester ?? 'alice', requestBytes, { nowMs })),
      });
      return { envelope, requestBytes, requestDigest, request, attempt };
    },
  };
  return kit;
}
