import { expect, it } from 'vitest';
import { timelineOf } from '../../../controller/views/index.ts';
import type { AuditEntryView } from '../../../shared/messages/index.ts';
import { START_MS } from '../../kit/cast.ts';

const HOST = 'host-answered';

/** Entries as a controller tells them: kind, actor, detail, one second after the other. */
const ENTRIES: readonly [kind: string, actor: string, detail: object][] = [
  ['request-created', 'alice', { hosts: 4 }],
  ['rejection-added', 'bob', {}],
  ['request-rejected', 'controller', {}],
  ['rejection-withdrawn', 'bob', {}],
  ['approval-added', 'bob', {}],
  ['wave-started', 'controller', { wave: 1 }],
  ['order-made', 'controller', { wave: 1, attempt: 1 }],
  [HOST, 'web-1', { outcome: 'returned' }],
  ['wave-answered', 'controller', { wave: 1, bakeUntilMs: 1 }],
  [
    'wave-ended',
    'controller',
    { wave: 1, verdict: 'passed', outcomes: { returned: 1 }, failed: 0, unhealthy: 0 },
  ],
  ['rollout-promoted', 'carol', { wave: 1, reason: 'well\u001b[2J' }],
  ['order-made', 'controller', { wave: 2, attempt: 1 }],
  [HOST, 'web-2', { outcome: 'load-error' }],
  [HOST, 'web-3', { outcome: 'returned' }],
  ['hosts-unreachable', 'controller', { wave: 2, hosts: ['web-4'] }],
  ['rollout-stopped', 'controller', { wave: 2, reason: '2 of 3 hosts failed, and 1 may' }],
  ['rollout-retried', 'alice', { wave: 2, attempt: 2, only: ['load-error'], hosts: 1, reason: 'mended' }],
  ['order-made', 'controller', { wave: 2, attempt: 2 }],
  [HOST, 'web-2', { outcome: 'returned' }],
  ['rollout-of-the-future', 'controller', { hosts: 'many' }],
  ['request-finished', 'controller', { returned: 3, expired: 1 }],
];

it('a timeline has one line for each action and wave, and one line for hosts that answered one after the other', async () => {
  async function* entries(): AsyncGenerator<AuditEntryView> {
    for (const [index, [kind, actor, detail]] of ENTRIES.entries()) {
      const atMs = START_MS + index * 1000;
      yield { seq: index + 1, atMs, kind, actor, detail: JSON.stringify(detail), hash: new Uint8Array(32) };
    }
  }
  const texts: string[] = [];
  for await (const { text } of timelineOf(entries())) texts.push(text);
  expect(texts).toEqual([
    'made by alice for 4 hosts',
    'rejected by bob',
    'blocked by the rejection',
    'bob took the rejection back',
    'approved by bob',
    'wave 1 begins',
    'ordered, wave 1',
    '1 host answered: 1 returned',
    'wave 1 answered and is being watched',
    'wave 1 passed: 1 returned; 0 failed',
    'promoted by carol after wave 1: well\\u{1b}[2J',
    'ordered, wave 2',
    '2 hosts answered within 1 s: 1 returned, 1 load-error',
    '1 host silent: 1 unreachable',
    'stopped at wave 2: 2 of 3 hosts failed, and 1 may',
    'attempt 2 by alice for 1 host (load-error): mended',
    'ordered, wave 2, attempt 2',
    '1 host answered: 1 returned',
    'rollout-of-the-future',
    'finished: 4 expected = 3 returned + 1 expired + 0 waiting',
  ]);
});
