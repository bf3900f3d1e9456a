import type { KernelFactsNote, ModuleSignatureNote, OrderNote, RequestNote } from './notes.ts';
import type { Replay } from './replayed-entry.ts';

/** What entries about signatures of modules mean: each is for an order that was made, on a request that was not over. */
export const REPLAY_SIGNING: {
  readonly [K in 'module-signed' | 'kernel-facts']: Replay<K>;
} = {
  'module-signed': ({ requestId, host, actor, atMs, detail }, notes, complain) => {
    const { order, attempt, image, facts, key, signature } = detail;
    if (actor !== 'controller') complain('entry', `${actor} signs modules`);
    const request = notes.get<RequestNote>(['requests', requestId]);
    if (request?.state !== 'dispatched')
      complain(
        'state',
        `a module of request ${requestId} is signed while it is ${request?.state ?? 'not there'}`,
      );
    const made = notes.get<OrderNote>(['orders', order]);
    if (made?.requestId !== requestId || made.attempt !== attempt)
      complain('state', `a module is signed for the order ${order}, which was not made for it`);
    if (notes.get(['expected_hosts', requestId, host]))
      complain('state', `a module is signed for ${host}, which had its outcome`);
    const id = ['module_signatures', requestId, host, attempt, image] as const;
    if (notes.get(id)) return complain('state', `the module ${image} is signed a second time for ${host}`);
    notes.put(id, { facts, key, signature, atMs } satisfies ModuleSignatureNote);
  },
  'kernel-facts': ({ host, actor, atMs, detail }, notes, complain) => {
    const { build, facts, lines } = detail;
    if (actor !== host) complain('entry', `${actor} speaks for ${host}`);
    notes.put(['kernel_facts', build, facts], { host, lines, atMs } satisfies KernelFactsNote);
  },
};
