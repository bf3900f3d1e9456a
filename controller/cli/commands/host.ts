import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { type EnrolmentToken, formatEnrolmentToken } from '../../../shared/enrolment/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  type EnrolmentDraft,
  type EnrolmentView,
  enrolmentDraftCodec,
  SECRET_BYTES,
} from '../../../shared/messages/index.ts';
import { readTrustedCertificates } from '../../../shared/tls/index.ts';
import { digestText, sha256 } from '../../../shared/tokens/index.ts';
import { formatTime, parseDuration } from '../../views/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Identity } from '../identity.ts';
import { labelList } from '../output/labels.ts';
import { renderTable } from '../output/table.ts';

/** Options of `farcall host enrol`. */
export interface EnrolOptions extends CommonOptions {
  readonly label: readonly string[];
  readonly expires: string;
  readonly replace?: boolean;
  readonly roots?: string;
  readonly ca?: string;
  readonly address?: string;
  readonly out?: string;
}

/**
 * Makes an enrolment and prints its token, or writes it into a file.
 *
 * Threat: a controller in wrong hands. Everything that a new host will believe is the operator's own: the secret is made
 * here, the certificates and the roots are files of his; of the controller's answer only the address is used, and whoever
 * is there must have a certificate by the operator's authority.
 */
export async function enrolHost(context: CliContext, name: string, options: EnrolOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client, identity }) => {
    const trusted = trustedFiles(identity, options);
    const secret = randomBytes(SECRET_BYTES);
    const view = await client.call('createEnrolment', draftFrom(name, options, secret));
    const address = options.address ?? view.address;
    const token = formatEnrolmentToken({ address, host: name, ...trusted, secret });
    if (options.out !== undefined) writeToken(options.out, token);
    report(context, view, options, token);
    return EXIT.ok;
  });
}

function trustedFiles(identity: Identity, options: EnrolOptions): Pick<EnrolmentToken, 'ca' | 'rootsDigest'> {
  const caFile = options.ca ?? identity.caFile;
  const rootsFile = options.roots ?? identity.rootsFile;
  if (caFile === undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      'a new host must know the certificates of its controller: --ca FILE',
    );
  if (rootsFile === undefined)
    throw new FarcallError('CONFIG_INVALID', 'a new host must know whom it is to trust: --roots FILE');
  const ca = readTrustedCertificates(caFile).toString('utf8');
  return { ca, rootsDigest: digestText(sha256(readRoots(rootsFile))) };
}

function readRoots(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the roots ${path} cannot be read`, { cause });
  }
}

/** What is wrong is said here, before anything is sent. */
function draftFrom(host: string, options: EnrolOptions, secret: Uint8Array): EnrolmentDraft {
  const draft: EnrolmentDraft = {
    host,
    labels: labelsFrom(options.label),
    lifetimeMs: parseDuration('--expires', options.expires),
    replace: options.replace ?? false,
    secretDigest: sha256(secret),
  };
  return enrolmentDraftCodec.decode(enrolmentDraftCodec.encode(draft));
}

function labelsFrom(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map(text => {
    const at = text.indexOf('=');
    if (at < 1) throw new FarcallError('CONFIG_INVALID', `--label: '${text}' is not label=value`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  const twice = pairs.find(([label], index) => pairs.findIndex(([other]) => other === label) !== index);
  if (twice) throw new FarcallError('CONFIG_INVALID', `--label: ${twice[0]} is given twice`);
  return Object.fromEntries(pairs);
}

function writeToken(path: string, token: string): void {
  try {
    writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new FarcallError(
      'FILE_UNREADABLE',
      `--out: ${path} cannot be written; the token is lost: farcall host revoke it, and make another`,
      { cause },
    );
  }
}

function report(
  { terminal }: CliContext,
  view: EnrolmentView,
  { out, json }: EnrolOptions,
  token: string,
): void {
  if (json) return terminal.print(JSON.stringify({ ...view, ...(out === undefined ? { token } : { out }) }));
  if (out === undefined) terminal.print(token);
  const labels = labelList(view.labels) || 'no labels';
  const { host, id } = view;
  terminal.warn(`Enrolment ${id}: ${host}, ${labels}, good once until ${formatTime(view.expiresAtMs)}.`);
  if (view.replace) terminal.warn(`When it is used, the keys that ${host} has now are worth nothing.`);
  terminal.warn(`On ${host}, as root: farcall-agent enrol --token-file ${out ?? 'FILE'}`);
}

/** Lists enrolments. */
export async function enrolments(context: CliContext, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const { terminal } = context;
    const list = (await client.call('listEnrolments', {})).enrolments;
    if (options.json) {
      terminal.print(JSON.stringify(list));
      return EXIT.ok;
    }
    const rows = list.map(view => [
      { text: view.id },
      { text: view.host },
      { text: view.state },
      { text: view.madeBy },
      { text: formatTime(view.expiresAtMs) },
      { text: view.replace ? 'yes' : 'no' },
      { text: labelList(view.labels) },
    ]);
    const headers = ['ID', 'HOST', 'STATE', 'MADE BY', 'EXPIRES', 'REPLACES', 'LABELS'];
    for (const line of renderTable({ headers, rows, flexible: [6, 4], width: terminal.columns }))
      terminal.print(line);
    return EXIT.ok;
  });
}

/** Makes an enrolment worthless. */
export async function revokeEnrolment(
  context: CliContext,
  id: string,
  options: CommonOptions,
): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const view = await client.call('revokeEnrolment', { id });
    const text = `Enrolment ${id} of ${view.host} is revoked.`;
    context.terminal.print(options.json ? JSON.stringify(view) : text);
    return EXIT.ok;
  });
}

/** Removes a host. */
export async function removeHost(
  context: CliContext,
  host: string,
  options: CommonOptions,
): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const removal = await client.call('removeHost', { host });
    const until = formatTime(removal.credentialUntilMs);
    const text =
      `${host} is removed: nothing it says is believed any more.\n` +
      `Until ${until} at the latest the broker lets it in, where it can read orders and do nothing else.`;
    context.terminal.print(options.json ? JSON.stringify(removal) : text);
    return EXIT.ok;
  });
}
