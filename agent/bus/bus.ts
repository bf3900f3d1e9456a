import type { HostTopic } from '../../shared/subjects/index.ts';

/** Functions that the bus calls when it has connected and when messages arrive. */
export interface BusEvents {
  /**
   * There is a connection, for the first time or again; the subscriptions to orders and trust bundles exist
   * already.
   */
  connected(): void;
  /** Bytes on the orders' subject; from anybody who may publish there. */
  order(envelopeBytes: Uint8Array): void;
  /** Bytes on the aborts' subject; from anybody who may publish there. */
  abort(envelopeBytes: Uint8Array): void;
  /** Bytes on the subject of trust bundles; from anybody who may publish there. */
  trust(bytes: Uint8Array): void;
  /** Bytes on the subject of statements about the newest bundle; from anybody who may publish there. */
  statement(bytes: Uint8Array): void;
  /** Bytes on this host's own subject of plans; from anybody who may publish there. */
  plan(envelopeBytes: Uint8Array): void;
  /** Bytes on this host's own subject of types; from anybody who may publish there. */
  types(envelopeBytes: Uint8Array): void;
  /** Bytes on this host's own subject of labels; from anybody who may publish there. */
  labels(bytes: Uint8Array): void;
}

/** This host's side of the message bus. */
export interface Bus {
  /** Publishes `bytes` on this host's subject of `topic`. They are lost if there is no connection. */
  publish(topic: HostTopic, bytes: Uint8Array): void;
  /**
   * Publishes `bytes` on this host's subject of `topic` and returns the reply. Throws UNREACHABLE if none
   * came.
   */
  request(topic: HostTopic, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** Whether there is a connection now. */
  isConnected(): boolean;
  /** Unsubscribes from orders, aborts and queries; replies still arrive. */
  stopOrders(): void;
  /** Sends what is under way, and ends the connection. */
  close(): Promise<void>;
}

/** A bus that is not connected yet. */
export interface ConnectableBus extends Bus {
  /** Connects in the background, and again after each loss until {@link Bus.close}. To be called once. */
  connect(events: BusEvents): void;
}
