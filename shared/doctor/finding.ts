import { toFarcallError } from '../errors/index.ts';

/** `unfit`: the program cannot do its work as it is. `warning`: it can, and a person should look. */
export type Verdict = 'ok' | 'warning' | 'unfit';

/** What the doctor found in one place. */
export interface Finding {
  /** Where: a word or two for the first column. */
  readonly check: string;
  readonly verdict: Verdict;
  readonly text: string;
  /** What a person can do; undefined where nothing is wrong. */
  readonly remedy?: string;
}

/** That all is well. */
export function ok(check: string, text: string): Finding {
  return { check, verdict: 'ok', text };
}

/** That a person should look. */
export function warning(check: string, text: string, remedy: string): Finding {
  return { check, verdict: 'warning', text, remedy };
}

/** That the program cannot do its work as it is: a host can run no call, a controller cannot start. */
export function unfit(check: string, text: string, remedy: string): Finding {
  return { check, verdict: 'unfit', text, remedy };
}

/** What `look` says; if it throws, `unfit`, with the error's words. */
export function orUnfit(check: string, remedy: string, look: () => Finding): Finding {
  try {
    return look();
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    return unfit(check, `${message} [${code}]`, remedy);
  }
}
