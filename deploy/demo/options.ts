import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KERNEL_SUITES, type KernelSeries } from '../../tools/machine/index.ts';
// @ts-expect-error plain JavaScript that runs before TypeScript can
import { HELP } from './help.mjs';

const KNOWN = Object.keys(KERNEL_SUITES).join(', ');

/** What `npm run demo -- --help` prints. */
export const DEMO_HELP: string = HELP;

/** What the person who starts the demo wants. */
export interface DemoOptions {
  readonly call: boolean;
  readonly keep: boolean;
  readonly series: readonly KernelSeries[];
  /** An absolute path, and whether it stays; the folder exists and is empty. */
  readonly folder: string;
  readonly keepsFolder: boolean;
}

/** A mistake of the person who typed the command; its message is for them, without a stack. */
export class UsageError extends Error {}

/**
 * Reads the arguments of the demo, and makes its folder; undefined where they ask for help. Throws
 * {@link UsageError}.
 */
export function demoOptions(args: readonly string[]): DemoOptions | undefined {
  const { help, kernels, folder, call, keep } = parsed(args);
  if (help) return undefined;
  const series = kernels.split(',').filter(Boolean).map(seriesOf);
  return { call, keep, series, folder: newFolder(folder), keepsFolder: folder !== undefined };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        call: { type: 'boolean', default: true },
        keep: { type: 'boolean', default: false },
        kernels: { type: 'string', default: '6.1,6.12,7.2' },
        folder: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (thrown) {
    // The first sentence; what Node adds is about arguments that begin with a dash.
    const [first = ''] = (thrown as Error).message.split('. ');
    throw new UsageError(`${first}; npm run demo -- --help lists the options`);
  }
}

function seriesOf(text: string): KernelSeries {
  if (Object.hasOwn(KERNEL_SUITES, text)) return text as KernelSeries;
  throw new UsageError(`--kernels: there is no kernel '${text}' here; there are ${KNOWN}`);
}

/** The folder of that name, which must not exist yet; or a temporary one. */
function newFolder(name: string | undefined): string {
  if (name === undefined) return mkdtempSync(join(tmpdir(), 'farcall-demo-'));
  try {
    mkdirSync(name, { mode: 0o700 });
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'EEXIST'
        ? `--folder: ${resolve(name)} exists already; name a new folder, or remove that one`
        : `--folder: ${resolve(name)} cannot be made: ${message}`,
    );
  }
  return resolve(name);
}
