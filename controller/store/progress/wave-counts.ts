import type { Outcome } from '../../../shared/outcome/index.ts';
import type { Change } from '../core/index.ts';

/** How much a count changes. */
interface Delta {
  hosts: number;
  unhealthy: number;
}

/** Collects what a transaction changes in the counts of waves, so that each count is written once. */
export interface WaveDeltas {
  /** So many more hosts of the wave have this outcome; negative if it is fewer. */
  add(
    requestId: string,
    count: {
      readonly wave: number;
      readonly outcome: Outcome;
      readonly hosts: number;
      readonly unhealthy?: number;
    },
  ): void;
  write(change: Change): Promise<void>;
}

/** New, empty deltas. */
export function waveDeltas(): WaveDeltas {
  const deltas = new Map<string, Delta>();
  return {
    add(requestId, { wave, outcome, hosts, unhealthy = 0 }) {
      const key = JSON.stringify([requestId, wave, outcome]);
      const delta = deltas.get(key) ?? { hosts: 0, unhealthy: 0 };
      delta.hosts += hosts;
      delta.unhealthy += unhealthy;
      deltas.set(key, delta);
    },
    async write(change) {
      for (const [key, delta] of deltas) {
        const [requestId, wave, outcome] = JSON.parse(key) as [string, number, Outcome];
        await writeDelta(change, { requestId, wave, outcome, ...delta });
      }
      deltas.clear();
    },
  };
}

interface NamedDelta extends Delta {
  readonly requestId: string;
  readonly wave: number;
  readonly outcome: Outcome;
}

async function writeDelta({ trx }: Change, delta: NamedDelta): Promise<void> {
  const { requestId, wave, outcome, hosts, unhealthy } = delta;
  if (hosts === 0 && unhealthy === 0) return;
  const { numUpdatedRows } = await trx
    .updateTable('wave_counts')
    .set(({ eb }) => ({ hosts: eb('hosts', '+', hosts), unhealthy: eb('unhealthy', '+', unhealthy) }))
    .where('request_id', '=', requestId)
    .where('wave', '=', wave)
    .where('outcome', '=', outcome)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) {
    if (hosts < 0) await dropEmpty(trx, delta);
    return;
  }
  await trx
    .insertInto('wave_counts')
    .values({ request_id: requestId, wave, outcome, hosts, unhealthy })
    .execute();
}

/** A count of none is no row. */
async function dropEmpty(trx: Change['trx'], { requestId, wave, outcome }: NamedDelta): Promise<void> {
  await trx
    .deleteFrom('wave_counts')
    .where('request_id', '=', requestId)
    .where('wave', '=', wave)
    .where('outcome', '=', outcome)
    .where('hosts', '=', 0)
    .execute();
}
