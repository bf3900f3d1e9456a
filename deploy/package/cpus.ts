/** What packages for a CPU are made of. */
export interface Cpu {
  /** As Debian names it. */
  readonly debian: 'amd64' | 'arm64';
  /** As Node and npm name it. */
  readonly node: 'x64' | 'arm64';
  /** As rpm names it. */
  readonly rpm: 'x86_64' | 'aarch64';
  /** The strip of Debian's binutils for it. */
  readonly strip: string;
}

/** The CPUs that packages are made for, by Debian's name. */
export const CPUS: Readonly<Record<Cpu['debian'], Cpu>> = {
  amd64: { debian: 'amd64', node: 'x64', rpm: 'x86_64', strip: 'x86_64-linux-gnu-strip' },
  arm64: { debian: 'arm64', node: 'arm64', rpm: 'aarch64', strip: 'aarch64-linux-gnu-strip' },
};
