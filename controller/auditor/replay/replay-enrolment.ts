import type { AuditKind } from '../../store/index.ts';
import type { ActiveKeysNote, EnrolmentNote, HostKeysNote } from './notes.ts';
import type { Replay, Telling } from './replayed-entry.ts';

type EnrolmentKind = Extract<
  AuditKind,
  'enrolment-made' | 'enrolment-revoked' | 'host-enrolled' | 'host-removed'
>;

/** What each kind of entry means that is about becoming a host, or ceasing to be one. */
export const REPLAY_ENROLMENT: { readonly [K in EnrolmentKind]: Replay<K> } = {
  'enrolment-made': ({ host, actor, atMs, detail }, notes, complain) => {
    const { enrolment, ...said } = detail;
    if (notes.get(['enrolments', enrolment]))
      return complain('state', `enrolment ${enrolment} is made a second time`);
    const made = { host, madeBy: actor, madeMs: atMs, usedMs: null, revokedMs: null };
    notes.put(['enrolments', enrolment], { ...said, ...made } satisfies EnrolmentNote);
  },
  'enrolment-revoked': ({ host, atMs, detail }, notes, complain) => {
    const note = openEnrolment(detail.enrolment, { host, atMs }, { notes, complain });
    if (note) notes.put(['enrolments', detail.enrolment], { ...note, revokedMs: atMs });
  },
  'host-enrolled': ({ host, actor, atMs, detail }, notes, complain) => {
    const { enrolment, kid, nkey, replacedKid } = detail;
    const note = openEnrolment(enrolment, { host, atMs }, { notes, complain });
    if (!note) return;
    if (actor !== host) complain('entry', `${actor} becomes ${host}`);
    notes.put(['enrolments', enrolment], { ...note, usedMs: atMs });
    const before = endKeys(host, atMs, { notes, complain });
    if (before && !note.replace)
      complain('state', `${host} gets other keys by an enrolment that does not replace`);
    if (before?.kid !== replacedKid) complain('state', `it replaces ${replacedKid ?? 'no key'}`);
    const keys = { host, kid, nkey, labels: note.labels, enrolledMs: atMs, endedMs: null };
    notes.put(['host_keys', enrolment], keys satisfies HostKeysNote);
    notes.put(['active-keys', host], { enrolment } satisfies ActiveKeysNote);
  },
  'host-removed': ({ host, atMs, detail }, notes, complain) => {
    const before = endKeys(host, atMs, { notes, complain });
    if (before?.kid !== detail.kid || before.nkey !== detail.nkey)
      complain('state', `${host} is removed with the key ${detail.kid}, which it does not have`);
  },
};

/** Complains where `kid` is not the key that the host has at this place of the log. */
export function byActiveKey(
  host: string,
  { kid }: { readonly kid: string },
  { notes, complain }: Telling,
): void {
  if (activeKeys(host, { notes, complain })?.kid !== kid)
    complain('state', `${host} speaks with the key ${kid}, with which it is not enrolled by then`);
}

function openEnrolment(
  enrolment: string,
  { host, atMs }: { readonly host: string; readonly atMs: number },
  { notes, complain }: Telling,
): EnrolmentNote | undefined {
  const note = notes.get<EnrolmentNote>(['enrolments', enrolment]);
  if (note?.host !== host) complain('state', `nobody made an enrolment ${enrolment} of ${host}`);
  else if (note.usedMs !== null || note.revokedMs !== null || note.expiresAtMs <= atMs)
    complain('state', `enrolment ${enrolment} is used, revoked or expired by then`);
  else return note;
  return undefined;
}

function activeKeys(host: string, { notes }: Telling): HostKeysNote | undefined {
  const active = notes.get<ActiveKeysNote>(['active-keys', host]);
  return active?.enrolment ? notes.get<HostKeysNote>(['host_keys', active.enrolment]) : undefined;
}

function endKeys(host: string, atMs: number, telling: Telling): HostKeysNote | undefined {
  const { notes } = telling;
  const active = notes.get<ActiveKeysNote>(['active-keys', host]);
  const keys = activeKeys(host, telling);
  if (!active || !keys) return undefined;
  notes.put(['host_keys', active.enrolment], { ...keys, endedMs: atMs } satisfies HostKeysNote);
  notes.put(['active-keys', host], { enrolment: '' } satisfies ActiveKeysNote);
  return keys;
}
