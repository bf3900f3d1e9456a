import type { AuditEntryView } from '../../shared/messages/index.ts';
import { formatTime } from './duration.ts';
import { printable } from './printable.ts';
import { hostCount } from './sums.ts';
import { type Detail, detailOf, TEXTS } from './timeline.ts';

type Told = Detail & Record<string, unknown>;
type Sentence = (entry: AuditEntryView, detail: Told) => string;

const HELD: Readonly<Record<string, string>> = {
  'went-back': 'its journal went back',
  'exists-twice': 'it exists twice',
  'record-forged': 'the record of its journal was forged',
};

function namesIn(list: unknown): string {
  return Array.isArray(list) ? list.map(each => String(each?.signer ?? each)).join(', ') : '';
}

function hostsIn(list: unknown): string {
  return hostCount(Array.isArray(list) ? list.length : Number(list ?? 0));
}

/** About single hosts of a request. */
const HOST_SENTENCES: Readonly<Record<string, Sentence>> = {
  'host-answered': ({ host }, { outcome }) => `${host} answered: ${outcome}`,
  'host-given-up': ({ host }, { outcome }) => `${host} was given up as ${outcome}`,
  'late-result': ({ host }, { outcome }) => `${host} answered late: ${outcome}`,
  'abort-obeyed': ({ host }, { progress }) => `${host} obeyed the abort: ${progress}`,
  'hosts-unreachable': (_entry, { hosts, wave }) => `${hostsIn(hosts)} of wave ${wave} stayed silent`,
  'hosts-retried': (_entry, { hosts, wave, attempt }) =>
    `${hostsIn(hosts)} of wave ${wave} try again, attempt ${attempt}`,
  'host-joined': ({ host }, { wave, answers }) =>
    `${host} is expected too, in wave ${wave}: it ${answers ? 'fits by now, and answers' : 'joined late'}`,
  'module-signed': ({ host }) => `a module for ${host} was signed`,
};

/** About the fleet, its people and its trust. */
const FLEET_SENTENCES: Readonly<Record<string, Sentence>> = {
  'host-registered': ({ host }) => `${host} said its first hello`,
  'host-facts': ({ host }, { changed }) => `${host} reports other facts: ${namesIn(changed)}`,
  'kernel-facts': ({ host }, { build }) => `${host} reported a kernel build that was not known: ${build}`,
  'enrolment-made': ({ actor, host }, { replace }) =>
    `${actor} made a token by which a machine becomes ${host}${replace ? ', in the place of the present one' : ''}`,
  'enrolment-revoked': ({ actor, host }) => `${actor} revoked the token for ${host}`,
  'host-enrolled': ({ host }, { replacedKid }) =>
    `a machine became ${host}${replacedKid ? ', in the place of another' : ''}`,
  'lock-set': ({ actor }, { what, name, reason }) => `${actor} locked the ${what} ${name}: ${reason}`,
  'lock-ended': ({ actor }, { what, name, reason }) => `${actor} unlocked the ${what} ${name}: ${reason}`,
  'host-removal-signed': ({ actor, host }) => `${actor} signed for the removal of ${host}`,
  'host-removed': ({ host }, { by }) => `${host} was removed by ${namesIn(by)}`,
  'host-labels-signed': ({ actor, host }, { labels }) =>
    `${actor} signed for other labels of ${host}: ${labels}`,
  'host-labelled': ({ host }, { labels, by }) => `${host} has other labels, by ${namesIn(by)}: ${labels}`,
  'host-held': ({ host }, { why }) => `${host} gets no orders: ${HELD[String(why)] ?? why}`,
  'host-accepted': ({ actor, host }, { reason }) => `${actor} let ${host} go on: ${reason}`,
  'trust-accepted': (_entry, { version, signers }) =>
    `trust bundle ${version} is in force, signed by ${namesIn(signers)}`,
  'console-signed-in': ({ actor }, { signInMethod }) =>
    `${actor} signed in at the console by ${signInMethod}`,
  'plan-made': ({ actor }, { plan, hosts, answered }) =>
    `${actor} made plan ${plan} for ${hostsIn(hosts)}; ${answered} answered`,
  'emergency-begun': (_entry, { reviewers, dueAtMs }) =>
    `${reviewers} must review the emergency until ${formatTime(Number(dueAtMs ?? 0))}`,
  'emergency-reviewed': ({ actor }, { verdict }) => `${actor} reviewed the emergency: ${verdict}`,
  'emergency-overdue': () => 'too few people reviewed the emergency in time',
  'log-witnessed': ({ actor }) => `${actor} verified the log and signed how far`,
  'checkpoint-conflict': ({ host }) => `${host ?? 'a witness'} holds a checkpoint that contradicts the log`,
};

/** A sentence for each kind of entry of the audit log. */
export const AUDIT_SENTENCES: Readonly<Record<string, Sentence>> = {
  ...TEXTS,
  ...HOST_SENTENCES,
  ...FLEET_SENTENCES,
};

/** What an entry of the audit log says, for people. A kind that is not known is shown by its name. */
export function auditSentence(entry: AuditEntryView): string {
  const sentence = Object.hasOwn(AUDIT_SENTENCES, entry.kind) ? AUDIT_SENTENCES[entry.kind] : undefined;
  return printable(sentence ? sentence(entry, detailOf(entry)) : entry.kind.replaceAll('-', ' '));
}
