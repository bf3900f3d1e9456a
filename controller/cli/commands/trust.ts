import { readFileSync, writeFileSync } from 'node:fs';
import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import { type PublicJwk, publicJwkSchema } from '../../../shared/tokens/index.ts';
import { type Principal, parseTrustBundle, type TrustBundle } from '../../../shared/trust/index.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import { formatTime, parseDuration } from '../duration.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** Options of `farcall trust init`; the lists hold NAME=PUBLIC_JWK_FILE. */
export interface TrustInitOptions extends CommonOptions {
  readonly controller: readonly string[];
  readonly requester: readonly string[];
  readonly approver: readonly string[];
  readonly threshold: string;
  readonly expires: string;
  readonly out: string;
}

/** Writes a first trust bundle. It is not signed: whoever pins it on a host vouches for it by doing so. */
export async function trustInit(
  { terminal, clock }: CliContext,
  options: TrustInitOptions,
): Promise<ExitCode> {
  const threshold = thresholdOf(options.threshold);
  const bundle: TrustBundle = {
    version: 1,
    expiresAtMs: clock.nowMs() + parseDuration('--expires', options.expires),
    controllers: principals('--controller', options.controller),
    requesters: principals('--requester', options.requester),
    approvers: principals('--approver', options.approver),
    thresholds: { standard: { read: threshold, call: threshold, write: threshold } },
  };
  refuseUnreachable(bundle, threshold);
  const text = `${JSON.stringify(bundle, null, 2)}\n`;
  checkAsReadBack(text);
  writeNew(options.out, text);
  if (options.json) terminal.print(JSON.stringify(bundle));
  else
    terminal.print(
      `${options.out}: ${bundle.approvers.length} approvers, of whom ${threshold} must approve; ` +
        `expires ${formatTime(bundle.expiresAtMs)}`,
    );
  return EXIT.ok;
}

function thresholdOf(text: string): number {
  const threshold = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (threshold >= 1) return threshold;
  throw new FarcallError('CONFIG_INVALID', `--threshold: '${text}' is not a number from 1 on`);
}

/** One principal for each name; a name that is given twice has several keys. */
function principals(option: string, values: readonly string[]): Principal[] {
  const byName = new Map<string, PublicJwk[]>();
  for (const value of values) {
    const at = value.indexOf('=');
    if (at < 1) throw new FarcallError('CONFIG_INVALID', `${option}: '${value}' is not NAME=PUBLIC_JWK_FILE`);
    const name = value.slice(0, at);
    byName.set(name, [...(byName.get(name) ?? []), readPublicJwk(option, value.slice(at + 1))]);
  }
  return [...byName].map(([name, keys]) => ({ name, keys }));
}

function readPublicJwk(option: string, path: string): PublicJwk {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${option}: ${path} cannot be read`, { cause });
  }
  try {
    return publicJwkSchema.parse(JSON.parse(text));
  } catch {
    // The cause is dropped on purpose: somebody may have named his private key here.
    throw new FarcallError(
      'CONFIG_INVALID',
      `${option}: ${path} is not a public Ed25519 JWK, as farcall key new prints it`,
    );
  }
}

function refuseUnreachable({ approvers }: TrustBundle, threshold: number): void {
  if (threshold <= approvers.length) return;
  throw new FarcallError(
    'CONFIG_INVALID',
    `--threshold ${threshold} can never be reached with ${approvers.length} approvers`,
  );
}

function checkAsReadBack(text: string): void {
  try {
    parseTrustBundle(text);
  } catch (thrown) {
    throw new FarcallError('CONFIG_INVALID', toFarcallError(thrown).message, { cause: thrown });
  }
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o644 });
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${path} cannot be written: ${(cause as Error).message}`, {
      cause,
    });
  }
}
