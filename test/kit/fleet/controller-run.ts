import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Where the programs of this checkout are. */
export const PROGRAMS = fileURLToPath(new URL('../../../deploy/bin', import.meta.url));

/** A line of the controller's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** A controller process, with everything that it ever logged. */
export interface ControllerRun {
  readonly log: readonly LogLine[];
  /** Resolves when a line of the log, old or new, satisfies `wanted`. */
  logged(wanted: (line: LogLine) => boolean): Promise<LogLine>;
  /** Starts it, for the first time or again; resolves when it is ready and connected to the broker. */
  start(): Promise<void>;
  /** Its process, while it runs. */
  pid(): number;
  /** Ends it; resolves to its exit code, or null where it does not run. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/**
 * The controller of the configuration `file`, not started yet; `programs` is the folder that it is started
 * from.
 */
export function controllerRun(file: string, programs = PROGRAMS): ControllerRun {
  const log: LogLine[] = [];
  const watchers = new Set<() => void>();
  let controller: ChildProcess | undefined;

  const logged = async (wanted: (line: LogLine) => boolean): Promise<LogLine> => {
    for (let seen = 0; ; ) {
      for (; seen < log.length; seen++) if (wanted(log[seen]!)) return log[seen]!;
      await new Promise<void>(resolve => {
        watchers.add(resolve);
      });
    }
  };
  return {
    log,
    logged,
    pid: () => controller!.pid!,
    async start() {
      const from = log.length;
      controller = spawn(join(programs, 'farcall-controller'), ['run', '--config', file], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      if (!controller.stderr) throw new Error('no stderr');
      createInterface(controller.stderr).on('line', line => {
        log.push(line.startsWith('{') ? JSON.parse(line) : { msg: line });
        for (const wake of watchers) wake();
        watchers.clear();
      });
      const failed = once(controller, 'exit').then(([code]) => {
        throw new Error(`the controller ended with ${code}: ${JSON.stringify(log.slice(from))}`);
      });
      failed.catch(() => undefined);
      const isNew = (line: LogLine): boolean => log.indexOf(line) >= from;
      await Promise.race([failed, logged(line => line.msg === 'controller ready' && isNew(line))]);
      await Promise.race([failed, logged(line => line.msg === 'broker connected' && isNew(line))]);
    },
    async end(signal) {
      if (!controller || controller.exitCode !== null || controller.signalCode !== null) return null;
      const exited = once(controller, 'exit');
      controller.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}
