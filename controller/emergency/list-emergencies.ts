import { EMERGENCIES_LIMIT, type EmergencyList } from '../../shared/messages/index.ts';
import { emergencyView, type SummaryDeps, summarizeRequest } from '../requests/index.ts';
import {
  type ApprovalStore,
  type EmergencyStore,
  type RequestStore,
  standingApprovers,
} from '../store/index.ts';

/** The stores that {@link listEmergencies} reads. */
export interface EmergencyDeps extends SummaryDeps {
  readonly requests: Pick<RequestStore, 'get' | 'outcomes'>;
  readonly approvals: Pick<ApprovalStore, 'of'>;
  readonly emergencies: Pick<EmergencyStore, 'unreviewed'>;
}

/** The emergencies that lack reviews, the one that is due first before others; at most 200. */
export async function listEmergencies(deps: EmergencyDeps): Promise<EmergencyList> {
  const records = await deps.emergencies.unreviewed(EMERGENCIES_LIMIT);
  const emergencies = records.map(async record => {
    const request = await summarizeRequest(deps, await deps.requests.get(record.requestId));
    const approvers = standingApprovers(await deps.approvals.of(record.requestId));
    return { request, approvers, emergency: emergencyView(record) };
  });
  return { emergencies: await Promise.all(emergencies) };
}
