import type { Schema, TableName } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';
import { abortStatementsCheck } from './abort-statements.ts';
import { abortsCheck } from './aborts.ts';
import { approvalsCheck } from './approvals.ts';
import { checkpointsCheck } from './checkpoints.ts';
import { emergenciesCheck, reviewsCheck } from './emergencies.ts';
import { expectedHostsCheck } from './expected-hosts.ts';
import {
  enrolmentsCheck,
  hostAcceptancesCheck,
  hostContactsCheck,
  hostHeartbeatsCheck,
  hostJournalsCheck,
  hostKeysCheck,
  hostLabelsCheck,
  hostRemovalsCheck,
  hostsCheck,
} from './hosts/index.ts';
import { kernelTypesCheck } from './kernel-types.ts';
import { leasesCheck } from './leases.ts';
import { locksCheck } from './locks.ts';
import { logCursorsCheck } from './log-cursors.ts';
import {
  consoleSessionsCheck,
  consoleTicketsCheck,
  controllerLoginsCheck,
  tableMacsCheck,
  usedTokensCheck,
} from './mac-only.ts';
import { kernelFactsCheck, moduleSignaturesCheck } from './module-signing.ts';
import { ordersCheck } from './orders.ts';
import { plansCheck } from './plans.ts';
import { requestsCheck } from './requests.ts';
import { resultRowsCheck } from './result-rows.ts';
import { resultsCheck } from './results.ts';
import { rolloutActionsCheck } from './rollout-actions.ts';
import { attemptsCheck, rolloutsCheck, waveCountsCheck, wavesCheck } from './rollouts.ts';
import { storeIdentityCheck } from './store-identity.ts';
import { trustBundlesCheck } from './trust-bundles.ts';

/** The check of each table but the log itself, which `replayLog` reads. */
export type TableChecks = { readonly [T in Exclude<TableName, 'audit'>]: TableCheck<Schema[T]> };

/**
 * New checks, in the order in which they run: removals and labels of hosts before their keys, which have
 * them; keys of hosts before results, which need them; expected hosts before requests and counts of waves,
 * which need their sums, and before results, to which what reports show of them is held.
 */
export function tableChecks(): TableChecks {
  return {
    store_identity: storeIdentityCheck,
    enrolments: enrolmentsCheck,
    host_removals: hostRemovalsCheck,
    host_labels: hostLabelsCheck,
    host_keys: hostKeysCheck,
    hosts: hostsCheck,
    host_contacts: hostContactsCheck,
    host_heartbeats: hostHeartbeatsCheck,
    host_journals: hostJournalsCheck,
    host_acceptances: hostAcceptancesCheck,
    expected_hosts: expectedHostsCheck(),
    requests: requestsCheck,
    approvals: approvalsCheck,
    aborts: abortsCheck,
    abort_statements: abortStatementsCheck,
    emergencies: emergenciesCheck,
    reviews: reviewsCheck,
    orders: ordersCheck,
    results: resultsCheck,
    result_rows: resultRowsCheck,
    checkpoints: checkpointsCheck,
    trust_bundles: trustBundlesCheck,
    leases: leasesCheck,
    locks: locksCheck,
    controller_logins: controllerLoginsCheck,
    used_tokens: usedTokensCheck,
    rollouts: rolloutsCheck,
    rollout_actions: rolloutActionsCheck,
    waves: wavesCheck,
    wave_counts: waveCountsCheck,
    attempts: attemptsCheck,
    plans: plansCheck,
    module_signatures: moduleSignaturesCheck,
    kernel_facts: kernelFactsCheck,
    console_sessions: consoleSessionsCheck,
    console_tickets: consoleTicketsCheck,
    kernel_types: kernelTypesCheck,
    log_cursors: logCursorsCheck,
    table_macs: tableMacsCheck,
  };
}
