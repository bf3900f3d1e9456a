import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginsOops, HOST_FILES, OopsDetector } from '../../../../agent/kernel/index.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

describe('the first line of an oops', () => {
  test.each([
    'BUG: kernel NULL pointer dereference, address: 0000000000000000',
    'BUG: unable to handle page fault for address: ffffffffdeadbeef',
    'BUG: KASAN: use-after-free in foo+0x1/0x2 [bar]',
    'kernel BUG at mm/slub.c:4025!',
    'Oops: 0002 [#1] PREEMPT SMP NOPTI',
    'Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP',
    'general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP',
    'Internal error: Oops: 0000000096000004 [#1] SMP',
    'Unable to handle kernel paging request at virtual address dead000000000100',
    'WARNING: CPU: 0 PID: 123 at kernel/sched/core.c:1 foo+0x1/0x2',
    'Kernel panic - not syncing: Fatal exception',
    'watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [sh:123]',
    'INFO: task kworker/0:1:12 blocked for more than 120 seconds.',
    'rcu: INFO: rcu_preempt self-detected stall on CPU',
  ])('the first line of an oops is recognised: %s', line => {
    expect(beginsOops(line)).toBe(true);
  });

  test.each([
    'farcall_0123456789abcdef_1: loading out-of-tree module taints kernel.',
    'farcall_0123456789abcdef_1: module verification failed: signature and/or required key missing - tainting kernel',
    'Hello, world 1234',
    'NET: Registered PF_VSOCK protocol family',
    'This is no BUG: at all',
    'Oopsie daisy',
  ])('the first line of an oops is not seen in: %s', line => {
    expect(beginsOops(line)).toBe(false);
  });
});

/**
 * A file in the place of /dev/kmsg: each read(2) gives what stands there, so one record is written per look.
 */
function logFile() {
  const dev = temporaryDirectory();
  const path = join(dev, 'kmsg');
  mkdirSync(dev, { recursive: true });
  writeFileSync(path, '');
  let sequence = 0;
  const say = (text: string, priority = 1) =>
    appendFileSync(path, `${priority},${sequence++},5140900,-;${text}\n`);
  return { files: { ...HOST_FILES, dev }, say };
}

describe('an oops detector', () => {
  test('an oops detector gives the first line of the newest oops since its first call, and when it was detected', () => {
    const { files, say } = logFile();
    say('BUG: of before');
    using watch = new OopsDetector(files);
    expect(watch.look(1000)).toBeUndefined();
    say('BUG: unable to handle page fault\\x0awith more');
    expect(watch.look(2000)).toEqual({ line: 'BUG: unable to handle page fault', noticedAtMs: 2000 });
    say('all is well');
    expect(watch.look(3000)?.noticedAtMs).toBe(2000);
    say('WARNING: CPU: 0');
    expect(watch.look(4000)).toEqual({ line: 'WARNING: CPU: 0', noticedAtMs: 4000 });
  });

  test('an oops detector ignores what programs write into the log', () => {
    const { files, say } = logFile();
    using watch = new OopsDetector(files);
    watch.look(1000);
    say('BUG: says a program', 12);
    expect(watch.look(2000)).toBeUndefined();
  });

  test('an oops detector reports nothing if the log is closed to it', () => {
    using watch = new OopsDetector({ ...HOST_FILES, dev: join(temporaryDirectory(), 'nothing') });
    expect(watch.look(1000)).toBeUndefined();
  });

  test('an oops detector accepts whatever stands in the log', () => {
    const { files, say } = logFile();
    using watch = new OopsDetector(files);
    watch.look(0);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        say(`BUG: ${text}`);
        const { line = '' } = watch.look(1) ?? {};
        expect(line.length).toBeLessThanOrEqual(256);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
      { numRuns: 50 },
    );
  });
});
