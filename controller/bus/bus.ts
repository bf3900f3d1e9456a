import type { BacklogReport } from './backlog.ts';

/** One message, as the broker delivered it. Nothing about it is trusted. */
export interface BusMessage {
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** The subject on which the sender wants an answer; undefined if it wants none. */
  readonly replyTo: string | undefined;
}

/** How messages are received. */
export interface SubscribeOptions {
  /** How many are handled at a time; 1 by default. */
  readonly atOnce?: number;
  /**
   * Each message goes to one of the subscribers with the same queue name. Without a name, it goes to all
   * subscribers.
   */
  readonly queue?: string;
  /** Whether a message is handled at all; asked as soon as it arrives. All are, by default. */
  readonly admit?: (message: BusMessage) => boolean;
  /** Whose turn a message takes. Senders take turns; without this, all messages are of one sender. */
  readonly senderOf?: (message: BusMessage) => string;
  /** Called with a message that is dropped because too many of its sender wait. */
  readonly overflow?: (message: BusMessage) => void;
  /** Called when messages have arrived faster than they are handled for a while. */
  readonly slow?: (backlog: BacklogReport) => void;
}

/**
 * Carries messages between the controller and the hosts. It may lose them, and it never stops trying to
 * connect.
 */
export interface Bus {
  /**
   * Resolves when the broker has taken the message. Throws UNREACHABLE if that is not certain.
   */
  publish(subject: string, bytes: Uint8Array): Promise<void>;
  /**
   * Sends without waiting for the broker. For answers: a host that misses one asks again. Throws UNREACHABLE
   * without a connection.
   */
  send(subject: string, bytes: Uint8Array): void;
  /**
   * Calls `handle` with messages on `subject`, across reconnections. It must not throw.
   */
  subscribe(
    subject: string,
    handle: (message: BusMessage) => Promise<void>,
    options?: SubscribeOptions,
  ): void;
  /** Calls `onConnected` after the first and every later connection. */
  onConnected(onConnected: () => void): void;
  /**
   * Since when there has been a connection, in milliseconds since the epoch; undefined while there is none.
   */
  connectedSinceMs(): number | undefined;
  /** Since when there has been none, in the same unit; undefined while there is one. */
  awaySinceMs(): number | undefined;
  close(): Promise<void>;
}
