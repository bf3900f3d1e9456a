import { beforeAll, describe, expect, test } from 'vitest';
import { sharedMachine } from '../../tools/machine/index.ts';
import { CaseResults } from './suite/case.ts';
import { PROBED_KERNELS } from './support/probed-kernels.ts';
import { type GuestStep, runPrograms } from './support/programs-in-guest.ts';

const sh = (script: string): GuestStep => ({ command: ['busybox', 'sh', '-c', script] });

/** What a call comes to for root and for a user: `ok`, or the number of the error. */
const asBoth = (call: string): GuestStep =>
  sh(
    `for uid in 0 1000; do perl -e '$< = $> = $ARGV[0]; print "$ARGV[0] ", (${call}) ? "ok" : $! + 0, "\\n"' $uid 2>&1; done`,
  );

/** Takes out all modules that stayed. */
const END = sh(
  "for m in $(busybox sed -n 's/^\\(farcall_test_[^ ]*\\) .* Live .*/\\1/p' /proc/modules); do busybox rmmod $m 2>&1; done",
);

/** Binds a socket of AF_ALG to a cipher: a family of sockets that users need for nothing. */
const BIND = 'socket(S, 38, 5, 0) && bind(S, pack("S a14 L L a64", 38, "skcipher", 0, 0, "ecb(aes)"))';

/** The system call has this number on both CPUs. */
const IO_URING_SETUP = 'do { my $parameters = "\\0" x 256; syscall(425, 8, $parameters) >= 0 }';

const STEPS = {
  unloaded: sh('modprobe -r algif_skcipher af_alg 2>/dev/null; busybox grep -c "^af_alg " /proc/modules'),
  denyBind: {
    program:
      'extern int alg_bind@af_alg(struct socket *sock, struct sockaddr *address, int length); deny (alg_bind, -EPERM) for_days (7) while (current->cred->uid.val != 0);',
  },
  boundDuring: asBoth(BIND),
  loaded: sh('busybox grep -c "^af_alg " /proc/modules'),
  endBind: END,
  boundAfter: asBoth(BIND),
  ringBefore: asBoth(IO_URING_SETUP),
  denyRing: {
    program: [
      '#if __has_symbol(__x64_sys_io_uring_setup)',
      'deny (__x64_sys_io_uring_setup, -EPERM) for_days (1) while (current->cred->uid.val != 0);',
      '#else',
      'deny (__arm64_sys_io_uring_setup, -EPERM) for_days (1) while (current->cred->uid.val != 0);',
      '#endif',
    ].join('\n'),
  },
  ringDuring: asBoth(IO_URING_SETUP),
  endRing: END,
  ringAfter: asBoth(IO_URING_SETUP),
} as const satisfies Readonly<Record<string, GuestStep>>;

describe.each(PROBED_KERNELS)('Linux $series, $arch', ({ arch, series }) => {
  let got: CaseResults;

  beforeAll(async () => {
    const machine = await sharedMachine(series, { arch });
    const { results } = await runPrograms(machine, Object.values(STEPS));
    got = new CaseResults(
      Object.fromEntries(Object.keys(STEPS).map((name, index) => [name, results[index]!])),
    );
  });

  const output = (step: keyof typeof STEPS): string => got.result(step).output!.trim();
  const [toBoth, toRootAlone] = ['0 ok\n1000 ok', '0 ok\n1000 1'];

  test('a hole in a module that is not loaded yet is closed to users, and to them alone, until the deny ends', () => {
    expect(output('unloaded')).toBe('0');
    expect(got.text('denyBind')).toBe('(void)');
    expect(output('boundDuring')).toBe(toRootAlone);
    expect(output('loaded')).toBe('1');
    expect(output('endBind')).toBe('');
    expect(output('boundAfter')).toBe(toBoth);
  });

  test('a system call that is built in is closed to users, and to them alone, until the deny ends', () => {
    expect(output('ringBefore')).toBe(toBoth);
    expect(got.text('denyRing')).toBe('(void)');
    expect(output('ringDuring')).toBe(toRootAlone);
    expect(output('endRing')).toBe('');
    expect(output('ringAfter')).toBe(toBoth);
  });
});
