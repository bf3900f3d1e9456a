import { expect, test } from 'vitest';
import { type ConsoleCall, ROUTES } from '../../../../controller/console/routes/index.ts';
import type { HostResultPageJson } from '../../../../controller/views/index.ts';
import {
  callResultCodec,
  type HostReport,
  PROTOCOL_VERSION,
  typedValue,
} from '../../../../shared/messages/index.ts';

/** A report of a host whose result has about half a megabyte. */
function largeReport(host: string): HostReport {
  const value = typedValue({ type: 'char [4096]', kind: 'string', string: 'x'.repeat(4096) });
  const result = callResultCodec.encode({
    ...{ protocol: PROTOCOL_VERSION, host, requestDigest: new Uint8Array(32), attempt: 1, orderId: 'o1' },
    ...{ outcome: 'returned', kernelLog: [], finishedAtMs: 0, kernelRelease: '6.12' },
    timings: { verifyUs: 0, compileUs: 0, spawnUs: 0, loadUs: 0, totalUs: 0 },
    rows: Array.from({ length: 128 }, () => ({ values: [value] })),
  });
  const named = { host, kernelRelease: '6.12', arch: 'x86_64', wave: 1, attempt: 1 };
  return { ...named, outcome: 'returned', result: { result, signature: 'a.b.c' } };
}

test('a page of results ends early where they are large, and names where the next one begins', async () => {
  let read = 0;
  const call = {
    api: {
      async *stream() {
        for (; read < 100; read++) yield largeReport(`web-${read}`);
      },
    },
    params: { id: 'r123' },
    query: new URLSearchParams({ limit: '100' }),
    signal: new AbortController().signal,
  } as unknown as ConsoleCall;
  const page = (await ROUTES['GET requests/:id/hosts'](call)) as HostResultPageJson;
  expect(page.hosts.map(({ host }) => host)).toEqual(['web-0', 'web-1', 'web-2', 'web-3']);
  expect(page.next).toBe('web-3');
  expect(read).toBe(4);
});
