import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const JOIN = fileURLToPath(new URL('./join-program.mjs', import.meta.url));

/**
 * Where joined programs are: two folders below the top of the checkout, as in a release, so that they find
 * package.json and proto/.
 */
const FOLDER = fileURLToPath(new URL('../../.cache/joined', import.meta.url));

const files = new Map<string, string>();

/**
 * The path of the program `source` (a TypeScript file without a top-level await) as one file. Node starts
 * that with half of the CPU time that 150 sources take, and the flow tests start such programs 200 times. The
 * file is made once in a run of vitest, by the first process that needs it.
 */
export function joinedProgram(source: string): string {
  const known = files.get(source);
  if (known !== undefined) return known;
  const file = `${FOLDER}/${basename(source, '.ts')}.cjs`;
  if (!isOfThisRun(file)) execFileSync(process.execPath, [JOIN, source, file]);
  files.set(source, file);
  return file;
}

/** Whether `file` was made since this run of vitest began; test/vitest.config.ts says when that was. */
function isOfThisRun(file: string): boolean {
  const beganMs = Number(process.env['FARCALL_TEST_BEGAN_MS'] ?? Number.POSITIVE_INFINITY);
  return (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > beganMs;
}
