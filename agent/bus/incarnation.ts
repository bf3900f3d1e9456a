import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { FarcallError } from '../../shared/errors/index.ts';
import { type JournalPositionMessage, journalStatementCodec } from '../../shared/messages/index.ts';
import { type Keyring, verifyToken } from '../../shared/tokens/index.ts';
import type { HostIdentity } from '../identity/index.ts';
import type { ForwardClock, Journal } from '../journal/index.ts';

/** The journal that speaks for this host, and by what its controllers are known. */
export interface IncarnationOptions {
  readonly journal: Pick<Journal, 'incarnate' | 'position' | 'restart'>;
  readonly identity: Pick<HostIdentity, 'host' | 'site' | 'sign'>;
  readonly clock: Pick<ForwardClock, 'nowMs' | 'see' | 'seenMs'>;
  /** The keys of the controllers that this host obeys now. */
  readonly controllers: () => Keyring;
  readonly log: Logger;
  /** Is told what a controller says of each incarnation: undefined if it admits it, else why it holds it. */
  readonly onVerdict?: (held: string | undefined) => void;
}

/** A host's statement about its journal, as it travels. */
export interface SignedJournalStatement {
  readonly journal: Uint8Array;
  readonly signature: string;
}

/** A controller's reply to it: a token that admits this incarnation, or the reason why it does not. */
export interface AdmissionReply {
  readonly admission?: string | undefined;
  readonly held: string;
}

const NAME_BYTES = 16;

/**
 * This host from one connection to the next. It runs orders only while a controller admits it.
 *
 * Threat: the disk of a host is put back to an earlier state, or copied to a second machine, and its journal
 * does not know what ran. The host cannot notice that itself. So it says at each connection how far its
 * journal has come; a controller, which remembers that, admits it for some minutes, and holds a host that
 * went back or exists twice. Each incarnation has a random name, in the journal too, so that two copies of
 * one journal differ as soon as either has connected. See README.md for what this does not prevent.
 */
export class Incarnation {
  readonly #options: IncarnationOptions;
  #name: Uint8Array | undefined;
  #admittedUntilMs = 0;
  #waiting: PromiseWithResolvers<void>[] = [];
  #refusal: string | undefined;
  #lastStatementMs = 0;

  constructor(options: IncarnationOptions) {
    this.#options = options;
  }

  /** Begins the next incarnation. To be called after each connection. Never throws. */
  begin(): void {
    const { journal, clock, log } = this.#options;
    const name = randomBytes(NAME_BYTES);
    this.#name = undefined;
    this.#admittedUntilMs = 0;
    try {
      journal.incarnate(name.toString('base64url'), clock.seenMs);
      this.#name = name;
    } catch (error) {
      log.error({ err: error }, 'the agent cannot write its journal: it gets no orders');
    }
  }

  /** What to say to a controller. Throws JOURNAL_FAILED if the journal does not have this incarnation. */
  async statement(): Promise<SignedJournalStatement> {
    const { identity, clock } = this.#options;
    const position = this.#position();
    if (!position)
      throw new FarcallError('JOURNAL_FAILED', 'the journal does not have this incarnation of the host');
    // Statements of one host are in the order of their times.
    this.#lastStatementMs = Math.max(this.#lastStatementMs + 1, clock.nowMs());
    const observedAtMs = this.#lastStatementMs;
    const journal = journalStatementCodec.encode({ host: identity.host, position, observedAtMs });
    return { journal, signature: await identity.sign('journal', journal, clock.nowMs()) };
  }

  /**
   * Takes a controller's reply to {@link statement}. Throws the token's codes, TOKEN_CLAIMS if the token is
   * for another host or incarnation, and JOURNAL_FAILED.
   *
   * Threat: a recorded admission is sent to a host whose disk was put back. It names the incarnation, which
   * is random and new at each connection.
   */
  async take({ admission, held }: AdmissionReply): Promise<void> {
    if (admission === undefined) return this.#hold(held);
    const { controllers, clock, identity, journal, log } = this.#options;
    const { claims } = await verifyToken('admission', admission, {
      ...{ site: identity.site, keyring: controllers() },
      nowMs: clock.nowMs(),
    });
    const name = this.#name && Buffer.from(this.#name).toString('base64url');
    if (claims.host !== identity.host || claims.incarnation !== name)
      throw new FarcallError('TOKEN_CLAIMS', 'the admission is for another incarnation of this host');
    clock.see(claims.iat * 1000);
    if (claims.since !== undefined) journal.restart(claims.since * 1000);
    if (this.#refusal !== undefined) log.warn('a controller admits this host again');
    if (this.#refusal !== undefined || this.#admittedUntilMs === 0) this.#options.onVerdict?.(undefined);
    this.#refusal = undefined;
    this.#admittedUntilMs = claims.exp * 1000;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /**
   * The position of the journal for messages to controllers; undefined while no controller admits this host.
   */
  position(): JournalPositionMessage | undefined {
    return this.#isAdmitted() ? this.#position() : undefined;
  }

  /**
   * Resolves once a controller admits this host. Throws CONFLICT if one says that the host may run nothing.
   */
  admitted(): Promise<void> {
    if (this.#isAdmitted()) return Promise.resolve();
    const entry = Promise.withResolvers<void>();
    this.#waiting.push(entry);
    if (this.#refusal !== undefined) this.#refuse(this.#refusal);
    return entry.promise;
  }

  /** Lets go of the orders that wait for an admission: they are still open at the controller. */
  stop(): void {
    this.#refuse('the agent stops');
  }

  #hold(reason: string): void {
    if (reason !== this.#refusal) {
      this.#options.log.error({ reason }, 'the controller holds this host: it runs nothing');
      this.#options.onVerdict?.(reason);
    }
    this.#refuse(reason);
  }

  #refuse(reason: string): void {
    this.#admittedUntilMs = 0;
    this.#refusal = reason;
    for (const { reject } of this.#waiting.splice(0)) reject(new FarcallError('CONFLICT', reason));
  }

  #isAdmitted(): boolean {
    return this.#options.clock.nowMs() < this.#admittedUntilMs;
  }

  #position(): JournalPositionMessage | undefined {
    const { sequence, head } = this.#options.journal.position;
    return this.#name && { incarnation: this.#name, sequence, head };
  }
}
