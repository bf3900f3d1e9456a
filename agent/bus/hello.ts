import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import {
  type HostFacts,
  hostFactsCodec,
  hostHelloCodec,
  PROTOCOL_VERSION,
} from '../../shared/messages/index.ts';
import type { HostIdentity } from '../identity/index.ts';
import type { ReportedKernelFacts } from '../stages/index.ts';
import type { Bus } from './bus.ts';

/** The contents of a hello, and how it is sent. */
export interface HelloOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly identity: HostIdentity;
  readonly agentVersion: string;
  /** Reads the kernel's facts again. */
  readonly facts: () => ReportedKernelFacts;
  /** What this host goes by, besides its kernel. */
  readonly terms: () => Pick<HostFacts, 'policy' | 'credentialEndsAtMs' | 'unfit' | 'probes'>;
  /** The newest checkpoint of the controller's audit log that this host holds. */
  readonly checkpoint: () => string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Tells controllers, signed, what this host is and what its kernel lets us do. Its methods log failures and
 * never throw.
 */
export class Hello {
  readonly #options: HelloOptions;
  #lastSent: string | undefined;

  constructor(options: HelloOptions) {
    this.#options = options;
  }

  /** Sends a hello, also if nothing has changed since the last one. */
  async send(): Promise<void> {
    await this.#orLog(() => this.#send());
  }

  /**
   * Sends a hello if the facts have changed since the last one; a call may have tainted the kernel.
   */
  async sendIfChanged(): Promise<void> {
    await this.#orLog(async () => {
      if (this.#lastSent !== undefined && JSON.stringify(this.#changing()) !== this.#lastSent)
        await this.#send();
    });
  }

  /** What may change from one hello to the next. */
  #changing(): ReportedKernelFacts & ReturnType<HelloOptions['terms']> & Pick<HostFacts, 'labels'> {
    const { facts, terms, identity } = this.#options;
    return { ...facts(), ...terms(), labels: { ...identity.labels } };
  }

  async #send(): Promise<void> {
    const { identity, agentVersion, clock, bus } = this.#options;
    const checkpoint = this.#options.checkpoint();
    const changing = this.#changing();
    const facts: HostFacts = {
      ...changing,
      protocol: PROTOCOL_VERSION,
      host: identity.host,
      agentVersion,
      publicKey: JSON.stringify(identity.key.publicJwk),
      observedAtMs: clock.nowMs(),
      ...(checkpoint === undefined ? {} : { checkpoint }),
    };
    const bytes = hostFactsCodec.encode(facts);
    const signature = await identity.sign('facts', bytes, clock.nowMs());
    bus.publish('hello', hostHelloCodec.encode({ facts: bytes, signature }));
    this.#lastSent = JSON.stringify(changing);
  }

  async #orLog(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#options.log.error({ err: error }, 'the hello cannot be sent');
    }
  }
}
