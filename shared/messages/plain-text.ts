import { z } from 'zod';

/** Control characters: Unicode's category Cc, which is C0, DEL and C1. */
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_TAB = /(?!\t)\p{Cc}/u;
const CONTROLS_BUT_LINES = /(?![\t\n])\p{Cc}/gu;

/** Whether `text` has a control character. */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

/**
 * Schema of a line of text for people, from a host: at most `chars` characters, of which none is a control
 * character but tabs.
 *
 * Threat: PostgreSQL stores no NUL in a text, and what one host sends is stored together with what others
 * send. So a text that the store refuses would keep out the statements of other hosts. A terminal must not
 * obey a host either.
 */
export const lineText = (chars: number) =>
  z
    .string()
    .max(chars)
    .refine(text => !CONTROL_BUT_TAB.test(text), 'text without control characters');

/** Schema of text of several lines from a host, as {@link lineText} otherwise. */
export const linesText = (chars: number) =>
  z
    .string()
    .max(chars)
    .refine(text => text.search(CONTROLS_BUT_LINES) < 0, 'text without control characters');

/**
 * `text` with each control character but tab and newline written as `\xNN`, as the kernel writes them in
 * /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
 */
export function withoutControls(text: string): string {
  return text.replace(
    CONTROLS_BUT_LINES,
    control => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
