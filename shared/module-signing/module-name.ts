/**
 * Name of the module that runs an attempt: `farcall_0123456789abcdef_1`. The same attempt has the same name
 * on every host, and no two of them share one, so that two calls never meet in the kernel's list of modules.
 * At most 29 characters; the kernel takes 55 (MODULE_NAME_LEN is 64 less the size of a long, and the end).
 */
export function moduleNameOf(key: { readonly requestDigest: Uint8Array; readonly attempt: number }): string {
  const { requestDigest, attempt } = key;
  return `farcall_${Buffer.from(requestDigest.subarray(0, 8)).toString('hex')}_${attempt}`;
}
