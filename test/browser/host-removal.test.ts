import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleSite, EXPECTED, startConsoleSite } from './support/console-site.ts';
import { peopleWithPasskeys } from './support/people-with-passkeys.ts';
import { newVisitor, openBrowser, type Visitor } from './support/visitor.ts';

let browser: Browser;
let site: ConsoleSite;
let bob: Visitor;
let carol: Visitor;

beforeAll(async () => {
  browser = await openBrowser();
  site = await startConsoleSite({ 'w-1': { env: 'prod' }, 'w-2': { env: 'prod' } });
  [bob, carol] = (await peopleWithPasskeys(browser, site, { bob: 'approver', carol: 'approver' })) as [
    Visitor,
    Visitor,
  ];
  for (const { page, visit } of [bob, carol]) {
    await visit('#/');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  }
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

it('two approvers remove a host at the console by their passkeys, and everybody sees it proposed meanwhile', async () => {
  await bob.visit('#/hosts/w-1');
  await bob.page.getByText('It takes 2 approvers to remove this host').waitFor();
  await bob.page.getByRole('button', { name: 'Propose its removal' }).click();
  await bob.page.getByLabel('Reason').fill('was scrapped');
  await bob.page.getByRole('button', { name: 'Sign with your passkey' }).click();
  await bob.page.getByText('by bob').waitFor();
  expect(await bob.page.getByRole('button', { name: 'Sign for its removal too' }).count()).toBe(0);

  const alice = await newVisitor(browser, site.origin, undefined, EXPECTED);
  await site.signInByKey('alice', alice);
  await alice.page.getByText('removal proposed').waitFor();

  await carol.visit('#/hosts/w-1');
  await carol.page.getByText('was scrapped').waitFor();
  await carol.page.getByRole('button', { name: 'Sign for its removal too' }).click();
  await carol.page.getByLabel('Reason').fill('I have seen it in pieces');
  await carol.page.getByRole('button', { name: 'Sign with your passkey' }).click();
  await carol.page
    .getByText('There is no host w-1')
    .or(carol.page.getByText('w-1 is removed'))
    .first()
    .waitFor();
  const left = await site.fleet.controller.farcallJson('alice', 'hosts');
  expect(left.map(({ host }: { host: string }) => host)).toEqual(['w-2']);
});
