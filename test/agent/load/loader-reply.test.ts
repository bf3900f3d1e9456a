import { describe, expect, test } from 'vitest';
import { judgeLoaderEnd } from '../../../agent/load/loader-reply.ts';
import { smallKernel } from '../compiler/support/small-kernel.ts';

const { compiler } = smallKernel();
const call = compiler.compile('get_int()', 'farcall_test');
const EINPROGRESS = 115n;

/** What the loader writes: the kernel's answer, the time, and the result area. */
function reply(answer: bigint, area: Uint8Array = new Uint8Array(call.resultBytes)): Buffer {
  const head = Buffer.alloc(16);
  head.writeBigInt64LE(answer, 0);
  head.writeBigUInt64LE(2_500_000n, 8);
  return Buffer.concat([head, area]);
}

function judge(bytes: Buffer, signal: NodeJS.Signals | null = null) {
  return judgeLoaderEnd({ reply: bytes, exitCode: signal ? null : 0, signal }, call);
}

test('an area that says returned gives the value, and the time of the load', () => {
  const area = new Uint8Array(call.resultBytes);
  const view = new DataView(area.buffer);
  view.setBigUint64(0, 1n, true);
  view.setBigInt64(area.length - 8, -22n, true);
  expect(judge(reply(-EINPROGRESS, area))).toMatchObject({ outcome: 'returned', loadUs: 2500 });
});

describe('an errno of init_module is a load-error that says what is the matter', () => {
  test.each([
    [129n, 'EKEYREJECTED', /signed by a key that it trusts/],
    [1n, 'EPERM', /CAP_SYS_MODULE, kernel.modules_disabled is set, or lockdown/],
    [8n, 'ENOEXEC', /vermagic, CRC or struct module differ/],
    [17n, 'EEXIST', /already in the kernel/],
    [4000n, 'errno 4000', /the kernel log may say why/],
  ])('%s', (errno, name, meaning) => {
    const verdict = judge(reply(-errno));
    expect(verdict).toMatchObject({ outcome: 'load-error', loaderErrno: Number(errno) });
    expect(verdict.error?.code).toBe('MODULE_REFUSED');
    expect(verdict.error?.message).toContain(name);
    expect(verdict.error?.message).toMatch(meaning);
  });
});

test('a loader that was killed in the kernel is a fault, and so is one that says too little', () => {
  expect(judge(Buffer.alloc(0), 'SIGKILL')).toMatchObject({
    outcome: 'faulted',
    error: { code: 'CALL_FAULTED' },
  });
  expect(judge(reply(-EINPROGRESS).subarray(0, 20))).toMatchObject({ outcome: 'faulted' });
});

test('a module that ran and left no result is never "nothing was done"', () => {
  expect(judge(reply(-EINPROGRESS))).toMatchObject({ outcome: 'faulted', error: { code: 'LOADER_FAILED' } });
});
