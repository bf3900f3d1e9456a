import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { receiveResult } from '../../../controller/gather/index.ts';
import { hostCounter, listReport, reportRequest } from '../../../controller/report/index.ts';
import { summarizeResult } from '../../../controller/result-summary/index.ts';
import {
  type CallResult,
  callResultCodec,
  type OrderEnvelope,
  resultEnvelopeCodec,
} from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
import { HOSTS, type HostIdentity } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  dispatched,
  introduce,
} from '../../kit/controller-kit.ts';
import { resultFor, signStatement } from '../../kit/host-statements.ts';

describe('a report', () => {
  let parts: ControllerParts;
  let id: string;
  let order: OrderEnvelope;
  const { signal } = new AbortController();

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    ({ id, order } = await dispatched(parts));
  });

  const answer = async (host: HostIdentity, overrides: Partial<CallResult> = {}): Promise<void> => {
    const result = callResultCodec.encode(resultFor(host.name, order, overrides));
    const nowMs = parts.clock.nowMs();
    const signature = await signStatement(host, { what: 'result', bytes: result, nowMs });
    await receiveResult(parts, { host: host.name, bytes: resultEnvelopeCodec.encode({ result, signature }) });
  };
  const report = () => reportRequest(parts, { id, groupBy: ['outcome', 'value'], limit: 10 });

  it('a report counts every expected host once', async () => {
    await answer(HOSTS.one);
    expect(await report()).toEqual({
      ...{ id, state: 'dispatched', expectedHosts: 2, waiting: 1, matchingHosts: 2 },
      outcomes: [{ outcome: 'returned', hosts: 1 }],
      groups: [
        { outcome: 'returned', value: '(int)17', hosts: 1, examples: ['demo-1'] },
        { hosts: 1, examples: ['demo-2'] },
      ],
      ...{ otherGroups: 0, otherHosts: 0 },
    });
  });

  it('a report says that hosts which were given up have no value', async () => {
    await parts.outcomes.expireSilentHosts(id);
    expect((await report()).groups).toEqual([
      { outcome: 'expired', hosts: 2, examples: ['demo-1', 'demo-2'] },
    ]);
  });

  it('a report lists hosts by name with their results', async () => {
    await answer(HOSTS.two);
    const hosts = [];
    for await (const host of listReport(parts, { id, signal })) hosts.push(host);
    expect(hosts.map(({ host, outcome, result }) => [host, outcome, result !== undefined])).toEqual([
      ['demo-1', undefined, false],
      ['demo-2', 'returned', true],
    ]);
    const later = [];
    for await (const { host } of listReport(parts, { id, afterHost: 'demo-1', signal })) later.push(host);
    expect(later).toEqual(['demo-2']);
  });

  it('a report needs a request that exists', async () => {
    expect(await codeOf(reportRequest(parts, { id: 'none', groupBy: [], limit: 1 }))).toBe('NOT_FOUND');
    expect(await codeOf(listReport(parts, { id: 'none', signal }).next())).toBe('NOT_FOUND');
  });
});

describe('counting hosts', () => {
  const reported = fc.record({
    kernel: fc.constantFrom('6.1', '6.12'),
    arch: fc.constantFrom('x86_64', 'aarch64'),
    wave: fc.nat(3),
    outcome: fc.option(fc.constantFrom(...OUTCOME_NAMES)),
    value: fc.string({ maxLength: 2 }),
    matches: fc.boolean(),
  });

  it('counting hosts never loses one, whatever they are and however few groups are wanted', () => {
    fc.assert(
      fc.property(fc.array(reported), fc.integer({ min: 1, max: 5 }), (hosts, limit) => {
        const counter = hostCounter(['outcome', 'value', 'kernel', 'wave']);
        for (const [index, { outcome, value, matches, ...rest }] of hosts.entries()) {
          const summary = outcome ? { attempt: 1, outcome, value } : undefined;
          counter.add({ host: `h${index}`, ...rest, outcome, summary }, matches);
        }
        const counted = counter.counted(limit);
        const sum = (counts: readonly { hosts: number }[]) =>
          counts.reduce((total, each) => total + each.hosts, 0);
        expect(sum(counted.outcomes) + counted.waiting).toBe(hosts.length);
        expect(sum(counted.groups) + counted.otherHosts).toBe(counted.matchingHosts);
        expect(counted.matchingHosts).toBe(hosts.filter(({ matches }) => matches).length);
        expect(counted.groups.length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('counting a fleet where every host says another thing keeps a bounded number of groups', () => {
    const counter = hostCounter(['value']);
    const add = (index: number): void => {
      const value = `(void *)0x${index.toString(16)}`;
      const summary = { ...summarizeResult({ attempt: 1, outcome: 'returned' } as CallResult), value };
      counter.add({ host: `h${index}`, kernel: 'k', arch: 'a', wave: 1, outcome: 'returned', summary }, true);
    };
    for (let index = 0; index < 25_000; index++) add(index);
    expect(counter.counted(100)).toMatchObject({ matchingHosts: 25_000, otherHosts: 24_900 });
  });
});
