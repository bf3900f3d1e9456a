import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, FarcallError } from '../errors/index.ts';
import { checkUnshared } from '../files/index.ts';
import { merged } from './merge.ts';

/** A configuration as it was read: what it says, and where each part of it stands. */
export interface ConfigFile {
  readonly json: unknown;
  /** The file whose word on the member `path` counts. */
  originOf(path: readonly PropertyKey[]): string;
}

const FILE_LIMIT_BYTES = 1 << 20;
const DROP_INS_LIMIT = 64;

/**
 * The configuration in the JSON file `file`, with what the files in the folder `FILE.d` say: `*.json` in the
 * order of their names. A later file counts more; objects are merged member by member, and everything else is
 * replaced. Throws `unreadable` where a file cannot be read, CONFIG_INVALID where it is no JSON, and
 * FILE_UNREADABLE where others can change a drop-in file.
 *
 * Threat: a folder beside the configuration that somebody else can write to decides what the program does. So
 * each file in it must be as well kept as the configuration.
 */
export function readConfigFile(file: string, unreadable: ErrorCode): ConfigFile {
  const parts = [{ file, json: parseConfigText(readText(file, unreadable), file) }];
  for (const dropIn of dropInsOf(file)) {
    checkUnshared(dropIn, 'part of the configuration');
    parts.push({ file: dropIn, json: parseConfigText(readText(dropIn, unreadable), dropIn) });
  }
  return {
    json: parts.map(({ json }) => json).reduce(merged),
    originOf: path => parts.findLast(({ json }) => says(json, path))?.file ?? file,
  };
}

/** The JSON in `text`. Throws CONFIG_INVALID that names `origin`. */
export function parseConfigText(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `${origin}: not JSON: ${(cause as Error).message}`, { cause });
  }
}

function readText(file: string, unreadable: ErrorCode): string {
  try {
    if (statSync(file).size > FILE_LIMIT_BYTES) throw new Error(`it has more than ${FILE_LIMIT_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FarcallError(unreadable, `the configuration ${file} cannot be read`, { cause });
  }
}

function dropInsOf(file: string): readonly string[] {
  const folder = `${file}.d`;
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new FarcallError('CONFIG_INVALID', `the folder ${folder} cannot be read`, { cause });
  }
  const files = names.filter(name => name.endsWith('.json') && !name.startsWith('.')).sort();
  if (files.length > DROP_INS_LIMIT)
    throw new FarcallError('CONFIG_INVALID', `${folder} has more than ${DROP_INS_LIMIT} files`);
  return files.map(name => join(folder, name));
}

/** Whether `json` itself has a word on the member `path`, or on what the member is in. */
function says(json: unknown, path: readonly PropertyKey[]): boolean {
  let at: unknown = json;
  for (const [depth, member] of path.entries()) {
    if (typeof at !== 'object' || at === null) return depth > 0;
    if (!Object.hasOwn(at, member)) return Array.isArray(at);
    at = (at as Record<PropertyKey, unknown>)[member];
  }
  return true;
}
