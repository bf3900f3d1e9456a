import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { enrolCommand } from '../../../agent/cli/enrol-command.ts';
import { checkKernel } from '../../../agent/host-kernel/index.ts';
import { newAuthority } from '../../../controller/site/certificates.ts';
import { formatEnrolmentToken } from '../../../shared/enrolment/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { SITE } from '../../kit/cast.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** The files of a kernel, below a folder of the test. */
function kernelWith(...paths: string[]) {
  const root = temporaryDirectory();
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  return {
    proc: join(root, 'proc'),
    sys: join(root, 'sys'),
    dev: join(root, 'dev'),
    modules: join(root, 'lib'),
  };
}

test('a kernel without modules is named before the machine becomes a host', () => {
  const files = kernelWith('proc/kallsyms', 'sys/kernel/btf/vmlinux');
  expect(() => checkKernel(files)).toThrow(
    expect.objectContaining({
      code: 'KERNEL_LACKS',
      message: expect.stringMatching(
        /it has no .*\/modules \(CONFIG_MODULES is off, and farcall calls functions from modules\)$/,
      ),
    }),
  );
});

test('a kernel without types and symbols is told both', () => {
  expect(() => checkKernel(kernelWith('proc/modules'))).toThrow(
    /CONFIG_KALLSYMS is off.*CONFIG_DEBUG_INFO_BTF is off/,
  );
});

test('a kernel that has its files and cannot be read is refused with the reason', () => {
  const files = kernelWith('proc/modules', 'proc/kallsyms', 'sys/kernel/btf/vmlinux');
  expect(() => checkKernel(files)).toThrow(/^the kernel \S+ cannot be used: /);
});

test('a token is not used on a machine whose kernel cannot be used', async () => {
  const file = join(temporaryDirectory(), 'token');
  const { certificate } = await newAuthority('a site', Date.now());
  const token = formatEnrolmentToken({
    ...{ address: 'ctl.example.org:7440', host: 'web-1', site: SITE, rootsDigest: 'A'.repeat(43) },
    ...{ labels: {}, bundle: { version: 3, digest: 'C'.repeat(43) }, ca: certificate },
    broker: { servers: ['tls://broker.example.org:4222'], caDigest: 'B'.repeat(43) },
    secret: Buffer.alloc(32, 9),
  });
  writeFileSync(file, token, { mode: 0o600 });
  const attempt = enrolCommand(['--token-file', file, '--config-directory', dirname(file)], {
    check() {
      throw new FarcallError('KERNEL_LACKS', 'the kernel 6.0 cannot be used: it has no modules');
    },
    starter: async () => undefined,
  });
  await expect(attempt).rejects.toMatchObject({
    code: 'KERNEL_LACKS',
    message: expect.stringMatching(
      /it has no modules\. Nothing was enrolled, and the token can still be used/,
    ),
  });
});
