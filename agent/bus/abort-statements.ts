import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import { abortStatementCodec, signedAbortStatementCodec } from '../../shared/messages/index.ts';
import { digestText } from '../../shared/tokens/index.ts';
import type { HostIdentity } from '../identity/index.ts';
import type { Journal } from '../journal/index.ts';
import type { Bus } from './bus.ts';

/** Who this host is, what its journal knows, and where statements go. */
export interface AbortStatementOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly identity: Pick<HostIdentity, 'host' | 'sign'>;
  readonly journal: Pick<Journal, 'progressOf'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Says to the controllers, signed, how far an aborted request is here. To be called once its abort is on the
 * disk. There is no answer: if the statement is lost, a controller hands the abort out again when this host
 * asks for what it missed, and the host says it again. Logs failures and never throws.
 *
 * Threat: a host says that it did not run a call and runs it afterwards. The abort is in its journal before
 * this is called, and the journal refuses to begin any attempt of the request from then on.
 */
export function sayAborted(options: AbortStatementOptions, requestDigest: Uint8Array): void {
  const { log } = options;
  const request = digestText(requestDigest);
  send(options, requestDigest).catch((err: unknown) =>
    log.error({ err, digest: request }, 'the agent cannot say that it obeys an abort'),
  );
}

async function send(
  { bus, identity, journal, clock }: AbortStatementOptions,
  requestDigest: Uint8Array,
): Promise<void> {
  const { host } = identity;
  const observedAtMs = clock.nowMs();
  const progress = journal.progressOf(requestDigest);
  const statement = abortStatementCodec.encode({ host, requestDigest, progress, observedAtMs });
  const signature = await identity.sign('abort', statement, observedAtMs);
  bus.publish('abort', signedAbortStatementCodec.encode({ statement, signature }));
}
