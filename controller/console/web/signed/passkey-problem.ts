import { PageMessage } from '../text/index.ts';

/** How long a browser waits for the person, in milliseconds. */
export const ANSWER_LIMIT_MS = 120_000;

/**
 * What a browser's error means for a person, `afterMs` after they were asked. NotAllowedError is both a
 * person who cancelled and a question that nobody answered (WebAuthn level 3, section 5.1.4.1, step 21), so
 * that only the time tells them apart.
 */
export function problemOf(thrown: unknown, afterMs: number): PageMessage {
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'NotAllowedError')
    return afterMs < ANSWER_LIMIT_MS
      ? new PageMessage('You cancelled. Nothing was signed.', 'held')
      : new PageMessage('Nobody answered for two minutes. Nothing was signed.', 'held');
  if (name === 'SecurityError')
    return new PageMessage(
      'The browser does not allow the passkey at this address. Open the console at the address in its settings.',
    );
  if (name === 'InvalidStateError')
    return new PageMessage('This device already has a passkey for this person.');
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new PageMessage(`The browser could not use the passkey: ${message}`);
}
