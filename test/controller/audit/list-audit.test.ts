import { expect, it } from 'vitest';
import { listAudit } from '../../../controller/audit/index.ts';
import type { AuditStore } from '../../../controller/store/index.ts';

const ENTRIES = 1203;
const NEVER = new AbortController().signal;

/** A log of so many entries, and what was asked of it. */
function longLog(): { audit: Pick<AuditStore, 'page'> } {
  const entry = { at_ms: 1, kind: 'plan-made', actor: 'a', detail: '{}', hash: new Uint8Array(32) };
  const rows = Array.from({ length: ENTRIES }, (_, at) => ({
    ...entry,
    seq: at + 1,
    request_id: null,
    host: null,
  }));
  return {
    audit: {
      async page({ afterSeq, beforeSeq, limit }) {
        const found = rows.filter(
          ({ seq }) => seq > afterSeq && seq < (beforeSeq ?? Number.POSITIVE_INFINITY),
        );
        return (beforeSeq === undefined ? found : found.reverse()).slice(0, limit) as never;
      },
    },
  };
}

async function listed(wanted: { limit: number; beforeSeq?: number }): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq } of listAudit(longLog(), { afterSeq: 0, ...wanted }, NEVER)) seqs.push(seq);
  return seqs;
}

const UP = Array.from({ length: ENTRIES }, (_, at) => at + 1);

it('a long log is listed whole, in pages, in both directions', async () => {
  expect(await listed({ limit: 5000 })).toEqual(UP);
  expect(await listed({ limit: 5000, beforeSeq: ENTRIES + 1 })).toEqual(UP.toReversed());
});

it('the audit list has no more entries than were asked for', async () => {
  expect(await listed({ limit: 700 })).toEqual(UP.slice(0, 700));
  expect(await listed({ limit: 700, beforeSeq: 1000 })).toEqual(UP.slice(299, 999).toReversed());
});
