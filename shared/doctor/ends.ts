import { X509Certificate } from 'node:crypto';
import { readTrustedCertificates } from '../tls/index.ts';
import { type Finding, ok, orUnfit, unfit, warning } from './finding.ts';

const HOUR_MS = 3_600_000;

/** When something ends, and what a person does before and after. */
export interface End {
  readonly endsAtMs: number;
  readonly nowMs: number;
  /** With less time left than this, a person should look. */
  readonly soonMs: number;
  /** What to do when little time is left. */
  readonly soon: string;
  /** What to do when it has ended. */
  readonly over: string;
}

/** What there is to say of `what`, which ends at some time: unfit once it has ended. */
export function ends(check: string, what: string, { endsAtMs, nowMs, soonMs, soon, over }: End): Finding {
  const leftMs = endsAtMs - nowMs;
  const hours = Math.floor(Math.abs(leftMs) / HOUR_MS);
  const time = hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
  if (leftMs <= 0) return unfit(check, `${what} ended ${time} ago`, over);
  const text = `${what} ends in ${time}`;
  return leftMs > soonMs ? ok(check, text) : warning(check, text, soon);
}

/** How long the first certificate in the PEM file `path` is still valid, and what renews it. */
export function examineCertificate(
  check: string,
  path: string,
  { nowMs, soonMs, renew }: Pick<End, 'nowMs' | 'soonMs'> & { readonly renew: string },
): Finding {
  return orUnfit(check, renew, () => {
    const { validFrom, validTo } = new X509Certificate(readTrustedCertificates(path));
    if (Date.parse(validFrom) > nowMs)
      return unfit(check, `${path} is not valid before ${validFrom}`, 'look at the clock of this machine');
    const end = { endsAtMs: Date.parse(validTo), nowMs, soonMs, soon: renew, over: renew };
    return ends(check, `the certificate ${path}`, end);
  });
}
