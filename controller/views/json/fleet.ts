import type {
  AuditEntryView,
  HostFacts,
  HostProbe,
  HostRemovalView,
  HostView,
  KernelGroup,
  KnownKernel,
  LockView,
} from '../../../shared/messages/index.ts';
import type { TrustBundle } from '../../../shared/trust/index.ts';
import type { AssertionJson } from './session.ts';

/** A host: the facts that it signed, and what the controller knows of it. */
export type HostJson = Omit<HostFacts, 'labels'> &
  Pick<
    HostView,
    | 'kid'
    | 'firstSeenAtMs'
    | 'lastSeenAtMs'
    | 'trust'
    | 'droppedMessages'
    | 'clockOffsetMs'
    | 'lockReason'
    | 'hold'
    | 'removalSigners'
    | 'labelsNumber'
    | 'labelSigners'
  > & {
    /** The labels that people gave it. */
    readonly labels: HostView['labels'];
    /** The labels that it states itself; no selector reads them. */
    readonly ownLabels: HostFacts['labels'];
  };

/** The removal of a host as it stands. */
export type HostRemovalJson = HostRemovalView;

/** Why a person wants a host removed. */
export interface HostRemovalInput {
  readonly reason: string;
}

/** A token for the removal of a host that a passkey signed. */
export interface SignedRemovalInput extends AssertionJson {
  readonly signingInput: string;
}

/** Hosts of the fleet, and the controller's time. */
export interface HostListJson {
  readonly hosts: readonly HostJson[];
  readonly nowMs: number;
}

/** A probe in the kernel of a host, as the host signed it. */
export type ProbeJson = HostProbe & { readonly host: string };

/** The probes of the fleet, and the controller's time. */
export interface ProbeListJson {
  readonly probes: readonly ProbeJson[];
  /** How many more there are. */
  readonly leftOut: number;
  /** How many hosts were looked at. */
  readonly hosts: number;
  readonly nowMs: number;
}

/** How many hosts a selector matches, and which kernels they run. */
export interface SelectionJson {
  readonly hosts: number;
  readonly kernels: readonly KernelGroup[];
}

/** The kernel builds of the fleet, each with whether its types are known. */
export interface KernelListJson {
  readonly kernels: readonly KnownKernel[];
}

/** An entry of the audit log. */
export type AuditEntryJson = Omit<AuditEntryView, 'detail' | 'hash'> & {
  /** The detail of the entry, in the shape of its kind. */
  readonly detail: unknown;
  /** Hash of this entry and all before it, in hexadecimal. */
  readonly hash: string;
};

/** Entries of the audit log, each with a sentence for people, and the kinds of entries that there are. */
export interface AuditJson {
  readonly entries: readonly (AuditEntryJson & { readonly sentence: string })[];
  readonly kinds: readonly string[];
}

/** A person of the trust bundle, with roles and keys. */
export interface PrincipalJson {
  readonly name: string;
  readonly roles: readonly string[];
  readonly keys: readonly { readonly kid: string; readonly kind: 'file' | 'passkey' }[];
}

/**
 * The trust bundle as far as people need it: who has which keys in which role, how many must approve, and how
 * many roots must sign the next bundle. Beside it stand the locks, which the controllers keep.
 */
export interface TrustJson {
  readonly version: number;
  readonly expiresAtMs: number;
  readonly people: readonly PrincipalJson[];
  readonly rootThreshold: number;
  readonly policies: TrustBundle['thresholds'];
  readonly locks: readonly LockView[];
  readonly teams: NonNullable<TrustBundle['teams']>;
  readonly scopes: NonNullable<TrustBundle['scopes']>;
}
