import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fleetOf } from './support/fleet-of-hosts.ts';
import { type RealConsole, startRealConsole } from './support/real-console.ts';
import { newVisitor, openBrowser, type Visitor } from './support/visitor.ts';

/** More rows than fit a screen, and far fewer than there are hosts. */
const MOST_ROWS = 60;

const hosts = fleetOf(3000, Date.now());

let browser: Browser;
let site: RealConsole;
let visitor: Visitor;

beforeAll(async () => {
  site = await startRealConsole(hosts);
  browser = await openBrowser();
  visitor = await newVisitor(browser, site.origin);
  await site.signIn(visitor);
  await visitor.visit('#/');
  await visitor.page.getByText('3,000 hosts enrolled').waitFor();
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

it('the page renders only the visible ones of 3,000 hosts, anywhere in the list', async () => {
  const { page } = visitor;
  const rows = page.locator('.hosts .vlist-row');
  await page.locator('.hosts').scrollIntoViewIfNeeded();
  expect(await page.locator('.hosts').getAttribute('aria-rowcount')).toBe('3001');
  expect(await rows.count()).toBeLessThan(MOST_ROWS);
  await rows.first().locator('a').focus();
  await page.keyboard.press('End');
  await page.getByRole('link', { name: 'web-2996' }).waitFor();
  expect(await page.evaluate('document.activeElement.textContent')).toBe('web-2996');
  expect(await rows.count()).toBeLessThan(MOST_ROWS);
  await page.keyboard.press('ArrowUp');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('web-2992');
});

it('3,000 hosts are searched and counted while a person types', async () => {
  const { page } = visitor;
  await page.getByLabel('Search names and labels').fill('db- dc=fra2');
  await page.getByText('250 of 3,000 hosts').waitFor();
  await page.getByRole('button', { name: /^aarch64/ }).click();
  const arm = hosts.filter(
    ({ facts, identity: { labels = {} } }) =>
      facts.arch === 'aarch64' && labels['role'] === 'db' && labels['dc'] === 'fra2',
  );
  await page.getByText(`${arm.length} of 3,000 hosts`).waitFor();
  await page.getByRole('button', { name: 'Architecture: aarch64' }).click();
  await page.getByText('250 of 3,000 hosts').waitFor();
  await page.getByLabel('Search names and labels').fill('no such host');
  await page.getByText('No host is left').waitFor();
  await page.getByLabel('Search names and labels').fill('');
  await page.getByText('3,000 of 3,000 hosts').waitFor();
});

it('scrolling through 3,000 hosts never renders more rows than fit, and never none', async () => {
  const { page } = visitor;
  const { counts, longestMs } = await page.evaluate<{ counts: number[]; longestMs: number }>(SCROLL_THROUGH);
  console.info(`longest task while scrolling through 3,000 hosts: ${Math.round(longestMs)} ms`);
  expect(Math.max(...counts)).toBeLessThan(MOST_ROWS);
  expect(counts).toHaveLength(35);
  expect(visitor.problems).toEqual([]);
});

/** Runs in the page: rows after each step of a way through the whole list, and the longest task meanwhile. */
const SCROLL_THROUGH = `(async () => {
  let longestMs = 0;
  const observer = new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration);
  });
  observer.observe({ type: 'longtask' });
  const nextFrame = () => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
  const counts = [];
  const rows = () => document.querySelectorAll('.hosts .vlist-row').length;
  for (let topPx = 1000; topPx < 106000; topPx += 3000) {
    scrollTo(0, topPx);
    await nextFrame();
    // Rows come with one of the next frames; where none ever does, this does not end.
    while (rows() === 0) await nextFrame();
    counts.push(rows());
  }
  observer.disconnect();
  return { counts, longestMs };
})()`;
