import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { EXPECTED } from './console-site.ts';
import { plugInKey } from './passkey.ts';
import { newVisitor, type Visitor } from './visitor.ts';

/** A site whose people can have passkeys. */
export interface PasskeySite {
  readonly origin: string;
  /** Folder with the files of its people. */
  readonly folder: string;
  /**
   * Has the roots sign and publish a bundle with these people, given as options of `farcall trust add`.
   */
  trustPeople(members: readonly string[]): Promise<void>;
}

/**
 * Has each of these people make a passkey in a browser of their own, as the page offers it to people who are
 * not signed in. The roots then add the public parts to the next trust bundle. Nobody is signed in yet.
 */
export async function peopleWithPasskeys(
  browser: Browser,
  { origin, folder, trustPeople }: PasskeySite,
  people: Readonly<Record<string, 'requester' | 'approver'>>,
): Promise<readonly Visitor[]> {
  const visitors: Visitor[] = [];
  const fileOf = (name: string): string => join(folder, `${name}-passkey.json`);
  for (const name of Object.keys(people)) {
    const visitor = await newVisitor(browser, origin, undefined, EXPECTED);
    await visitor.visit('#/passkey');
    await plugInKey(visitor.page);
    await visitor.page.getByLabel('Your name').fill(name);
    await visitor.page.getByRole('button', { name: 'Make the passkey' }).click();
    const [download] = await Promise.all([
      visitor.page.waitForEvent('download'),
      visitor.page.getByRole('link', { name: `Download ${name}-passkey.json` }).click(),
    ]);
    await download.saveAs(fileOf(name));
    visitors.push(visitor);
  }
  await trustPeople(
    Object.entries(people).flatMap(([name, role]) => [`--${role}`, `${name}=${fileOf(name)}`]),
  );
  return visitors;
}
