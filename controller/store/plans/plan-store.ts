import type { Change, Database } from '../core/index.ts';
import type { PlansTable } from '../schema/index.ts';

/** A plan to be kept; nothing of it changes any more. */
export interface NewPlan {
  readonly id: string;
  /** The encoded Plan, and its SHA-256. */
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
  readonly madeBy: string;
  /** How many hosts it is about, and how many of them answered. */
  readonly hosts: number;
  readonly answered: number;
}

/** A plan as the store keeps it. */
export interface PlanRecord {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
  readonly madeBy: string;
  readonly madeAtMs: number;
}

/** Plans, which only grow. */
export interface PlanStore {
  add(plan: NewPlan): Promise<PlanRecord>;
  find(id: string): Promise<PlanRecord | undefined>;
  findByDigest(digest: Uint8Array): Promise<PlanRecord | undefined>;
}

/** The part of the store about plans. */
export function planStoreOn(database: Database): PlanStore {
  const findWhere = (column: 'id' | 'digest', value: string | Uint8Array) =>
    database.read(async db => {
      const row = await db.selectFrom('plans').selectAll().where(column, '=', value).executeTakeFirst();
      return row && recordOf(row);
    });
  return {
    add: plan => database.change(change => add(change, plan)),
    find: id => findWhere('id', id),
    findByDigest: digest => findWhere('digest', digest),
  };
}

async function add({ trx, nowMs, audit }: Change, plan: NewPlan): Promise<PlanRecord> {
  const { id, bytes, digest, madeBy, hosts, answered } = plan;
  const row = { id, digest, bytes, made_by: madeBy, made_at_ms: nowMs };
  await trx.insertInto('plans').values(row).execute();
  const detail = { plan: id, digest: Buffer.from(digest).toString('hex'), hosts, answered };
  await audit({ kind: 'plan-made', actor: madeBy, detail });
  return recordOf(row);
}

function recordOf({ id, bytes, digest, made_by, made_at_ms }: PlansTable): PlanRecord {
  return { id, bytes, digest, madeBy: made_by, madeAtMs: made_at_ms };
}
