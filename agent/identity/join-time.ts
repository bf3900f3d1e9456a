import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { writePrivateFile } from '../../shared/files/index.ts';
import { fields } from '../../shared/messages/index.ts';

/** In the state directory, beside the key and the journal that are as old. */
const JOINING_FILE = 'joined.json';

const joiningSchema = z.strictObject({ joinedAtMs: fields.epochMs });

/**
 * Writes down that this host is set up now: to be called before its key is made, so that no key is older than
 * it says. Requests of before then do not run here, unless they say that they take late joiners: nobody
 * looked at this host when they were approved, and its journal does not know what ran on a host of this name
 * before.
 */
export function recordJoinTime(stateDirectory: string, nowMs: number): void {
  writePrivateFile(join(stateDirectory, JOINING_FILE), `${JSON.stringify({ joinedAtMs: nowMs })}\n`);
}

/**
 * To be called where the agent starts with no journal: a host that was enrolled has been set up only now, and
 * one whose journal was taken away does not know what it ran. On hosts of before that was written down
 * nothing changes.
 */
export function recordEmptyJournal(stateDirectory: string, nowMs: number): void {
  if (readJoinTime(stateDirectory) > 0) recordJoinTime(stateDirectory, nowMs);
}

/** When this host was set up; 0 if nothing says so. Throws FILE_UNREADABLE if what says so cannot be read. */
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
