/** The capabilities that farcall needs, by their bit in CapEff (include/uapi/linux/capability.h). */
const CAPABILITY_BITS = {
  /** To load modules. */
  CAP_SYS_MODULE: 16,
  /** To read /proc/kcore. */
  CAP_SYS_RAWIO: 17,
  /** To see addresses in /proc/kallsyms, and to read /dev/kmsg where dmesg_restrict is set. */
  CAP_SYSLOG: 34,
} as const;

/** A capability that farcall needs. */
export type Capability = keyof typeof CAPABILITY_BITS;

/**
 * Of the capabilities that farcall needs, those that are not in effect. All of them, where the text does not
 * say.
 *
 *     CapEff:	000001ffffffffff
 */
export function missingCapabilities(status: string): readonly Capability[] {
  const hex = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1] ?? '0';
  const effective = BigInt(`0x${hex}`);
  const names = Object.keys(CAPABILITY_BITS) as Capability[];
  return names.filter(name => ((effective >> BigInt(CAPABILITY_BITS[name])) & 1n) === 0n);
}
