import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { CompletionInput, ShellCandidate } from './candidate.ts';

/**
 * How long the names of a controller are remembered, in milliseconds. A person who presses TAB twice, or
 * after a further letter, gets the same names at once; nobody is shown those of a minute ago.
 */
const REMEMBERED_MS = 5000;

/**
 * The kinds of values that the controller knows, and whether its answer depends on what is already typed.
 */
const FROM_CONTROLLER: Readonly<Record<string, 'any' | 'typed'>> = {
  enrolment: 'any',
  host: 'typed',
  id: 'any',
  pattern: 'typed',
  program: 'typed',
  requester: 'any',
  selector: 'typed',
  wave: 'typed',
};

/** Whether the controller is asked for values of this kind. */
export function isFromController(kind: string): boolean {
  return Object.hasOwn(FROM_CONTROLLER, kind);
}

/**
 * What `ask` resolves to, or what it resolved to for the same person within the last seconds. It is in a file
 * that only this person can read, in the folder of caches; without a home folder nothing is remembered.
 */
export async function rememberedNames(
  kind: string,
  input: CompletionInput,
  ask: () => Promise<readonly ShellCandidate[] | 'files'>,
): Promise<readonly ShellCandidate[] | 'files'> {
  const { clock, env } = input.context;
  const home = env['XDG_CACHE_HOME'] || (env['HOME'] && join(env['HOME'], '.cache'));
  if (!home) return ask();
  const folder = join(home, 'farcall');
  const key = keyOf(kind, input);
  const nowMs = clock.nowMs();
  const fresh = readEntries(folder).filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < REMEMBERED_MS);
  const found = fresh.find(entry => entry.key === key);
  if (found) return found.names;
  const names = await ask();
  if (names !== 'files') writeEntries(folder, [...fresh, { key, atMs: clock.nowMs(), names }]);
  return names;
}

interface Entry {
  readonly key: string;
  readonly atMs: number;
  readonly names: readonly ShellCandidate[];
}

function isEntry(entry: Partial<Entry> | null): entry is Entry {
  return Array.isArray(entry?.names) && entry.names.every(name => typeof name?.value === 'string');
}

/**
 * Everything that the answer depends on: the question, and who asks which controller. That is in the command
 * line, the environment and the configuration; one that has changed is another.
 */
function keyOf(kind: string, { typed, command, context: { env }, operator }: CompletionInput): string {
  const variables = Object.entries(env).filter(([name]) => /^(FARCALL_|XDG_CONFIG_HOME$|HOME$)/.test(name));
  const path =
    operator.config ??
    env['FARCALL_CONFIG'] ??
    join(env['XDG_CONFIG_HOME'] || join(env['HOME'] ?? '', '.config'), 'farcall', 'config.json');
  const question = [kind, command, FROM_CONTROLLER[kind] === 'typed' ? typed : ''];
  const parts = [question, operator, variables.sort(), path, contentOf(path)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Threat: the folder of caches is in a place where somebody else may write, and their file puts words on the
 * command line of this person. So the file counts only if it is this person's and nobody else can write it.
 */
function readEntries(folder: string): readonly Entry[] {
  try {
    const file = openSync(join(folder, FILE), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { uid, mode } = fstatSync(file);
      if (uid !== process.geteuid?.() || (mode & 0o077) !== 0) return [];
      const entries: unknown = JSON.parse(readFileSync(file, 'utf8'));
      return Array.isArray(entries) ? entries.filter(isEntry) : [];
    } finally {
      closeSync(file);
    }
  } catch {
    // There is none yet, or it cannot be read; the controller is asked then.
    return [];
  }
}

const FILE = 'names.json';

function writeEntries(folder: string, entries: readonly Entry[]): void {
  const own = join(folder, `${FILE}.${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(own, JSON.stringify(entries), { mode: 0o600, flag: 'wx' });
    renameSync(own, join(folder, FILE));
  } catch {
    // A full disk or a folder of somebody else: the next TAB asks the controller again.
  }
}
