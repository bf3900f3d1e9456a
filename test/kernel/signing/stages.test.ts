import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseModuleCertificate } from '../../../shared/cms/index.ts';
import { bootMachine, ensureKernel } from '../../../tools/machine/index.ts';
import { derOf, makeModuleKey } from '../../kit/keys/module-key-kit.ts';
import { guestScript } from '../support/guest-script.ts';
import type { StepReport } from './guest-loads.ts';

const SCRIPT = fileURLToPath(new URL('guest-loads.ts', import.meta.url));
// Each can be raised at run time, and none lowered.
const STEPS = [
  '/sys/module/module/parameters/sig_enforce=1',
  '/sys/kernel/security/lockdown=integrity',
  '/sys/kernel/security/lockdown=confidentiality',
];
const RAN = { outcome: 'returned', value: '(int)17' };
const refused = (code: string, words: RegExp) => ({
  outcome: 'load-error',
  code,
  message: expect.stringMatching(words),
});

describe('a stock 6.12 that has our certificate, and is closed step by step', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farcall-signing-'));
  let reports: readonly StepReport[];
  let keyId: string;

  beforeAll(async () => {
    const [ours, other] = [makeModuleKey(folder, 'fleet-2026'), makeModuleKey(folder, 'other')];
    const ecdsa = makeModuleKey(folder, 'ecdsa-2026', 'p-256');
    const certificates = [derOf(ours), derOf(ecdsa)] as const;
    keyId = parseModuleCertificate(certificates[0]).keyId;
    const kernel = await ensureKernel('6.12');
    await using machine = await bootMachine({
      kernel,
      firmware: { db: [...certificates], secureBoot: false },
    });
    await machine.output(
      'mount -t securityfs none /sys/kernel/security; mount -t efivarfs none /sys/firmware/efi/efivars',
    );
    const command = [
      ...(await guestScript(machine, SCRIPT)),
      ...[ours, other, ecdsa].flatMap(({ key, certificateFile }) => [key, certificateFile]),
    ];
    reports = JSON.parse(await machine.output([...command, ...STEPS]));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the certificate is among the trusted keys, and Secure Boot is seen to be off', () => {
    const signing = {
      kcoreReadable: true,
      buildId: expect.stringMatching(/^[0-9a-f]{40}$/),
      keyrings: { '.platform': 2, '.builtin_trusted_keys': expect.any(Number) },
      keys: expect.arrayContaining([{ name: 'farcall test: fleet-2026', keyId }]),
    };
    expect(reports[0]?.facts).toMatchObject({
      sigEnforce: false,
      lockdown: 'none',
      secureBoot: false,
      signing,
    });
  });

  test('nothing enforced: unsigned and unknown keys load, what was changed does not', () => {
    expect(reports[0]?.loads).toMatchObject({
      unsigned: RAN,
      signed: RAN,
      otherKey: RAN,
      tampered: refused('MODULE_SIGNATURE', /EKEYREJECTED.*does not hold/),
      brokenDer: refused('MODULE_SIGNATURE', /EBADMSG/),
    });
  });

  const ENFORCED = {
    signed: RAN,
    ecdsa: RAN,
    otherKey: refused('MODULE_KEY_UNKNOWN', /EKEYREJECTED.*the kernel says: .*unavailable key is rejected/),
    tampered: refused('MODULE_SIGNATURE', /EKEYREJECTED.*does not hold/),
    brokenDer: refused('MODULE_SIGNATURE', /EBADMSG/),
  };

  test('enforced signatures keep out what is unsigned, changed or of another key', () => {
    expect(reports[1]?.facts).toMatchObject({ sigEnforce: true, lockdown: 'none' });
    const unsigned = refused(
      'MODULE_UNSIGNED',
      /EKEYREJECTED.*the kernel says: .*unsigned module is rejected/,
    );
    expect(reports[1]?.loads).toMatchObject({ ...ENFORCED, unsigned });
  });

  test('integrity: memory stays open', () => {
    expect(reports[2]?.facts).toMatchObject({ lockdown: 'integrity', signing: { kcoreReadable: true } });
    expect(reports[2]?.loads).toMatchObject({ ...ENFORCED, unsigned: { code: 'MODULE_UNSIGNED' } });
    expect(reports[2]).toMatchObject({ readSigned: 'interpreted', readUnsigned: 'interpreted' });
  });

  test('confidentiality: calls run all the same, and what reads says beforehand whether it can', () => {
    expect(reports[3]?.facts).toMatchObject({
      lockdown: 'confidentiality',
      signing: { kcoreReadable: false },
    });
    expect(reports[3]?.loads).toMatchObject({ ...ENFORCED, unsigned: { code: 'MODULE_UNSIGNED' } });
    expect(reports[3]?.readSigned).toBe('module');
    expect(reports[3]?.readUnsigned).toMatch(/PERMISSION: the program only reads, but memory is closed/);
  });
});
