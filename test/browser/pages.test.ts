import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { madeUpHosts } from './support/made-up-fleet.ts';
import { madeUpRequests } from './support/made-up-requests.ts';
import { bob, type StandInApi, startStandInApi } from './support/stand-in-api.ts';
import { LOOKS, newVisitor, openBrowser, type Visitor } from './support/visitor.ts';

/** Every page, and what is on it when it is whole. */
const PAGES: readonly (readonly [name: string, hash: string, text: string | RegExp])[] = [
  ['overview', '#/', 'enrolled'],
  ['host', '#/hosts/web-0004', 'signed by the host'],
  ['requests', '#/requests', 'writers hang'],
  ['new-request', '#/new', 'No plan yet'],
  ['request', '#/requests/k7q2m9x4qw8r', 'Digest, computed here'],
  ['request-plan', '#/requests/k7q2m9x4qw8r?tab=plan', 'Would refuse it'],
  ['rollout', '#/requests/r3w8x2m5k9pq', 'watched for'],
  ['rollout-stopped', '#/requests/p9v4c7z2n8kt', '50 of 250 hosts failed'],
  ['results', '#/requests/r3w8x2m5k9pq?tab=results', 'EKEYREJECTED'],
  ['result-of-host', '#/requests/r3w8x2m5k9pq/hosts/web-0004', 'Hello, world 1234'],
  ['result-faulted', '#/requests/r3w8x2m5k9pq/hosts/edge-0003', 'bad address'],
  ['timeline', '#/requests/r3w8x2m5k9pq?tab=timeline', 'promoted by carol'],
  ['audit', '#/audit', 'rollout-promoted'],
  ['trust', '#/trust', 'The bundle expires in'],
  ['passkey', '#/passkey', 'Make the passkey'],
];

let browser: Browser;
let api: StandInApi;
let visitor: Visitor;

beforeAll(async () => {
  const hosts = madeUpHosts(10_000, Date.now());
  api = await startStandInApi({ hosts, requests: madeUpRequests(hosts), me: bob() });
  browser = await openBrowser();
  visitor = await newVisitor(browser, api.origin);
});
afterAll(async () => {
  await browser?.close();
  await api?.stop();
});

/** Looks at the page as it is now in every look, and leaves pictures; what is wrong with it. */
async function faultsInEveryLook(name: string): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const look of LOOKS) {
    await visitor.lookAs(look);
    await visitor.picture(name, look);
    const overflowPx = await visitor.overflowPx();
    if (overflowPx > 0) faults.push(`${look.widthPx} pixels are too few: ${overflowPx} are missing`);
    // Structure and colours are the same on a phone.
    if (look.widthPx > 1000) faults.push(...(await visitor.seriousFaults()));
  }
  return [...faults, ...visitor.problems];
}

it.each(PAGES)(
  'the page %s is complete, obeys its security policy and is accessible',
  async (name, hash, text) => {
    await visitor.lookAs(LOOKS[0]!);
    await visitor.visit(hash);
    await visitor.page.getByText(text).first().waitFor();
    expect(await faultsInEveryLook(name)).toEqual([]);
  },
);

it('the form of a request can be filled in and planned, and stays accessible', async () => {
  const { page } = visitor;
  await visitor.lookAs(LOOKS[0]!);
  await visitor.visit('#/new');
  await page.locator('.cm-content').fill('printk("Hello, world %d\\n", 1234)');
  await page.getByRole('button', { name: '1:1 this kernel has no function' }).waitFor();
  expect(await page.locator('.cm-lintRange-error').textContent()).toBe('printk');
  await page.getByLabel('Selector').fill('env=prod');
  await page.getByText('9,000 hosts', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'One host, 10%, rest' }).click();
  await page.getByText('about 900 hosts, then watched for 5 min').waitFor();
  await page.getByLabel('Reason').fill('say hello');
  expect(await faultsInEveryLook('new-request-filled')).toEqual([]);
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await page.getByText('Would refuse it').waitFor();
  await page.getByRole('heading', { name: 'What it would do' }).scrollIntoViewIfNeeded();
  expect(await faultsInEveryLook('new-request-planned')).toEqual([]);
});
