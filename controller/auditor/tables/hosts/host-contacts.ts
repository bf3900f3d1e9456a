import { issuedAtS, type Schema } from '../../../store/index.ts';
import type { ReplayedHost, TableCheck } from '../../replay/index.ts';

type Row = Schema['host_contacts'];

/** Clock tolerance of tokens, and a second for rounding. */
const SKEW_MS = 31_000;

/**
 * When a host was heard of. The log does not record it, because every message moves it; it can still not lie
 * before the facts that the log records.
 */
export const hostContactsCheck: TableCheck<Row> = {
  keyOf: ({ host }) => [host],
  recorded: 'none',
  check({ host, last_seen_ms, facts_signed_at_s }, { replay }, report) {
    const recorded = replay.get<ReplayedHost>(['hosts', host]);
    if (!recorded) return report('state', 'the log records no such host');
    if (last_seen_ms < recorded.factsMs) report('content', 'it was last seen before its facts came');
    if (facts_signed_at_s < (replay.get<SignedFacts>(['facts-signed', host])?.iat ?? 0))
      report('content', 'facts_signed_at_s lies before the signature of the facts');
    if (facts_signed_at_s * 1000 > last_seen_ms + SKEW_MS)
      report('content', 'facts_signed_at_s lies after the host was last seen');
  },
};

/** When the token over a host's stored facts was signed. */
interface SignedFacts {
  readonly iat: number;
}

/** When the facts in a host's row were signed, by their token. */
export function signedFactsOf({ facts_signature }: Schema['hosts']): SignedFacts {
  return { iat: issuedAtS(facts_signature) ?? 0 };
}
