import type { Duplex } from 'node:stream';
import { PassThrough } from 'node:stream';

// Frames in both directions: type (one ASCII letter), u32 process, u32 length, payload; big endian. From the
// host: R run, I input, C close input, K kill (u8 signal). From the guest: H hello, O stdout, E stderr, X
// exit (u8 code, u8 signal). guest/channel.pl is the other end: a change here is a change there.
const HEADER_BYTES = 9;

/** The arguments, folder and environment of a program in the guest. */
export interface Launch {
  argv: string[];
  /** Working directory in the guest. */
  cwd: string;
  env: Record<string, string>;
  /** As `StartOptions` says. */
  restsBetweenLines?: boolean | undefined;
}

/** How a program of the guest ended: with an exit code, or by a signal (its number). */
export interface ProcessEnd {
  exitCode: number | null;
  signal: number | null;
}

/** A program that runs in the guest. Its streams hold what nobody has read yet in memory. */
export interface GuestProcess {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  /** Resolves when the program has ended and its output has arrived; rejects when the machine ends before. */
  readonly exited: Promise<ProcessEnd>;
  writeStdin(data: Uint8Array | string): void;
  endStdin(): void;
  /** Sends a signal to the program and all that it started; 9 (SIGKILL) unless told otherwise. */
  kill(signal?: number): void;
}

/** The host's end of the command channel of one machine. */
export interface Channel {
  /** Resolves when the guest can run programs; rejects when the machine ends before. */
  readonly ready: Promise<void>;
  start(launch: Launch): GuestProcess;
  /** Rejects everything that is under way with `reason`. */
  close(reason: Error): void;
}

interface Running {
  stdout: PassThrough;
  stderr: PassThrough;
  resolve(end: ProcessEnd): void;
  reject(reason: Error): void;
}

/** Speaks to guest/channel.pl over `port`, the host's end of a virtio serial port. */
export function openChannel(port: Duplex): Channel {
  const running = new Map<number, Running>();
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {});
  let closed: Error | undefined;
  let lastProcess = 0;

  const send = (type: string, process: number, payload: Uint8Array = new Uint8Array()) => {
    if (!closed) port.write(packFrame(type, process, payload));
  };
  readFrames(port, (type, process, payload) => {
    if (type === 'H') return ready.resolve();
    const program = running.get(process);
    if (type === 'O') program?.stdout.write(payload);
    else if (type === 'E') program?.stderr.write(payload);
    else if (type === 'X') {
      running.delete(process);
      program?.resolve({ exitCode: payload[1] ? null : payload[0]!, signal: payload[1] || null });
    }
  });
  port.on('error', () => {});

  return {
    ready: ready.promise,
    start(launch) {
      const process = ++lastProcess;
      const { promise, resolve, reject } = Promise.withResolvers<ProcessEnd>();
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const end = promise.finally(() => {
        stdout.end();
        stderr.end();
      });
      end.catch(() => {});
      if (closed) reject(closed);
      else running.set(process, { stdout, stderr, resolve, reject });
      send('R', process, packLaunch(launch));
      return {
        stdout,
        stderr,
        exited: end,
        writeStdin: data => send('I', process, typeof data === 'string' ? Buffer.from(data) : data),
        endStdin: () => send('C', process),
        kill: (signal = 9) => send('K', process, Uint8Array.of(signal)),
      };
    },
    close(reason) {
      closed ??= reason;
      ready.reject(reason);
      for (const program of running.values()) program.reject(reason);
      running.clear();
      port.destroy();
    },
  };
}

/** One frame as it goes over the port. */
export function packFrame(type: string, process: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame.write(type, 0, 'latin1');
  frame.writeUInt32BE(process, 1);
  frame.writeUInt32BE(payload.length, 5);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Calls `onFrame` for each complete frame that `port` gives, however the bytes are cut. */
export function readFrames(
  port: NodeJS.ReadableStream,
  onFrame: (type: string, process: number, payload: Buffer) => void,
): void {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = HEADER_BYTES;
  port.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) return;
    let bytes = Buffer.concat(chunks);
    for (;;) {
      wanted = HEADER_BYTES + (bytes.length < HEADER_BYTES ? 0 : bytes.readUInt32BE(5));
      if (bytes.length < wanted) break;
      onFrame(bytes.toString('latin1', 0, 1), bytes.readUInt32BE(1), bytes.subarray(HEADER_BYTES, wanted));
      bytes = bytes.subarray(wanted);
    }
    chunks = [bytes];
    held = bytes.length;
  });
}

function packLaunch({ argv, cwd, env }: Launch): Buffer {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = [cwd, String(variables.length), ...variables, ...argv];
  const bad = words.find(word => word.includes('\0'));
  if (bad !== undefined || argv.length === 0)
    throw new Error(`cannot run ${JSON.stringify(argv)} in a guest`);
  return Buffer.from(words.join('\0'));
}
