import { FarcallError } from '../../../shared/errors/index.ts';
import { labelsText } from '../../../shared/host-labels/index.ts';
import { auditDigest, type Change, type Database } from '../core/index.ts';
import type { HostLabelsTable } from '../schema/index.ts';
import { activeRow, type MacReader, setLabels } from './host-keys.ts';

type Labels = Readonly<Record<string, string>>;

/** A person's signature for the next labels of a host. */
export interface HostLabelsSignature {
  readonly signer: string;
  readonly labels: Labels;
  readonly reason: string;
  readonly token: string;
  readonly signedAtMs: number;
}

/** A host that is enrolled now, its labels, and everybody who signed for the next change of them. */
export interface LabelledHost {
  readonly host: string;
  readonly kid: string;
  readonly labels: Labels;
  /** How often the labels were changed since the enrolment. */
  readonly number: number;
  readonly enrolmentId: string;
  /** In the order in which they came. Some may count no more. */
  readonly signatures: readonly HostLabelsSignature[];
}

/** A signature for other labels of a host, once it is verified. */
export interface NewHostLabels extends Omit<HostLabelsSignature, 'signedAtMs'> {
  /** The host as it was when the signature was verified. */
  readonly of: LabelledHost;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
  /** The earlier signatures with which it counts; undefined if they are not enough yet. */
  readonly with: readonly Pick<HostLabelsSignature, 'signer' | 'token'>[] | undefined;
}

/** The labels of hosts, and the signatures that change them. */
export interface HostLabelsStore {
  /** Throws NOT_FOUND if there is no enrolled host of that name. */
  find(host: string): Promise<LabelledHost>;
  /** Each enrolled host for the next labels of which somebody signed. */
  proposed(): Promise<readonly LabelledHost[]>;
  /**
   * Keeps a signature, and gives the host its labels if it is enough. False if the host changed, or another
   * signature came, since `of` was read. Throws CONFLICT if this very token was used before.
   */
  sign(signed: NewHostLabels): Promise<boolean>;
  /** The tokens of each change of the labels of `host` after the change `number`, the oldest first. */
  changesAfter(host: string, number: number): Promise<readonly (readonly string[])[]>;
}

/** The part of the store about labels of hosts. */
export function hostLabelsStoreOn(database: Database): HostLabelsStore {
  const { macs } = database;
  return {
    find: host =>
      database.read(async trx => {
        const found = await labelledHost({ trx, macs }, host);
        if (found) return found;
        throw new FarcallError('NOT_FOUND', `there is no enrolled host ${host}; farcall hosts lists them`);
      }),
    proposed: () =>
      database.read(async trx => {
        const open = trx.selectFrom('host_labels').where('counted_at_ms', 'is', null);
        const found: LabelledHost[] = [];
        for (const { host } of await open.select('host').distinct().orderBy('host').execute()) {
          const each = await labelledHost({ trx, macs }, host);
          if (each && each.signatures.length > 0) found.push(each);
        }
        return found;
      }),
    sign: signed => database.change(change => sign(change, signed)),
    changesAfter: (host, number) =>
      database.read(async trx => {
        const keys = await activeRow({ trx, macs }, host);
        if (!keys || keys.labels_number <= number) return [];
        const rows = await trx
          .selectFrom('host_labels')
          .select(['number', 'token'])
          .where('enrolment_id', '=', keys.enrolment_id)
          .where('number', '>', number)
          .where('counted_at_ms', 'is not', null)
          .orderBy('number')
          .orderBy('signer')
          .execute();
        const changes = Map.groupBy(rows, row => row.number);
        return [...changes.values()].map(each => each.map(({ token }) => token));
      }),
  };
}

async function labelledHost(reader: MacReader, host: string): Promise<LabelledHost | undefined> {
  const keys = await activeRow(reader, host);
  if (!keys) return undefined;
  const rows = await reader.trx
    .selectFrom('host_labels')
    .selectAll()
    .where('enrolment_id', '=', keys.enrolment_id)
    .where('number', '=', keys.labels_number + 1)
    .orderBy('signed_at_ms')
    .orderBy('signer')
    .execute();
  return {
    ...{ host, kid: keys.kid, labels: JSON.parse(keys.labels), number: keys.labels_number },
    enrolmentId: keys.enrolment_id,
    signatures: rows.map(signatureOf),
  };
}

function signatureOf({ signer, labels, reason, token, signed_at_ms }: HostLabelsTable): HostLabelsSignature {
  return { signer, labels: JSON.parse(labels), reason, token, signedAtMs: signed_at_ms };
}

/**
 * Threat: two people sign at the same moment for different labels, or the host is another machine by now. So
 * the host must be as it was when the signature was evaluated.
 */
async function sign(change: Change, signed: NewHostLabels): Promise<boolean> {
  const { of, signer, reason, token, submittedBy, trustVersion: trust } = signed;
  const { host, kid, enrolmentId: enrolment } = of;
  const { trx, nowMs } = change;
  const keys = await activeRow(change, host);
  const now = await labelledHost(change, host);
  const isSame = now?.enrolmentId === enrolment && now.number === of.number;
  if (!keys || !isSame || now.signatures.length !== of.signatures.length) return false;
  await refuseUsed(change, token);
  const [number, labels] = [of.number + 1, labelsText(signed.labels)];
  const row = { token, enrolment_id: enrolment, host, kid, number, labels, signer, reason };
  await trx
    .insertInto('host_labels')
    .values({ ...row, signed_at_ms: nowMs, counted_at_ms: null })
    .execute();
  const about = { enrolment, kid, number, labels, trust };
  const detail = { ...about, submittedBy, token: auditDigest(token) };
  await change.audit({ kind: 'host-labels-signed', actor: signer, host, detail });
  if (!signed.with) return true;
  const counted = [...signed.with, { signer, token }];
  const update = trx.updateTable('host_labels').set({ counted_at_ms: nowMs });
  for (const each of counted) await update.where('token', '=', each.token).execute();
  await setLabels(change, keys, labels);
  const by = counted.map(each => ({ signer: each.signer, token: auditDigest(each.token) }));
  await change.audit({ kind: 'host-labelled', actor: signer, host, detail: { ...about, by } });
  return true;
}

async function refuseUsed({ trx }: Change, token: string): Promise<void> {
  const query = trx.selectFrom('host_labels').select('host').where('token', '=', token);
  const used = await query.executeTakeFirst();
  if (used) throw new FarcallError('CONFLICT', `this signature for labels of ${used.host} was used before`);
}
