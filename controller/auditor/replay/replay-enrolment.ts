import type { AuditKind } from '../../store/index.ts';
import { byController, byNewestTrust } from './replay-request.ts';
import type { Replay, ReplaySink } from './replayed-entry.ts';
import type {
  ReplayedAcceptance,
  ReplayedActiveKeys,
  ReplayedEnrolment,
  ReplayedHold,
  ReplayedHostKeys,
  ReplayedHostLabels,
  ReplayedHostRemoval,
} from './replayed-rows.ts';

type EnrolmentKind = Extract<
  AuditKind,
  | 'enrolment-made'
  | 'enrolment-revoked'
  | 'host-enrolled'
  | 'host-removal-signed'
  | 'host-removed'
  | 'host-labels-signed'
  | 'host-labelled'
  | 'host-held'
  | 'host-accepted'
>;

/** What each kind of entry about enrolment means; as `REPLAY_KINDS`. */
export const REPLAY_ENROLMENT: { readonly [K in EnrolmentKind]: Replay<K> } = {
  'enrolment-made': ({ host, actor, atMs, detail }, replay, report) => {
    const { enrolment, submittedBy: _, ...recorded } = detail;
    byNewestTrust({ atMs, detail }, { replay, report });
    if (replay.get(['enrolments', enrolment]))
      return report('state', `enrolment ${enrolment} is made a second time`);
    const made = { host, madeBy: actor, madeMs: atMs, usedMs: null, revokedMs: null };
    replay.put(['enrolments', enrolment], { ...recorded, ...made } satisfies ReplayedEnrolment);
  },
  'enrolment-revoked': ({ host, actor, atMs, detail }, replay, report) => {
    const { enrolment, token, trust } = detail;
    byNewestTrust({ atMs, detail }, { replay, report });
    const recorded = openEnrolment(enrolment, { host, atMs }, { replay, report });
    const revocation = { by: actor, token, trust };
    if (recorded)
      replay.put(['enrolments', enrolment], {
        ...recorded,
        revokedMs: atMs,
        revocation,
      } satisfies ReplayedEnrolment);
  },
  'host-enrolled': ({ host, actor, atMs, detail }, replay, report) => {
    const { enrolment, kid, nkey } = detail;
    const recorded = openEnrolment(enrolment, { host, atMs }, { replay, report });
    if (!recorded) return;
    if (actor !== host) report('entry', `${actor} becomes ${host}`);
    replay.put(['enrolments', enrolment], { ...recorded, usedMs: atMs });
    if (endKeys(host, atMs, { replay, report }))
      report('state', `${host} gets other keys, and was not removed`);
    const keys = { host, kid, nkey, labels: recorded.labels, labelChanges: [] };
    const life = { enrolledMs: atMs, endedMs: null };
    replay.put(['host_keys', enrolment], { ...keys, ...life } satisfies ReplayedHostKeys);
    replay.put(['active-keys', host], { enrolment } satisfies ReplayedActiveKeys);
  },
  'host-removal-signed': ({ host, actor, atMs, detail }, replay, report) => {
    const { enrolment, kid, token, trust } = detail;
    if (replay.get<ReplayedActiveKeys>(['active-keys', host])?.enrolment !== enrolment)
      report('state', `${actor} signs for the removal of ${host} as it is not enrolled`);
    byNewestTrust({ atMs, detail }, { replay, report });
    const key = ['host_removals', enrolment, actor, token] as const;
    if (replay.get(key)) return report('state', `${actor} signs for the removal of ${host} by a used token`);
    const labels = labelsOf(host, { replay, report });
    replay.put(key, { host, kid, labels, trust, atMs } satisfies ReplayedHostRemoval);
  },
  'host-removed': ({ host, atMs, detail }, replay, report) => {
    const { enrolment, kid, nkey, by, trust } = detail;
    const before = endKeys(host, atMs, { replay, report });
    if (before?.kid !== kid || before.nkey !== nkey)
      return report('state', `${host} is removed with the key ${kid}, which it does not have`);
    const removed = { trust, atMs };
    replay.put(['host_keys', enrolment], { ...before, endedMs: atMs, removed } satisfies ReplayedHostKeys);
    for (const { signer, token } of by) {
      const key = ['host_removals', enrolment, signer, token] as const;
      const signed = replay.get<ReplayedHostRemoval>(key);
      if (signed)
        replay.put(key, {
          ...signed,
          removed: { ...removed, labels: before.labels },
        } satisfies ReplayedHostRemoval);
      else report('state', `${host} is removed by ${signer}, who did not sign that`);
    }
  },
  'host-labels-signed': ({ host, actor, atMs, detail }, replay, report) => {
    const { enrolment, kid, number, labels, token, trust } = detail;
    byNewestTrust({ atMs, detail }, { replay, report });
    const keys = labelledKeys(host, detail, { replay, report });
    if (!keys) return;
    const key = ['host_labels', enrolment, actor, token] as const;
    if (replay.get(key)) return report('state', `${actor} signs for labels of ${host} by a used token`);
    const signed = { host, kid, number, labels, before: keys.labels, trust, atMs };
    replay.put(key, signed satisfies ReplayedHostLabels);
  },
  'host-labelled': ({ host, atMs, detail }, replay, report) => {
    const { enrolment, number, labels, by, trust } = detail;
    const keys = labelledKeys(host, detail, { replay, report });
    if (!keys) return;
    for (const { signer, token } of by) {
      const key = ['host_labels', enrolment, signer, token] as const;
      const signed = replay.get<ReplayedHostLabels>(key);
      if (signed?.labels === labels && signed.number === number)
        replay.put(key, { ...signed, counted: { trust, atMs } } satisfies ReplayedHostLabels);
      else report('state', `${host} gets labels by ${signer}, who did not sign for them`);
    }
    const change = { number, labels, trust, atMs };
    const after = { ...keys, labels, labelChanges: [...keys.labelChanges, change] };
    replay.put(['host_keys', enrolment], after satisfies ReplayedHostKeys);
  },
  'host-held': (entry, replay, report) => {
    const { host, detail } = entry;
    byController(entry, report);
    byActiveKey(host, detail, { replay, report });
    const { kid, why } = detail;
    const before = holdOf(host, kid, { replay, report });
    if (before?.why) report('state', `${host} is held a second time`);
    const held = { kid, why, heldMs: entry.atMs, acceptedMs: before?.acceptedMs ?? null };
    replay.put(['host_journals', host], held satisfies ReplayedHold);
  },
  'host-accepted': ({ host, actor, atMs, detail }, replay, report) => {
    const { kid, heldMs, reason, token, trust } = detail;
    byNewestTrust({ atMs, detail }, { replay, report });
    const hold = holdOf(host, kid, { replay, report });
    if (!hold?.why) report('state', `${host} is accepted, and was not held`);
    else if (hold.heldMs !== heldMs) report('state', `${host} is accepted after another hold`);
    const labels = labelsOf(host, { replay, report });
    const key = ['host_acceptances', host, actor, token] as const;
    if (replay.get(key)) return report('state', `${host} is accepted by a used token`);
    replay.put(key, { kid, heldMs, reason, labels, trust, atMs } satisfies ReplayedAcceptance);
    const accepted = { kid, why: null, heldMs: null, acceptedMs: atMs };
    replay.put(['host_journals', host], accepted satisfies ReplayedHold);
  },
};

/**
 * The keys of the host whose labels change; reports a finding if it is not that host, or not its next change.
 */
function labelledKeys(
  host: string,
  { enrolment, kid, number }: { readonly enrolment: string; readonly kid: string; readonly number: number },
  sink: ReplaySink,
): ReplayedHostKeys | undefined {
  const keys = activeKeys(host, sink);
  const active = sink.replay.get<ReplayedActiveKeys>(['active-keys', host]);
  if (active?.enrolment !== enrolment || keys?.kid !== kid)
    sink.report('state', `the labels of ${host} change as it is not enrolled`);
  else if (keys.labelChanges.length + 1 !== number)
    sink.report('state', `change ${number} of the labels of ${host} is not the next one`);
  else return keys;
  return undefined;
}

/** What the log recorded of the host's journal since it has this key. */
function holdOf(host: string, kid: string, { replay }: ReplaySink): ReplayedHold | undefined {
  const known = replay.get<ReplayedHold>(['host_journals', host]);
  return known?.kid === kid ? known : undefined;
}

/** Reports a finding if `kid` is not the host's key at this entry. */
export function byActiveKey(
  host: string,
  { kid }: { readonly kid: string },
  { replay, report }: ReplaySink,
): void {
  if (activeKeys(host, { replay, report })?.kid !== kid)
    report('state', `${host} speaks with the key ${kid}, with which it is not enrolled by then`);
}

function openEnrolment(
  enrolment: string,
  { host, atMs }: { readonly host: string; readonly atMs: number },
  { replay, report }: ReplaySink,
): ReplayedEnrolment | undefined {
  const recorded = replay.get<ReplayedEnrolment>(['enrolments', enrolment]);
  if (recorded?.host !== host) report('state', `nobody made an enrolment ${enrolment} of ${host}`);
  else if (recorded.usedMs !== null || recorded.revokedMs !== null || recorded.expiresAtMs <= atMs)
    report('state', `enrolment ${enrolment} is used, revoked or expired by then`);
  else return recorded;
  return undefined;
}

/** The labels with which the host is enrolled at this entry, as JSON; `{}` if it is not. */
export function labelsOf(host: string, sink: ReplaySink): string {
  return activeKeys(host, sink)?.labels ?? '{}';
}

function activeKeys(host: string, { replay }: ReplaySink): ReplayedHostKeys | undefined {
  const active = replay.get<ReplayedActiveKeys>(['active-keys', host]);
  return active?.enrolment ? replay.get<ReplayedHostKeys>(['host_keys', active.enrolment]) : undefined;
}

function endKeys(host: string, atMs: number, sink: ReplaySink): ReplayedHostKeys | undefined {
  const { replay } = sink;
  const active = replay.get<ReplayedActiveKeys>(['active-keys', host]);
  const keys = activeKeys(host, sink);
  if (!active || !keys) return undefined;
  replay.put(['host_keys', active.enrolment], { ...keys, endedMs: atMs } satisfies ReplayedHostKeys);
  replay.put(['active-keys', host], { enrolment: '' } satisfies ReplayedActiveKeys);
  return keys;
}
