import { fileURLToPath } from 'node:url';
import type { Machine } from '../../../tools/machine/index.ts';
import type { Orders } from './guest-orders.ts';
import { keepCompiled } from './guest-script.ts';
import { GuestSession } from './guest-session.ts';

const AGENT = fileURLToPath(new URL('./guest-agent.ts', import.meta.url));
const LOADER = fileURLToPath(new URL('./guest-loader.ts', import.meta.url));

/** The agent's code in a guest. */
export type AgentSession = GuestSession<'kernel' | 'compile' | 'program' | 'plan' | 'flush'>;
/** What loads modules in a guest. */
export type LoaderSession = GuestSession<'load' | 'read' | 'child' | 'end-child' | 'flush'>;

// On globalThis, as the machines that test files share.
const SESSIONS = Symbol.for('farcall.test.guest-sessions');
const holder = globalThis as typeof globalThis & { [SESSIONS]?: WeakMap<Machine, GuestSessions> };

/**
 * The sessions in a guest, which all test files of this process share as they share the machine: to start
 * Node and to read the kernel takes an emulated CPU longer than to boot. They end with the machine.
 */
export function sessionsIn(machine: Machine): GuestSessions {
  holder[SESSIONS] ??= new WeakMap();
  const sessions = holder[SESSIONS].get(machine) ?? new GuestSessions(machine);
  holder[SESSIONS].set(machine, sessions);
  return sessions;
}

/** Sessions in one guest. Each starts when it is first wanted, and again if its program has ended. */
export class GuestSessions {
  readonly #machine: Machine;
  readonly #running = new Map<string, Promise<GuestSession<keyof Orders>>>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  agent(): Promise<AgentSession> {
    return this.#session(AGENT);
  }

  loader(): Promise<LoaderSession> {
    return this.#session(LOADER);
  }

  /** Keeps what the programs compiled, for guests to come. */
  async keepCompiled(): Promise<void> {
    for (const [source, starting] of this.#running) {
      const session = await starting;
      await keepCompiled(this.#machine, source, () => session.ask({ do: 'flush' }));
    }
  }

  #session(source: string): Promise<GuestSession<keyof Orders>> {
    const running = this.#running.get(source) ?? this.#start(source);
    this.#running.set(source, running);
    return running;
  }

  async #start(source: string): Promise<GuestSession<keyof Orders>> {
    const session = await GuestSession.start<keyof Orders>(this.#machine, source);
    session.ended.then(() => this.#running.delete(source));
    return session;
  }
}
