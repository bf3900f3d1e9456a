import { callRequestCodec, orderEnvelopeCodec } from '../../../../shared/messages/index.ts';
import { type Outcome, provesNotRun } from '../../../../shared/outcome/index.ts';
import { inSlice, parseSelector, selectorMatches } from '../../../../shared/targets/index.ts';
import { sha256, splitCanonicalToken } from '../../../../shared/tokens/index.ts';
import type { ControllerParts } from '../../../kit/controller-kit.ts';
import { commitOne } from '../../../kit/controller-kit.ts';

/** What a host has written down about the request. */
interface Entry {
  readonly attempt: number;
  readonly outcome: Outcome;
}

/** How agents treat orders, in few words: the journal decides, and what ran never runs again. */
export interface ModelHost {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  isOnline: boolean;
  /** Newest last. */
  readonly journal: Entry[];
  /** How often the call ran, or may have. */
  runs: number;
  /** How each next call ends. */
  readonly ends: Outcome[];
}

/** A host that knows nothing. */
export function modelHost(name: string, labels: Readonly<Record<string, string>>): ModelHost {
  return { name, labels: { ...labels, host: name }, isOnline: true, journal: [], runs: 0, ends: [] };
}

/** Has the host take an order; says whether the call ran, or began to. */
export function takeOrder(host: ModelHost, envelope: Uint8Array, nowMs: number): boolean {
  const { request: bytes, order } = orderEnvelopeCodec.decode(envelope);
  const request = callRequestCodec.decode(bytes);
  const claims = splitCanonicalToken(order).payload as unknown as {
    readonly attempt: number;
    readonly wave: number;
    readonly slice: { readonly from: number; readonly to: number };
    readonly only?: readonly Outcome[];
  };
  const lookUp = (label: string) => (label === 'host' ? host.name : host.labels[label]);
  const inputs = (selector: string): boolean => selectorMatches(parseSelector(selector), lookUp);
  const own = request.rollout?.waves[claims.wave - 1]?.selector;
  if (!inputs(request.selector) || !inSlice(claims.slice, sha256(bytes), host.name)) return false;
  if ((own !== undefined && !inputs(own)) || request.expiresAtMs <= nowMs) return false;
  if (!mayTry(host, claims)) return false;
  const outcome = host.ends.shift() ?? 'returned';
  host.journal.push({ attempt: claims.attempt, outcome });
  if (provesNotRun(outcome)) return false;
  host.runs += 1;
  return true;
}

/**
 * As `Journal.mayTry` of the agent: an attempt that was answered is answered again, and never tried again.
 */
function mayTry(
  { journal }: ModelHost,
  { attempt, only }: { readonly attempt: number; readonly only?: readonly Outcome[] },
): boolean {
  const last = journal.at(-1);
  if (!last) return only === undefined || only.includes('unreachable');
  const nothingRan = journal.every(({ outcome }) => provesNotRun(outcome));
  return nothingRan && attempt > last.attempt && only?.includes(last.outcome) === true;
}

/** Has the host send what it has not heard of yet, or all of it again; what is refused it keeps. */
export async function deliver(parts: ControllerParts, requestId: string, host: ModelHost): Promise<void> {
  for (const { attempt, outcome } of host.journal) {
    const result = Buffer.from(`${requestId} ${host.name} ${attempt} ${outcome}`);
    const said = { requestId, host: host.name, attempt, outcome };
    await commitOne(parts, { ...said, result, digest: sha256(result), signature: 'signed' });
  }
}
