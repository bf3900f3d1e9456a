import type { Machine } from '../../../tools/machine/index.ts';
import { type GuestKernel, openGuestKernel } from './guest-kernel.ts';
import { type AgentSession, type GuestSessions, type LoaderSession, sessionsIn } from './guest-sessions.ts';
import type { GuestStep } from './programs-in-guest.ts';

/** A guest in which steps are taken. What it needs for some of them only starts with the first of these. */
export class Guest implements AsyncDisposable {
  readonly machine: Machine;
  readonly #steps: readonly GuestStep[];
  readonly #sessions: GuestSessions;
  #kernel: Promise<GuestKernel> | undefined;

  constructor(machine: Machine, steps: readonly GuestStep[]) {
    this.machine = machine;
    this.#steps = steps;
    this.#sessions = sessionsIn(machine);
  }

  /** The agent's code, with a kernel that it has read. */
  agent(): Promise<AgentSession> {
    return this.#sessions.agent();
  }

  /** What loads modules and reads files. */
  loader(): Promise<LoaderSession> {
    return this.#sessions.loader();
  }

  /** The kernel as it was at the first call. */
  kernel(): Promise<GuestKernel> {
    this.#kernel ??= this.#openKernel();
    return this.#kernel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const kernel = await this.#kernel?.catch(() => undefined);
    kernel?.[Symbol.dispose]();
    await this.#sessions.keepCompiled();
  }

  async #openKernel(): Promise<GuestKernel> {
    const there = await (await this.agent()).ask({ do: 'kernel' });
    return await openGuestKernel(this.machine, there, this.#steps);
  }
}
