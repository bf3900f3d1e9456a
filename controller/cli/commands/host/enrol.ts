import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EnrolmentToken, formatEnrolmentToken } from '../../../../shared/enrolment/index.ts';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import {
  type EnrolmentDraft,
  type EnrolmentSubmission,
  type EnrolmentView,
  enrolmentDraftCodec,
  SECRET_BYTES,
} from '../../../../shared/messages/index.ts';
import { firstIssue } from '../../../../shared/schema/index.ts';
import { brokerUrl, isLoopback, readTrustedCertificates } from '../../../../shared/tls/index.ts';
import { digestText, keyPairOfSeed, requireSite, sha256 } from '../../../../shared/tokens/index.ts';
import { rootsFileText, type VerifiedBundle } from '../../../../shared/trust/index.ts';
import { formatTime, labelList, parseDuration } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  checkDraft,
  collect,
  EXIT,
  type ExitCode,
  knownBundle,
  REMOTE_EXITS,
  signNow,
  withOperatorOptions,
} from '../../core/index.ts';
import {
  type CliContext,
  type CommonOptions,
  type OperatorIdentity,
  type Session,
  withSession,
} from '../../session/index.ts';

interface EnrolOptions extends CommonOptions {
  readonly label: readonly string[];
  readonly expires: string;
  readonly roots?: string;
  readonly ca?: string;
  readonly address?: string;
  readonly broker?: string;
  readonly brokerCa?: string;
  readonly out?: string;
  readonly outFolder?: string;
}

/** `farcall host enrol`. */
export const addHostEnrol: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('enrol'))
    .summary('make a one-time token for a new host')
    .description('Makes a one-time token with which a machine becomes the host NAME, for each NAME.')
    .argument('<name...>', 'names of hosts: a-z, 0-9, - and .')
    .option('--label <label>', 'label=value, for selectors; may be repeated', collect, [])
    .option('--expires <duration>', 'how long the token can be used', '1h')
    .option(
      '--roots <file>',
      'roots of the site, which lead to the newest trust bundle; default: rootsFile of your configuration',
    )
    .option('--ca <file>', 'certificates of the controller; default: caFile of your configuration')
    .option(
      '--address <address>',
      'host:port at which the host reaches the controller; default: what the controller says',
    )
    .option(
      '--broker <addresses>',
      'tls://host:port of the broker, several with commas; default: broker of your configuration',
    )
    .option(
      '--broker-ca <file>',
      "certificates of the broker, or 'system'; default: brokerCaFile or caFile of your configuration",
    )
    .option(
      '--out <file>',
      'write the token to this file (0600), which must not exist, instead of to stdout',
    );
  command.option(
    '--out-folder <folder>',
    'write each token to the file NAME.token in this folder; for several hosts',
  );
  addHelp(command, {
    notes: [
      'The secret in the token is made on this machine. The controller never gets it.',
      'You sign for the host, its labels and the key of the token.',
      'The token also holds labels, broker, roots and the newest trust bundle, and the host takes no others.',
      'Keep the token as you would keep a password.',
      'A host that is enrolled already is removed first, by two approvers: farcall host remove.',
    ],
    examples: [
      'host enrol web-{1,2,3} --label env=prod --out-folder tokens',
      'host enrol web-1 --label env=prod --label role=web --out web-1.token',
      'host enrol web-1 | ssh root@web-1 farcall-agent enrol --token-stdin',
    ],
    exits: REMOTE_EXITS,
  }).action(async (names: readonly string[], options: EnrolOptions) =>
    exitWith(await enrol(context, names, options)),
  );
};

/**
 * Threat: somebody else controls the controller. The operator provides everything that a new host will trust:
 * the secret is made on this machine; certificates, labels and broker are the operator's; and the roots are
 * those of the newest bundle that was verified here. Of the controller's answer only the address is used, and
 * the server at that address needs a certificate by the operator's authority.
 */
async function enrol(
  context: CliContext,
  names: readonly string[],
  options: EnrolOptions,
): Promise<ExitCode> {
  checkPlaces(names, options);
  return withSession(context, options, async session => {
    const { client, identity } = session;
    const trusted = trustedFiles(identity, options);
    const rootsFile = rootsFileOf(identity, options);
    const newest = await knownBundle(context, client, rootsFile);
    requireSite(rootsFile, newest.bundle.site, identity.site);
    const made: object[] = [];
    for (const name of names)
      made.push(await enrolOne(context, session, { name, options, trusted, trust: trustOf(newest) }));
    if (options.json) context.terminal.print(asciiJson(names.length === 1 ? made[0] : made));
    return EXIT.ok;
  });
}

/** Throws CONFIG_INVALID if the tokens of several hosts would go to one place. */
function checkPlaces(names: readonly string[], { out, outFolder }: EnrolOptions): void {
  if (out !== undefined && outFolder !== undefined)
    throw new FarcallError('CONFIG_INVALID', '--out and --out-folder exclude each other');
  if (names.length > 1 && outFolder === undefined)
    throw new FarcallError('CONFIG_INVALID', 'several hosts have several tokens: add --out-folder FOLDER');
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new FarcallError('CONFIG_INVALID', `${repeated} is named twice`);
}

interface OneEnrolment {
  readonly name: string;
  readonly options: EnrolOptions;
  readonly trusted: Pick<EnrolmentToken, 'ca' | 'broker'>;
  readonly trust: Pick<EnrolmentToken, 'site' | 'rootsDigest' | 'bundle'>;
}

/** Makes and writes the token of one host, and returns what --json says of it. */
async function enrolOne(
  context: CliContext,
  session: Session,
  { name, options, trusted, trust }: OneEnrolment,
): Promise<object> {
  const secret = randomBytes(SECRET_BYTES);
  const draft = draftFrom(name, options, secret);
  const view = await session.client.call('createEnrolment', await signDraft(context, session, draft));
  const address = options.address ?? view.address;
  const { labels } = draft;
  const token = formatEnrolmentToken({ ...{ address, host: name, labels, secret }, ...trusted, ...trust });
  const { outFolder } = options;
  const out = outFolder === undefined ? options.out : join(outFolder, `${name}.token`);
  if (out !== undefined) writeToken(out, token);
  warnOfLoopback(context, name, [address, ...trusted.broker.servers]);
  if (!options.json) printEnrolment(context, view, { out, token });
  return { ...view, ...(out === undefined ? { token } : { out }) };
}

/** A host elsewhere does not reach the machine of its controller at an address that means itself. */
function warnOfLoopback({ terminal }: CliContext, name: string, addresses: readonly string[]): void {
  const own = addresses.filter(address => isLoopback(hostIn(address)));
  if (own.length > 0)
    terminal.warn(
      `${own.join(' and ')}: ${name} reaches that only if it is the machine of the controller and the broker itself. For ` +
        'another machine, give --address HOST:PORT and --broker tls://HOST:PORT.',
    );
}

/** The host in `tls://host:port` and in `host:port`. */
function hostIn(address: string): string {
  const [, host = ''] = /^(?:\w+:\/\/)?(.*?)(?::\d+)?$/.exec(address) ?? [];
  return host.replace(/^\[|\]$/g, '');
}

async function signDraft(
  context: CliContext,
  session: Session,
  draft: EnrolmentDraft,
): Promise<EnrolmentSubmission> {
  const bytes = enrolmentDraftCodec.encode(draft);
  const about = { sha256: digestText(sha256(bytes)) };
  return { draft: bytes, token: await signNow(context, session, 'hostEnrolment', about) };
}

/** The roots in force, and the bundle that says so. */
function trustOf({
  bundle,
  digest,
}: VerifiedBundle): Pick<EnrolmentToken, 'site' | 'rootsDigest' | 'bundle'> {
  return {
    site: bundle.site,
    rootsDigest: digestText(sha256(Buffer.from(rootsFileText(bundle), 'utf8'))),
    bundle: { version: bundle.version, digest: digestText(digest) },
  };
}

function trustedFiles(
  identity: OperatorIdentity,
  options: EnrolOptions,
): Pick<EnrolmentToken, 'ca' | 'broker'> {
  const caFile = options.ca ?? identity.caFile;
  const brokers = options.broker ?? identity.broker;
  if (caFile === undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      'a new host needs the certificates of its controller: --ca FILE',
    );
  if (brokers === undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      'a new host needs the address of its broker: --broker tls://HOST:PORT, or "broker" in your configuration',
    );
  const ca = readTrustedCertificates(caFile).toString('utf8');
  const brokerCa = options.brokerCa ?? identity.brokerCaFile ?? caFile;
  const caDigest = brokerCa === 'system' ? '' : digestText(sha256(readTrustedCertificates(brokerCa)));
  return { ca, broker: { servers: brokers.split(',').map(checkedBroker), caDigest } };
}

function checkedBroker(url: string): string {
  const parsed = brokerUrl.safeParse(url.trim());
  if (parsed.success) return parsed.data;
  throw new FarcallError('CONFIG_INVALID', `--broker: ${url}: ${firstIssue(parsed.error, 'address')}`);
}

function rootsFileOf(identity: OperatorIdentity, options: EnrolOptions): string {
  const rootsFile = options.roots ?? identity.rootsFile;
  if (rootsFile !== undefined) return rootsFile;
  throw new FarcallError('CONFIG_INVALID', 'a new host needs the roots of the site: --roots FILE');
}

/** What is typed for each member of a draft. */
const DRAFT_OPTIONS = { host: 'NAME', labels: '--label', lifetimeMs: '--expires' };

/** The enrolment, checked against its schema before anything is sent. */
function draftFrom(host: string, options: EnrolOptions, secret: Uint8Array): EnrolmentDraft {
  const draft: EnrolmentDraft = {
    host,
    labels: labelsFrom(options.label),
    lifetimeMs: parseDuration('--expires', options.expires),
    enrolmentKid: keyPairOfSeed(secret).kid,
  };
  return checkDraft(enrolmentDraftCodec, draft, DRAFT_OPTIONS);
}

function labelsFrom(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map(text => {
    const at = text.indexOf('=');
    if (at < 1) throw new FarcallError('CONFIG_INVALID', `--label: '${text}' is not label=value`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  const repeated = pairs.find(([label], index) => pairs.findIndex(([other]) => other === label) !== index);
  if (repeated) throw new FarcallError('CONFIG_INVALID', `--label: ${repeated[0]} is given twice`);
  return Object.fromEntries(pairs);
}

function writeToken(path: string, token: string): void {
  try {
    writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new FarcallError(
      'FILE_UNREADABLE',
      `--out: ${path} cannot be written, and the token is lost: farcall host revoke the enrolment, and make another`,
      { cause },
    );
  }
}

function printEnrolment(
  { terminal }: CliContext,
  view: EnrolmentView,
  { out, token }: { readonly out: string | undefined; readonly token: string },
): void {
  if (out === undefined) terminal.print(token);
  const labels = labelList(view.labels) || 'no labels';
  const { host, id } = view;
  terminal.warn(`Enrolment ${id}: ${host}, ${labels}, valid once until ${formatTime(view.expiresAtMs)}.`);
  terminal.warn(`On ${host}, as root: farcall-agent enrol --token-file ${out ?? 'FILE'}`);
}
