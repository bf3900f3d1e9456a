import { FarcallError } from '../../../shared/errors/index.ts';
import { fields } from '../../../shared/messages/index.ts';
import { type FileSources, type IdentityMembers, readIdentityFile, unknownContext } from './identity-file.ts';

/** The operator who calls, their key, and the controller that they call. */
export interface OperatorIdentity {
  /** Address of the operator API: host:port or unix:/PATH. */
  readonly controller: string;
  /** The operator's name in the trust bundle. */
  readonly name: string;
  /** The site that this operator signs for; what belongs to another is refused. */
  readonly site: string;
  /** The operator's key: a file, a `pkcs11:` URI or `ssh-agent:`; see `openSigningKey`. */
  readonly key: string;
  /**
   * Certificates that the controller's must be signed by. Without them, the controller must be on this
   * machine.
   */
  readonly caFile: string | undefined;
  /** The roots of the site, from which the newest trust bundle is verified. */
  readonly rootsFile: string | undefined;
  /** Addresses of the broker for new hosts, separated by commas. */
  readonly broker: string | undefined;
  /** Certificates that the broker's must be signed by; undefined if they are those of {@link caFile}. */
  readonly brokerCaFile: string | undefined;
  /** The context, if the configuration has several. A command that asks for a confirmation names it. */
  readonly contextName: string | undefined;
}

/** The sources of an identity: the command line, the environment and the configuration file. */
export interface IdentitySources extends FileSources {
  /** From `--context`. */
  readonly contextName?: string | undefined;
}

/** The environment variable that overrides each member of the configuration. */
export const VARIABLES = {
  controller: 'FARCALL_CONTROLLER',
  name: 'FARCALL_NAME',
  site: 'FARCALL_SITE',
  key: 'FARCALL_KEY',
  caFile: 'FARCALL_CA_FILE',
  rootsFile: 'FARCALL_ROOTS_FILE',
  broker: 'FARCALL_BROKER',
  brokerCaFile: 'FARCALL_BROKER_CA_FILE',
} as const;

/**
 * The identity in the configuration file, each member overridden by its environment variable. Of several
 * contexts it is that of `--context`, else that of FARCALL_CONTEXT, else `current` in the file. Throws
 * CONFIG_INVALID, and names the member that is missing or wrong.
 */
export function readIdentity(sources: IdentitySources): OperatorIdentity {
  const { member, optional, contextName } = memberReader(sources);
  const name = fields.principalName.safeParse(member('name'));
  if (!name.success) {
    throw new FarcallError('CONFIG_INVALID', `${VARIABLES.name}: ${name.error.issues[0]?.message}`);
  }
  const controller = member('controller');
  const site = fields.siteId.safeParse(member('site'));
  if (!site.success)
    throw new FarcallError('CONFIG_INVALID', `${VARIABLES.site}: ${site.error.issues[0]?.message}`);
  return {
    controller,
    name: name.data,
    site: site.data,
    key: member('key'),
    caFile: optional('caFile'),
    rootsFile: optional('rootsFile'),
    broker: optional('broker'),
    brokerCaFile: optional('brokerCaFile'),
    contextName,
  };
}

/**
 * The controller's address, from the same sources, for a call without authentication. Throws CONFIG_INVALID.
 */
export function readControllerAddress(
  sources: IdentitySources,
): Pick<OperatorIdentity, 'caFile'> & { readonly address: string } {
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
 * Threat: an operator writes `--context lab` in a shell where FARCALL_CONTROLLER still points at production,
 * and changes production. So if the command line names a context, no member is taken from the environment.
 */
function memberReader(sources: IdentitySources): MemberReader {
  const { contextName: named, env } = sources;
  const file = readIdentityFile(sources);
  const selected = named ?? (env['FARCALL_CONTEXT'] || file.current);
  const members = selected === undefined ? undefined : file.contexts.get(selected);
  if (selected !== undefined && !members) throw unknownContext(file, selected);
  const variables: Readonly<Record<string, string | undefined>> = named === undefined ? env : {};
  const fromFile: IdentityMembers = members ?? {};
  const optional = (key: MemberName): string | undefined => variables[VARIABLES[key]] || fromFile[key];
  const missing = (key: MemberName): string =>
    members
      ? `write "${key}" into ${file.path}${selected ? `, context ${selected}` : ''}`
      : `choose a context with --context or farcall context use (${[...file.contexts.keys()].join(', ')})`;
  const member = (key: MemberName): string => {
    const value = optional(key);
    if (value) return value;
    throw new FarcallError(
      'CONFIG_INVALID',
      `${key} is not configured: ${missing(key)}, or set ${VARIABLES[key]}`,
    );
  };
  return { optional, member, contextName: file.contexts.size > 1 ? selected : undefined };
}
