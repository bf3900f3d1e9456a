import { beforeEach, describe, expect, it } from 'vitest';
import { Prelude } from '../../../agent/compiler/index.ts';
import { receiveHello } from '../../../controller/gather/index.ts';
import { newRequestId, selectHosts, viewRequest } from '../../../controller/requests/index.ts';
import { callRequestCodec, fields } from '../../../shared/messages/index.ts';
import { hostNamesDigest } from '../../../shared/targets/index.ts';
import { sha256 } from '../../../shared/tokens/index.ts';
import { checkTrustBundle } from '../../../shared/trust/index.ts';
import { BUNDLE, hostOf, SITE, START_MS } from '../../kit/cast.ts';
import {
  type ControllerParts,
  controllerParts,
  DRAFT,
  enrolAll,
  introduce,
  requestBy,
} from '../../kit/controller-kit.ts';
import { helloOf } from '../../kit/host-statements.ts';

describe('a request', () => {
  let parts: ControllerParts;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
  });

  it('a request is the draft with id, requester and times, as bytes with their digest', async () => {
    const id = await requestBy(parts, 'alice', DRAFT);
    const record = await parts.requests.find(id);
    expect(record).toMatchObject({ state: 'pending', expectedHosts: 2, settleAtMs: START_MS + 3_660_000 });
    expect(callRequestCodec.decode(record?.bytes ?? new Uint8Array())).toEqual({
      protocol: 1,
      id,
      site: SITE,
      requester: 'alice',
      program: DRAFT.program,
      selector: 'env=demo',
      reason: 'say hello',
      policy: 'standard',
      effect: 'call',
      createdAtMs: START_MS,
      expiresAtMs: START_MS + 3_600_000,
      timeoutMs: 30_000,
      expectedHosts: 2,
      expectedHostsDigest: new Uint8Array(hostNamesDigest(['demo-1', 'demo-2'])),
    });
    expect(Buffer.from(record?.digest ?? []).equals(sha256(record?.bytes ?? new Uint8Array()))).toBe(true);
  });

  it('a request starts with what its program uses of the prelude, which is signed with it', async () => {
    const prelude = new Prelude('#define A B\n#define B 1 // one\n#define C 2\n');
    const id = await requestBy({ ...parts, prelude }, 'alice', { ...DRAFT, program: 'f(A)' });
    const record = await parts.requests.find(id);
    const { program } = callRequestCodec.decode(record?.bytes ?? new Uint8Array());
    expect(program).toBe('#define A B\n#define B 1\nf(A)');
  });

  it('a request is refused if its program cannot be read together with the prelude', async () => {
    const prelude = new Prelude('');
    const request = requestBy({ ...parts, prelude }, 'alice', { ...DRAFT, program: '/* f()' });
    await expect(request).rejects.toMatchObject({ code: 'PROGRAM_SYNTAX' });
  });

  it('a request expects the hosts that match when it is made, and no later ones', async () => {
    const id = await requestBy(parts, 'alice', DRAFT);
    await introduce(parts, [hostOf('demo-3', { env: 'demo' })]);
    const record = await parts.requests.find(id);
    if (!record) throw new Error('no record');
    expect(await viewRequest(parts, record)).toMatchObject({
      threshold: 2,
      expectedHosts: 2,
      kernels: [{ kernelRelease: '6.12.48+deb13-amd64', hosts: 2, examples: ['demo-1', 'demo-2'] }],
    });
  });

  const refused = [
    [
      'no host',
      { selector: 'env=none' },
      'NOT_FOUND',
      'the labels are env=demo, env=prod, host=demo-1, host=demo-2',
    ],
    ['a selector that is none', { selector: 'env=a,' }, 'SELECTOR_INVALID', 'column 7: expected a condition'],
    [
      'a label that no host has',
      { selector: 'evn=demo' },
      'NOT_FOUND',
      'no host has the label evn, and facts',
    ],
    [
      'hosts that miss it by one condition',
      { selector: 'env=demo,kernel~6.1' },
      'NOT_FOUND',
      'near misses: demo-1 fails kernel~6.1 (kernel is 6.12.48+deb13-amd64), demo-2 fails',
    ],
    [
      'a policy that the bundle lacks',
      { policy: 'emergency' },
      'TRUST_INVALID',
      'no thresholds for the policy',
    ],
  ] as const;
  it.each(refused)('a request is refused for %s', async (_name, override, code, message) => {
    await expect(requestBy(parts, 'alice', { ...DRAFT, ...override })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(await parts.requests.newest({ limit: 10 })).toEqual([]);
  });

  it('a request is refused with another message if no host is known at all', async () => {
    await expect(requestBy(controllerParts(), 'alice', DRAFT)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('no host has said hello'),
    });
  });

  const selections = [
    ['*', ['demo-1', 'demo-2', 'prod-1']],
    ['host=demo-2', ['demo-2']],
    ['env=demo,host!=demo-2', ['demo-1']],
    ['role!=db', ['demo-1', 'demo-2', 'prod-1']],
    ['kernel~6.12,!(env=prod)', ['demo-1', 'demo-2']],
    ['@prod-1,@demo-2', ['demo-2', 'prod-1']],
  ] as const;
  it.each(selections)('a request means hosts by its selector: %s means %j', async (selector, names) => {
    const selected = selectHosts(selector, await parts.hosts.all());
    expect(selected.map(({ facts }) => facts.host)).toEqual(names);
  });

  it('a request says whether hosts may join late', async () => {
    const id = await requestBy(parts, 'alice', { ...DRAFT, lateJoiners: true });
    const record = await parts.requests.find(id);
    expect(callRequestCodec.decode(record?.bytes ?? new Uint8Array()).lateJoiners).toBe(true);
  });

  it('a request has an id that the protocol accepts', () => {
    const ids = new Set(Array.from({ length: 100 }, newRequestId));
    expect(ids.size).toBe(100);
    for (const id of ids) expect(fields.requestId.safeParse(id).success).toBe(true);
  });

  it('a request knows a host by its name, whatever label it gives itself', async () => {
    const liar = hostOf('liar', { host: 'demo-1' });
    await enrolAll(parts, [{ ...liar, labels: {} }]);
    await receiveHello(parts, { host: 'liar', bytes: await helloOf(liar, parts.clock.nowMs()) });
    const selected = selectHosts('host=demo-1', await parts.hosts.all());
    expect(selected.map(({ facts }) => facts.host)).toEqual(['demo-1']);
  });

  it('a request is refused if its requester may not ask for it', async () => {
    const scopes = [{ may: 'request', person: 'alice', hosts: 'role=db' }];
    const limited = controllerParts(checkTrustBundle({ ...BUNDLE, scopes }));
    await introduce(limited);
    await expect(requestBy(limited, 'alice', DRAFT)).rejects.toMatchObject({
      code: 'SCOPE_EXCEEDED',
      message: 'alice may not ask for this: demo-1 is outside their scope, which is hosts role=db',
    });
  });

  it('a request shows whose scope does not cover it, and which team has not approved', async () => {
    const bundle = checkTrustBundle({
      ...BUNDLE,
      teams: [{ name: 'kernel', members: ['bob'] }],
      scopes: [{ may: 'approve', person: 'carol', hosts: 'host=demo-1' }],
      thresholds: { standard: { read: 1, call: 2, write: 2, teams: { kernel: 1 } } },
    });
    const limited = controllerParts(bundle);
    await introduce(limited);
    const id = await requestBy(limited, 'alice', DRAFT);
    const view = await viewRequest(limited, await limited.requests.get(id));
    expect(view.emptySeats).toEqual(['kernel']);
    expect(view.limited).toEqual([
      { name: 'carol', reason: 'demo-2 is outside their scope, which is hosts host=demo-1' },
    ]);
  });
});
