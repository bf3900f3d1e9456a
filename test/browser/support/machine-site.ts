import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GuestHost, SEEN_BY_GUESTS, startGuestHost } from '../../../deploy/demo/guest-host.ts';
import { farcall, mustFarcall } from '../../../deploy/demo/operator.ts';
import { freePort } from '../../../deploy/demo/service.ts';
import { startSite } from '../../../deploy/demo/site.ts';
import { systemClock } from '../../../shared/clock/index.ts';
import type { KernelSeries } from '../../../tools/machine/index.ts';
import { startProvider, type TestProvider } from '../../kit/receivers/oidc-provider.ts';
import type { PasskeySite } from './people-with-passkeys.ts';

/** A site with virtual machines as hosts, and an OpenID provider with which alice signs in. */
export interface MachineSite extends PasskeySite {
  readonly provider: TestProvider;
  readonly guests: readonly GuestHost[];
  /** `farcall` as somebody whose key is in a file, in JSON. */
  farcallJson(person: 'alice' | 'bob' | 'carol', ...args: string[]): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Makes a site with a console, and boots a machine for each of these series: vm-1, vm-2 and so on. */
export async function startMachineSite(series: readonly KernelSeries[]): Promise<MachineSite> {
  const scratch = mkdtempSync(join(tmpdir(), 'farcall-machines-'));
  const [folder, clientSecretFile] = [join(scratch, 'site'), join(scratch, 'oidc-secret')];
  mkdirSync(folder);
  const provider = await startProvider(systemClock);
  const origin = `http://localhost:${await freePort()}`;
  writeFileSync(clientSecretFile, provider.secret, { mode: 0o600 });
  const { issuer, clientId, sub } = provider;
  const oidc = { issuer, clientId, clientSecretFile, people: { [sub]: 'alice' } };
  const console = { listen: origin.replace('http://localhost', '127.0.0.1'), origin, oidc };
  const site = await startSite({ folder, seenByHosts: SEEN_BY_GUESTS, controller: { console } });
  const guests = await Promise.all(
    series.map((each, index) =>
      startGuestHost({ site, name: `vm-${index + 1}`, series: each, labels: { env: 'test' } }),
    ),
  );
  return {
    ...{ origin, folder, provider, guests },
    async farcallJson(person, ...args) {
      const { stdout } = await farcall([...args, '--json'], { configFile: site.configOf(person) });
      return JSON.parse(stdout);
    },
    async trustPeople(members) {
      const [current, next] = [join(folder, 'trust.json'), join(folder, 'trust-2.json')];
      await mustFarcall(['trust', 'add', current, ...members, '--out', next]);
      const { digest } = JSON.parse(await mustFarcall(['trust', 'show', next, '--json']));
      for (const root of ['rob', 'rose']) {
        const key = ['--key', join(folder, `${root}.key`), '--yes', digest];
        await mustFarcall(['trust', 'sign', next, '--current', current, ...key]);
      }
      await mustFarcall(['trust', 'publish', next], { configFile: site.configOf('alice') });
    },
    async stop() {
      await Promise.all(guests.map(({ machine }) => machine.stop()));
      await site.stop();
      await provider.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
