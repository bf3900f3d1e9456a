import type { Behaviour } from './behaviour.ts';

/** A host that a worker is to run. */
export interface HostOrder {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly kernelRelease: string;
}

/** What a worker is told. */
export type Command = { readonly id: number } & (
  | { readonly do: 'start'; readonly hosts: readonly HostOrder[] }
  | { readonly do: 'wake'; readonly names: readonly string[] }
  | { readonly do: 'look' }
  | { readonly do: 'stop' }
);

/** What a worker answers. */
export interface Answer {
  readonly id: number;
  readonly failed?: string;
  /** How often each host began a call. */
  readonly runs?: readonly (readonly [host: string, runs: number])[];
}
