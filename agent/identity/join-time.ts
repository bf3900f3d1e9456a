import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { writePrivateFile } from '../../shared/files/index.ts';
import { fields } from '../../shared/messages/index.ts';

/** In the state directory, beside the key and the journal. */
const JOINING_FILE = 'joined.json';

const joiningSchema = z.strictObject({
  joinedAtMs: fields.epochMs,
  /** Whether the agent has had a journal since then. */
  hadJournal: z.boolean().optional(),
});

/**
 * Records that this host is set up now. To be called before its key is made, so that no key is older than the
 * record. Requests from before that time do not run here unless they take late joiners: nobody looked at this
 * host when they were approved, and its journal does not have what ran earlier on a host of this name.
 */
export function recordJoinTime(stateDirectory: string, nowMs: number): void {
  writePrivateFile(join(stateDirectory, JOINING_FILE), `${JSON.stringify({ joinedAtMs: nowMs })}\n`);
}

/**
 * To be called when the agent starts; `hasJournal`: whether its journal is there. True if this host had a
 * journal and has lost it. A host that was enrolled just now has none yet. Without one, the join time becomes
 * now, because the host does not have what it ran. Nothing is recorded on a host without a join time.
 *
 * Threat: somebody empties or removes the journal, so that what ran may run again. It is said here, and the
 * controllers, which remember how far the journal had come, hold the host.
 */
export function noteJournal(stateDirectory: string, hasJournal: boolean, nowMs: number): boolean {
  const { joinedAtMs, hadJournal = false } = readJoining(stateDirectory);
  if (joinedAtMs === 0 || (hasJournal && hadJournal)) return false;
  const noted = { joinedAtMs: hasJournal ? joinedAtMs : nowMs, hadJournal: true };
  writePrivateFile(join(stateDirectory, JOINING_FILE), `${JSON.stringify(noted)}\n`);
  return !hasJournal && hadJournal;
}

/**
 * When this host was set up; 0 if that was not recorded. Throws FILE_UNREADABLE if the record cannot be read.
 */
export function readJoinTime(stateDirectory: string): number {
  return readJoining(stateDirectory).joinedAtMs;
}

function readJoining(stateDirectory: string): z.infer<typeof joiningSchema> {
  const path = join(stateDirectory, JOINING_FILE);
  if (!existsSync(path)) return { joinedAtMs: 0 };
  try {
    return joiningSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new FarcallError(
      'FILE_UNREADABLE',
      `${path} does not say when this host was set up; it is {"joinedAtMs": MILLISECONDS}, since the epoch`,
      { cause },
    );
  }
}
