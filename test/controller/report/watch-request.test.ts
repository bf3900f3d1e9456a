import { beforeEach, describe, expect, it } from 'vitest';
import { receiveResult } from '../../../controller/gather/index.ts';
import { watchRequest } from '../../../controller/report/index.ts';
import {
  type CallResult,
  callResultCodec,
  type OrderEnvelope,
  type RequestEvent,
  resultEnvelopeCodec,
} from '../../../shared/messages/index.ts';
import { HOSTS, type HostIdentity } from '../../kit/cast.ts';
import {
  type ControllerParts,
  codeOf,
  controllerParts,
  dispatched,
  introduce,
} from '../../kit/controller-kit.ts';
import { resultFor, signStatement } from '../../kit/host-statements.ts';

describe('watching a request', () => {
  let parts: ControllerParts;
  let id: string;
  let order: OrderEnvelope;

  beforeEach(async () => {
    parts = controllerParts();
    await introduce(parts);
    ({ id, order } = await dispatched(parts));
  });

  const answer = async (host: HostIdentity, overrides: Partial<CallResult> = {}): Promise<void> => {
    const result = callResultCodec.encode(resultFor(host.name, order, overrides));
    const signature = await signStatement(host, {
      what: 'result',
      bytes: result,
      nowMs: parts.clock.nowMs(),
    });
    await receiveResult(parts, { host: host.name, bytes: resultEnvelopeCodec.encode({ result, signature }) });
  };
  const brief = ({ request, host }: RequestEvent): string =>
    request ? request.state : `${host?.host} ${host?.outcome ?? '-'}`;
  const watch = (follow: boolean, signal = new AbortController().signal) =>
    watchRequest(parts, { id, follow, signal });

  it('watching a request shows what there is, and ends', async () => {
    await answer(HOSTS.two);
    const events: string[] = [];
    for await (const event of watch(false)) events.push(brief(event));
    expect(events).toEqual(['dispatched', 'demo-1 -', 'demo-2 returned', 'dispatched']);
  });

  it('watching a request follows each change until the request is finished', async () => {
    const events = watch(true)[Symbol.asyncIterator]();
    const next = async (): Promise<string> => {
      const { value, done } = await events.next();
      return done ? 'end' : brief(value);
    };
    for (const told of ['dispatched', 'demo-1 -', 'demo-2 -', 'dispatched']) expect(await next()).toBe(told);
    const coming = next();
    await answer(HOSTS.two, { outcome: 'skipped' });
    expect(await coming).toBe('demo-2 skipped');
    expect(await next()).toBe('dispatched');
    await answer(HOSTS.one);
    expect([await next(), await next(), await next()]).toEqual(['demo-1 returned', 'finished', 'end']);
  });

  it('watching a request ends when the watcher goes away', async () => {
    const gone = new AbortController();
    const events: string[] = [];
    const watching = (async () => {
      for await (const event of watch(true, gone.signal)) events.push(brief(event));
    })();
    gone.abort();
    await watching;
    expect(events).toEqual(['dispatched', 'demo-1 -', 'demo-2 -', 'dispatched']);
  });

  it('watching a request ends at once for a request that is over', async () => {
    await answer(HOSTS.one);
    await answer(HOSTS.two);
    const events: string[] = [];
    for await (const event of watch(true)) events.push(brief(event));
    expect(events).toEqual(['finished', 'demo-1 returned', 'demo-2 returned', 'finished']);
  });

  it('watching needs a request that exists', async () => {
    const { signal } = new AbortController();
    expect(await codeOf(watchRequest(parts, { id: 'none', follow: true, signal }).next())).toBe('NOT_FOUND');
  });
});
