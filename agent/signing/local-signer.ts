import type { ModuleKey, ModuleKeySource } from '../../shared/cms/index.ts';

/**
 * Signs by a key of this host. What knows certificates is loaded when it is first needed: most agents never
 * do. The key is opened at the first signature, so that an agent starts whose token is not there yet.
 *
 * Threat: root of this host, or anyone who gets at the key, can sign any module for every kernel that trusts
 * the certificate. That is what `local` means; with `controller` no key is here.
 */
export function localSigner(place: ModuleKeySource): (image: Uint8Array) => Promise<Uint8Array> {
  let opened: ModuleKey | undefined;
  return async image => {
    const { openModuleKey } = await import('../../shared/cms/index.ts');
    opened ??= openModuleKey(place);
    return opened.sign(image);
  };
}
