import { FarcallError } from '../../../shared/errors/index.ts';
import { digestHex, grouped, type ReadRequest } from '../../views/index.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import type { Identity } from '../identity.ts';
import { renderRequest, renderStanding } from '../output/request-text.ts';
import { cut } from '../output/text-width.ts';

/** Options of commands that sign something about a request. */
export interface ConfirmOptions extends CommonOptions {
  readonly yes?: boolean;
  /** `sha256:` and at least 16 hex digits: the request must have this digest. */
  readonly digest?: string;
}

/** Shows a request: its own bytes first, then what the controller adds. */
export function showRequest(
  { terminal, clock }: CliContext,
  read: ReadRequest,
  { json }: CommonOptions,
): void {
  // With --json, stdout is for the answer; what is signed is still shown.
  const print = json ? terminal.warn : terminal.print;
  for (const line of [...renderRequest(read, clock.nowMs(), terminal.columns), '']) print(line);
  for (const line of renderStanding(read)) print(cut(line, terminal.columns));
  print('');
}

/** What a person is asked. */
export interface Question {
  /** Without a question mark: `Approve exactly this`. */
  readonly text: string;
  /** As whom and where it would be done. */
  readonly identity: Pick<Identity, 'contextName' | 'controller'>;
  /** On how many hosts something may run by a yes; of many hosts the number is to be typed. */
  readonly hosts?: number;
}

/** For more hosts than that a yes must be their number, which nobody types by habit. */
export const HOSTS_BY_HABIT = 100;

/**
 * Whether the operator wants it: by --yes, or by a yes to `question`. Throws CONFLICT where --digest names another digest
 * than that of the bytes, CONFIG_INVALID where there is nobody to ask.
 */
export async function isConfirmed(
  context: CliContext,
  { digest }: Pick<ReadRequest, 'digest'>,
  { options, question }: { readonly options: ConfirmOptions; readonly question: Question },
): Promise<boolean> {
  if (options.digest !== undefined) checkDigest(digest, options.digest);
  return isAgreed(context, options, { ...question, text: `${question.text} ${digestHex(digest)}` });
}

/** Whether the operator agrees: by --yes, or by a yes to `question`. Throws CONFIG_INVALID where there is nobody to ask. */
export async function isAgreed(
  { terminal }: CliContext,
  { yes }: Pick<ConfirmOptions, 'yes'>,
  { text, identity, hosts = 0 }: Question,
): Promise<boolean> {
  if (yes) return true;
  if (!terminal.canAsk)
    throw new FarcallError(
      'CONFIG_INVALID',
      'there is no terminal to ask on; --yes does not ask (to approve, with --digest)',
    );
  const { contextName, controller } = identity;
  const where = contextName === undefined ? '' : ` in context ${contextName} (${controller})`;
  if (hosts <= HOSTS_BY_HABIT) {
    const answer = await terminal.ask(`${text}${where}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  }
  const question = `${text}${where}?\nThis is about ${grouped(hosts)} hosts. Type that number to go on: `;
  return (await terminal.ask(question)).replaceAll(/[\s,.'_]/g, '') === String(hosts);
}

/**
 * On how many hosts a request may run: as it is signed, and as the controller says where that is more.
 *
 * Threat: a controller that tells of few hosts, so that nobody stops to think.
 */
export function hostsOfRequest({ request, view }: ReadRequest): number {
  return Math.max(request.expectedHosts ?? 0, view.expectedHosts);
}

function checkDigest(digest: Uint8Array, wanted: string): void {
  const prefix = /^(?:sha256:)?([0-9a-f]{16,64})$/i.exec(wanted)?.[1]?.toLowerCase();
  if (prefix === undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      `--digest: '${wanted}' is not sha256: and at least its first 16 hex digits`,
    );
  if (Buffer.from(digest).toString('hex').startsWith(prefix)) return;
  throw new FarcallError(
    'CONFLICT',
    `the request has the digest ${digestHex(digest)}, not ${wanted}: it is not what was reviewed`,
  );
}
