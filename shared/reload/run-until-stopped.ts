import { type FarcallError, toFarcallError } from '../errors/index.ts';

/** A service that was started. */
export interface RunningService {
  stop(): Promise<void>;
  /** Rejects when the service cannot go on; never settles otherwise. */
  readonly failed?: Promise<never>;
}

/** A service that runs until a signal, and takes a changed configuration without a new process. */
export interface ReloadingService<C> {
  /** Reads the configuration and every file that can be checked before the start. Throws if one is wrong. */
  read(): C;
  start(config: C): Promise<RunningService>;
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
 * If it cannot start with it, it starts again as it was before. Throws what the service failed with; it is
 * not stopped then.
 *
 * Signals are heard from the beginning. One that comes during a start or a stop is obeyed after it; several
 * SIGHUPs count as one.
 */
export async function runUntilStopped<C>(config: C, service: ReloadingService<C>): Promise<void> {
  const signals = hearSignals();
  try {
    let current = { config, running: await service.start(config) };
    for (;;) {
      const { failed } = current.running;
      const signal = await (failed ? Promise.race([signals.next(), failed]) : signals.next());
      if (signal === 'SIGHUP') current = await reloaded(current, service);
      else {
        service.log.stopping(signal);
        return await current.running.stop();
      }
    }
  } finally {
    signals.end();
  }
}

interface Current<C> {
  readonly config: C;
  readonly running: RunningService;
}

async function reloaded<C>(
  current: Current<C>,
  { read, start, log }: ReloadingService<C>,
): Promise<Current<C>> {
  let config: C;
  try {
    config = read();
  } catch (thrown) {
    log.refused(toFarcallError(thrown));
    return current;
  }
  log.reloading();
  await current.running.stop();
  try {
    return { config, running: await start(config) };
  } catch (thrown) {
    log.refused(toFarcallError(thrown));
    return { config: current.config, running: await start(current.config) };
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
