import { EventEmitter } from 'node:events';

/** Notifies readers that something about a request changed; what changed they read from the store. */
export interface ChangeFeed {
  notify(requestId: string): void;
  /** Notifies every reader that something may have changed: notices may have been lost. */
  notifyAll(): void;
  /**
   * Starts to listen for changes of `requestId`. Listen first and read then: a change between two calls of
   * `next` is remembered, so none is missed.
   */
  listen(requestId: string): ChangeListener;
  /**
   * Calls `listener` after each change of any request, with its id, or without where it may be any; returns
   * what ends that.
   */
  onAny(listener: (requestId: string | undefined) => void): () => void;
}

/** One reader's subscription. */
export interface ChangeListener {
  /** Resolves at the next change: true; or false once `signal` is aborted. */
  next(signal: AbortSignal): Promise<boolean>;
  close(): void;
}

/**
 * A feed within this process; where several controllers share a store, the database carries it between them.
 */
export function createChangeFeed(): ChangeFeed {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  return {
    notify(requestId) {
      emitter.emit(eventOf(requestId));
      emitter.emit(ANY, requestId);
    },
    notifyAll() {
      for (const event of emitter.eventNames()) emitter.emit(event);
    },
    listen: requestId => createListener(emitter, requestId),
    onAny(listener) {
      emitter.on(ANY, listener);
      return () => void emitter.off(ANY, listener);
    },
  };
}

function createListener(emitter: EventEmitter, requestId: string): ChangeListener {
  let changed = false;
  let wake: (() => void) | undefined;
  const onChange = (): void => {
    changed = true;
    wake?.();
  };
  emitter.on(eventOf(requestId), onChange);
  return {
    async next(signal) {
      if (!changed && !signal.aborted) {
        const woken = Promise.withResolvers<void>();
        wake = () => woken.resolve();
        signal.addEventListener('abort', wake, { once: true });
        await woken.promise;
        signal.removeEventListener('abort', wake);
      }
      changed = false;
      return !signal.aborted;
    },
    close: () => void emitter.off(eventOf(requestId), onChange),
  };
}

const ANY = 'any request';

/** Never the event `error`, which Node treats as something else. */
function eventOf(requestId: string): string {
  return `request ${requestId}`;
}
