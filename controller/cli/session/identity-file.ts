import { readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../../shared/errors/index.ts';
import { replaceFile } from '../../../shared/files/index.ts';
import { absoluteKeySource } from '../../../shared/keys/index.ts';
import { fields } from '../../../shared/messages/index.ts';
import { allIssues } from '../../../shared/schema/index.ts';

const identitySchema = z.strictObject({
  controller: z.string().min(1).optional(),
  name: fields.principalName.optional(),
  site: fields.siteId.optional(),
  key: z.string().min(1).optional(),
  caFile: z.string().min(1).optional(),
  rootsFile: z.string().min(1).optional(),
  broker: z.string().min(1).optional(),
  brokerCaFile: z.string().min(1).optional(),
});

const contextName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'a context name has only letters, digits and . _ -');

const contextsSchema = z.strictObject({
  current: contextName.optional(),
  contexts: z.record(contextName, identitySchema),
});

/** One identity of the configuration file: the controller's address, and the operator who calls it. */
export type IdentityMembers = z.infer<typeof identitySchema>;

/** The configuration file of an operator. */
export interface IdentityFile {
  readonly path: string;
  /**
   * The identities by the name of their context. In a file without contexts, the only identity has the empty
   * name.
   */
  readonly contexts: ReadonlyMap<string, IdentityMembers>;
  /** The context to use if the caller names none. */
  readonly current: string | undefined;
}

/** The sources of the configuration file's path. */
export interface FileSources {
  /** From `--config`. */
  readonly configFile: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const PATHS = ['caFile', 'rootsFile', 'brokerCaFile'] as const;

/**
 * Reads the configuration file: that of `--config`, that of FARCALL_CONFIG, or ~/.config/farcall/config.json,
 * which need not exist. The file holds one identity, or `contexts` with several identities by name, and
 * `current`. Paths in it are relative to its folder. Throws CONFIG_INVALID.
 */
export function readIdentityFile({ configFile, env }: FileSources): IdentityFile {
  const named = configFile ?? env['FARCALL_CONFIG'];
  const path = named ?? join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'farcall', 'config.json');
  const json = readJson(path, named !== undefined);
  if (!isContexts(json)) {
    const only = checked(path, identitySchema, json ?? {});
    return { path, current: '', contexts: new Map([['', withAbsolutePaths(only, path)]]) };
  }
  const { current, contexts } = checked(path, contextsSchema, json);
  if (current !== undefined && !Object.hasOwn(contexts, current))
    throw new FarcallError('CONFIG_INVALID', `${path}: current: there is no context ${current}`);
  const entries = Object.entries(contexts);
  if (entries.length === 0) throw new FarcallError('CONFIG_INVALID', `${path}: contexts: there is none`);
  return {
    path,
    current: current ?? (entries.length === 1 ? entries[0]?.[0] : undefined),
    contexts: new Map(entries.map(([name, identity]) => [name, withAbsolutePaths(identity, path)])),
  };
}

/**
 * Sets the current context of a file with several. Everything else in the file stays. Throws CONFIG_INVALID.
 */
export function writeCurrentContext({ path, contexts }: IdentityFile, name: string): void {
  const json = readJson(path, true);
  if (!isContexts(json))
    throw new FarcallError(
      'CONFIG_INVALID',
      `${path} has one identity, and no contexts; see farcall help contexts`,
    );
  if (!contexts.has(name)) throw unknownContext({ path, contexts }, name);
  const text = `${JSON.stringify({ ...(json as object), current: name }, null, 2)}\n`;
  try {
    // A symbolic link stays one.
    replaceFile(realpathSync(path), text, { concurrent: true });
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `the configuration ${path} cannot be written`, { cause });
  }
}

/** The error for a context that is not in the file. It lists those that are. */
export function unknownContext(
  { path, contexts }: Pick<IdentityFile, 'path' | 'contexts'>,
  name: string,
): FarcallError {
  const names = [...contexts.keys()].filter(each => each !== '');
  const known = names.length > 0 ? `there are ${names.join(', ')}` : 'it has one identity, and no contexts';
  return new FarcallError('CONFIG_INVALID', `${path} has no context ${name}; ${known}`);
}

function isContexts(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'contexts' in json;
}

function readJson(path: string, mustExist: boolean): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!mustExist && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FarcallError('CONFIG_INVALID', `the configuration ${path} cannot be read`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `${path}: not JSON`, { cause });
  }
}

function checked<S extends z.ZodType>(path: string, schema: S, json: unknown): z.infer<S> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new FarcallError(
    'CONFIG_INVALID',
    allIssues(parsed.error, () => path, 'configuration'),
  );
}

function withAbsolutePaths(identity: IdentityMembers, path: string): IdentityMembers {
  const folder = dirname(path);
  const { key } = identity;
  const absolute = { ...identity, ...(key !== undefined && { key: absoluteKeySource(key, folder) }) };
  for (const member of PATHS) {
    const file = identity[member];
    if (file !== undefined) absolute[member] = resolve(folder, file);
  }
  return absolute;
}
