import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callRequestCodec, type OrderEnvelope } from '../../shared/messages/index.ts';
import { splitCanonicalToken } from '../../shared/tokens/index.ts';
import { type ConsoleSite, EXPECTED, startConsoleSite } from './support/console-site.ts';
import { plugInKey } from './support/passkey.ts';
import { peopleWithPasskeys } from './support/people-with-passkeys.ts';
import { newVisitor, openBrowser, type Visitor } from './support/visitor.ts';

const HOSTS = {
  'c-1': { env: 'prod', role: 'canary' },
  'w-1': { env: 'prod', role: 'web' },
  'w-2': { env: 'prod', role: 'web' },
  'w-3': { env: 'prod', role: 'web' },
} as const;

const PROGRAM = '_printk("Hello, world %d\\n", 1234)';
const REASON = 'say hello to every kernel';

describe('a call from the first page to the last result', () => {
  let browser: Browser;
  let site: ConsoleSite;
  let alice: Visitor;
  let bob: Visitor;
  let carol: Visitor;
  let id: string;
  let digest: string;

  beforeAll(async () => {
    browser = await openBrowser();
    site = await startConsoleSite(HOSTS);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  /** The next order of the request for that wave, as the host hears it. */
  const nextOrder = async (host: string, wave: number): Promise<OrderEnvelope> => {
    for (;;) {
      const order = await site.fleet.host(host).nextOrder();
      const isOurs = callRequestCodec.decode(order.request).id === id;
      if (isOurs && splitCanonicalToken(order.order).payload['wave'] === wave) return order;
    }
  };

  it('alice, bob and carol make passkeys, the roots trust them, and bob and carol sign in with them', async () => {
    [alice, bob, carol] = (await peopleWithPasskeys(browser, site, {
      alice: 'requester',
      bob: 'approver',
      carol: 'approver',
    })) as [Visitor, Visitor, Visitor];
    for (const visitor of [bob, carol]) {
      await visitor.visit('#/');
      await visitor.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await visitor.page.getByRole('heading', { name: 'Overview' }).waitFor();
      await visitor.page.getByText('4 hosts enrolled').waitFor();
      await visitor.page.getByText('Nothing needs you').waitFor();
    }
  });

  it('a passkey outside of the trust bundle signs nobody in', async () => {
    const mallory = await visitorWithoutTrust();
    await mallory.page.getByRole('alert').getByText('this passkey is not in the trust bundle').waitFor();
    await mallory.close();
  });

  it('alice signs in with farcall console, and the code disappears from the address', async () => {
    await site.signInByKey('alice', alice);
    expect(alice.page.url()).toBe(`${site.origin}/#/`);
    await alice.picture('story-overview');
  });

  it('the database has neither a session’s secret nor a code', async () => {
    const { controller } = site.fleet;
    const { code } = JSON.parse((await controller.farcallHere('alice', ['console', '--json'])).stdout);
    const [cookie] = await alice.page.context().cookies();
    const files = readdirSync(controller.folder).filter(name => name.startsWith('farcall.db'));
    const database = Buffer.concat(files.map(name => readFileSync(join(controller.folder, name))));
    expect(database.includes('console_sessions')).toBe(true);
    for (const secret of [code, cookie!.value]) {
      expect(secret.length).toBeGreaterThan(40);
      expect(database.includes(secret)).toBe(false);
      expect(database.includes(Buffer.from(secret, 'base64url'))).toBe(false);
    }
  });

  it('alice writes a request in waves, plans it, and makes it', async () => {
    const { page } = alice;
    await page.keyboard.press('g');
    await page.keyboard.press('n');
    await page.locator('.cm-content').fill(PROGRAM);
    await page.getByLabel('Selector').fill('env=prod');
    await page.getByText('4 hosts', { exact: true }).waitFor();
    await page.getByLabel('Reason').fill(REASON);
    await page.getByRole('button', { name: 'Add a wave' }).click();
    await page.getByLabel('Wave 1', { exact: true }).fill('role=canary; manual');
    await page.getByRole('button', { name: 'Add a wave' }).click();
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await page.getByText('Would load it as a module').waitFor();
    await alice.picture('story-planned');
    await page.getByRole('button', { name: 'Create request' }).click();
    await page.getByRole('heading', { name: REASON }).waitFor();
    id = /#\/requests\/(\w+)/.exec(page.url())?.[1] ?? '';
    digest =
      (await page
        .getByText(/^sha256:[0-9a-f]{64}$/)
        .last()
        .textContent()) ?? '';
    expect(digest).toBe(`sha256:${(await requestJson()).digest}`);
    expect((await requestJson()).program).toBe(PROGRAM);
  });

  it('the form shows an invalid selector at its field, and loses nothing', async () => {
    const { page } = alice;
    await alice.visit('#/new');
    await page.getByLabel('Selector').fill('env==');
    await page.getByText('SELECTOR_INVALID').waitFor();
    await page.getByLabel('Selector').fill('');
    await alice.visit(`#/requests/${id}`);
  });

  it('clearing the form clears the editor too', async () => {
    const { page } = alice;
    await alice.visit('#/new');
    const editor = page.locator('.cm-content');
    await editor.fill('f(1)');
    await page.getByLabel('Reason').fill('not this');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => editor.textContent()).not.toContain('f(1)');
    expect(await page.getByLabel('Reason').inputValue()).toBe('');
    await editor.fill('f(2)');
    await alice.visit('#/audit');
    await alice.visit('#/new');
    await expect.poll(() => editor.textContent()).toBe('f(2)');
    await page.getByRole('button', { name: 'Clear' }).click();
    await alice.visit(`#/requests/${id}`);
  });

  it('bob finds the request on the first page, sees what is signed, and approves by passkey', async () => {
    const { page } = bob;
    await page.getByText(REASON).waitFor();
    await page.getByRole('link', { name: 'Review' }).click();
    await page.getByRole('heading', { name: 'What is signed' }).waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog', { name: 'Approve exactly this?' });
    await dialog.getByText('what your passkey signs').waitFor();
    await dialog.getByText(digest).waitFor();
    await bob.picture('story-approve');
    expect(await bob.seriousFaults()).toEqual([]);
    await dialog.getByRole('button', { name: 'Approve with your passkey' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('approved by passkey').waitFor();
  });

  it('bob withdraws the approval, and approves again', async () => {
    const { page } = bob;
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('button', { name: 'Take back with your passkey' }).click();
    await page.getByText('and took that back').waitFor();
    await approve(page);
  });

  it('carol approves too, and sees the first wave ordered', async () => {
    await carol.visit(`#/requests/${id}`);
    await approve(carol.page);
    await carol.page.getByText('dispatched').first().waitFor();
    const { decisions, state } = (await requestJson()).status;
    expect(state).toBe('dispatched');
    expect(decisions.map(({ approver, withdrawn }) => [approver, withdrawn])).toEqual([
      ['bob', true],
      ['bob', false],
      ['carol', false],
    ]);
  });

  it('alice watches the waves live, and carol promotes the second', async () => {
    const { page } = alice;
    const order = await nextOrder('c-1', 1);
    await alice.visit(`#/requests/${id}?tab=rollout`);
    await page.getByText('0 of 1 host').waitFor();
    await site.fleet.host('c-1').answer(order, { kernelLog: ['Hello, world 1234'] });
    await page.getByText('1 of 1 host').waitFor();
    await page.getByText('awaiting-promotion').first().waitFor();
    await alice.picture('story-awaiting');
    await carol.visit(`#/requests/${id}?tab=rollout`);
    await carol.page.getByRole('button', { name: 'Promote' }).click();
    const dialog = carol.page.getByRole('dialog', { name: /^Promote wave 2 of 2: / });
    await dialog.getByLabel('Reason').fill('the canary is well');
    await dialog.getByRole('button', { name: 'Show what is signed' }).click();
    await dialog.getByRole('button', { name: 'Promote with your passkey' }).click();
    await page.getByText('0 of 3 hosts').waitFor();
    const second = await nextOrder('w-1', 2);
    await site.fleet.host('w-1').answer(second, { kernelLog: ['Hello, world 1234'] });
    await site.fleet.host('w-2').answer(second, {
      ...{ outcome: 'faulted', value: undefined },
      error: { code: 'CALL_FAULTED', message: 'line 1, column 1: bad address 0x10' },
    });
    await page.getByText('2 of 3 hosts').waitFor();
    await alice.picture('story-rollout');
    await site.fleet.host('w-3').answer(second);
  });

  it('alice goes down to one host and to the lines that its kernel logged', async () => {
    const { page } = alice;
    await page.getByRole('link', { name: 'Results' }).click();
    await page.getByRole('button', { name: '1 hosts: show them' }).first().waitFor();
    await alice.picture('story-results');
    await page.locator('tr', { hasText: 'faulted' }).getByRole('button').click();
    const rows = page.locator('.result-hosts .vlist-row');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByRole('link', { name: 'w-2' }).click();
    await page.getByText('line 1, column 1: bad address 0x10').waitFor();
    await alice.visit(`#/requests/${id}/hosts/w-1`);
    await page.getByText('signed by the host').waitFor();
    await page.getByText('Hello, world 1234').waitFor();
    await alice.picture('story-host');
    await alice.visit(`#/requests/${id}?tab=timeline`);
    await page.getByText('promoted by carol after wave 1: the canary is well').waitFor();
    await alice.visit('#/audit');
    await page.getByText('promoted by carol after wave 1: the canary is well').waitFor();
    await alice.visit('#/trust');
    await expect.poll(() => page.getByText('passkey', { exact: true }).count()).toBe(3);
    await page
      .locator('.people > li', { hasText: 'ctl-1' })
      .getByText('controller', { exact: true })
      .waitFor();
  });

  it('a lock of a host stands on the pages of the host and of trust until they are ended', async () => {
    const { farcall } = site.fleet.controller;
    const reason = ['--reason', 'its disk was stolen'];
    await farcall('bob', 'lock', 'host', 'w-3', ...reason);
    const { page } = alice;
    await alice.visit('#/hosts/w-3');
    await page.getByText('its disk was stolen. It gets no orders').waitFor();
    await alice.visit('#/trust');
    await page.getByRole('row', { name: 'host w-3' }).getByText('its disk was stolen').waitFor();
    await alice.visit('#/');
    await page.getByText('locked', { exact: true }).waitFor();
    await farcall('bob', 'unlock', 'host', 'w-3', ...reason);
    await alice.visit('#/trust');
    await page.getByRole('heading', { name: 'People' }).waitFor();
    await expect.poll(() => page.getByText('its disk was stolen').count()).toBe(0);
  });

  it('a request is aborted by passkey with a reason, and everybody who looks at it sees that', async () => {
    const other = await site.fleet.controller.approved(
      PROGRAM,
      '--hosts',
      'env=prod',
      '--reason',
      'again',
      '--no-plan',
    );
    await alice.visit(`#/requests/${other}`);
    const { page } = bob;
    await bob.visit(`#/requests/${other}`);
    await page.getByRole('button', { name: 'Abort' }).click();
    await page.getByLabel('Reason').fill('w-1 hangs');
    await page.locator('.facts', { hasText: 'w-1 hangs' }).waitFor();
    await page.getByRole('button', { name: 'Abort with your passkey' }).click();
    await page.getByText('aborting').first().waitFor();
    await bob.visit(`#/requests/${other}?tab=request`);
    await page.getByText('w-1 hangs').waitFor();
    await alice.page.getByText('aborting').first().waitFor();
  });

  it('the security policy refused nothing, and no page had an error', () => {
    for (const { problems } of [alice, bob, carol]) expect(problems).toEqual([]);
  });

  it('a person who signs out is signed out', async () => {
    await alice.page.getByRole('button', { name: 'Sign out' }).click();
    await alice.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  });

  async function approve(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog', { name: 'Approve exactly this?' });
    await dialog.getByRole('button', { name: 'Approve with your passkey' }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** The request as the page of alice gets it. */
  function requestJson(): Promise<RequestShown> {
    return alice.page.evaluate(`fetch('/api/requests/${id}').then(response => response.json())`);
  }

  /** Somebody whose passkey is in no bundle tries to sign in. */
  async function visitorWithoutTrust(): Promise<Visitor> {
    const visitor = await newVisitor(browser, site.origin, undefined, EXPECTED);
    await visitor.visit('#/passkey');
    await plugInKey(visitor.page);
    await visitor.page.getByLabel('Your name').fill('mallory');
    await visitor.page.getByRole('button', { name: 'Make the passkey' }).click();
    await visitor.page.getByText('The passkey is made').waitFor();
    await visitor.visit('#/');
    await visitor.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    return visitor;
  }
});

interface RequestShown {
  readonly digest: string;
  readonly program: string;
  readonly status: {
    readonly state: string;
    readonly decisions: readonly { readonly approver: string; readonly withdrawn: boolean }[];
  };
}
