import type { Plan, PlanKernel, PlanQuery, PlanReply } from '../../../shared/messages/index.ts';

/** The reply of one host to a plan query. */
export type PlanReplyJson = Omit<PlanReply, 'protocol' | 'queryDigest'>;

/** Kernels whose hosts replied the same. */
export interface PlanGroupJson {
  /** Hosts that run one of these kernels. */
  readonly hosts: number;
  readonly kernels: readonly Pick<PlanKernel, 'release' | 'version' | 'arch'>[];
  /** One for each different reply, with the hosts that gave it; several where hosts of one kernel differ. */
  readonly answers: readonly { readonly hosts: readonly string[]; readonly wouldRun: boolean }[];
}

/** A plan: what was asked, every reply, and which kernels replied the same. */
export type PlanJson = Omit<PlanQuery, 'protocol' | 'id'> &
  Pick<Plan, 'selector' | 'expectedHosts' | 'kernels' | 'signing'> & {
    readonly id: string;
    /** SHA-256 of the plan's bytes, in hexadecimal. */
    readonly digest: string;
    readonly madeBy: string;
    readonly madeAtMs: number;
    readonly expectedHostsDigest: string;
    readonly answers: readonly PlanReplyJson[];
    readonly groups: readonly PlanGroupJson[];
  };
