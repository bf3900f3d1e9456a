import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { EnrolmentDraft, EnrolmentView, HostRemoval } from '../../shared/messages/index.ts';
import type { HostCredentials } from '../broker/index.ts';
import type { LoginEnforcer } from '../locks/index.ts';
import type { Logger } from '../log/index.ts';
import type {
  EnrolmentRecord,
  EnrolmentStore,
  HostAcceptance,
  HostJournalStore,
  HostKeyStore,
} from '../store/index.ts';

export interface ManageDeps {
  readonly enrolments: Pick<EnrolmentStore, 'create' | 'list' | 'revoke'>;
  readonly hostKeys: Pick<HostKeyStore, 'remove'>;
  readonly hostJournals: Pick<HostJournalStore, 'accept'>;
  readonly hostCredentials: HostCredentials | undefined;
  /** host:port at which hosts reach this controller; undefined if it takes no enrolments. */
  readonly enrolmentAddress: string | undefined;
  readonly loginEnforcer: LoginEnforcer;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Actions of operators on hosts and enrolments. `actor` is the name of the operator. */
export interface HostManagement {
  create(draft: EnrolmentDraft, actor: string): Promise<EnrolmentView>;
  list(): Promise<EnrolmentView[]>;
  revoke(id: string, actor: string): Promise<EnrolmentView>;
  /** Removes a host and has the broker end its connections. */
  remove(host: string, actor: string): Promise<HostRemoval>;
  /** Lets a host go on that is held because of its journal. Throws NOT_FOUND if it is not held. */
  accept(acceptance: HostAcceptance): Promise<{ host: string; acceptedAtMs: number }>;
}

/** Creates, lists and revokes enrolments, and removes hosts. */
export function hostManagement(deps: ManageDeps): HostManagement {
  const { enrolments, hostKeys, hostJournals, hostCredentials, loginEnforcer } = deps;
  const { enrolmentAddress: address, newId, clock, log } = deps;
  const view = (record: EnrolmentRecord): EnrolmentView => ({ ...record, address: address ?? '' });
  return {
    async create(draft, actor) {
      if (address === undefined)
        throw new FarcallError(
          'CONFLICT',
          'this controller takes no enrolments: its configuration has no member enrolment',
        );
      const record = await enrolments.create({ ...draft, id: newId(), madeBy: actor });
      log.info({ enrolment: record.id, host: record.host, operator: actor }, 'enrolment made');
      return view(record);
    },
    list: async () => (await enrolments.list()).map(view),
    async revoke(id, actor) {
      const record = await enrolments.revoke(id, actor);
      log.info({ enrolment: id, host: record.host, operator: actor }, 'enrolment revoked');
      return view(record);
    },
    async remove(host, actor) {
      await hostKeys.remove(host, actor);
      log.info({ host, operator: actor }, 'host removed');
      const broker = await loginEnforcer.enforce();
      return { host, broker, credentialUntilMs: clock.nowMs() + (hostCredentials?.lifeMs ?? 0) };
    },
    async accept(acceptance) {
      const { host, actor, reason } = acceptance;
      const acceptedAtMs = await hostJournals.accept(acceptance);
      log.info({ host, operator: actor, reason }, 'host accepted');
      return { host, acceptedAtMs };
    },
  };
}
