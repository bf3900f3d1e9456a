import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../../../../../controller/cli/run-cli.ts';
import { openModuleKey } from '../../../../../shared/cms/index.ts';
import { temporaryDirectory } from '../../../../agent/support/temporary-directory.ts';
import { openssl } from '../../../../kit/keys/module-key-kit.ts';
import { testTerminal } from '../../../../kit/terminal-kit.ts';

async function farcall(...args: string[]): Promise<{ code: number; text: string; errors: string }> {
  const terminal = testTerminal({});
  const clock = { nowMs: () => 1_790_000_000_000 };
  const code = await runCli(args, { terminal, clock, env: {} });
  return { code, text: terminal.stdout.join('\n'), errors: terminal.stderr.join('\n') };
}

test('a new module key is private, can sign, and its certificate is shown and explained', async () => {
  const folder = temporaryDirectory();
  const [key, certificateFile] = [join(folder, 'module.key'), join(folder, 'module.pem')];
  const args = [
    'signing',
    'key',
    'new',
    '--name',
    'fleet-2026',
    '--out',
    key,
    '--certificate',
    certificateFile,
  ];
  const made = await farcall(...args);
  expect(made).toMatchObject({ code: 0 });
  expect(statSync(key).mode & 0o777).toBe(0o600);
  const { certificate } = openModuleKey({ key, certificateFile });
  expect(certificate).toMatchObject({ name: 'fleet-2026', algorithm: 'rsa' });
  expect(made.text).toContain(certificate.keyId);
  const shown = openssl(['x509', '-noout', '-text', '-in', certificateFile]).toString();
  expect(shown).toMatch(/Public-Key: \(3072 bit\)/);
  expect(shown).toMatch(/1\.3\.6\.1\.4\.1\.2312\.16\.1\.2/);
  expect(shown.replaceAll(':', '').toLowerCase()).toContain(certificate.keyId);

  const { text } = await farcall('signing', 'key', 'show', certificateFile, '--json');
  expect(JSON.parse(text)).toMatchObject({ name: 'fleet-2026', keyId: certificate.keyId, algorithm: 'rsa' });
  const help = await farcall('signing', 'key', 'enrol-help', certificateFile);
  expect(help.text).toContain(`mokutil --import`);
  expect(help.text).toContain('efi-updatevar');
  expect(help.text).toContain(`grep ${certificate.keyId} /proc/keys`);

  const again = await farcall(...args);
  expect(again).toMatchObject({ code: 2 });
  expect(again.errors).toMatch(/EEXIST/);
});

test('a key name with characters that a terminal or a selector interprets is refused', async () => {
  const files = ['--out', '/nowhere/key', '--certificate', '/nowhere/pem'];
  const { code, errors } = await farcall('signing', 'key', 'new', '--name', 'a\u001b[2J', ...files);
  expect(code).toBe(2);
  expect(errors).toMatch(/--name/);
});
