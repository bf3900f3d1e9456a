import { z } from 'zod';
import { hostFactsCodec, type KernelGroup } from '../../../shared/messages/index.ts';
import { keyId } from '../../../shared/tokens/index.ts';
import type { Principal, Roots, TrustBundle } from '../../../shared/trust/index.ts';
import {
  AUDIT_SENTENCES,
  type AuditJson,
  auditEntryToJson,
  auditSentence,
  type HostJson,
  type HostListJson,
  hostToJson,
  type PrincipalJson,
  type ProbeJson,
  type ProbeListJson,
  type SelectionJson,
  type TrustJson,
} from '../../views/index.ts';
import { type BodyOf, bodyOf, type ConsoleCall, numberIn, type Routes } from './route.ts';

/** Entries of the audit log in one reply. */
const AUDIT_LIMIT = 500;
/** Probes in one reply. */
const PROBES_LIMIT = 5000;
/** Names of hosts that are shown of each kernel. */
const EXAMPLES_LIMIT = 5;

const selectorSchema = z.strictObject({ selector: z.string().min(1).max(4096) }) satisfies z.ZodType<
  unknown,
  BodyOf<'POST selector'>
>;

/** Hosts, the audit log, and the trust bundle. */
export const FLEET_ROUTES = {
  'GET hosts': listHosts,
  'GET probes': listProbes,
  'POST selector': countSelected,
  'GET audit': listAudit,
  'GET trust': showTrust,
} satisfies Partial<Routes>;

async function listHosts({ api, query, signal, deps: { clock } }: ConsoleCall): Promise<HostListJson> {
  const selector = query.get('selector') || '*';
  const hosts: HostJson[] = [];
  for await (const host of api.stream('listHosts', { selector }, signal)) hosts.push(hostToJson(host));
  return { hosts, nowMs: clock.nowMs() };
}

/** Of all hosts: who ends a deny must see each of them. */
async function listProbes({ api, signal, deps: { clock } }: ConsoleCall): Promise<ProbeListJson> {
  const probes: ProbeJson[] = [];
  let [hosts, leftOut] = [0, 0];
  for await (const view of api.stream('listHosts', { selector: '*' }, signal)) {
    hosts++;
    const { host, probes: ofHost = [] } = hostFactsCodec.decode(view.facts);
    const shown = ofHost.slice(0, Math.max(0, PROBES_LIMIT - probes.length));
    leftOut += ofHost.length - shown.length;
    for (const probe of shown) probes.push({ ...probe, host });
  }
  return { probes, leftOut, hosts, nowMs: clock.nowMs() };
}

async function countSelected({ api, body, signal }: ConsoleCall): Promise<SelectionJson> {
  const kernels = new Map<string, KernelGroup>();
  let hosts = 0;
  for await (const { facts } of api.stream('listHosts', bodyOf(selectorSchema, body), signal)) {
    const { kernelRelease, arch, host } = hostFactsCodec.decode(facts);
    const key = `${kernelRelease}\0${arch}`;
    const group = kernels.get(key) ?? { kernelRelease, arch, hosts: 0, examples: [] };
    const examples = group.examples.length < EXAMPLES_LIMIT ? [...group.examples, host] : group.examples;
    kernels.set(key, { ...group, hosts: group.hosts + 1, examples });
    hosts++;
  }
  return { hosts, kernels: [...kernels.values()].sort((one, other) => other.hosts - one.hosts) };
}

async function listAudit({ api, query, signal }: ConsoleCall): Promise<AuditJson> {
  const [requestId, kind] = [query.get('requestId'), query.get('kind')];
  const [host, actor] = [query.get('host'), query.get('actor')];
  const beforeSeq = numberIn(query, 'beforeSeq', 0);
  const filter = {
    ...(beforeSeq > 0 && { beforeSeq }),
    ...(requestId && { requestId }),
    ...(kind && { kind }),
    ...(host && { host }),
    ...(actor && { actor }),
    afterSeq: numberIn(query, 'afterSeq', 0),
    limit: Math.min(numberIn(query, 'limit', 100), AUDIT_LIMIT),
    follow: false,
  };
  const entries: AuditJson['entries'][number][] = [];
  for await (const entry of api.stream('listAudit', filter, signal))
    entries.push({ ...auditEntryToJson(entry), sentence: auditSentence(entry) });
  return { entries, kinds: Object.keys(AUDIT_SENTENCES).sort() };
}

/** The bundle as the roots signed it, with the keys that are locked, and the locks beside it. */
async function showTrust({ api, deps }: ConsoleCall): Promise<TrustJson> {
  const bundle = deps.trust.signed();
  const { version, expiresAtMs, roots, thresholds, teams = [], scopes = [] } = bundle;
  const { locks } = await api.call('listLocks', {});
  const rootThreshold = roots.threshold;
  return {
    version,
    expiresAtMs,
    people: peopleOf(bundle),
    rootThreshold,
    policies: thresholds,
    locks,
    teams,
    scopes,
  };
}

function peopleOf({ roots, controllers, requesters, approvers }: TrustBundle): PrincipalJson[] {
  const members: { readonly role: string; readonly member: Roots['members'][number] | Principal }[] = [
    ...requesters.map(member => ({ role: 'requester', member })),
    ...approvers.map(member => ({ role: 'approver', member })),
    ...controllers.map(member => ({ role: 'controller', member })),
    ...roots.members.map(member => ({ role: 'root', member })),
  ];
  return [...Map.groupBy(members, ({ member }) => member.name)].map(([name, ofPerson]) => {
    const kinds = new Map(
      ofPerson.flatMap(({ member }) =>
        member.keys.map(jwk => [keyId(jwk), 'passkey' in jwk ? 'passkey' : 'file'] as const),
      ),
    );
    return {
      name,
      roles: ofPerson.map(({ role }) => role),
      keys: [...kinds].map(([kid, kind]) => ({ kid, kind })),
    };
  });
}
