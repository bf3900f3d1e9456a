import { buffer } from 'node:stream/consumers';
import type { Channel, GuestProcess, ProcessEnd } from './channel.ts';
import type { MachineConsole } from './console.ts';
import { DEADLINES } from './deadlines.ts';
import type { Kernel } from './kernels.ts';
import type { Forward } from './relays.ts';

/** A program for a guest: a line for busybox's shell (it starts fastest), or a program with its arguments. */
export type Command = string | readonly string[];

/** How a program is started in a guest. */
export interface StartOptions {
  /** Variables beside PATH, HOME and LANG, which are set. */
  env?: Record<string, string>;
  /** Working directory in the guest. Default: `/`. */
  cwd?: string;
  /**
   * Whether the program answers each line of its input with a line, and does nothing between its answer and
   * the next line: the machine may stand still then. Default false.
   */
  restsBetweenLines?: boolean;
}

/** How a program is run in a guest. */
export interface RunOptions extends StartOptions {
  stdin?: Uint8Array | string;
  /**
   * After this many milliseconds the program and all that it started are killed and `run` rejects. Default
   * {@link DEADLINES}.
   */
  timeoutMs?: number;
}

/**
 * What a program left behind. A program that a signal ended has `exitCode` 128 + the signal, as in a shell.
 */
export interface RunResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** How a machine ended. */
export interface MachineEnd {
  /** `stopped` and `killed` by us; `panicked` by its kernel; `died` for any other reason. */
  how: 'stopped' | 'killed' | 'panicked' | 'died';
  /** The last lines of the console. */
  tail: string;
}

/**
 * A running virtual machine with a stock kernel, and the host's files (copied on write) as its own. Host
 * files that change after the boot may look to the guest as they were: use `writeFile` to hand something
 * over.
 */
export interface Machine extends AsyncDisposable {
  readonly kernel: Kernel;
  readonly console: MachineConsole;
  /** Process id of QEMU on the host. */
  readonly pid: number;
  /** The pinned Node of this checkout, for the guest's CPU: the same path in the guest as on the host. */
  readonly node: string;
  /** Milliseconds from `bootMachine` being called to the first command possible. */
  readonly bootMs: number;
  /** Resolves when the machine has ended, however that came about. */
  readonly exited: Promise<MachineEnd>;
  /** Runs a program to its end. Any exit code resolves; a timeout or the end of the machine rejects. */
  run(command: Command, options?: RunOptions): Promise<RunResult>;
  /** Runs a program that must succeed and gives its stdout; rejects with its stderr otherwise. */
  output(command: Command, options?: RunOptions): Promise<string>;
  /** Like `output`, for bytes. */
  outputBytes(command: Command, options?: RunOptions): Promise<Buffer>;
  /** Starts a program and does not wait for it. */
  start(command: Command, options?: StartOptions): GuestProcess;
  /** Content of a guest file. */
  readFile(path: string): Promise<Buffer>;
  /**
   * Writes a guest file, with its directory. It stays in the guest's memory: the host's file is not touched.
   */
  writeFile(path: string, data: Uint8Array | string, options?: { mode?: number }): Promise<void>;
  /** Lets new connections of the guest to a port of `HOST_ADDRESS` go to a port of the host's loopback. */
  forward(forward: Forward): void;
  /** Whether its CPU stands still, as QEMU says. */
  isPaused(): Promise<boolean>;
  /** Powers the machine off in order; kills it if that takes longer than {@link DEADLINES} allow. */
  stop(): Promise<MachineEnd>;
  /** Cuts the power: SIGKILL to QEMU. */
  kill(): Promise<MachineEnd>;
}

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
};

/** The part of a machine that runs programs, over its command channel. */
export type Commands = Pick<Machine, 'run' | 'output' | 'outputBytes' | 'start' | 'readFile' | 'writeFile'>;

/** Gives the commands of a machine over `channel`; `console` is quoted when a command times out. */
export function commandsOver(channel: Channel, console: MachineConsole): Commands {
  const start = (command: Command, { env = {}, cwd = '/', restsBetweenLines }: StartOptions = {}) =>
    channel.start({ argv: argvOf(command), cwd, env: { ...ENVIRONMENT, ...env }, restsBetweenLines });

  const runRaw = async (command: Command, options: RunOptions) => {
    const program = start(command, options);
    const collected = Promise.all([buffer(program.stdout), buffer(program.stderr)]);
    if (options.stdin !== undefined) program.writeStdin(options.stdin);
    program.endStdin();
    const end = await withinTime(program, options.timeoutMs ?? DEADLINES.commandMs, command, console);
    const [stdout, stderr] = await collected;
    return { stdout, stderr: stderr.toString(), exitCode: end.exitCode ?? 128 + end.signal! };
  };
  const must = async (command: Command, options: RunOptions) => {
    const { stdout, stderr, exitCode } = await runRaw(command, options);
    if (exitCode === 0) return stdout;
    throw new Error(`${quoted(command)} ended with ${exitCode} in the guest: ${stderr || stdout}`);
  };

  return {
    start,
    async run(command, options = {}) {
      const result = await runRaw(command, options);
      return { ...result, stdout: result.stdout.toString() };
    },
    output: async (command, options = {}) => (await must(command, options)).toString(),
    outputBytes: (command, options = {}) => must(command, options),
    readFile: path => must(['cat', '--', path], {}),
    async writeFile(path, data, { mode = 0o644 } = {}) {
      const script = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"';
      await must(['sh', '-c', script, 'sh', path, mode.toString(8)], { stdin: data });
    },
  };
}

async function withinTime(
  program: GuestProcess,
  timeoutMs: number,
  command: Command,
  console: MachineConsole,
): Promise<ProcessEnd> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    program.kill();
  }, timeoutMs);
  // A guest that hangs does not even answer a kill.
  const hung = Promise.withResolvers<never>();
  const lastTimer = setTimeout(() => hung.reject(timedOut(command, timeoutMs, console)), timeoutMs + 10_000);
  try {
    const end = await Promise.race([program.exited, hung.promise]);
    if (late) throw timedOut(command, timeoutMs, console);
    return end;
  } finally {
    clearTimeout(timer);
    clearTimeout(lastTimer);
  }
}

function timedOut(command: Command, timeoutMs: number, console: MachineConsole): Error {
  return new Error(
    `${quoted(command)} did not end within ${timeoutMs} ms in the guest, whose console last said:\n${console.tail(10)}`,
  );
}

function argvOf(command: Command): string[] {
  return typeof command === 'string' ? ['busybox', 'sh', '-c', command] : [...command];
}

function quoted(command: Command): string {
  return typeof command === 'string' ? `'${command}'` : command.map(word => `'${word}'`).join(' ');
}
