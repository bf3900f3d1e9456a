import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { FarcallError } from '../../shared/errors/index.ts';
import { fields } from '../../shared/messages/index.ts';

const fileSchema = z.strictObject({
  controller: z.string().min(1).optional(),
  name: fields.principalName.optional(),
  keyFile: z.string().min(1).optional(),
  caFile: z.string().min(1).optional(),
  rootsFile: z.string().min(1).optional(),
});

type IdentityFile = z.infer<typeof fileSchema>;

/** Who is calling, from where, and with which key. */
export interface Identity {
  /** Address of the operator API: host:port or unix:/PATH. */
  readonly controller: string;
  /** The operator's name in the trust bundle. */
  readonly name: string;
  readonly keyFile: string;
  /** Certificates that are trusted for the controller; without them it must be on this machine. */
  readonly caFile: string | undefined;
  /** The roots that hosts are to trust, for enrolling them. */
  readonly rootsFile: string | undefined;
}

/** Where {@link readIdentity} looks. */
export interface IdentitySources {
  /** From `--config`. */
  readonly configFile: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const VARIABLES = {
  controller: 'FARCALL_CONTROLLER',
  name: 'FARCALL_NAME',
  keyFile: 'FARCALL_KEY_FILE',
  caFile: 'FARCALL_CA_FILE',
  rootsFile: 'FARCALL_ROOTS_FILE',
} as const;

const PATHS = ['keyFile', 'caFile', 'rootsFile'] as const;

/**
 * The identity in the configuration file (`--config`, FARCALL_CONFIG, or ~/.config/farcall/config.json), each member
 * overridden by its environment variable. Throws CONFIG_INVALID naming what is missing or wrong.
 */
export function readIdentity(sources: IdentitySources): Identity {
  const { member, optional } = memberReader(sources);
  const name = fields.principalName.safeParse(member('name'));
  if (!name.success) {
    throw new FarcallError('CONFIG_INVALID', `${VARIABLES.name}: ${name.error.issues[0]?.message}`);
  }
  return {
    controller: member('controller'),
    name: name.data,
    keyFile: member('keyFile'),
    caFile: optional('caFile'),
    rootsFile: optional('rootsFile'),
  };
}

/** Where the controller is, from the same places, for what needs no identity. Throws CONFIG_INVALID. */
export function readControllerPlace(
  sources: IdentitySources,
): Pick<Identity, 'caFile'> & { readonly address: string } {
  const { member, optional } = memberReader(sources);
  return { address: member('controller'), caFile: optional('caFile') };
}

type MemberName = keyof typeof VARIABLES;

interface MemberReader {
  optional(key: MemberName): string | undefined;
  member(key: MemberName): string;
}

function memberReader({ configFile, env }: IdentitySources): MemberReader {
  const asked = configFile ?? env['FARCALL_CONFIG'];
  const file = asked ?? join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'farcall', 'config.json');
  const fromFile = readFile(file, asked !== undefined);
  const optional = (key: MemberName): string | undefined => env[VARIABLES[key]] || fromFile[key];
  const member = (key: MemberName): string => {
    const value = optional(key);
    if (value) return value;
    throw new FarcallError(
      'CONFIG_INVALID',
      `it is not known which ${key} to use: write "${key}" into ${file}, or set ${VARIABLES[key]}`,
    );
  };
  return { optional, member };
}

function readFile(file: string, mustExist: boolean): IdentityFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (!mustExist && (cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new FarcallError('CONFIG_INVALID', `the configuration ${file} cannot be read`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FarcallError('CONFIG_INVALID', `${file}: not JSON`, { cause });
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new FarcallError(
      'CONFIG_INVALID',
      `${file}: ${issue?.path.join('.') || 'configuration'}: ${issue?.message}`,
    );
  }
  return withAbsolutePaths(parsed.data, dirname(file));
}

function withAbsolutePaths(identity: IdentityFile, folder: string): IdentityFile {
  const absolute = { ...identity };
  for (const member of PATHS) {
    const path = identity[member];
    if (path !== undefined) absolute[member] = resolve(folder, path);
  }
  return absolute;
}
