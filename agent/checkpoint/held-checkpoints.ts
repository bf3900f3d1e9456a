import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { replaceFile } from '../../shared/files/index.ts';
import { fields } from '../../shared/messages/index.ts';

/** File with the checkpoints in the state directory. */
export const CHECKPOINTS_FILE = 'checkpoints.json';

/** Most checkpoints of each list. */
export const HELD_LIMIT = 8;

const list = z.array(fields.checkpointToken).max(HELD_LIMIT);
const fileSchema = z.strictObject({ newest: list, contradicting: list });

/** The checkpoints that this host holds, as compact tokens. */
export interface HeldCheckpoints {
  /** Each is from later in the log than the one before it. */
  readonly newest: readonly string[];
  /**
   * Checkpoints from the controller that went back in the log, or that differ for the same entry: evidence
   * for an auditor.
   */
  readonly contradicting: readonly string[];
}

/** Largest file that is read. */
const FILE_LIMIT_BYTES = 65_536;

/**
 * The checkpoints in `directory`; empty lists if there is no file yet. Throws FILE_UNREADABLE if it cannot be
 * read or is not such a file.
 */
export function readHeldCheckpoints(directory: string): HeldCheckpoints {
  const path = join(directory, CHECKPOINTS_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { newest: [], contradicting: [] };
    throw new FarcallError('FILE_UNREADABLE', `${path} cannot be read`, { cause });
  }
  const held = fileSchema.safeParse(text.length > FILE_LIMIT_BYTES ? undefined : parseJson(text));
  if (held.success) return held.data;
  throw new FarcallError('FILE_UNREADABLE', `${path} is not a file of checkpoints`);
}

/** Writes the checkpoints atomically: a crash leaves the old file or the new one (0600, synced). */
export function writeHeldCheckpoints(directory: string, held: HeldCheckpoints): void {
  const path = join(directory, CHECKPOINTS_FILE);
  replaceFile(path, `${JSON.stringify(held)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
