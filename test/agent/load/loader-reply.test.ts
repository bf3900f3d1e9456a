import { describe, expect, test } from 'vitest';
import type { LoadRefusalContext } from '../../../agent/load/index.ts';
import { classifyLoaderExit, withLeftModule } from '../../../agent/load/loader-reply.ts';
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

function judge(
  bytes: Buffer,
  signal: NodeJS.Signals | null = null,
  context: Partial<LoadRefusalContext> = {},
) {
  const end = { reply: bytes, exitCode: signal ? null : 0, signal };
  return classifyLoaderExit(end, call, { signed: false, kernelLog: [], ...context });
}

test('an area that says returned gives the value, and the time of the load', () => {
  const area = new Uint8Array(call.resultBytes);
  const view = new DataView(area.buffer);
  view.setBigUint64(0, 1n, true);
  view.setBigInt64(area.length - 8, -22n, true);
  expect(judge(reply(-EINPROGRESS, area))).toMatchObject({ outcome: 'returned', loadUs: 2500 });
});

describe('an errno of init_module is a load-error that says what is the matter', () => {
  const UNSIGNED = 'module: Loading of unsigned module is rejected';
  const NO_KEY = 'Loading of module with unavailable key is rejected';
  const LOCKDOWN = 'Lockdown: loader: unsigned module loading is restricted; see man kernel_lockdown.7';

  test.each([
    // errno, signed, kernel log, code, what the message says
    [129n, false, [], 'MODULE_UNSIGNED', /EKEYREJECTED: .*was not signed/],
    [129n, false, ['other', UNSIGNED], 'MODULE_UNSIGNED', /the kernel says: .*unsigned module is rejected/],
    [129n, true, [NO_KEY], 'MODULE_KEY_UNKNOWN', /knows no key.*enrol-help/],
    [129n, true, [], 'MODULE_SIGNATURE', /does not hold/],
    [74n, true, [], 'MODULE_SIGNATURE', /EBADMSG/],
    [1n, false, [LOCKDOWN], 'MODULE_LOCKED_DOWN', /EPERM: .*locked down/],
    [1n, true, [LOCKDOWN], 'MODULE_KEY_UNKNOWN', /knows no key/],
    [1n, false, [], 'MODULE_REFUSED', /CAP_SYS_MODULE, kernel.modules_disabled is set, or lockdown/],
    [8n, true, ['x: version magic y'], 'MODULE_WRONG_BUILD', /vermagic, CRC or.*says: x: version magic y/],
    [17n, false, [], 'MODULE_REFUSED', /EEXIST: .*already in the kernel/],
    [4000n, false, [], 'MODULE_REFUSED', /errno 4000: the kernel log may say why/],
  ] as const)('-%d, signed %j, %j: %s', (errno, signed, kernelLog, code, meaning) => {
    const verdict = judge(reply(-errno), null, { signed, kernelLog });
    expect(verdict).toMatchObject({ outcome: 'load-error', loaderErrno: Number(errno) });
    expect(verdict.error?.code).toBe(code);
    expect(verdict.error?.message).toMatch(meaning);
  });
});

test('a loader that was killed in the kernel is a fault, and so is a reply that is too short', () => {
  expect(judge(Buffer.alloc(0), 'SIGKILL')).toMatchObject({
    outcome: 'faulted',
    error: { code: 'CALL_FAULTED' },
  });
  expect(judge(reply(-EINPROGRESS).subarray(0, 20))).toMatchObject({ outcome: 'faulted' });
});

test('a module that ran and left no result never counts as not run', () => {
  expect(judge(reply(-EINPROGRESS))).toMatchObject({ outcome: 'faulted', error: { code: 'LOADER_FAILED' } });
});

describe('the module of a call whose loader died in the kernel', () => {
  const died = { reply: Buffer.alloc(0), exitCode: null, signal: 'SIGKILL' } as const;
  const report = { ...judge(Buffer.alloc(0), 'SIGKILL'), spawnUs: 1, kernelLog: [] };
  const farcallTest = { name: 'farcall_test', inKernel: () => ['farcall_other', 'farcall_test'] };

  test('the result says that its module stays until the next boot, and its name', () => {
    const said = withLeftModule(report, died, farcallTest);
    expect(said).toMatchObject({ outcome: 'faulted', error: { code: 'CALL_FAULTED' } });
    expect(said.error?.message).toMatch(
      /oops.*Its module farcall_test stays in the kernel as Loading until the next boot/,
    );
  });

  test('the result says nothing of a module that the kernel has thrown away', () => {
    expect(withLeftModule(report, died, { ...farcallTest, inKernel: () => [] })).toBe(report);
  });

  test('the result of a loader that answered says nothing of a module', () => {
    expect(withLeftModule(report, { reply: Buffer.alloc(64) }, farcallTest)).toBe(report);
  });
});
