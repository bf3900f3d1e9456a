import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { writePrivateFile } from '../../shared/files/index.ts';
import { fields } from '../../shared/messages/index.ts';

/** In the state directory, beside the key and the journal. */
const JOINING_FILE = 'joined.json';

const joiningSchema = z.strictObject({ joinedAtMs: fields.epochMs });

/**
 * Records that this host is set up now. To be called before its key is made, so that no key is older than the
 * record. Requests from before that time do not run here unless they take late joiners: nobody looked at this
 * host when they were approved, and its journal does not have what ran earlier on a host of this name.
 */
export function recordJoinTime(stateDirectory: string, nowMs: number): void {
  writePrivateFile(join(stateDirectory, JOINING_FILE), `${JSON.stringify({ joinedAtMs: nowMs })}\n`);
}

/**
 * To be called if the agent starts without a journal. A host that was enrolled just now has none yet, and a
 * host whose journal was removed does not have what it ran. Does nothing on a host without a recorded join
 * time.
 */
export function recordEmptyJournal(stateDirectory: string, nowMs: number): void {
  if (readJoinTime(stateDirectory) > 0) recordJoinTime(stateDirectory, nowMs);
}

/**
 * When this host was set up; 0 if that was not recorded. Throws FILE_UNREADABLE if the record cannot be read.
 */
export function readJoinTime(stateDirectory: string): number {
  const path = join(stateDirectory, JOINING_FILE);
  if (!existsSync(path)) return 0;
  try {
    return joiningSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).joinedAtMs;
  } catch (cause) {
    throw new FarcallError(
      'FILE_UNREADABLE',
      `${path} does not say when this host was set up; it is {"joinedAtMs": MILLISECONDS}, since the epoch`,
      { cause },
    );
  }
}
