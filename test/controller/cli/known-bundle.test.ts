import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { knownBundle } from '../../../controller/cli/core/index.ts';
import type { OperatorClient } from '../../../controller/cli/session/index.ts';
import type { TrustReply } from '../../../shared/messages/index.ts';
import { rootsFileText, type TrustBundle } from '../../../shared/trust/index.ts';
import { temporaryDirectory } from '../../agent/support/temporary-directory.ts';
import { BUNDLE, ROOTS, rootsOf, SITE } from '../../kit/cast.ts';
import { codeOf, testClock } from '../../kit/controller-kit.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';
import { testTerminal } from '../../kit/terminal-kit.ts';

const version = (number: number, changes: Partial<TrustBundle> = {}): TrustBundle => ({
  ...BUNDLE,
  version: number,
  ...changes,
});

describe('the newest trust bundle that an operator knows', () => {
  let home: string;
  let rootsFile: string;
  beforeEach(() => {
    home = temporaryDirectory();
    rootsFile = join(home, 'roots.json');
    writeFileSync(rootsFile, rootsFileText({ site: SITE, roots: ROOTS }));
  });

  /** What is known if the controller answers with these bundles, whatever it is asked. */
  async function known(...bundles: TrustReply['bundles']): Promise<number> {
    const newestVersion = 9;
    const client = {
      call: async (): Promise<TrustReply> => ({ bundles, lastVersion: newestVersion, newestVersion }),
    } as unknown as OperatorClient;
    const context = { terminal: testTerminal(), clock: testClock(), env: { HOME: home } };
    return (await knownBundle(context, client, rootsFile)).bundle.version;
  }

  it('the newest trust bundle that an operator knows is the newest that leads from their own roots', async () => {
    const roots = rootsOf(1, 'ruth');
    const changed = signedBy(version(4, { roots }), 'rob', 'ruth');
    expect(await known(signedBy(BUNDLE), changed, signedBy(version(5, { roots }), 'ruth'))).toBe(5);
  });

  it('the newest trust bundle that an operator knows is not one that other roots signed', async () => {
    const eves = version(4, { roots: rootsOf(1, 'eve') });
    expect(await codeOf(known(signedBy(eves, 'eve')))).toBe('TRUST_SIGNATURES');
    expect(await known(signedBy(BUNDLE), signedBy(eves, 'eve'))).toBe(3);
  });

  it('the newest trust bundle that an operator knows does not go back to an older one, though the controller answers with nothing else', async () => {
    expect(await known(signedBy(version(4)))).toBe(4);
    expect(await known(signedBy(BUNDLE))).toBe(4);
    expect(await known()).toBe(4);
  });

  it('the newest trust bundle that an operator knows is none if it has expired, or if there is none', async () => {
    const { issuedAtMs } = BUNDLE;
    const over = version(4, { issuedAtMs: issuedAtMs - 9, expiresAtMs: issuedAtMs - 1 });
    expect(await codeOf(known(signedBy(over)))).toBe('TRUST_EXPIRED');
    expect(await codeOf(known())).toBe('TRUST_MISSING');
  });
});
