import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { replaceFile } from '../../shared/files/index.ts';

const FILE = 'admission.json';
const POLL_MS = 200;

const admissionSchema = z.strictObject({
  /** When a controller said so, by the clock of this host. */
  atMs: z.int(),
  /** Why the controller holds this host; absent if it admits it. */
  held: z.string().optional(),
});

/** What a controller last said of this host: that it may run orders, or why not. */
export type Admission = z.infer<typeof admissionSchema>;

/**
 * Keeps what a controller said, for `enrol` and the doctor. Nothing is decided by it, so that a file that
 * cannot be written is no error.
 */
export function keepAdmission(stateDirectory: string, admission: Admission): void {
  try {
    replaceFile(join(stateDirectory, FILE), `${JSON.stringify(admission)}\n`);
  } catch {
    // A full disk is said where the journal is written.
  }
}

/** What a controller last said; undefined if nothing is known. */
export function lastAdmission(stateDirectory: string): Admission | undefined {
  const path = join(stateDirectory, FILE);
  if (!existsSync(path)) return undefined;
  try {
    return admissionSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * What a controller says of this host from `sinceMs` on; undefined if it has said nothing within `limitMs`.
 */
export async function nextAdmission(
  stateDirectory: string,
  { sinceMs, limitMs }: { readonly sinceMs: number; readonly limitMs: number },
): Promise<Admission | undefined> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const admission = lastAdmission(stateDirectory);
    if (admission && admission.atMs >= sinceMs) return admission;
    if (performance.now() >= endMs) return undefined;
    await sleep(POLL_MS);
  }
}
