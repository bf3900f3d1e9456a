import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { writePrivateFile } from '../../shared/files/index.ts';
import type { MemoryWrite } from '../../shared/messages/index.ts';

/** Requests whose writes are remembered; the oldest are forgotten first. */
const REQUESTS_KEPT = 256;
const FILE_LIMIT_BYTES = 1 << 20;

const hex = z.string().regex(/^0x[0-9a-f]{1,16}$/);

const recordSchema = z.strictObject({
  bootId: z.string(),
  isPartial: z.boolean(),
  writes: z.array(
    z.strictObject({
      address: hex,
      bytes: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]),
      before: hex,
      after: hex,
    }),
  ),
});

/** What one request wrote on this host since it started. */
export type WrittenByRequest = z.infer<typeof recordSchema>;

/** What a call wrote, and in which life of the kernel. */
export interface KeptWrites {
  readonly requestId: string;
  readonly bootId: string;
  readonly writes: readonly MemoryWrite[];
  readonly isPartial: boolean;
}

/**
 * What the calls of this host have written to kernel memory, by request, in files of the state directory.
 *
 * Threat: somebody who can change these files has the agent write what they like to the kernel. They are made
 * with mode 0600 in a directory of the agent's own, as the journal is.
 */
export class WriteLog {
  readonly #folder: string;
  readonly #log: Logger;

  /** The log below `stateDirectory`. */
  constructor(stateDirectory: string, log: Logger) {
    this.#folder = join(stateDirectory, 'writes');
    this.#log = log;
  }

  /** Remembers what a call wrote. Never throws: the result of the call is sent either way. */
  keep({ requestId, bootId, writes, isPartial }: KeptWrites): void {
    const record: WrittenByRequest = {
      bootId,
      isPartial,
      writes: writes.map(({ address, bytes, beforeRaw, afterRaw }) => ({
        ...{ address, bytes: bytes as 1 | 2 | 4 | 8, before: beforeRaw, after: afterRaw },
      })),
    };
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#forgetOldest();
      writePrivateFile(this.#fileOf(requestId), JSON.stringify(record));
    } catch (err) {
      this.#log.error({ request: requestId, err }, 'the agent cannot remember what a call wrote');
    }
  }

  /** What the request wrote here; undefined if nothing is known of it. Throws FILE_UNREADABLE. */
  of(requestId: string): WrittenByRequest | undefined {
    const file = this.#fileOf(requestId);
    let text: string;
    try {
      if (statSync(file).size > FILE_LIMIT_BYTES) throw new Error('it is too large');
      text = readFileSync(file, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new FarcallError('FILE_UNREADABLE', `${file} cannot be read`, { cause });
    }
    try {
      return recordSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw new FarcallError('FILE_UNREADABLE', `${file} is no record of writes`, { cause });
    }
  }

  #fileOf(requestId: string): string {
    if (!/^[0-9a-z]{1,64}$/.test(requestId))
      throw new FarcallError('MESSAGE_INVALID', `'${requestId}' is no request id`);
    return join(this.#folder, `${requestId}.json`);
  }

  #forgetOldest(): void {
    const files = readdirSync(this.#folder).map(name => join(this.#folder, name));
    if (files.length < REQUESTS_KEPT) return;
    const byAge = files.map(file => ({ file, ms: statSync(file).mtimeMs })).sort((a, b) => a.ms - b.ms);
    for (const { file } of byAge.slice(0, files.length - REQUESTS_KEPT + 1)) rmSync(file, { force: true });
  }
}
