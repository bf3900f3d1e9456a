import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FarcallError, reasonOf } from '../../shared/errors/index.ts';
import { replaceFile } from '../../shared/files/index.ts';
import { fields } from '../../shared/messages/index.ts';

/** How many of its earlier sets of labels a host remembers. */
const FORMER_LIMIT = 16;

/** In the state directory, beside the key of the host. */
const LABELS_FILE = 'labels.json';

const fileSchema = z.strictObject({
  /** Id of the key of the host to which people gave these labels. */
  kid: z.string(),
  number: fields.labelsNumber,
  labels: fields.hostLabels,
  by: z.array(fields.principalName),
  /** The labels before those, the newest first. */
  former: z.array(fields.hostLabels).max(FORMER_LIMIT),
});

/** The labels of this host: those of its enrolment, until people gave it others. */
export interface HeldLabels {
  readonly labels: Readonly<Record<string, string>>;
  /** Which change of labels this host took last; 0 if it has those of its enrolment. */
  readonly number: number;
  /** The labels that this host had before, the newest first; at most 16 sets of them. */
  readonly former: readonly Readonly<Record<string, string>>[];
  /** Takes other labels, which are verified, and has them on the disk. Throws STORE_FAILED. */
  keep(taken: { number: number; labels: Readonly<Record<string, string>>; by: readonly string[] }): void;
}

/**
 * The labels that the host with the key `kid` has. Throws FILE_UNREADABLE if their file is damaged.
 *
 * Threat: a machine that was enrolled again, by somebody who looked at its labels, takes up those of its
 * earlier life. They were given to another key, and do not count.
 */
export function openLabels({
  stateDirectory,
  kid,
  enrolled,
}: {
  readonly stateDirectory: string;
  readonly kid: string;
  readonly enrolled: Readonly<Record<string, string>>;
}): HeldLabels {
  const path = join(stateDirectory, LABELS_FILE);
  const stored = readLabels(path);
  let held: Pick<HeldLabels, 'labels' | 'number' | 'former'> =
    stored?.kid === kid ? stored : { number: 0, labels: enrolled, former: [] };
  return {
    get labels() {
      return held.labels;
    },
    get number() {
      return held.number;
    },
    get former() {
      return held.former;
    },
    keep({ number, labels, by }) {
      const former = [held.labels, ...held.former].slice(0, FORMER_LIMIT);
      try {
        replaceFile(path, `${JSON.stringify({ kid, number, labels, by, former })}\n`);
      } catch (cause) {
        throw new FarcallError('STORE_FAILED', `${path} cannot be written: ${reasonOf(cause)}`, { cause });
      }
      held = { number, labels, former };
    },
  };
}

function readLabels(path: string): z.infer<typeof fileSchema> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new FarcallError(
      'FILE_UNREADABLE',
      `${path} does not say which labels this host has; without it, the host asks the controllers again`,
      { cause },
    );
  }
}
