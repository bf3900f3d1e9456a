import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { allHostsSubject, hostOfSubject, toHostSubject } from '../../shared/subjects/index.ts';
import { digestText, sha256 } from '../../shared/tokens/index.ts';
import { type Bus, type BusMessage, budgetedByHost, type HostBudgets } from '../bus/index.ts';
import { authenticHostStatement, type HostStatementDeps } from '../host-statements/index.ts';
import type { Logger } from '../log/index.ts';
import type { QuerySigner } from '../signing/index.ts';
import { AwaitedReplies } from './awaited-replies.ts';
import { QUERY_FORMATS, type QueryKind, type RepliesOfKind } from './query-kinds.ts';

/** The replies to one query of kind `K`. */
export type QueryReplies<K extends QueryKind> = AwaitedReplies<
  RepliesOfKind[K]['signed'],
  RepliesOfKind[K]['content']
>;

/** Inputs of {@link HostQueries}, by reference; owned by the caller. */
export interface HostQueriesDeps extends HostStatementDeps {
  readonly bus: Pick<Bus, 'publish' | 'subscribe'>;
  readonly signQuery: QuerySigner;
  readonly counters: CounterSet;
  readonly hostBudgets: HostBudgets;
  readonly log: Logger;
}

/**
 * Asks hosts questions over the bus, and verifies their replies. Several controllers may share the hosts:
 * each of them receives every reply, and takes only the replies to its own queries.
 *
 * Threats:
 * - A host replies for another one, or forges its reply. The broker binds the subject to the host, and the
 *   reply is signed with the key that the host was enrolled with.
 * - An old reply is sent to a new query. A reply names the digest of its query, which contains a random id.
 * - A host sends what nobody asked for. That is dropped before its signature is checked.
 */
export class HostQueries {
  readonly #deps: HostQueriesDeps;
  readonly #open = {
    plan: new Map<string, QueryReplies<'plan'>>(),
    types: new Map<string, QueryReplies<'types'>>(),
  };

  /** Subscribes to the replies of all hosts. */
  constructor(deps: HostQueriesDeps) {
    this.#deps = deps;
    this.#subscribe('plan');
    this.#subscribe('types');
  }

  /** How many queries of this kind are waiting for replies. */
  countOpen(kind: QueryKind): number {
    return this.#open[kind].size;
  }

  /**
   * Signs `query` and sends it to each of `hosts`. Their replies come in until the result is disposed of.
   * Throws UNREACHABLE if the broker does not take the query.
   */
  async ask<K extends QueryKind>(
    kind: K,
    query: Uint8Array,
    hosts: readonly string[],
  ): Promise<QueryReplies<K>> {
    const { bus, signQuery } = this.#deps;
    const replies = this.#expect(kind, sha256(query), hosts);
    try {
      const envelope = QUERY_FORMATS[kind].encode({ query, token: await signQuery(kind, query) });
      await Promise.all(hosts.map(host => bus.publish(toHostSubject(host, kind), envelope)));
      return replies;
    } catch (error) {
      replies[Symbol.dispose]();
      throw error;
    }
  }

  #expect<K extends QueryKind>(kind: K, queryDigest: Uint8Array, hosts: readonly string[]): QueryReplies<K> {
    const key = digestText(queryDigest);
    const open = this.#openOf(kind);
    const replies: QueryReplies<K> = new AwaitedReplies(hosts, () => void open.delete(key));
    open.set(key, replies);
    return replies;
  }

  #openOf<K extends QueryKind>(kind: K): Map<string, QueryReplies<K>> {
    return this.#open[kind] as Map<string, QueryReplies<QueryKind>> as Map<string, QueryReplies<K>>;
  }

  #subscribe(kind: QueryKind): void {
    const { concurrency: atOnce } = QUERY_FORMATS[kind];
    const { bus, hostBudgets } = this.#deps;
    const options = { atOnce, ...budgetedByHost(hostBudgets, kind) };
    bus.subscribe(allHostsSubject(kind), message => this.#receive(kind, message), options);
  }

  async #receive(kind: QueryKind, message: BusMessage): Promise<void> {
    const { log, counters } = this.#deps;
    try {
      counters.count((await this.#accept(kind, message)) ? `${kind}.ok` : `${kind}.unawaited`);
    } catch (thrown) {
      const error = toFarcallError(thrown);
      const count = counters.count(`${kind}.${error.code}`);
      const about = { topic: kind, subject: message.subject, sizeBytes: message.bytes.length, count };
      log.warn({ ...about, code: error.code, err: error }, 'message of a host refused');
    }
  }

  /** Whether the reply was awaited. Throws what is wrong with one that was. */
  async #accept<K extends QueryKind>(kind: K, { subject, bytes }: BusMessage): Promise<boolean> {
    const { decodeSigned, decodeContent } = QUERY_FORMATS[kind];
    const host = hostOfSubject(subject);
    const open = this.#openOf(kind);
    if (![...open.values()].some(replies => replies.awaits(host))) return false;
    const signed = decodeSigned(bytes);
    const statement = { host, what: kind, bytes: signed.reply, signature: signed.signature };
    await authenticHostStatement(this.#deps, statement);
    const content = decodeContent(signed.reply);
    if (content.host !== host)
      throw new FarcallError('MESSAGE_INVALID', `${host} sends the ${kind} reply of ${content.host}`);
    const replies = open.get(digestText(content.queryDigest));
    if (!replies?.awaits(host)) return false;
    replies.accept(host, { signed, content });
    return true;
  }
}
