import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openssl } from './module-key-kit.ts';

/** The library of SoftHSM. */
export const SOFTHSM = '/usr/lib/softhsm/libsofthsm2.so';
/** The PIN of each token of the tests. */
export const PIN = '4711';

/** A token of SoftHSM; this process and its children find it as long as this is not disposed of. */
export interface SoftToken extends Disposable {
  readonly pinFile: string;
  /** What other processes need in their environment to find the token. */
  readonly env: { readonly SOFTHSM2_CONF: string };
  /** The URI of the key with that label, with {@link pinFile} unless `withPin` is false. */
  uriOf(label: string, withPin?: boolean): string;
  /** Makes an Ed25519 key that never leaves the token. */
  generate(label: string, id: string, ...options: string[]): void;
  /** What pkcs11-tool says of the private key of that label. */
  describe(label: string): string;
  /** Puts the key in the PEM file `file` into the token. */
  add(file: string, label: string, id: string): void;
}

/** Makes a token that is called `label`, in `folder`, which is made if it does not exist. */
export function softToken(folder: string, label = 'fleet'): SoftToken {
  mkdirSync(folder, { recursive: true });
  const before = process.env['SOFTHSM2_CONF'];
  const conf = join(folder, 'softhsm2.conf');
  writeFileSync(conf, `directories.tokendir = ${folder}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env['SOFTHSM2_CONF'] = conf;
  const pinFile = join(folder, 'pin');
  writeFileSync(pinFile, `${PIN}\n`, { mode: 0o600 });
  const util = (args: readonly string[]): void =>
    void execFileSync('softhsm2-util', args, { stdio: 'pipe', env: process.env });
  util(['--init-token', '--free', '--label', label, '--so-pin', PIN, '--pin', PIN]);
  return {
    pinFile,
    env: { SOFTHSM2_CONF: conf },
    uriOf: (key, withPin = true) =>
      `pkcs11:token=${label};object=${key}?module-path=${SOFTHSM}${withPin ? `&pin-source=file:${pinFile}` : ''}`,
    generate(key, id, ...options) {
      const env = { ...process.env, PIN };
      const login = ['--module', SOFTHSM, '--token-label', label, '--login', '--pin', 'env:PIN'];
      const named = ['--key-type', 'EC:edwards25519', '--label', key, '--id', id, ...options];
      execFileSync('pkcs11-tool', [...login, '--keypairgen', ...named], { stdio: 'pipe', env });
    },
    describe(key) {
      const env = { ...process.env, PIN };
      const login = ['--module', SOFTHSM, '--token-label', label, '--login', '--pin', 'env:PIN'];
      const args = [...login, '--list-objects', '--type', 'privkey', '--label', key];
      const objects = execFileSync('pkcs11-tool', args, { encoding: 'utf8', env })
        .trim()
        .split(/\n(?=Private)/);
      return objects.find(object => new RegExp(`label: +${key}\n`).test(object)) ?? '';
    },
    add(file, key, id) {
      const pkcs8 = join(folder, `${key}.pem`);
      writeFileSync(pkcs8, openssl(['pkcs8', '-topk8', '-nocrypt'], readFileSync(file)));
      chmodSync(pkcs8, 0o600);
      util(['--import', pkcs8, '--token', label, '--label', key, '--id', id, '--pin', PIN]);
    },
    [Symbol.dispose]() {
      if (before === undefined) delete process.env['SOFTHSM2_CONF'];
      else process.env['SOFTHSM2_CONF'] = before;
    },
  };
}
