import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fleetOf } from './support/fleet-of-hosts.ts';
import { type RealConsole, startRealConsole } from './support/real-console.ts';
import { type FleetRequests, requestsOf } from './support/requests-of-fleet.ts';
import { LOOKS, newVisitor, openBrowser, type Visitor } from './support/visitor.ts';

let browser: Browser;
let site: RealConsole;
let ids: FleetRequests;
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  site = await startRealConsole(fleetOf(120, Date.now()));
  ids = await requestsOf(site);
  browser = await openBrowser();
  visitor = await newVisitor(browser, site.origin);
  ({ page } = visitor);
  await site.plugIn(page);
  await site.signIn(visitor);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** Every page, and what is on it when it is whole. */
const PAGES: readonly (readonly [
  name: string,
  hash: (of: FleetRequests) => string,
  text: string | RegExp,
])[] = [
  ['overview', () => '#/', 'enrolled'],
  ['host', () => '#/hosts/web-0004', 'signed by the host'],
  ['requests', () => '#/requests', 'writers hang'],
  ['new-request', () => '#/new', 'No plan yet'],
  ['request', ({ pending }) => `#/requests/${pending}`, 'Digest, computed here'],
  ['request-plan', ({ pending }) => `#/requests/${pending}?tab=plan`, 'Would refuse it'],
  ['rollout', ({ baking }) => `#/requests/${baking}`, 'watched for'],
  ['rollout-stopped', ({ stopped }) => `#/requests/${stopped}`, '7 of 30 hosts failed, and 3 may'],
  ['rollout-awaiting', ({ awaiting }) => `#/requests/${awaiting}`, 'waits for a person'],
  ['results', ({ baking }) => `#/requests/${baking}?tab=results`, 'EKEYREJECTED'],
  ['result-of-host', ({ baking }) => `#/requests/${baking}/hosts/db-0001`, 'Hello, world 1234'],
  ['result-faulted', ({ stopped }) => `#/requests/${stopped}/hosts/db-0013`, 'bad address'],
  ['rows', ({ finished }) => `#/requests/${finished}?tab=rows`, 'kworker/0:1'],
  ['timeline', ({ baking }) => `#/requests/${baking}?tab=timeline`, 'promoted by carol'],
  ['probes', () => '#/probes', 'deny alg_bind with -EPERM'],
  ['audit', () => '#/audit', 'promoted by carol after wave 1: looks good'],
  ['trust', () => '#/trust', 'The bundle expires in'],
  ['passkey', () => '#/passkey', 'Make the passkey'],
];

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
  await visitor.lookAs(LOOKS[0]!);
  return [...faults, ...visitor.problems];
}

it.each(PAGES)(
  'the page %s is complete, obeys its security policy and is accessible',
  async (name, hashOf, text) => {
    await visitor.lookAs(LOOKS[0]!);
    await visitor.visit(hashOf(ids));
    await page.getByText(text).first().waitFor();
    expect(await faultsInEveryLook(name)).toEqual([]);
  },
);

it('the page of rows filters them by conditions, sorts them, and measures them in groups', async () => {
  await visitor.visit(`#/requests/${ids.finished}?tab=rows`);
  const table = page.getByRole('region', { name: 'Rows of all hosts' });
  const firstRow = () => table.locator('tbody tr').first().textContent();
  await page.getByLabel('Conditions').fill('comm=nfsd');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText(/^\d+ of \d+ rows of \d+ hosts$/).waitFor();
  await expect.poll(firstRow).toContain('nfsd');
  await table.getByRole('button', { name: 'age' }).click();
  await expect
    .poll(() => table.getByRole('columnheader', { name: 'age' }).getAttribute('aria-sort'))
    .toBe('descending');
  const largest = Number(/(\d+)\s*$/.exec((await firstRow()) ?? '')?.[1]);
  await table.getByRole('button', { name: 'age' }).click();
  await expect
    .poll(async () => Number(/(\d+)\s*$/.exec((await firstRow()) ?? '')?.[1]))
    .toBeLessThan(largest);
  await page.getByLabel('Group by').selectOption('t->comm');
  await page.getByLabel('Measure').selectOption('age');
  await table.getByRole('button', { name: 'median(age)' }).waitFor();
});

it('the list shows where each request is, and finds requests by words, person and time', async () => {
  await visitor.visit('#/requests');
  const rows = page.locator('.request-row');
  await expect.poll(() => rows.count()).toBe(5);
  const row = (reason: string) => rows.filter({ hasText: reason });
  await row('cache of db hosts').getByText('stopped', { exact: true }).waitFor();
  await row('cache of db hosts').getByText('7 failed').waitFor();
  await row('wake the writers').getByText('awaiting-promotion').waitFor();
  await row('how many hang').getByText('1 failed').waitFor();
  expect(
    await row('how many hang')
      .getByText(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC/)
      .count(),
  ).toBe(1);
  await page.getByRole('button', { name: 'Waits for a person' }).click();
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByRole('button', { name: 'All' }).click();
  await page.getByLabel('Search').fill('HANG role=cache');
  await expect.poll(() => rows.count()).toBe(1);
  await page.getByLabel('Search').fill('');
  await page.getByLabel('Person').fill('bob');
  await page.getByText('No request matches').waitFor();
  await page.getByLabel('Person').fill('alice');
  await expect.poll(() => rows.count()).toBe(5);
  site.clock.advance(2 * 3_600_000);
  await site.signIn(visitor);
  await visitor.reload();
  await page.getByLabel('Made').selectOption('last hour');
  await page.getByText('No request matches').waitFor();
  site.clock.advance(-2 * 3_600_000);
  await site.signIn(visitor);
  await visitor.reload();
});

it('a stopped rollout names the hosts that failed, and says what a person can do next', async () => {
  await visitor.visit(`#/requests/${ids.stopped}`);
  await page.getByText('The gate stopped the rollout').waitFor();
  const failed = page.getByRole('list', { name: 'Hosts that failed' });
  await failed.getByRole('link', { name: 'db-0013' }).waitFor();
  expect(await failed.getByRole('link').count()).toBe(7);
  const steps = page.getByRole('list', { name: 'What to do next' });
  await steps.getByText('the rollout cannot go on').waitFor();
  await steps.getByText('Abort the request').waitFor();
});

it('who promotes reads on the button and in the dialog which wave begins, and for how many hosts', async () => {
  await visitor.visit(`#/requests/${ids.awaiting}`);
  await page.getByText('Promote wave 2 (11 hosts), if what you see is well.').waitFor();
  await page.getByRole('button', { name: 'Promote wave 2 (11 hosts)' }).click();
  await page.getByRole('dialog', { name: 'Promote wave 2 of 3: 11 hosts' }).waitFor();
  await page.keyboard.press('Escape');
});

it('who approves sees reason, waves, timeout and what the hosts would do, in red where they would not', async () => {
  await visitor.visit(`#/requests/${ids.pending}`);
  await page.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve exactly this?' });
  await dialog.getByText('writers hang since the lost wake-up').waitFor();
  await dialog.getByText('then a person promotes').waitFor();
  await dialog.getByText('30 s on each host').waitFor();
  const refusing = dialog.locator('.plan-verdicts .tone-bad', { hasText: 'Would refuse it' });
  await refusing.first().waitFor();
  await dialog.getByText('Would not run: not-applicable').waitFor();
  await dialog.getByText('Would load it as a module').waitFor();
  await dialog.getByText('what your passkey signs').waitFor();
  expect(await faultsInEveryLook('approve-dialog')).toEqual([]);
  await page.keyboard.press('Escape');
});

it('a person who cancels the passkey is told that they did, and nothing is to be reported', async () => {
  const other = await newVisitor(browser, site.origin);
  await site.plugIn(other.page, { isVerified: false });
  await site.signIn(other);
  await other.visit(`#/requests/${ids.pending}`);
  await other.page.getByRole('button', { name: 'Approve' }).click();
  const dialog = other.page.getByRole('dialog', { name: 'Approve exactly this?' });
  await dialog.getByLabel('Type 108').fill('108');
  await dialog.getByRole('button', { name: 'Approve with your passkey' }).click();
  const alert = dialog.getByRole('alert');
  await alert.getByText('You cancelled. Nothing was signed.').waitFor();
  expect(await alert.textContent()).not.toMatch(/INTERNAL|report/);
  await other.picture('passkey-cancelled');
  await other.close();
});

it('an abort takes two clicks, and its reason can be changed before the second', async () => {
  await visitor.visit(`#/requests/${ids.pending}`);
  await page.getByRole('button', { name: 'Abort' }).click();
  const dialog = page.getByRole('dialog', { name: 'Abort this request?' });
  const sign = dialog.getByRole('button', { name: 'Abort with your passkey' });
  await sign.waitFor();
  expect(await dialog.getByLabel('Reason').inputValue()).toBe('bob stops it from the console');
  await dialog.getByLabel('Reason').fill('a mistake');
  await dialog.locator('.facts', { hasText: 'a mistake' }).waitFor();
  await sign.click();
  await dialog.waitFor({ state: 'detached' });
  const { request, abort } = await site.parts.aborts.find(ids.pending).then(async found => ({
    abort: found,
    request: await site.parts.requests.get(ids.pending),
  }));
  expect([request.state, abort?.by, abort?.reason]).toEqual(['aborted', 'bob', 'a mistake']);
});

it('the page of a host has its past calls, its policy, the end of its credential and its leftovers', async () => {
  await visitor.visit('#/hosts/web-0004');
  await page.getByText('farcall_1b7061d94d28e595_1').waitFor();
  await page.getByText('effects', { exact: true }).waitFor();
  await page.getByText('the host has not renewed it').waitFor();
  await visitor.visit('#/hosts/db-0013');
  const calls = page.getByRole('region', { name: 'Past calls' });
  await calls.getByRole('row', { name: ids.stopped }).getByText('faulted').waitFor();
  await calls.getByRole('row', { name: ids.awaiting }).getByText('returned').waitFor();
});

it('the page of the probes draws what hosts deny while one looks, says it as a table, and leads to the end', async () => {
  await visitor.visit('#/probes');
  await page.getByText('The graph begins with').waitFor();
  const one = site.hosts.find(({ facts }) => facts.probes)!;
  const [probe] = one.facts.probes!;
  for (const hits of [503, 533])
    await site
      .says(one, { ...one.facts, probes: [{ ...probe!, hits }], observedAtMs: site.clock.nowMs() })
      .then(() => page.getByText(new RegExp(`^${hits - 3} denied since`)).waitFor());
  await page.getByText('As a table').click();
  const cells = page.locator('.hit-graph td.number');
  const denied = await cells.allTextContents();
  expect(denied.filter(hits => hits !== '0')).toEqual(['30', '500']);
  expect(await page.locator('.hit-graph .hits').count()).toBe(denied.length);
  const end = page.getByRole('link', { name: 'End it: abort request 7k2m9x4qw8rt' });
  expect(await end.getAttribute('href')).toBe('#/requests/7k2m9x4qw8rt');
  expect(await faultsInEveryLook('probes-graph')).toEqual([]);
});

it('the audit log is filtered by what happened, host and person, and each entry is a sentence', async () => {
  await visitor.visit('#/audit');
  await page.getByLabel('What happened').selectOption('rollout stopped');
  await page.getByText('stopped at wave 1: wave 1: 7 of 30 hosts failed').waitFor();
  await expect.poll(() => page.locator('.entry').count()).toBe(1);
  await page.getByLabel('What happened').selectOption('');
  await page.getByLabel('Host').fill('db-0013');
  await page.getByText('db-0013 answered: faulted').waitFor();
  await page.getByLabel('Host').fill('');
  await page.getByLabel('Done by').fill('carol');
  await page.getByText('promoted by carol after wave 1: looks good').waitFor();
  await expect.poll(() => page.locator('.entry', { hasText: 'answered' }).count()).toBe(0);
});

it('the trust page shows the roots and the controllers of the bundle', async () => {
  await visitor.visit('#/trust');
  const person = (name: string) => page.locator('.people > li', { hasText: name });
  await person('ctl-1').getByText('controller', { exact: true }).waitFor();
  await person('rose').getByText('root', { exact: true }).waitFor();
  await person('bob').getByText('passkey', { exact: true }).waitFor();
});

it('a box that can be scrolled shows that there is more', async () => {
  await visitor.visit(`#/requests/${ids.baking}/hosts/db-0001`);
  const log = page.locator('.log').first();
  await log.waitFor();
  const style = await page.evaluate<string[]>(
    "(({ backgroundAttachment, scrollbarWidth }) => [backgroundAttachment, scrollbarWidth])(getComputedStyle(document.querySelector('.log')))",
  );
  expect(style).toEqual(['local, local, local, local, scroll, scroll, scroll, scroll', 'thin']);
});

it('the form of a request can be filled in and planned, and stays accessible', async () => {
  await visitor.visit('#/new');
  await page.locator('.cm-content').fill('wake_up_proces(get_task())');
  await page.getByRole('button', { name: '1:1 this kernel has no function' }).waitFor();
  expect(await page.locator('.cm-lintRange-error').textContent()).toBe('wake_up_proces');
  await page.getByLabel('Selector').fill('env=prod');
  await page.getByText('108 hosts', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'One host, 10%, rest' }).click();
  await page.getByText('about 11 hosts, then watched for 5 min').waitFor();
  await page.getByLabel('Reason').fill('say hello');
  expect(await faultsInEveryLook('new-request-filled')).toEqual([]);
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText('wake_up_process(get_task())');
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await page.getByText('Would refuse it').waitFor();
  await page.getByRole('heading', { name: 'What it would do' }).scrollIntoViewIfNeeded();
  expect(await faultsInEveryLook('new-request-planned')).toEqual([]);
});

it('who signs in by key alone reads no word between two ways of which one is not there', async () => {
  const nobody = await newVisitor(browser, site.origin);
  await nobody.page.route('**/api/session', async route => {
    const reply = await route.fetch();
    const body = await reply.json();
    await route.fulfill({ response: reply, json: { ...body, signIn: { ...body.signIn, passkeys: false } } });
  });
  await nobody.visit('');
  await nobody.page.getByRole('heading', { name: 'Sign in with your operator key' }).waitFor();
  expect(await nobody.page.locator('.or').count()).toBe(0);
  await nobody.picture('sign-in-by-key');
  await nobody.close();
});
