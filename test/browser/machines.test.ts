import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEADLINES } from '../kit/deadlines.ts';
import { type MachineSite, startMachineSite } from './support/machine-site.ts';
import { peopleWithPasskeys } from './support/people-with-passkeys.ts';
import { newVisitor, openBrowser, type Visitor } from './support/visitor.ts';

const PROGRAM = '_printk("Hello, world %d\\n", 1234)';
const REASON = 'say hello to real kernels';

describe('the console before hosts with real kernels', () => {
  let browser: Browser;
  let site: MachineSite;
  let alice: Visitor;
  let bob: Visitor;
  let carol: Visitor;
  let id: string;

  beforeAll(async () => {
    browser = await openBrowser();
    site = await startMachineSite(['6.1', '6.12']);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  it('alice, bob and carol have passkeys that the roots trust, and bob and carol sign in with them', async () => {
    [alice, bob, carol] = (await peopleWithPasskeys(browser, site, {
      alice: 'requester',
      bob: 'approver',
      carol: 'approver',
    })) as [Visitor, Visitor, Visitor];
    for (const { page, visit } of [bob, carol]) {
      await visit('#/');
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
    }
  });

  it('alice signs in with the account of her organisation', async () => {
    await alice.page.goto(site.origin);
    await alice.page.getByRole('link', { name: 'Sign in with your organisation' }).click();
    await alice.page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(alice.page.url()).toBe(`${site.origin}/`);
    await alice.page.getByText('2 hosts enrolled').waitFor({ timeout: DEADLINES.eventuallyMs });
    const cookies = await alice.page.context().cookies();
    expect(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite])).toEqual([
      ['farcall', true, 'Strict'],
    ]);
  });

  it('nobody else of the organisation gets in, and the page says why', async () => {
    site.provider.sub = 'mallory-at-work';
    const mallory = await newVisitor(browser, site.origin);
    await mallory.visit('');
    await mallory.page.getByRole('link', { name: 'Sign in with your organisation' }).click();
    await mallory.page.getByText('lets nobody in by that name').waitFor();
    expect(await mallory.seriousFaults()).toEqual([]);
    expect(mallory.problems).toEqual([]);
    await mallory.close();
  });

  it('an error is marked at its source location while it is typed, by what the kernel has', async () => {
    const { page } = alice;
    await alice.visit('#/new');
    const kernel = page.getByLabel('checked against');
    await expect
      .poll(() => kernel.locator('option:enabled').count(), { timeout: DEADLINES.eventuallyMs })
      .toBe(2);
    await write(page, '_printk("Hello, world %d\\n", 1234) + nr_proceses()');
    const problem = page.locator('.problem');
    await problem.getByText('nr_proceses').waitFor();
    expect(await problem.locator('.problem-place').textContent()).toBe('1:38');
    expect(await problem.textContent()).toContain('nr_processes');
    await expect.poll(() => page.locator('.cm-lintRange-error').textContent()).toBe('nr_proceses');
    await alice.picture('machines-marked');
    expect(await alice.seriousFaults()).toEqual([]);
  });

  it('functions and members are completed from the kernel’s own types', async () => {
    const { page } = alice;
    await write(page, '', 'nr_proc');
    await completion(page, 'nr_processes');
    // Keys that come in the first moments are not yet meant for the list.
    await page.waitForTimeout(250);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.cm-content').textContent()).toContain('nr_processes');
    await write(page, 'struct task_struct *t = find_task(1); t', '->tg');
    await completion(page, 'tgid');
    await alice.picture('machines-completed');
    await page.keyboard.press('Escape');
  });

  it('a program is checked against each kernel that is chosen', async () => {
    const { page } = alice;
    await write(page, 'struct task_struct *t = find_task(1); t->__state');
    const kernel = page.getByLabel('checked against');
    for (const release of await kernel.locator('option').allTextContents()) {
      await kernel.selectOption({ label: release });
      await page.getByText('Compiles on this kernel, gives unsigned int').waitFor();
    }
  });

  it('the plan says for each kernel what the program would do', async () => {
    const { page } = alice;
    await write(page, PROGRAM);
    await page.getByText('Compiles on this kernel, gives int').waitFor();
    await page.getByLabel('Selector').fill('env=test');
    await page.getByText('2 hosts', { exact: true }).waitFor();
    await page.getByLabel('Reason').fill(REASON);
    await page.getByRole('button', { name: 'Add a wave' }).click();
    await page.getByLabel('Wave 1', { exact: true }).fill('1; manual');
    await page.getByRole('button', { name: 'Add a wave' }).click();
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await page.getByText('Would load it as a module').first().waitFor();
    await page.getByText('int _printk(const char *fmt, ...)').first().waitFor();
    await alice.picture('machines-planned');
    await page.getByRole('button', { name: 'Create request' }).click();
    await page.getByRole('heading', { name: REASON }).waitFor();
    id = /#\/requests\/(\w+)/.exec(page.url())?.[1] ?? '';
  });

  it('two passkeys approve, and the agents of both kernels verify them', async () => {
    for (const { page, visit } of [bob, carol]) {
      await visit(`#/requests/${id}`);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('button', { name: 'Approve with your passkey' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    const { page } = alice;
    await alice.visit(`#/requests/${id}?tab=rollout`);
    await page.getByText('1 of 1 host').first().waitFor();
    await page.getByText('awaiting-promotion').first().waitFor();
    await bob.visit(`#/requests/${id}?tab=rollout`);
    await bob.page.getByRole('button', { name: 'Promote' }).click();
    const dialog = bob.page.getByRole('dialog', { name: /^Promote wave 2 of 2: / });
    await dialog.getByLabel('Reason').fill('the first is well');
    await dialog.getByRole('button', { name: 'Show what is signed' }).click();
    await dialog.getByRole('button', { name: 'Promote with your passkey' }).click();
    await expect.poll(() => page.getByText('1 of 1 host').count()).toBe(2);
    await alice.picture('machines-rollout');
  });

  it('alice goes from the group of a value to a host, and to what its kernel logged', async () => {
    const { page } = alice;
    await page.getByRole('link', { name: 'Results' }).click();
    await page.getByText('(int)17').first().waitFor();
    await page.getByRole('button', { name: '2 hosts: show them' }).first().click();
    await page.getByRole('link', { name: 'vm-1', exact: true }).click();
    await page.getByText('signed by the host').waitFor();
    await page.getByText('Hello, world 1234').waitFor();
    await alice.picture('machines-host');
    for (const { machine, modulesLeft } of site.guests) {
      expect(await machine.output(['busybox', 'dmesg'])).toContain('Hello, world 1234');
      expect(await modulesLeft()).toEqual([]);
    }
  });

  it('a request is aborted by passkey after its first wave, and no further host begins it', async () => {
    const asked = ['request', 'msleep(20)', '--hosts', 'env=test', '--reason', 'a mistake'];
    const manual = ['--wave', '1', '--wave', 'rest', '--manual', '--no-plan'];
    const made = await site.farcallJson('alice', ...asked, ...manual);
    const [other, digest] = [String(made['id']), String(made['digest'])];
    for (const person of ['bob', 'carol'] as const)
      await site.farcallJson(person, 'approve', other, '--yes', '--digest', digest);
    const { page } = carol;
    await carol.visit(`#/requests/${other}?tab=rollout`);
    await page.getByText('awaiting-promotion').first().waitFor();
    await page.getByRole('button', { name: 'Abort' }).click();
    await page.getByLabel('Reason').fill('not needed');
    await page.locator('.facts', { hasText: 'not needed' }).waitFor();
    await page.getByRole('button', { name: 'Abort with your passkey' }).click();
    await page.getByText('aborted', { exact: true }).first().waitFor();
    const { hosts } = await site.farcallJson('alice', 'report', other);
    const outcomes = (hosts as { outcome: string }[]).map(({ outcome }) => outcome);
    expect(outcomes.filter(outcome => outcome === 'returned')).toHaveLength(1);
  });

  it('no page had an error', () => {
    for (const { problems } of [alice, bob, carol]) expect(problems).toEqual([]);
  });

  /** Writes `text` instead of what is in the editor, and types the rest behind it, key by key. */
  async function write(page: Page, text: string, typed = ''): Promise<void> {
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
    await page.keyboard.type(typed, { delay: 30 });
  }

  /** Until the list has `name`; one who does not see it asks for it. */
  async function completion(page: Page, name: string): Promise<void> {
    const item = page.locator('.cm-tooltip-autocomplete li', { hasText: name }).first();
    await expect
      .poll(
        async () => {
          if (!(await item.isVisible())) await page.keyboard.press('Control+Space');
          return item.isVisible();
        },
        { interval: 1000 },
      )
      .toBe(true);
  }
});
