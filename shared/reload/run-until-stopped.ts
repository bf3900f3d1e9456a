import { type FarcallError, toFarcallError } from '../errors/index.ts';

/** A service that runs until a signal, and takes a changed configuration without a new process. */
export interface ReloadingService<C> {
  /** Reads the configuration and every file that can be checked before the start. Throws if one is wrong. */
  read(): C;
  start(config: C): Promise<{ stop(): Promise<void> }>;
  /** Is told what comes next. */
  log: {
    /** SIGHUP came, and the configuration is good: the service stops, and starts with it. */
    reloading(): void;
    /** SIGHUP came, and the configuration is wrong: the service goes on with the one that it has. */
    refused(error: FarcallError): void;
    stopping(signal: NodeJS.Signals): void;
  };
}

const SIGNALS = ['SIGHUP', 'SIGTERM', 'SIGINT'] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * Runs a service with `config` until SIGTERM or SIGINT. At SIGHUP, which ends a process by default, it reads
 * the configuration again: if that is good, the service stops and starts with it; else it goes on as it was.
 *
 * Signals are heard from the beginning. One that comes during a start or a stop is obeyed after it; several
 * SIGHUPs count as one.
 */
export async function runUntilStopped<C>(
  config: C,
  { read, start, log }: ReloadingService<C>,
): Promise<void> {
  const signals = hearSignals();
  try {
    let running = await start(config);
    for (;;) {
      const signal = await signals.next();
      if (signal !== 'SIGHUP') {
        log.stopping(signal);
        return await running.stop();
      }
      let changed: C;
      try {
        changed = read();
      } catch (thrown) {
        log.refused(toFarcallError(thrown));
        continue;
      }
      log.reloading();
      await running.stop();
      running = await start(changed);
    }
  } finally {
    signals.end();
  }
}

function hearSignals(): { next(): Promise<Signal>; end(): void } {
  const heard = new Set<Signal>();
  let wake = (): void => undefined;
  const listener = (signal: NodeJS.Signals): void => {
    heard.add(signal as Signal);
    wake();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    async next() {
      while (heard.size === 0)
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      // A stop comes first, in whatever order they came.
      const signal = heard.has('SIGTERM') ? 'SIGTERM' : heard.has('SIGINT') ? 'SIGINT' : 'SIGHUP';
      heard.delete(signal);
      return signal;
    },
    end() {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
