import type { Clock } from '../../shared/clock/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { signedTypesReplyCodec, type TypesReply, typesReplyCodec } from '../../shared/messages/index.ts';
import { allHostsSubject, hostOfSubject } from '../../shared/subjects/index.ts';
import { digestText } from '../../shared/tokens/index.ts';
import type { Bus, BusMessage } from '../bus/index.ts';
import { enrolledHost, verifyHostStatement } from '../host-statements/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostKeyStore } from '../store/index.ts';

/** Replies that are verified at a time; each may have a quarter of a megabyte. */
const AT_ONCE = 2;

/** What {@link TypesReplies} works with. */
export interface TypesRepliesDeps {
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly log: Logger;
  readonly counters: CounterSet;
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly clock: Clock;
}

interface Awaited {
  readonly host: string;
  readonly resolve: (reply: TypesReply) => void;
}

/**
 * Hears what hosts say of their kernels. Threats: a host answers for another, or what one says is forged or sent again (its
 * subject by the broker, its signature, and the digest of this very question, which has a random id in it); a host sends
 * what nobody asked for (dropped before its signature is looked at).
 */
export class TypesReplies {
  readonly #deps: TypesRepliesDeps;
  readonly #awaited = new Map<string, Awaited>();

  /** Begins to listen. */
  constructor(deps: TypesRepliesDeps) {
    this.#deps = deps;
    deps.bus.subscribe(allHostsSubject('types'), message => this.#hear(message), { atOnce: AT_ONCE });
  }

  /** What `host` says to the question with this digest. Throws UNREACHABLE after `limitMs`, or when `signal` is aborted. */
  async await(
    queryDigest: Uint8Array,
    host: string,
    { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
  ): Promise<TypesReply> {
    const key = digestText(queryDigest);
    const { promise, resolve, reject } = Promise.withResolvers<TypesReply>();
    const giveUp = (): void => reject(new FarcallError('UNREACHABLE', `${host} did not answer in time`));
    const timer = setTimeout(giveUp, limitMs);
    signal.addEventListener('abort', giveUp);
    this.#awaited.set(key, { host, resolve });
    try {
      return await promise;
    } finally {
      this.#awaited.delete(key);
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
  }

  async #hear(message: BusMessage): Promise<void> {
    const { log, counters } = this.#deps;
    try {
      counters.count((await this.#take(message)) ? 'types.ok' : 'types.unawaited');
    } catch (thrown) {
      const error = toFarcallError(thrown);
      const count = counters.count(`types.${error.code}`);
      const about = { topic: 'types', subject: message.subject, sizeBytes: message.bytes.length, count };
      log.warn({ ...about, code: error.code, err: error }, 'message of a host refused');
    }
  }

  async #take({ subject, bytes }: BusMessage): Promise<boolean> {
    const { hostKeys, clock } = this.#deps;
    const host = hostOfSubject(subject);
    const { reply: said, signature } = signedTypesReplyCodec.decode(bytes);
    const reply = typesReplyCodec.decode(said);
    if (reply.host !== host)
      throw new FarcallError('MESSAGE_INVALID', `${host} sends the types of ${reply.host}`);
    const awaited = this.#awaited.get(digestText(reply.queryDigest));
    if (awaited?.host !== host) return false;
    const { publicJwk: key } = await enrolledHost(hostKeys, host);
    await verifyHostStatement({ host, key, what: 'types', bytes: said, signature, nowMs: clock.nowMs() });
    awaited.resolve(reply);
    return true;
  }
}
