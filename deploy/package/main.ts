import { rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openSigningKey } from '../../shared/keys/index.ts';
import { CPUS } from './cpus.ts';
import { npmPackage } from './npm-package.ts';
import { git } from './provenance.ts';
import { strippedNode } from './stripped-node.ts';
import { versionOf, writeRelease } from './write-release.ts';

// Makes the packages of a release: npm run package -- [OPTIONS]

const HELP = `npm run package -- [OPTIONS]

Makes dist/release: packages for Debian and for rpm systems, an apt and a dnf repository, a bill of materials (SPDX), a statement of provenance (in-toto),
and checksums, which are signed if --key is given. 'farcall release verify' checks it.

  --out FOLDER    where to write it; what was there is removed (default dist/release)
  --cpu LIST      amd64, arm64 or both (default both)
  --key KEY       signs the checksums: a key of 'farcall key new', pkcs11:… or ssh-agent:…
  --gpg-key ID    signs both repositories, with gpg
  --level N       of xz, 0 to 9 (default 9)

SOURCE_DATE_EPOCH is the time of all files (default: that of the last commit). The same sources and time give the same bytes.
`;

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: join(ROOT, 'dist/release') },
      cpu: { type: 'string', default: 'amd64,arm64' },
      key: { type: 'string' },
      'gpg-key': { type: 'string' },
      level: { type: 'string', default: '9' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const out = resolve(values.out);
  const key = values.key === undefined ? undefined : await openSigningKey(values.key, { env: process.env });
  rmSync(out, { recursive: true, force: true });
  const packages = await writeRelease({
    sources: {
      ...{ root: ROOT, dist: join(ROOT, 'dist'), version: versionOf(ROOT) },
      node: cpu => strippedNode(ROOT, cpu),
      npm: name => npmPackage(ROOT, name),
    },
    ...{ cpus: cpusIn(values.cpu), out, epochSeconds: epoch(), level: levelIn(values.level) },
    ...{ key, gpgKey: values['gpg-key'] },
  });
  for (const file of packages)
    process.stdout.write(`${(statSync(join(out, file)).size / 1e6).toFixed(1).padStart(6)} MB  ${file}\n`);
  if (!key) process.stderr.write('package: nobody signed the checksums: give --key\n');
}

function cpusIn(list: string) {
  return list.split(',').map(name => {
    const cpu = Object.values(CPUS).find(({ debian }) => debian === name);
    if (!cpu) throw new Error(`--cpu: ${Object.keys(CPUS).join(' or ')}, not '${name}'`);
    return cpu;
  });
}

function levelIn(text: string): number {
  if (!/^[0-9]$/.test(text)) throw new Error(`--level: 0 to 9, not '${text}'`);
  return Number(text);
}

function epoch(): number {
  const text = process.env['SOURCE_DATE_EPOCH'] ?? git(ROOT, 'log', '-1', '--format=%ct');
  if (text === undefined || !/^\d+$/.test(text))
    throw new Error(
      'outside of a repository, SOURCE_DATE_EPOCH must say the time of the release, in seconds',
    );
  return Number(text);
}

await main().catch((thrown: unknown) => {
  process.stderr.write(`package: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
});
