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

/** What a hello says, and how it is sent. */
export interface HelloOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly identity: HostIdentity;
  readonly agentVersion: string;
  /** Reads the kernel's facts anew. */
  readonly facts: () => ReportedKernelFacts;
  /** The newest checkpoint of the controller's audit log that this host holds. */
  readonly checkpoint: () => string | undefined;
  readonly clock: Clock;
}

/** Tells controllers, signed, what this host is and what its kernel lets us do. */
export class Hello {
  readonly #options: HelloOptions;
  #lastSaid: string | undefined;

  constructor(options: HelloOptions) {
    this.#options = options;
  }

  /** Says it, whether or not it was said before. */
  async say(): Promise<void> {
    const { identity, agentVersion, clock, bus } = this.#options;
    const checkpoint = this.#options.checkpoint();
    const kernel = this.#options.facts();
    const facts: HostFacts = {
      ...kernel,
      protocol: PROTOCOL_VERSION,
      host: identity.host,
      labels: { ...identity.labels },
      agentVersion,
      publicKey: JSON.stringify(identity.key.publicJwk),
      observedAtMs: clock.nowMs(),
      ...(checkpoint === undefined ? {} : { checkpoint }),
    };
    const bytes = hostFactsCodec.encode(facts);
    const signature = await identity.sign('facts', bytes, clock.nowMs());
    bus.publish('hello', hostHelloCodec.encode({ facts: bytes, signature }));
    this.#lastSaid = JSON.stringify(kernel);
  }

  /** Says it where the kernel's facts have changed since, as a call may taint the kernel. */
  async sayIfChanged(): Promise<void> {
    if (this.#lastSaid !== undefined && JSON.stringify(this.#options.facts()) !== this.#lastSaid)
      await this.say();
  }
}
