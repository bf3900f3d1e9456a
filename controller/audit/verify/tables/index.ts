import type { Schema, TableName } from '../../../store/index.ts';
import type { TableCheck } from '../context.ts';
import { abortsCheck } from './aborts.ts';
import { approvalsCheck } from './approvals.ts';
import { checkpointsCheck } from './checkpoints.ts';
import { enrolmentsCheck } from './enrolments.ts';
import { expectedHostsCheck } from './expected-hosts.ts';
import { hostKeysCheck } from './host-keys.ts';
import { hostsCheck } from './hosts.ts';
import { kernelFactsCheck, moduleSignaturesCheck } from './module-signing.ts';
import { ordersCheck } from './orders.ts';
import { requestsCheck } from './requests.ts';
import { resultsCheck } from './results.ts';
import { storeIdentityCheck } from './store-identity.ts';
import { trustBundlesCheck } from './trust-bundles.ts';

/** The check of each table but the log itself, which `replayLog` reads. */
export type TableChecks = { readonly [T in Exclude<TableName, 'audit'>]: TableCheck<Schema[T]> };

/**
 * New checks, in the order in which they run: keys of hosts before results, which need them; expected hosts before
 * requests, which need their sums.
 */
export function tableChecks(): TableChecks {
  return {
    store_identity: storeIdentityCheck,
    enrolments: enrolmentsCheck,
    host_keys: hostKeysCheck,
    hosts: hostsCheck,
    expected_hosts: expectedHostsCheck(),
    requests: requestsCheck,
    approvals: approvalsCheck,
    aborts: abortsCheck,
    orders: ordersCheck,
    results: resultsCheck,
    checkpoints: checkpointsCheck,
    trust_bundles: trustBundlesCheck,
    module_signatures: moduleSignaturesCheck,
    kernel_facts: kernelFactsCheck,
  };
}
