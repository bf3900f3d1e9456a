import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openssl } from './module-key-kit.ts';

const LIBRARY = '/usr/lib/softhsm/libsofthsm2.so';
const PIN = '4711';

/** A token of SoftHSM with one key in it; the process finds it as long as this is not disposed of. */
export interface SoftToken extends Disposable {
  readonly uri: string;
  readonly pinFile: string;
}

/**
 * Makes a token below `folder` that holds the key in the PEM file `keyFile`, after the key in `olderKeyFile`
 * if there is one.
 */
export function softToken(folder: string, keyFile: string, olderKeyFile?: string): SoftToken {
  const before = process.env['SOFTHSM2_CONF'];
  const conf = join(folder, 'softhsm2.conf');
  writeFileSync(conf, `directories.tokendir = ${folder}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env['SOFTHSM2_CONF'] = conf;
  const pinFile = join(folder, 'pin');
  writeFileSync(pinFile, `${PIN}\n`, { mode: 0o600 });
  const util = (args: readonly string[]): void =>
    void execFileSync('softhsm2-util', args, { stdio: 'pipe', env: process.env });
  util(['--init-token', '--free', '--label', 'fleet', '--so-pin', PIN, '--pin', PIN]);
  const add = (file: string, label: string, id: string): void => {
    const pkcs8 = join(folder, `${label}.pem`);
    writeFileSync(pkcs8, openssl(['pkcs8', '-topk8', '-nocrypt'], readFileSync(file)));
    chmodSync(pkcs8, 0o600);
    util(['--import', pkcs8, '--token', 'fleet', '--label', label, '--id', id, '--pin', PIN]);
  };
  if (olderKeyFile !== undefined) add(olderKeyFile, 'older-key', 'a0');
  add(keyFile, 'module-key', 'a1');
  return {
    uri: `pkcs11:token=fleet;object=module-key;id=%a1?module-path=${LIBRARY}&pin-source=file:${pinFile}`,
    pinFile,
    [Symbol.dispose]() {
      if (before === undefined) delete process.env['SOFTHSM2_CONF'];
      else process.env['SOFTHSM2_CONF'] = before;
    },
  };
}
