import { DEADLINES } from '../../kit/deadlines.ts';
// Runs in a guest: loads a module signed in every way, at each of some steps, and prints as JSON what the
// kernel made of it.
//
//   node guest-loads.ts KEY CERTIFICATE OTHER_KEY OTHER_CERTIFICATE ECDSA_KEY ECDSA_CERTIFICATE
//     [FILE=VALUE …]

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledModule } from '../../../agent/compiler/index.ts';
import { openHostKernel } from '../../../agent/host-kernel/index.ts';
import { ModuleLoader } from '../../../agent/load/index.ts';
import { localSigner } from '../../../agent/signing/index.ts';
import type { ReportedKernelFacts } from '../../../agent/stages/index.ts';
import { toFarcallError } from '../../../shared/errors/index.ts';

/** How a module was signed. */
export const WAYS = ['unsigned', 'signed', 'otherKey', 'tampered', 'brokenDer', 'ecdsa'] as const;

/** What came of one load. */
export interface LoadEnd {
  readonly outcome: string;
  readonly code?: string;
  readonly message?: string;
  readonly value?: string;
}

/** What the kernel says and does at one step. */
export interface StepReport {
  readonly facts: Pick<ReportedKernelFacts, 'sigEnforce' | 'lockdown' | 'secureBoot' | 'signing'>;
  readonly loads: Readonly<Record<(typeof WAYS)[number], LoadEnd>>;
  /** A program that only reads: what it is compiled to where modules are signed, and where they are not. */
  readonly readSigned: string;
  readonly readUnsigned: string;
}

const [key, certificateFile, otherKey, otherCertificate, ecdsaKey, ecdsaCertificate, ...steps] =
  process.argv.slice(2) as [string, string, string, string, string, string, ...string[]];
const sign = localSigner({ key, certificateFile });
const signOther = localSigner({ key: otherKey, certificateFile: otherCertificate });
const signEcdsa = localSigner({ key: ecdsaKey, certificateFile: ecdsaCertificate });
const directory = mkdtempSync(join(tmpdir(), 'farcall-test-'));

type Load = (call: CompiledModule, loader: ModuleLoader) => Promise<LoadEnd>;

async function load(call: CompiledModule, loader: ModuleLoader, signature?: Uint8Array): Promise<LoadEnd> {
  const { outcome, error, value } = await loader.load(call, { timeoutMs: DEADLINES.commandMs, signature });
  return { outcome, ...error, ...(value && { value: value.text }) };
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

const LOADS: Readonly<Record<(typeof WAYS)[number], Load>> = {
  unsigned: (call, loader) => load(call, loader),
  signed: async (call, loader) => load(call, loader, await sign(call.image)),
  otherKey: async (call, loader) => load(call, loader, await signOther(call.image)),
  // A byte of the names of symbols: harmless, where a kernel should take it.
  async tampered(call, loader) {
    const image = changed(call.image, Buffer.from(call.image).indexOf('__this_module'));
    return load({ ...call, image }, loader, await sign(call.image));
  },
  async brokenDer(call, loader) {
    return load(call, loader, (await sign(call.image)).subarray(0, -20));
  },
  ecdsa: async (call, loader) => load(call, loader, await signEcdsa(call.image)),
};

async function lookAround(step: number): Promise<StepReport> {
  const kernel = openHostKernel();
  const loader = new ModuleLoader({ arch: kernel.arch, directory, openMemory: () => kernel.openMemory() });
  const loads: Partial<Record<(typeof WAYS)[number], LoadEnd>> = {};
  for (const way of WAYS) {
    const call = kernel.compile('_printk("farcall signing %d\\n", 7)', `farcall_${way}_${step}`);
    if (call.image) loads[way] = await LOADS[way](call, loader);
  }
  loader.close();
  const { sigEnforce, lockdown, secureBoot, signing } = kernel.facts();
  const wayOfRead = (signed: boolean): string => {
    try {
      const read = kernel.compile('find_task(1)->pid', `farcall_read_${step}`, { signed });
      return read.image ? 'module' : 'interpreted';
    } catch (thrown) {
      const { code, message } = toFarcallError(thrown);
      return `${code}: ${message}`;
    }
  };
  const reads = { readSigned: wayOfRead(true), readUnsigned: wayOfRead(false) };
  return {
    facts: { sigEnforce, lockdown, secureBoot, signing },
    loads: loads as StepReport['loads'],
    ...reads,
  };
}

async function main(): Promise<void> {
  const reports = [await lookAround(0)];
  for (const [index, step] of steps.entries()) {
    const [file, value] = step.split('=') as [string, string];
    writeFileSync(file, value);
    reports.push(await lookAround(index + 1));
  }
  rmSync(directory, { recursive: true, force: true });
  process.stdout.write(JSON.stringify(reports));
}

void main();
