import { fileURLToPath } from 'node:url';
import type { Machine } from '../../../tools/machine/index.ts';
import { type GuestKernel, openGuestKernel } from './guest-kernel.ts';
import { GuestSession } from './guest-session.ts';
import type { GuestStep } from './programs-in-guest.ts';

const AGENT = fileURLToPath(new URL('./guest-agent.ts', import.meta.url));
const LOADER = fileURLToPath(new URL('./guest-loader.ts', import.meta.url));

/** A guest in which steps are taken. What it needs for some of them only starts with the first of these. */
export class Guest implements AsyncDisposable {
  readonly machine: Machine;
  readonly #stack = new AsyncDisposableStack();
  readonly #steps: readonly GuestStep[];
  #agent: Promise<GuestSession<'kernel' | 'compile' | 'program' | 'plan'>> | undefined;
  #loader: Promise<GuestSession<'load' | 'read' | 'child' | 'end-child'>> | undefined;
  #kernel: Promise<GuestKernel> | undefined;

  constructor(machine: Machine, steps: readonly GuestStep[]) {
    this.machine = machine;
    this.#steps = steps;
  }

  /** The agent's code, with a kernel that it has read. */
  agent(): Promise<GuestSession<'kernel' | 'compile' | 'program' | 'plan'>> {
    this.#agent ??= this.#using(GuestSession.start(this.machine, AGENT));
    return this.#agent;
  }

  /** What loads modules and reads files. */
  loader(): Promise<GuestSession<'load' | 'read' | 'child' | 'end-child'>> {
    this.#loader ??= this.#using(GuestSession.start(this.machine, LOADER));
    return this.#loader;
  }

  /** The kernel as it was at the first call. */
  kernel(): Promise<GuestKernel> {
    this.#kernel ??= this.#openKernel();
    return this.#kernel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #openKernel(): Promise<GuestKernel> {
    const there = await (await this.agent()).ask({ do: 'kernel' });
    return await this.#using(openGuestKernel(this.machine, there, this.#steps));
  }

  async #using<T extends Disposable | AsyncDisposable>(starting: Promise<T>): Promise<T> {
    return this.#stack.use(await starting);
  }
}
