import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { machine, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleLoader } from '../../../agent/load/index.ts';
import { DEADLINES } from '../../kit/deadlines.ts';
import type { Orders, RawReport } from './guest-orders.ts';
import { flush, serveOrders } from './serve-orders.ts';

// Runs in a guest: loads modules that were compiled elsewhere, through the very code that the agent uses, and
// reads files. It must stay small: an emulated CPU takes a fifth of a second to fork a process that has read
// a kernel, and a hundredth for this one.

const directory = mkdtempSync(join(tmpdir(), 'farcall-test-'));
const loader = new ModuleLoader({ arch: machine(), directory });
let child: ChildProcess | undefined;

/** What the module has copied out is left to who compiled it. */
async function load({ image, resultBytes }: Orders['load']): Promise<RawReport> {
  let area: string | undefined;
  const call = {
    image: Buffer.from(image, 'base64'),
    resultBytes,
    // A module may stay that denies something.
    denies: [undefined],
    readResult(bytes: Uint8Array) {
      area = Buffer.from(bytes.subarray(0, lengthWithoutZeros(bytes))).toString('base64');
      return { kind: 'returned', value: { text: '' }, rows: [], droppedRows: 0 };
    },
  } as unknown as Parameters<ModuleLoader['load']>[0];
  const { late: _, ...report } = await loader.load(call, { timeoutMs: DEADLINES.commandMs });
  return { ...report, ...(area === undefined ? {} : { area }) };
}

function lengthWithoutZeros(bytes: Uint8Array): number {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return length;
}

async function main(): Promise<void> {
  await serveOrders<'load' | 'read' | 'child' | 'end-child' | 'flush'>({
    flush,
    load,
    read: async ({ path }) => {
      if (!existsSync(path)) return null;
      return statSync(path).isDirectory() ? readdirSync(path).join('\n') : readFileSync(path, 'utf8');
    },
    async child() {
      child = spawn('sleep', ['1000'], { stdio: 'ignore' });
      return child.pid!;
    },
    async 'end-child'() {
      child?.kill('SIGKILL');
      return null;
    },
  });
  loader.close();
  rmSync(directory, { recursive: true, force: true });
}

void main();
