import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { withLibrary } from '../../shared/library/index.ts';
import {
  buildFactsCodec,
  PROTOCOL_VERSION,
  type SignReply,
  signEnvelopeCodec,
  signQueryCodec,
  signReplyCodec,
} from '../../shared/messages/index.ts';
import { moduleNameOf, SIGNATURE_LIMIT_BYTES } from '../../shared/module-signing/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import type { HostIdentity } from '../identity/index.ts';
import type { KernelStages } from '../kernel-stages/index.ts';
import { type HostPolicy, mayCallOf, type PermittedCall } from '../policy/index.ts';

export interface ControllerQuery {
  readonly policy: HostPolicy;
  readonly stages: Pick<KernelStages, 'facts' | 'recordBuild'>;
  readonly identity: HostIdentity;
  readonly clock: Clock;
  readonly log: Logger;
  /** Sends an envelope to a controller, and returns the reply. Throws UNREACHABLE. */
  readonly ask: (envelope: Uint8Array, timeoutMs: number) => Promise<Uint8Array>;
}

const REPLY_TIMEOUT_MS = 10_000;
/** A controller that restarts is back by then. A call that had to wait longer had better be retried. */
const TRIES = 3;
const PAUSE_MS = 1000;

/**
 * Has a controller sign the module of `call`. Sends it the facts that the module was compiled from, never the
 * module itself.
 *
 * Threat: a broker that changes the reply. Only a signature over exactly these bytes is of use, and the
 * kernel checks it, so the reply needs no signature of its own. At worst the kernel refuses the module.
 */
export async function askController(
  call: PermittedCall,
  image: Uint8Array,
  query: ControllerQuery,
): Promise<Uint8Array> {
  const envelope = await envelopeFor(call, image, query);
  const reply = await replyTo(envelope, query);
  if (reply.code !== '' || reply.signature.length === 0)
    throw new FarcallError(
      'SIGNING_REFUSED',
      `the controller does not sign the module: ${reply.code}: ${reply.reason}`,
    );
  if (reply.signature.length > SIGNATURE_LIMIT_BYTES)
    throw new FarcallError('SIGNING_REFUSED', 'the controller sent a signature that is too long');
  query.log.info({ request: call.order.request.id, key: reply.keyId }, 'the controller signed the module');
  return reply.signature;
}

interface Envelope {
  readonly bytes: Uint8Array;
  readonly queryDigest: Uint8Array;
}

async function envelopeFor(
  { order }: PermittedCall,
  image: Uint8Array,
  { stages, identity, clock, policy }: ControllerQuery,
): Promise<Envelope> {
  const { key, orderId, request } = order;
  const recorded = stages.recordBuild(
    withLibrary(request),
    moduleNameOf(key),
    mayCallOf(policy),
    request.fuel,
  );
  if (!Buffer.from(recorded.image).equals(image))
    throw new FarcallError('INTERNAL', 'two compilations of one program gave two modules');
  const { kernelRelease, signing } = stages.facts();
  const query = signQueryCodec.encode({
    protocol: PROTOCOL_VERSION,
    host: identity.host,
    requestDigest: key.requestDigest,
    attempt: key.attempt,
    orderId,
    kernelRelease,
    buildId: signing?.buildId ?? '',
    imageDigest: sha256(image),
    facts: buildFactsCodec.encode(recorded.facts),
  });
  const signature = await identity.sign('sign-query', query, clock.nowMs());
  return { bytes: signEnvelopeCodec.encode({ query, signature }), queryDigest: sha256(query) };
}

async function replyTo({ bytes, queryDigest }: Envelope, { ask, log }: ControllerQuery): Promise<SignReply> {
  for (let attempt = 1; ; attempt++) {
    try {
      const reply = signReplyCodec.decode(await ask(bytes, REPLY_TIMEOUT_MS));
      if (!Buffer.from(reply.queryDigest).equals(queryDigest))
        throw new FarcallError('MESSAGE_INVALID', 'the reply is to another query');
      return reply;
    } catch (thrown) {
      const cause = toFarcallError(thrown);
      log.warn({ code: cause.code, reason: cause.message, attempt }, 'no controller signed the module');
      if (attempt === TRIES)
        throw new FarcallError('SIGNING_UNAVAILABLE', `no controller signed the module: ${cause.message}`, {
          cause,
        });
    }
    await delay(PAUSE_MS * attempt);
  }
}
