import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { FarcallError, toFarcallError } from '../../../shared/errors/index.ts';
import { replaceFile } from '../../../shared/files/index.ts';
import {
  bundleFileText,
  checkFresh,
  evaluateBundle,
  type PinnedRoots,
  readBundleFile,
  readRootsFile,
  reopenBundle,
  type VerifiedBundle,
} from '../../../shared/trust/index.ts';
import type { CliContext, OperatorClient } from '../session/index.ts';

/**
 * The newest trust bundle that this operator knows: what the controller has that leads from the roots in
 * `rootsFile` to the newest, and no older one than this operator has seen before.
 *
 * Threat: somebody who controls the controller answers with an old bundle, or with one that other roots
 * signed, and an enrolment token then makes hosts obey people who were removed. Signatures are checked here,
 * on the operator's machine, from the operator's own roots; and the newest bundle is remembered in a file
 * here, so that a version never goes back. What this operator has never seen can be withheld from them.
 *
 * Throws TRUST_MISSING, TRUST_SIGNATURES, TRUST_EXPIRED, FILE_UNREADABLE, and the codes of a call.
 */
export async function knownBundle(
  context: CliContext,
  client: OperatorClient,
  rootsFile: string,
): Promise<VerifiedBundle> {
  const pinned = readRootsFile(rootsFile);
  const path = pathFor(context, pinned.site);
  const before = existsSync(path) ? await reopenBundle(readBundleFile(path).signed) : undefined;
  const newest = await followBundles(client, pinned, before);
  checkFresh(newest.bundle, context.clock.nowMs());
  if (newest !== before) remember(context, path, newest);
  return newest;
}

/** One file for each site, so that its contexts share it. */
function pathFor({ env }: CliContext, site: string): string {
  const state = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state');
  return join(state, 'farcall', `trust-${site}.json`);
}

/** Throws TRUST_MISSING if nothing leads from `pinned` or `before` to a bundle of the controller. */
async function followBundles(
  client: OperatorClient,
  pinned: PinnedRoots,
  before: VerifiedBundle | undefined,
): Promise<VerifiedBundle> {
  let current = before;
  let refusal: FarcallError | undefined;
  for (let afterVersion = current?.bundle.version ?? 0; ; ) {
    const { bundles, lastVersion, newestVersion } = await client.call('getTrust', { afterVersion });
    for (const signed of bundles) {
      try {
        const verdict = await evaluateBundle(signed, { pinned, current });
        if (verdict.effect === 'newer') current = verdict.verified;
      } catch (thrown) {
        // Bundles before a change of roots are signed by roots that these replaced.
        refusal = toFarcallError(thrown);
      }
    }
    if (lastVersion <= afterVersion || lastVersion >= newestVersion) break;
    afterVersion = lastVersion;
  }
  if (current) return current;
  throw refusal ?? new FarcallError('TRUST_MISSING', 'the controller has no trust bundle yet');
}

function remember({ terminal }: CliContext, path: string, { bundle, signed }: VerifiedBundle): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, bundleFileText(bundle, signed.signatures), { concurrent: true });
  } catch (thrown) {
    const { message } = toFarcallError(thrown);
    terminal.warn(`farcall cannot remember trust bundle ${bundle.version} in ${path}: ${message}`);
  }
}
