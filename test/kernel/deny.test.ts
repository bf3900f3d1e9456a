import { beforeAll, describe, expect, test } from 'vitest';
import { sharedMachine } from '../../tools/machine/index.ts';
import { CaseResults } from './suite/case.ts';
import { PROBED_KERNELS } from './support/probed-kernels.ts';
import { type GuestStep, runPrograms } from './support/programs-in-guest.ts';

const sh = (script: string): GuestStep => ({ command: ['busybox', 'sh', '-c', script] });

/** What a directory is made for, and what came of it. */
const MAKE = 'busybox mkdir /tmp/denied 2>&1 && busybox rmdir /tmp/denied && echo made';
const make = sh(MAKE);
const LOADED = "busybox grep -c '^farcall_test_.* Live' /proc/modules";
/** Takes out all modules that stayed. */
const END =
  "for m in $(busybox sed -n 's/^\\(farcall_test_[^ ]*\\) .* Live .*/\\1/p' /proc/modules); do busybox rmmod $m 2>&1; done";

// Where security_inode_mkdir() fails, its callers themselves give back what they hold.
/** A function of a module, by which a file is written. */
const CARRIER = 'extern int dummy_change_carrier@dummy(struct net_device *dev, bool new_carrier);';
const CHANGE = 'for i in 0 1; do echo $i 2>&1 >/sys/class/net/dummy0/carrier && echo changed to $i; done';
const change = sh(`(${CHANGE}) 2>&1`);
const changeLoaded = sh(`modprobe dummy numdummies=1 && busybox ip link set dummy0 up; (${CHANGE}) 2>&1`);
const unload = sh('modprobe -r dummy 2>&1');

const STEPS = {
  before: make,
  deny: { program: 'deny (security_inode_mkdir, -EPERM) for_hours (1);' },
  during: make,
  loaded: sh(LOADED),
  second: { program: 'deny (security_inode_mkdir, -EROFS) for_hours (1);' },
  twice: make,
  watched: {
    program: 'watch (security_inode_mkdir) for_ms (50); 1',
  },
  denied: make,
  end: sh(END),
  after: make,
  gone: sh(LOADED),
  conditional: {
    program: 'deny (security_inode_mkdir, -EPERM) for_hours (1) while (current->comm[0] == 0);',
  },
  passing: make,
  endConditional: sh(END),
  looped: {
    program: 'int i; for (i = 0; i < 3; i++) deny (security_inode_mkdir, -EPERM) for_hours (1); i',
  },
  inLoop: make,
  endLooped: sh(END),
  afterLoop: make,
  expiring: { program: 'deny (security_inode_mkdir, -EPERM) for_seconds (2);' },
  alive: make,
  expired: sh(`busybox sleep 3; ${MAKE}`),
  stillLoaded: sh(LOADED),
  endExpired: sh(END),
  broken: { program: 'deny (security_inode_mkdir, -EPERM) for_hours (1); *(int *)8' },
  notStaying: sh(LOADED),
  notDenied: make,
  awaited: {
    program: `${CARRIER} deny (dummy_change_carrier, -EPERM, dev, on) for_hours (1) while (!on && dev->mtu == 1500);`,
  },
  arrived: changeLoaded,
  unloadDenied: unload,
  arrivedAgain: changeLoaded,
  endAwaited: sh(END),
  notAwaited: change,
  ofLoaded: {
    program: `${CARRIER} deny (dummy_change_carrier@dummy, -EROFS) for_hours (1);`,
    by: 'guest',
  },
  loadedDenied: change,
  reload: unload,
  reloaded: changeLoaded,
  unloadLast: unload,
  endOfLoaded: sh(END),
  called: { program: `${CARRIER} dummy_change_carrier(0, 1)` },
  load: { program: 'deny (security_inode_mkdir, -EPERM) for_hours (1);' },
  endUnderLoad: sh(
    `(n=0; while [ ! -e /tmp/stop ] && [ $n -lt 2000 ]; do n=$((n + 1)); busybox mkdir /tmp/denied && busybox rmdir /tmp/denied; done) >/dev/null 2>&1 & ` +
      `busybox sleep 1; ${END}; echo $?; busybox sleep 1; busybox touch /tmp/stop; wait; busybox rm /tmp/stop; ${MAKE}`,
  ),
  goneUnderLoad: sh(LOADED),
} as const satisfies Readonly<Record<string, GuestStep>>;

describe.each(PROBED_KERNELS)('Linux $series, $arch', ({ arch, series }) => {
  let got: CaseResults;
  let kernelLog: string;

  beforeAll(async () => {
    const machine = await sharedMachine(series, { arch });
    const before = await machine.output(['dmesg']);
    const { results } = await runPrograms(machine, Object.values(STEPS));
    kernelLog = (await machine.output(['dmesg'])).slice(before.length);
    got = new CaseResults(
      Object.fromEntries(Object.keys(STEPS).map((name, index) => [name, results[index]!])),
    );
  });

  const output = (step: keyof typeof STEPS): string => got.result(step).output!.trim();
  const forbidden = expect.stringContaining('Operation not permitted');

  test('a deny lets a function return its value at once, and ends when its module is taken out', () => {
    expect(output('before')).toBe('made');
    expect(got.text('deny')).toBe('(void)');
    expect(output('during')).toEqual(forbidden);
    expect(output('loaded')).toBe('1');
    expect(output('end')).toBe('');
    expect(output('after')).toBe('made');
    expect(output('gone')).toBe('0');
  });

  test('two denies of one function are both in force, the newer first, until they are taken out', () => {
    expect(got.text('second')).toBe('(void)');
    expect(output('twice')).toContain('Read-only file system');
  });

  test('a watch of a function that is denied comes and goes, and the deny stays', () => {
    expect(got.text('watched')).toBe('(int)1');
    expect(output('denied')).toContain('Read-only file system');
  });

  test('a call passes at which the condition of a deny does not hold', () => {
    expect(got.text('conditional')).toBe('(void)');
    expect(output('passing')).toBe('made');
  });

  test('a deny in a loop is registered once, and is gone when its module is taken out', () => {
    expect(got.text('looped')).toBe('(int)3');
    expect(output('inLoop')).toEqual(forbidden);
    expect(output('endLooped')).toBe('');
    expect(output('afterLoop')).toBe('made');
  });

  test('a deny whose life is over lets everything pass, though its module is still there', () => {
    expect(output('alive')).toEqual(forbidden);
    expect(output('expired')).toBe('made');
    expect(output('stillLoaded')).toBe('1');
  });

  test('a program that ends early denies nothing and leaves no module', () => {
    expect(got.result('broken').outcome).toBe('faulted');
    expect(output('notStaying')).toBe('0');
    expect(output('notDenied')).toBe('made');
  });

  test('a function of a module that is not loaded is denied once it is, and again whenever it is', () => {
    expect(got.text('awaited')).toBe('(void)');
    for (const step of ['arrived', 'arrivedAgain'] as const) {
      expect(output(step)).toEqual(forbidden);
      expect(output(step)).toContain('changed to 1');
    }
    expect(output('unloadDenied')).toBe('');
    expect(output('endAwaited')).toBe('');
    expect(output('notAwaited')).toBe('changed to 0\nchanged to 1');
  });

  test('a deny of a function of a loaded module is there again when the module was unloaded and loaded', () => {
    expect(got.text('ofLoaded')).toBe('(void)');
    for (const step of ['loadedDenied', 'reloaded'] as const) {
      expect(output(step)).toContain('Read-only file system');
      expect(output(step)).not.toContain('changed');
    }
    for (const step of ['reload', 'unloadLast', 'endOfLoaded'] as const) expect(output(step)).toBe('');
  });

  test('a function whose module is not loaded cannot be called', () => {
    expect(got.result('called')).toMatchObject({ outcome: 'error', code: 'PROGRAM_UNSUPPORTED' });
  });

  test('a module is taken out while its function is denied all the time', () => {
    expect(output('endUnderLoad').split('\n')).toEqual(['0', 'made']);
    expect(output('goneUnderLoad')).toBe('0');
  });

  test('the kernel has nothing to say about denies', () => {
    expect(kernelLog).not.toMatch(/BUG|WARNING|Oops|Call Trace|refcount/);
  });
});
