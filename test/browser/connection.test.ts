import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fleetOf } from './support/fleet-of-hosts.ts';
import { type RealConsole, startRealConsole } from './support/real-console.ts';
import { newVisitor, openBrowser, type Visitor } from './support/visitor.ts';

let browser: Browser;
let site: RealConsole;
let visitor: Visitor;

beforeAll(async () => {
  site = await startRealConsole(fleetOf(20, Date.now()));
  browser = await openBrowser();
  visitor = await newVisitor(browser, site.origin);
  await site.signIn(visitor);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

it('the page says that the connection is lost, and shows what changed once it is back', async () => {
  const { page } = visitor;
  await visitor.visit('#/');
  await page.getByText('20 hosts enrolled').waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  await site.stopListening();
  await page.getByText('Connection lost, trying again').waitFor();
  await visitor.picture('connection-lost');
  expect(await visitor.seriousFaults()).toEqual([]);
  await site.add(fleetOf(21, Date.now()).slice(20));
  await site.listenAgain();
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByText('21 hosts enrolled').waitFor();
  await page.getByText('Connection lost').waitFor({ state: 'detached' });
});

it('nothing that was typed is lost when a session ends', async () => {
  const { page } = visitor;
  await visitor.visit('#/new');
  await page.locator('.cm-content').fill('wake_up_process(find_task(1))');
  await page.getByLabel('Reason').fill('it hangs');
  await site.endSessions();
  await page.getByLabel('Selector').fill('env=prod');
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
  await visitor.picture('session-ended');
  expect(await visitor.seriousFaults()).toEqual([]);
  await site.signIn(visitor);
  await visitor.reload();
  await page.getByText('wake_up_process(find_task(1))').waitFor();
  expect(await page.getByLabel('Reason').inputValue()).toBe('it hangs');
  expect(await page.getByLabel('Selector').inputValue()).toBe('env=prod');
});

it('everything can be reached by keyboard: the skip link, shortcuts, and dialogs that close', async () => {
  const { page } = visitor;
  await visitor.visit('#/');
  await visitor.reload();
  await page.getByText('hosts enrolled').waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the page');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.getByRole('heading', { name: 'Trust' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByText('hosts enrolled').waitFor();
  await page.keyboard.press('/');
  expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe(
    'Search names and labels',
  );
  expect(visitor.problems).toEqual([]);
});
