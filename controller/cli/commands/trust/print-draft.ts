import { asciiJson } from '../../../../shared/json/index.ts';
import type { TrustBundle } from '../../../../shared/trust/index.ts';
import { formatTime } from '../../../views/index.ts';
import type { CliContext, CommonOptions } from '../../session/index.ts';
import { bundleDigest } from './bundle-text.ts';

/** Prints a summary of a saved draft, and the next command. */
export function printDraft(
  { terminal }: CliContext,
  file: string,
  bundle: TrustBundle,
  { json }: CommonOptions,
): void {
  if (json) {
    terminal.print(asciiJson({ file, digest: bundleDigest(bundle), bundle }));
    return;
  }
  const { version, roots, controllers, requesters, approvers, expiresAtMs } = bundle;
  terminal.print(
    `${file}: draft of trust bundle ${version}: ${counted(roots.members, 'root')}, ${counted(controllers, 'controller')}, ` +
      `${counted(requesters, 'requester')}, ${counted(approvers, 'approver')}; expires ${formatTime(expiresAtMs)}`,
  );
  terminal.print(`  digest ${bundleDigest(bundle)}`);
  terminal.print(`  next   ${nextText(roots.threshold)}: farcall trust sign ${file} --key ROOT_KEY_FILE`);
}

function counted({ length }: readonly unknown[], noun: string): string {
  return `${length} ${noun}${length === 1 ? '' : 's'}`;
}

function nextText(threshold: number): string {
  return threshold === 1 ? '1 root runs' : `${threshold} roots run`;
}
