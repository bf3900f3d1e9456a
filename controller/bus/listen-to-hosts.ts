import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { allHostsSubject, type HostTopic, hostOfSubject, inboxPrefix } from '../../shared/subjects/index.ts';
import type { Logger } from '../log/index.ts';
import type { BacklogReport } from './backlog.ts';
import type { Bus, BusMessage, SubscribeOptions } from './bus.ts';
import type { HostBudgets } from './host-budgets.ts';

/** A message of a host. The broker guarantees that it came from that host. */
export interface HostMessage {
  readonly host: string;
  readonly bytes: Uint8Array;
}

/** Handles a message. The bytes that it resolves to are sent as the answer. */
export type HostHandler = (message: HostMessage) => Promise<Uint8Array | undefined>;

/** The stores and services that {@link listenToHosts} uses. */
export interface HostListening {
  readonly bus: Bus;
  readonly log: Logger;
  readonly counters: CounterSet;
  readonly hostBudgets: HostBudgets;
}

/** The controllers on one store share the messages of hosts: the broker gives each message to one of them. */
const QUEUE = 'controllers';

/**
 * Receives what all hosts send about `topic`, at most `atOnce` messages at a time. A message that cannot be
 * handled is counted under `topic.CODE` and logged, and does not affect the others.
 */
export function listenToHosts(
  listening: HostListening,
  topic: HostTopic,
  handler: HostHandler,
  atOnce = 1,
): void {
  const { bus, log, counters } = listening;
  const handle = async (message: BusMessage): Promise<void> => {
    try {
      await answer(bus, message, handler);
      counters.count(`${topic}.ok`);
    } catch (thrown) {
      const error = toFarcallError(thrown);
      const count = counters.count(`${topic}.${error.code}`);
      const about = { topic, ...senderOf(message), sizeBytes: message.bytes.length, count };
      log.warn({ ...about, code: error.code, err: error }, 'message of a host refused');
    }
  };
  const slow = (backlog: BacklogReport): void => {
    const count = counters.count(`slow.${topic}`);
    log.warn({ topic, ...backlog, count }, 'messages of hosts arrive faster than they are handled');
  };
  const byHost = budgetedByHost(listening.hostBudgets, topic);
  bus.subscribe(allHostsSubject(topic), handle, { atOnce, queue: QUEUE, slow, ...byHost });
}

/** How messages of hosts are subscribed to: each host has its budget for `topic`, and its own turn. */
export function budgetedByHost(
  budgets: HostBudgets,
  topic: HostTopic,
): Pick<SubscribeOptions, 'admit' | 'senderOf' | 'overflow'> {
  const hostOf = (message: BusMessage): string => {
    const about = senderOf(message);
    return 'host' in about ? about.host : about.subject;
  };
  return {
    admit: message => budgets.admits(hostOf(message), topic, message.bytes.length),
    senderOf: hostOf,
    overflow: message => budgets.drop(hostOf(message), topic, message.bytes.length),
  };
}

/** The host on whose subject a message came, for the log; the subject itself if it belongs to no host. */
function senderOf({ subject }: BusMessage): { readonly host: string } | { readonly subject: string } {
  try {
    return { host: hostOfSubject(subject) };
  } catch {
    return { subject };
  }
}

async function answer(bus: Bus, message: BusMessage, handler: HostHandler): Promise<void> {
  const host = hostOfSubject(message.subject);
  const reply = await handler({ host, bytes: message.bytes });
  if (reply === undefined || message.replyTo === undefined) return;
  refuseForeignInbox(host, message.replyTo);
  bus.send(message.replyTo, reply);
}

/**
 * Threat: the sender chooses where the answer goes. A host could name `farcall.orders` or another host's
 * inbox, where the broker would not let the host write, and the controller would write there for it.
 */
function refuseForeignInbox(host: string, replyTo: string): void {
  if (replyTo.startsWith(`${inboxPrefix(host)}.`)) return;
  throw new FarcallError('MESSAGE_INVALID', `${host} asks for an answer outside of its own inbox`);
}
