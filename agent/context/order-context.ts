import type { Logger } from 'pino';
import type { CounterSet } from '../../shared/counters/index.ts';
import type { JournalPositionMessage } from '../../shared/messages/index.ts';
import type { HostIdentity } from '../identity/index.ts';
import type { ForwardClock, Journal } from '../journal/index.ts';
import type { KernelStages } from '../kernel-stages/index.ts';
import type { HostPolicy } from '../policy/index.ts';
import type { ModuleSigner } from '../signing/index.ts';
import type { HostTrustStore } from '../trust/index.ts';
import type { WriteLog } from '../undo/index.ts';

/** The parts of this host that decide about an order and run it. There is one for the life of the agent. */
export interface OrderContext {
  readonly trust: Pick<HostTrustStore, 'now'>;
  readonly policy: HostPolicy;
  readonly identity: HostIdentity;
  readonly journal: Journal;
  readonly stages: KernelStages;
  readonly signer: ModuleSigner;
  /** What calls have written here, for those that put it back. */
  readonly writes: Pick<WriteLog, 'keep' | 'of'>;
  readonly kernelRelease: string;
  /** How many orders without enough approvals the journal may remember; further ones are not answered. */
  readonly unapprovedLimit: number;
  readonly clock: Pick<ForwardClock, 'nowMs' | 'see' | 'seenMs'>;
  readonly counters: CounterSet;
  readonly log: Logger;
  /** Resolves once a controller admits this host. Throws CONFLICT if one holds it. See `Incarnation`. */
  admitted(): Promise<void>;
  /** How far the journal has come; undefined while no controller admits this host. */
  journalPosition(): JournalPositionMessage | undefined;
  /** Tells the controllers, signed, that the abort of a request is in the journal. Never throws. */
  sayAborted(requestDigest: Uint8Array): void;
  /** Called whenever the journal has a result to send. */
  resultReady(): void;
  /** Called when denies may be over that are in the kernel. Never throws. */
  tendDenies(): void;
}
