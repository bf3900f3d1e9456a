import type { Clock } from '../../shared/clock/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { planReplyCodec, type SignedPlanReply, signedPlanReplyCodec } from '../../shared/messages/index.ts';
import { allHostsSubject, hostOfSubject } from '../../shared/subjects/index.ts';
import { digestText } from '../../shared/tokens/index.ts';
import type { Bus, BusMessage } from '../bus/index.ts';
import { enrolledHost, verifyHostStatement } from '../host-statements/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostKeyStore } from '../store/index.ts';

/** Replies that are verified at a time. */
const AT_ONCE = 16;

/** What {@link PlanReplies} works with. */
export interface PlanRepliesDeps {
  readonly bus: Bus;
  readonly log: Logger;
  readonly counters: CounterSet;
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly clock: Clock;
}

/** The answers to one query, as they come. */
export class AwaitedReplies implements Disposable {
  readonly #hosts: ReadonlySet<string>;
  readonly #close: () => void;
  readonly #replies = new Map<string, SignedPlanReply>();
  #wake: () => void = () => undefined;

  constructor(hosts: readonly string[], close: () => void) {
    this.#hosts = new Set(hosts);
    this.#close = close;
  }

  /** How many hosts have answered. */
  get count(): number {
    return this.#replies.size;
  }

  /** Whether every host that was asked has answered. */
  get isComplete(): boolean {
    return this.#replies.size === this.#hosts.size;
  }

  /** By name of the host. */
  inOrder(): SignedPlanReply[] {
    return [...this.#replies.entries()]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, reply]) => reply);
  }

  /** Whether an answer of `host` is still awaited. */
  awaits(host: string): boolean {
    return this.#hosts.has(host) && !this.#replies.has(host);
  }

  /** The first answer of a host counts. */
  take(host: string, reply: SignedPlanReply): void {
    if (!this.awaits(host)) return;
    this.#replies.set(host, reply);
    this.#wake();
  }

  /** Resolves with the next answer, after `limitMs`, or when `signal` is aborted. */
  async next(limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>(resolve => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#wake = done;
      signal.addEventListener('abort', done);
    });
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}

/**
 * Hears what hosts say to queries for plans. Every controller hears every answer, and takes those that it waits for: who
 * asked is the only one who knows of the query.
 *
 * Threats: a host answers for another, or forges what one says (the subject is the host's own by the broker, and the answer is
 * signed by the key with which it is enrolled); an old answer is sent for a new query (it names the query's digest, which
 * has a random id in it).
 */
export class PlanReplies {
  readonly #deps: PlanRepliesDeps;
  readonly #awaited = new Map<string, AwaitedReplies>();

  /** Begins to listen. */
  constructor(deps: PlanRepliesDeps) {
    this.#deps = deps;
    deps.bus.subscribe(allHostsSubject('plan'), message => this.#hear(message), { atOnce: AT_ONCE });
  }

  /** How many queries are out. */
  get open(): number {
    return this.#awaited.size;
  }

  /** Awaits what `hosts` say to the query with this digest, until it is disposed of. */
  await(queryDigest: Uint8Array, hosts: readonly string[]): AwaitedReplies {
    const key = digestText(queryDigest);
    const awaited = new AwaitedReplies(hosts, () => void this.#awaited.delete(key));
    this.#awaited.set(key, awaited);
    return awaited;
  }

  async #hear(message: BusMessage): Promise<void> {
    const { log, counters } = this.#deps;
    try {
      counters.count((await this.#take(message)) ? 'plan.ok' : 'plan.unawaited');
    } catch (thrown) {
      const error = toFarcallError(thrown);
      const count = counters.count(`plan.${error.code}`);
      const about = { topic: 'plan', subject: message.subject, sizeBytes: message.bytes.length, count };
      log.warn({ ...about, code: error.code, err: error }, 'message of a host refused');
    }
  }

  async #take({ subject, bytes }: BusMessage): Promise<boolean> {
    const { hostKeys, clock } = this.#deps;
    const host = hostOfSubject(subject);
    const signed = signedPlanReplyCodec.decode(bytes);
    const reply = planReplyCodec.decode(signed.reply);
    if (reply.host !== host)
      throw new FarcallError('MESSAGE_INVALID', `${host} sends the plan of ${reply.host}`);
    const awaited = this.#awaited.get(digestText(reply.queryDigest));
    if (!awaited?.awaits(host)) return false;
    const { publicJwk: key } = await enrolledHost(hostKeys, host);
    const { reply: said, signature } = signed;
    await verifyHostStatement({ host, key, what: 'plan', bytes: said, signature, nowMs: clock.nowMs() });
    awaited.take(host, signed);
    return true;
  }
}
