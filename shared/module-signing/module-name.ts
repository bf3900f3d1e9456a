/**
 * Name of the module that runs an attempt: `farcall_0123456789abcdef_1`. An attempt has the same name on
 * every host, and no two attempts share one, so that two calls never collide in the kernel's list of modules.
 * It has at most 29 characters; the kernel accepts 55 (MODULE_NAME_LEN is 64 minus the size of a long, and
 * the terminating NUL is included).
 */
export function moduleNameOf(key: { readonly requestDigest: Uint8Array; readonly attempt: number }): string {
  const { requestDigest, attempt } = key;
  return `farcall_${Buffer.from(requestDigest.subarray(0, 8)).toString('hex')}_${attempt}`;
}
