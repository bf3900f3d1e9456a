import { FarcallError } from '../../shared/errors/index.ts';
import {
  type EnrolmentRevocation,
  type EnrolmentSubmission,
  type EnrolmentView,
  enrolmentDraftCodec,
  type HostAcceptanceSubmission,
  type HostLabelsSubmission,
  type HostLabelsView,
  type HostRemovalSubmission,
  type HostRemovalView,
} from '../../shared/messages/index.ts';
import {
  verifyEnrolment,
  verifyEnrolmentRevocation,
  verifyHostAcceptance,
} from '../../shared/trust/index.ts';
import type { EnrolmentRecord, EnrolmentStore, HostJournalStore, HostKeyStore } from '../store/index.ts';
import { type LabelHostDeps, proposedLabels, submitHostLabels, viewHostLabels } from './label-host.ts';
import { proposedRemovals, type RemoveHostDeps, submitHostRemoval, viewHostRemoval } from './remove-host.ts';

/** The stores and services that {@link hostManagement} uses. */
export interface ManageDeps extends RemoveHostDeps, LabelHostDeps {
  readonly enrolments: Pick<EnrolmentStore, 'create' | 'list' | 'get' | 'revoke'>;
  readonly hostKeys: Pick<HostKeyStore, 'find'>;
  readonly hostJournals: Pick<HostJournalStore, 'hold' | 'accept'>;
  /** host:port at which hosts reach this controller; undefined if it takes no enrolments. */
  readonly enrolmentAddress: string | undefined;
  readonly newId: () => string;
}

/**
 * Actions of operators on hosts and enrolments. Each is a person's own signature; `submittedBy` is the name
 * of the operator who hands it in.
 */
export interface HostManagement {
  /**
   * Makes an enrolment that an approver has signed. Throws CONFLICT, and the codes of `verifyEnrolment`.
   */
  create(submission: EnrolmentSubmission, submittedBy: string): Promise<EnrolmentView>;
  list(): Promise<EnrolmentView[]>;
  /** Throws NOT_FOUND, CONFLICT if it is not open, and the codes of `verifyEnrolmentRevocation`. */
  revoke(revocation: EnrolmentRevocation, submittedBy: string): Promise<EnrolmentView>;
  /** The removal of a host as it stands. */
  removal(host: string): Promise<HostRemovalView>;
  /** Takes a signature for the removal of a host; with enough of them, the host is removed. */
  remove(submission: HostRemovalSubmission, submittedBy: string): Promise<HostRemovalView>;
  /** The labels of a host, and who has signed for other ones. */
  labels(host: string): Promise<HostLabelsView>;
  /** Takes a signature for other labels of a host; with enough of them, the host has these labels. */
  label(submission: HostLabelsSubmission, submittedBy: string): Promise<HostLabelsView>;
  /** Hosts for which somebody has signed other labels, and not yet enough people, with their names. */
  proposedLabels(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Hosts whose removal somebody has signed, and not yet enough people, with their names. */
  proposedRemovals(): Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * Lets a host go on that is held because of its journal. Throws NOT_FOUND if it is not held, and the codes
   * of `verifyHostAcceptance`.
   */
  accept(
    submission: HostAcceptanceSubmission,
    submittedBy: string,
  ): Promise<{ host: string; acceptedAtMs: number }>;
}

/** Creates, lists and revokes enrolments, and removes hosts. */
export function hostManagement(deps: ManageDeps): HostManagement {
  const { enrolments, hostJournals, enrolmentAddress: address, newId, log } = deps;
  const view = (record: EnrolmentRecord): EnrolmentView => ({ ...record, address: address ?? '' });
  return {
    async create({ draft: bytes, token }, submittedBy) {
      if (address === undefined)
        throw new FarcallError(
          'CONFLICT',
          'this controller takes no enrolments: its configuration has no member enrolment',
        );
      const bundle = deps.trust.current();
      const nowMs = deps.clock.nowMs();
      const madeBy = await verifyEnrolment({ token, draft: bytes, bundle, nowMs });
      const proof = { draft: bytes, token, submittedBy, trustVersion: bundle.version };
      const draft = enrolmentDraftCodec.decode(bytes);
      const record = await enrolments.create({ ...draft, id: newId(), madeBy, proof });
      log.info({ enrolment: record.id, host: record.host, madeBy, submittedBy }, 'enrolment made');
      return view(record);
    },
    list: async () => (await enrolments.list()).map(view),
    async revoke({ id, token }, submittedBy) {
      const { host, labels } = await enrolments.get(id);
      const bundle = deps.trust.current();
      const nowMs = deps.clock.nowMs();
      const actor = await verifyEnrolmentRevocation({
        ...{ token, enrolment: id, host, labels, bundle, nowMs },
      });
      const proof = { token, submittedBy, trustVersion: bundle.version };
      const record = await enrolments.revoke({ id, actor, proof });
      log.info({ enrolment: id, host, operator: actor, submittedBy }, 'enrolment revoked');
      return view(record);
    },
    removal: host => viewHostRemoval(deps, host),
    remove: (submission, submittedBy) => submitHostRemoval(deps, { ...submission, submittedBy }),
    labels: host => viewHostLabels(deps, host),
    label: (submission, submittedBy) => submitHostLabels(deps, { ...submission, submittedBy }),
    proposedLabels: () => proposedLabels(deps),
    proposedRemovals: () => proposedRemovals(deps),
    async accept({ host, token }, submittedBy) {
      const hold = await hostJournals.hold(host);
      const bundle = deps.trust.current();
      const at = { bundle, nowMs: deps.clock.nowMs() };
      const { kid, sinceMs: heldMs } = hold;
      const labels = (await deps.hostKeys.find(host))?.labels ?? {};
      const toVerify = { token, host, kid, heldMs, labels, ...at };
      const { by: actor, reason } = await verifyHostAcceptance(toVerify);
      const proof = { token, submittedBy, trustVersion: bundle.version };
      const acceptedAtMs = await hostJournals.accept({ hold, actor, reason, ...proof });
      log.info({ host, operator: actor, submittedBy, reason }, 'host accepted');
      return { host, acceptedAtMs };
    },
  };
}
