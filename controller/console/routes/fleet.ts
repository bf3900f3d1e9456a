import { z } from 'zod';
import { hostFactsCodec, type KernelGroup } from '../../../shared/messages/index.ts';
import { keyId } from '../../../shared/tokens/index.ts';
import { hostToJson } from '../../views/index.ts';
import { bodyOf, type ConsoleCall, numberIn, type Route } from './route.ts';

const AUDIT_PAGE = 500;
const EXAMPLES = 5;

/** Hosts, the log, and who is trusted. */
export const FLEET_ROUTES: readonly Route[] = [
  { method: 'GET', path: 'hosts', answer: listHosts },
  { method: 'POST', path: 'selector', answer: select },
  { method: 'GET', path: 'audit', answer: audit },
  { method: 'GET', path: 'trust', answer: trust },
];

async function listHosts({ calls, query, signal, deps: { clock } }: ConsoleCall): Promise<object> {
  const selector = query.get('selector') || '*';
  const hosts: object[] = [];
  for await (const host of calls.stream('listHosts', { selector }, signal)) hosts.push(hostToJson(host));
  return { hosts, nowMs: clock.nowMs() };
}

/** How many hosts a selector means, by kernel. */
async function select({ calls, body, signal }: ConsoleCall): Promise<object> {
  const { selector } = bodyOf(z.strictObject({ selector: z.string().min(1).max(4096) }), body);
  const kernels = new Map<string, KernelGroup>();
  let hosts = 0;
  for await (const { facts } of calls.stream('listHosts', { selector }, signal)) {
    const { kernelRelease, arch, host } = hostFactsCodec.decode(facts);
    const key = `${kernelRelease}\0${arch}`;
    const group = kernels.get(key) ?? { kernelRelease, arch, hosts: 0, examples: [] };
    const examples = group.examples.length < EXAMPLES ? [...group.examples, host] : group.examples;
    kernels.set(key, { ...group, hosts: group.hosts + 1, examples });
    hosts++;
  }
  return { hosts, kernels: [...kernels.values()].sort((one, other) => other.hosts - one.hosts) };
}

async function audit({ calls, query, signal }: ConsoleCall): Promise<object> {
  const [requestId, kind] = [query.get('requestId'), query.get('kind')];
  const beforeSeq = numberIn(query, 'beforeSeq', 0);
  const asked = {
    ...(beforeSeq > 0 && { beforeSeq }),
    ...(requestId && { requestId }),
    ...(kind && { kind }),
    afterSeq: numberIn(query, 'afterSeq', 0),
    limit: Math.min(numberIn(query, 'limit', 100), AUDIT_PAGE),
  };
  const entries: object[] = [];
  for await (const { hash, detail, ...entry } of calls.stream('listAudit', asked, signal))
    entries.push({ ...entry, detail: JSON.parse(detail), hash: Buffer.from(hash).toString('hex') });
  return { entries };
}

/** Who may ask and approve, by what keys: what every host is told too. */
async function trust({ deps }: ConsoleCall): Promise<object> {
  const { version, expiresAtMs, requesters, approvers, thresholds } = deps.trust.current();
  interface Person {
    readonly roles: string[];
    readonly keys: Map<string, 'file' | 'passkey'>;
  }
  const people = new Map<string, Person>();
  for (const [role, members] of [
    ['requester', requesters],
    ['approver', approvers],
  ] as const) {
    for (const { name, keys } of members) {
      const person = people.get(name) ?? ({ roles: [], keys: new Map() } satisfies Person as Person);
      person.roles.push(role);
      for (const jwk of keys) person.keys.set(keyId(jwk), 'passkey' in jwk ? 'passkey' : 'file');
      people.set(name, person);
    }
  }
  const listed = [...people].map(([name, { roles, keys }]) => ({
    ...{ name, roles },
    keys: [...keys].map(([kid, kind]) => ({ kid, kind })),
  }));
  return { version, expiresAtMs, people: listed, policies: thresholds };
}
