import type { BacklogReport } from './backlog.ts';

/** One message as the broker brought it; nothing about it is trusted. */
export interface BusMessage {
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** Where the sender wants an answer. */
  readonly replyTo: string | undefined;
}

/** How messages are taken. */
export interface SubscribeOptions {
  /** How many are handled at a time; 1 unless told otherwise. */
  readonly atOnce?: number;
  /** Of all who subscribe with the same name, one gets each message; all of them where there is none. */
  readonly queue?: string;
  /** Called when messages have come faster than they are handled for a while. */
  readonly slow?: (backlog: BacklogReport) => void;
}

/**
 * Carries messages between the controller and the hosts; may lose them, and never stops trying to connect.
 */
export interface Bus {
  /**
   * Resolves when the broker has taken the message. Throws UNREACHABLE where it cannot be said that it has.
   */
  publish(subject: string, bytes: Uint8Array): Promise<void>;
  /**
   * Sends without asking whether the broker has it: for answers, which who asked asks for again. Throws
   * UNREACHABLE without a connection.
   */
  send(subject: string, bytes: Uint8Array): void;
  /**
   * Calls `handle` with messages on `subject`, over all reconnections. It must not throw.
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
  close(): Promise<void>;
}
