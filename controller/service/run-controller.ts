import type { Clock } from '../../shared/clock/index.ts';
import type { ControllerConfig } from '../config/index.ts';
import type { Logger } from '../log/index.ts';
import { openFoundation } from './foundation.ts';
import { serve } from './serve.ts';
import { buildServices } from './services.ts';

/** A controller at work. */
export interface RunningController {
  /** Where the operator API listens. */
  readonly address: string;
  /** Rejects when the controller cannot go on, because the thread of its store has ended. */
  readonly failed: Promise<never>;
  /** Stops taking calls and messages, and closes the store. */
  close(): Promise<void>;
}

/**
 * Starts a controller. Throws FarcallError if something cannot be opened or listened on; everything that was
 * opened before is closed then, the last first. Without a valid trust bundle it starts all the same: the next
 * one comes over its API.
 */
export async function runController(
  config: ControllerConfig,
  log: Logger,
  clock: Clock,
): Promise<RunningController> {
  await using stack = new AsyncDisposableStack();
  const { promise: failed, reject: lost } = Promise.withResolvers<never>();
  failed.catch(err => log.error({ err }, 'thread of the store has ended: the controller ends'));
  const foundation = await openFoundation({ config, clock, log, stack, lost });
  const services = buildServices(foundation);
  stack.defer(() => services.heartbeatWriter.stop());
  stack.defer(() => services.journalWriter.stop());
  stack.defer(() => services.abortStatements.stop());
  const address = await serve({ config, services, stack });
  const trustVersion = services.registry.newest()?.bundle.version ?? 0;
  log.info({ listen: address, name: config.name, trustVersion }, 'controller ready');
  const started = stack.move();
  return {
    ...{ address, failed },
    async close() {
      await started.disposeAsync();
      log.info({ messages: services.counters.all() }, 'controller stopped');
    },
  };
}
