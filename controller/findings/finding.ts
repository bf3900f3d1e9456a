import { errnoName } from '../../shared/errno/index.ts';
import type { CallResult } from '../../shared/messages/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';

/**
 * The few words of a result by which reports group hosts: a function of the result's bytes, kept in short beside the
 * outcome so that a report need not decode every result of a fleet.
 */
export interface Finding {
  readonly attempt: number;
  readonly outcome: Outcome;
  /** Text of the value; of a long one its beginning. */
  readonly value?: string;
  /** SHA-256 of the whole text in hex, where that is longer. */
  readonly digest?: string;
  /** Name of the errno that the function returned or that the kernel had against the module: `EINVAL`. */
  readonly errno?: string;
  /** Error code. */
  readonly error?: string;
  /** Beginning of the error's text. */
  readonly message?: string;
}

/** Values with a longer text are the same where their digests are. */
const VALUE_CHARS = 300;
const MESSAGE_CHARS = 200;

/** The finding of a result. */
export function findingOf({ attempt, outcome, value, error, loaderErrno }: CallResult): Finding {
  const errno = value?.errnoName ?? (loaderErrno === undefined ? undefined : errnoName(loaderErrno));
  return {
    attempt,
    outcome,
    ...(value && valuePart(value.text)),
    ...(errno !== undefined && { errno: errno.replace(/^-/, '') }),
    ...(error && { error: error.code, message: error.message.slice(0, MESSAGE_CHARS) }),
  };
}

function valuePart(text: string): Pick<Finding, 'value' | 'digest'> {
  if (text.length <= VALUE_CHARS) return { value: text };
  const digest = Buffer.from(sha256(Buffer.from(text, 'utf8'))).toString('hex');
  return { value: `${text.slice(0, VALUE_CHARS)}…`, digest };
}

/** A finding as the store keeps it; equal findings have equal texts. */
export function findingText(finding: Finding): string {
  return JSON.stringify(finding);
}

/**
 * The finding in a row of the store whose host ended in `outcome`; undefined where it was not kept, or is about an
 * outcome that the host does not have any more.
 */
export function parseFinding(text: string | null, outcome: Outcome | null): Finding | undefined {
  if (text === null || outcome === null) return undefined;
  const finding = JSON.parse(text) as Finding;
  return finding.outcome === outcome ? finding : undefined;
}
