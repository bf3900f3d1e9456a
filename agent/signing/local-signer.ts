import type { ModuleKey, ModuleKeySource } from '../../shared/cms/index.ts';

/**
 * Signs with a key of this host. The code for certificates is loaded when it is first needed: most agents
 * never need it. The key is opened at the first signature, so that an agent can start before its hardware
 * token is plugged in.
 *
 * Threat: root on this host, or anybody else who obtains the key, can sign any module for every kernel that
 * trusts the certificate. That is what `local` means; with `controller` there is no key here.
 */
export function localSigner(source: ModuleKeySource): (image: Uint8Array) => Promise<Uint8Array> {
  let opened: ModuleKey | undefined;
  return async image => {
    const { openModuleKey } = await import('../../shared/cms/index.ts');
    opened ??= openModuleKey(source);
    return opened.sign(image);
  };
}
