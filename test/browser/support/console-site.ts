import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { freePort } from '../../../deploy/demo/service.ts';
import { type Fleet, startFleet } from '../../flow/fleet.ts';
import { trustSite } from '../../flow/trust-site.ts';
import { plugInKey } from './passkey.ts';
import { newVisitor, type Visitor } from './visitor.ts';

/** Answers that these stories provoke: not signed in, a selector that cannot be read, kernels that nobody asked about yet. */
export const EXPECTED: readonly number[] = [400, 401, 404, 501];

/** A broker, a controller with its console, and hosts that speak and do nothing by themselves; all but the hosts are real. */
export interface ConsoleSite {
  readonly origin: string;
  readonly fleet: Fleet;
  /** Somebody signs in by `farcall console` with his key from a file. */
  signInByKey(browser: Browser, name: string): Promise<Visitor>;
  stop(): Promise<void>;
}

/** Starts all of it; `hosts` are the labels by name. */
export async function startConsoleSite(
  hosts: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<ConsoleSite> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const fleet = await startFleet(hosts, { config: { console: { listen: `127.0.0.1:${port}`, origin } } });
  return {
    origin,
    fleet,
    async signInByKey(browser, name) {
      const { stdout, stderr } = await fleet.controller.farcallHere(name, ['console', '--json']);
      if (stdout === '') throw new Error(`farcall console: ${stderr}`);
      const visitor = await newVisitor(browser, origin, undefined, EXPECTED);
      await visitor.visit(`#code=${JSON.parse(stdout).code}`);
      await visitor.page.getByRole('heading', { name: 'Overview' }).waitFor();
      return visitor;
    },
    stop: () => fleet.stop(),
  };
}

/**
 * Has each of these people make a passkey in a browser of his own, as the page offers it to whoever is not signed in; the
 * roots then put what it hands out into the next trust bundle. Nobody is signed in yet.
 */
export async function peopleWithPasskeys(
  browser: Browser,
  { origin, fleet: { controller } }: ConsoleSite,
  names: readonly string[],
): Promise<readonly Visitor[]> {
  const visitors: Visitor[] = [];
  for (const name of names) {
    const visitor = await newVisitor(browser, origin, undefined, EXPECTED);
    await visitor.visit('#/passkey');
    await plugInKey(visitor.page);
    await visitor.page.getByLabel('Your name').fill(name);
    await visitor.page.getByRole('button', { name: 'Make the passkey' }).click();
    const [download] = await Promise.all([
      visitor.page.waitForEvent('download'),
      visitor.page.getByRole('link', { name: `Download ${name}-passkey.json` }).click(),
    ]);
    await download.saveAs(join(controller.folder, `${name}-passkey.json`));
    visitors.push(visitor);
  }
  const trust = trustSite(controller);
  const added = names.flatMap(name => [
    '--approver',
    `${name}=${join(controller.folder, `${name}-passkey.json`)}`,
  ]);
  await trust.make(2, [['add', ...added]], ['rob', 'rose']);
  await trust.publish(2);
  return visitors;
}
