import { releasedLibrary } from '../../../shared/assets/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { requireSite, shortSite } from '../../../shared/tokens/index.ts';
import { digestHex, grouped, type ReadRequest } from '../../views/index.ts';
import {
  type LibraryStyle,
  redWords,
  renderLibrary,
  renderRequest,
  renderStatus,
  wrapValue,
} from '../output/index.ts';
import type { CliContext, CommonOptions, OperatorIdentity } from '../session/index.ts';

/** Options of a command that signs something about a request. */
export interface ConfirmOptions extends CommonOptions {
  readonly yes?: boolean;
  /** The digest that the request must have: `sha256:`, which may be left out, and at least 16 hex digits. */
  readonly digest?: string;
}

/** Shows a request: first what its own bytes say, then what the controller adds. */
export function showRequest(
  { terminal, clock }: CliContext,
  read: ReadRequest,
  { json }: CommonOptions,
): void {
  // With --json, stdout is for the answer. The operator still sees what they sign.
  const print = json ? terminal.warn : terminal.print;
  const style = { columns: terminal.columns, paint: redWords(terminal.hasColours) };
  for (const line of [...renderRequest(read, clock.nowMs(), style), ...linesOfLibrary(read, style), ''])
    print(line);
  const { columns } = terminal;
  for (const line of renderStatus(read).flatMap(each => wrapValue(each, { columns, hang: 13 }))) print(line);
  print('');
}

function linesOfLibrary({ request: { library } }: ReadRequest, style: Omit<LibraryStyle, 'whole'>): string[] {
  if (library === undefined) return [];
  return ['', ...renderLibrary(library, releasedLibrary().compare(library), { ...style, whole: false })];
}

/** A question that an operator must answer before something is signed or done. */
export interface ConfirmationPrompt {
  /** The question, without its question mark: `Approve exactly this`. */
  readonly text: string;
  readonly identity: Pick<OperatorIdentity, 'contextName' | 'controller' | 'site'>;
  /** On how many hosts something may run after a yes. For many hosts the operator must type this number. */
  readonly hosts?: number;
}

/** For more hosts than this, the operator must type their number. Nobody types a number out of habit. */
export const HOSTS_WITHOUT_RETYPING = 100;

/**
 * Whether the operator confirms something about the request with this digest, by --yes or by an answer.
 * Throws SITE_OTHER if the request belongs to another site than the operator's configuration names, CONFLICT
 * if --digest names another digest, and CONFIG_INVALID if nobody can answer.
 *
 * Threat: a controller of a laboratory presents a request of production, and the operator has one key for
 * both.
 */
export async function isConfirmed(
  context: CliContext,
  { request, digest }: Pick<ReadRequest, 'request' | 'digest'>,
  { options, prompt }: { readonly options: ConfirmOptions; readonly prompt: ConfirmationPrompt },
): Promise<boolean> {
  requireSite(`request ${request.id}`, request.site, prompt.identity.site);
  if (options.digest !== undefined) checkDigest(digest, options.digest);
  return isConfirmation(context, options, { ...prompt, text: `${prompt.text} ${digestHex(digest)}` });
}

/** Whether the operator says yes, by --yes or by an answer. Throws CONFIG_INVALID if nobody can answer. */
export async function isConfirmation(
  { terminal }: CliContext,
  { yes }: Pick<ConfirmOptions, 'yes'>,
  { text, identity, hosts = 0 }: ConfirmationPrompt,
): Promise<boolean> {
  if (yes) return true;
  if (!terminal.canAsk)
    throw new FarcallError(
      'CONFIG_INVALID',
      'there is no terminal to ask on; --yes goes on without a question (approve also needs --digest)',
    );
  const { contextName, controller, site } = identity;
  const context = contextName === undefined ? '' : `, context ${contextName} (${controller})`;
  const where = ` at site ${shortSite(site)}${context}`;
  if (hosts <= HOSTS_WITHOUT_RETYPING) {
    const answer = await terminal.ask(`${text}${where}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  }
  const question = `${text}${where}?\nThis is about ${grouped(hosts)} hosts. Type that number to go on: `;
  return (await terminal.ask(question)).replaceAll(/[\s,.'_]/g, '') === String(hosts);
}

/**
 * On how many hosts a request may run: the signed number, or the controller's if that is larger.
 *
 * Threat: a controller names few hosts, so that nobody stops to think.
 */
export function hostsOfRequest({ request, view }: ReadRequest): number {
  return Math.max(request.expectedHosts ?? 0, view.expectedHosts);
}

function checkDigest(digest: Uint8Array, expected: string): void {
  const prefix = /^(?:sha256:)?([0-9a-f]{16,64})$/i.exec(expected)?.[1]?.toLowerCase();
  if (prefix === undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      `--digest: '${expected}' is not sha256: with at least the first 16 hex digits`,
    );
  if (Buffer.from(digest).toString('hex').startsWith(prefix)) return;
  throw new FarcallError(
    'CONFLICT',
    `the request has the digest ${digestHex(digest)}, not ${expected}: it is not what was reviewed`,
  );
}
