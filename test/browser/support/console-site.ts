import { freePort } from '../../../deploy/demo/service.ts';
import { type Fleet, startFleet } from '../../kit/fleet/fleet.ts';
import { trustSite } from '../../kit/fleet/trust-site.ts';
import type { PasskeySite } from './people-with-passkeys.ts';
import type { Visitor } from './visitor.ts';

/**
 * Statuses that these stories provoke: not signed in, an invalid selector, kernels whose types are not known
 * yet.
 */
export const EXPECTED: readonly number[] = [400, 401, 404, 501];

/** A real broker and a real controller with its console, and hosts that do only what the test says. */
export interface ConsoleSite extends PasskeySite {
  readonly fleet: Fleet;
  /** Somebody signs in by `farcall console` with their key from a file. */
  signInByKey(name: string, visitor: Visitor): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a site; `hosts` are the labels of each host by its name. */
export async function startConsoleSite(
  hosts: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<ConsoleSite> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const fleet = await startFleet({ hosts, config: { console: { listen: `127.0.0.1:${port}`, origin } } });
  return {
    origin,
    fleet,
    folder: fleet.controller.folder,
    async trustPeople(members) {
      const trust = trustSite(fleet.controller);
      await trust.make(2, [['add', ...members]], ['rob', 'rose']);
      await trust.publish(2);
    },
    async signInByKey(name, visitor) {
      const { stdout, stderr } = await fleet.controller.farcallHere(name, ['console', '--json']);
      if (stdout === '') throw new Error(`farcall console: ${stderr}`);
      // The page takes a code only when it loads.
      await visitor.page.goto('about:blank');
      await visitor.visit(`#code=${JSON.parse(stdout).code}`);
      await visitor.page.getByRole('heading', { name: 'Overview' }).waitFor();
    },
    stop: () => fleet.stop(),
  };
}
