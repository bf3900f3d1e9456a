/**
 * What the page itself says to the person: they cancelled, their browser or passkey cannot do it, or what the
 * controller asks to sign is wrong. It has no code, since nothing is to be looked up or reported.
 */
export class PageMessage extends Error {
  /** `held` where nothing is wrong, and the person decided so. */
  readonly tone: 'held' | 'bad';

  constructor(message: string, tone: 'held' | 'bad' = 'bad') {
    super(message);
    this.name = 'PageMessage';
    this.tone = tone;
  }
}
