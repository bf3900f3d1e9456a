import type { Replay } from './replayed-entry.ts';
import type {
  ReplayedKernelFacts,
  ReplayedModuleSignature,
  ReplayedOrder,
  ReplayedRequest,
} from './replayed-rows.ts';

/**
 * What entries about signatures of modules mean: each is for an order that was made, on a request that was
 * not over.
 */
export const REPLAY_SIGNING: {
  readonly [K in 'module-signed' | 'kernel-facts']: Replay<K>;
} = {
  'module-signed': ({ requestId, host, actor, atMs, detail }, replay, report) => {
    const { order, attempt, image, facts, key, signature } = detail;
    if (actor !== 'controller') report('entry', `${actor} signs modules`);
    const request = replay.get<ReplayedRequest>(['requests', requestId]);
    if (request?.state !== 'dispatched')
      report(
        'state',
        `a module of request ${requestId} is signed while it is ${request?.state ?? 'not there'}`,
      );
    const made = replay.get<ReplayedOrder>(['orders', order]);
    if (made?.requestId !== requestId || made.attempt !== attempt)
      report('state', `a module is signed for the order ${order}, which was not made for it`);
    if (replay.get(['expected_hosts', requestId, host]))
      report('state', `a module is signed for ${host}, which had its outcome`);
    const id = ['module_signatures', requestId, host, attempt, image] as const;
    if (replay.get(id)) return report('state', `the module ${image} is signed a second time for ${host}`);
    replay.put(id, { facts, key, signature, atMs } satisfies ReplayedModuleSignature);
  },
  'kernel-facts': ({ host, actor, atMs, detail }, replay, report) => {
    const { build, facts, lines } = detail;
    if (actor !== host) report('entry', `${actor} speaks for ${host}`);
    replay.put(['kernel_facts', build, facts], { host, lines, atMs } satisfies ReplayedKernelFacts);
  },
};
