import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
// @ts-expect-error plain JavaScript that runs before TypeScript can
import { buildConsole } from '../../../deploy/build/console.mjs';
import { DEADLINES } from '../../kit/deadlines.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs in each page before the page's own scripts. */
const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
  reportViolation([violatedDirective, blockedURI, sourceFile].join(' ')));`;

/** Lines that the browser logs although the page is correct. */
const EXPECTED_LINES = [
  // One for each unsuccessful reply; the tests check replies by their status.
  'Failed to load resource',
  // The browser recommends RS256 too, which hosts do not verify.
  'publicKey.pubKeyCredParams is missing',
];

/** The folder for pictures of the pages. */
export const ARTEFACTS = fileURLToPath(new URL('../artefacts/', import.meta.url));

/**
 * Builds the page if necessary, and starts Debian's browser. Its sandbox does not work for root; the pages
 * that it opens are ours.
 */
export async function openBrowser(): Promise<Browser> {
  await buildConsole();
  mkdirSync(ARTEFACTS, { recursive: true });
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/** Colour scheme and width of a browser window. */
export interface Look {
  readonly scheme: 'dark' | 'light';
  readonly widthPx: number;
}

/** The looks in which every page is tested: a desktop and a phone, dark and light. */
export const LOOKS: readonly Look[] = [
  { scheme: 'dark', widthPx: 1440 },
  { scheme: 'light', widthPx: 1440 },
  { scheme: 'dark', widthPx: 390 },
  { scheme: 'light', widthPx: 390 },
];

/** A person with a browser of their own, which shares no cookies, keys or storage. */
export interface Visitor {
  readonly page: Page;
  /** Errors in the page, refusals by the content security policy, and unexpected replies. */
  readonly problems: readonly string[];
  /** Navigates to `#/…`. */
  visit(hash: string): Promise<void>;
  /** Reloads the page. */
  reload(): Promise<void>;
  /** Serious and critical violations that axe-core finds, each with its first element. */
  seriousFaults(): Promise<readonly string[]>;
  /** Changes this visitor's window and colour scheme. */
  lookAs(look: Look): Promise<void>;
  /** Takes a picture, `artefacts/NAME-SCHEME-WIDTH.png`. */
  picture(name: string, look?: Look): Promise<void>;
  /** How far the page can be scrolled sideways; it should be 0. */
  overflowPx(): Promise<number>;
  close(): Promise<void>;
}

/** Opens a browser window at `origin`. Replies with one of the expected statuses are not problems. */
export async function newVisitor(
  browser: Browser,
  origin: string,
  look: Look = LOOKS[0]!,
  expectedStatuses: readonly number[] = [401],
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: sizeOf(look),
    colorScheme: look.scheme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINES.pageMs);
  const problems: string[] = [];
  page.on('pageerror', error => problems.push(`error: ${error.message}`));
  page.on('console', message => {
    const text = message.text();
    const isExpected = EXPECTED_LINES.some(start => text.startsWith(start));
    if (['error', 'warning'].includes(message.type()) && !isExpected) problems.push(text);
  });
  page.on('response', response => {
    const status = response.status();
    if (status >= 400 && !expectedStatuses.includes(status)) problems.push(`${status} ${response.url()}`);
  });
  await page.exposeFunction('reportViolation', (text: string) => problems.push(`policy: ${text}`));
  await page.addInitScript({ content: REPORT_VIOLATIONS });
  return {
    page,
    problems,
    async visit(hash) {
      if (page.url().startsWith(origin)) await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      else await page.goto(`${origin}/${hash}`);
    },
    reload: async () => void (await page.reload()),
    async seriousFaults() {
      await page.evaluate(AXE);
      return page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: Axe };
        const { violations } = await axe.run();
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary}`);
      });
    },
    async lookAs(wanted) {
      await page.emulateMedia({ colorScheme: wanted.scheme });
      await page.setViewportSize(sizeOf(wanted));
    },
    async picture(name, { scheme, widthPx } = look) {
      await page.screenshot({ path: `${ARTEFACTS}${name}-${scheme}-${widthPx}.png` });
    },
    overflowPx: () =>
      page.evaluate(
        'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
      ),
    close: () => context.close(),
  };
}

function sizeOf({ widthPx }: Look): { width: number; height: number } {
  return { width: widthPx, height: widthPx < 800 ? 844 : 900 };
}

interface Axe {
  run(): Promise<{
    violations: {
      id: string;
      impact: string;
      nodes: { html: string; failureSummary: string }[];
    }[];
  }>;
}
