import { FarcallError } from '../../shared/errors/index.ts';
import { fields } from '../../shared/messages/index.ts';
import { type FileSources, type IdentityMembers, readIdentityFile, unknownContext } from './identity-file.ts';

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
  /** The context, where the configuration has several: what is dangerous names it before it asks. */
  readonly contextName: string | undefined;
}

/** Where {@link readIdentity} looks. */
export interface IdentitySources extends FileSources {
  /** From `--context`. */
  readonly contextName?: string | undefined;
}

/** The environment variable that stands before each member of the configuration. */
export const VARIABLES = {
  controller: 'FARCALL_CONTROLLER',
  name: 'FARCALL_NAME',
  keyFile: 'FARCALL_KEY_FILE',
  caFile: 'FARCALL_CA_FILE',
  rootsFile: 'FARCALL_ROOTS_FILE',
} as const;

/**
 * The identity in the configuration file, each member overridden by its environment variable. Of several
 * contexts it is the one of `--context`, FARCALL_CONTEXT, or `current` in the file. Throws CONFIG_INVALID
 * naming what is missing or wrong.
 */
export function readIdentity(sources: IdentitySources): Identity {
  const { member, optional, contextName } = memberReader(sources);
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
    contextName,
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
  readonly contextName: string | undefined;
  optional(key: MemberName): string | undefined;
  member(key: MemberName): string;
}

/**
 * Threat: who writes `--context lab` while FARCALL_CONTROLLER of another day points at production acts on
 * production. What is said last, on the command line, counts alone: then no member is taken from the
 * environment.
 */
function memberReader(sources: IdentitySources): MemberReader {
  const { contextName: named, env } = sources;
  const file = readIdentityFile(sources);
  const wanted = named ?? (env['FARCALL_CONTEXT'] || file.current);
  const members = wanted === undefined ? undefined : file.contexts.get(wanted);
  if (wanted !== undefined && !members) throw unknownContext(file, wanted);
  const variables: Readonly<Record<string, string | undefined>> = named === undefined ? env : {};
  const fromFile: IdentityMembers = members ?? {};
  const optional = (key: MemberName): string | undefined => variables[VARIABLES[key]] || fromFile[key];
  const missing = (key: MemberName): string =>
    members
      ? `write "${key}" into ${file.path}${wanted ? `, context ${wanted}` : ''}`
      : `choose a context with --context or farcall context use (${[...file.contexts.keys()].join(', ')})`;
  const member = (key: MemberName): string => {
    const value = optional(key);
    if (value) return value;
    throw new FarcallError(
      'CONFIG_INVALID',
      `it is not known which ${key} to use: ${missing(key)}, or set ${VARIABLES[key]}`,
    );
  };
  return { optional, member, contextName: file.contexts.size > 1 ? wanted : undefined };
}
