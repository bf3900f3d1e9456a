/** A host policy that allows what the protocol allows; the default allows next to nothing. */
export const OPEN_POLICY = {
  effects: ['read', 'call', 'write'],
  functions: { allow: ['*'] },
  modules: { allow: ['*'] },
  policies: ['standard', 'emergency'],
  largestProgramBytes: 65_536,
} as const;
