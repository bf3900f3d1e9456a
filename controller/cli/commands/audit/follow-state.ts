import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { writePrivateFile } from '../../../../shared/files/index.ts';
import { fields } from '../../../../shared/messages/index.ts';
import type { SeenEntry } from './seen-chain.ts';

const stateSchema = z.strictObject({
  site: fields.siteId,
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex'),
});

/** Longer than any state file. */
const STATE_LIMIT_CHARS = 4096;

/**
 * The last entry in the state file `path` of a follower of `site`; undefined if there is no file yet. Throws
 * FILE_UNREADABLE if it is no state file, and CONFIG_INVALID if it is one of another site.
 */
export function readFollowState(path: string, site: string): SeenEntry | undefined {
  if (!existsSync(path)) return undefined;
  const state = parsed(path);
  if (state.site !== site)
    throw new FarcallError('CONFIG_INVALID', `--state: ${path} is of another site; name another file`);
  return { seq: state.seq, hash: Buffer.from(state.hash, 'hex') };
}

function parsed(path: string): z.infer<typeof stateSchema> {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length <= STATE_LIMIT_CHARS) return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `--state: ${path} is no state file`, { cause });
  }
  throw new FarcallError('FILE_UNREADABLE', `--state: ${path} is too long for a state file`);
}

/** Replaces the state file: a crash leaves the old one or the new one (0600, synced). */
export function writeFollowState(path: string, site: string, { seq, hash }: SeenEntry): void {
  const state: z.infer<typeof stateSchema> = { site, seq, hash: Buffer.from(hash).toString('hex') };
  writePrivateFile(path, `${JSON.stringify(state)}\n`);
}
