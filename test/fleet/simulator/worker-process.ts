import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { joinedProgram } from '../../kit/joined-program.ts';
import type { Answer, Command, HostOrder } from './messages.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

type CommandBody = Command extends infer C ? (C extends Command ? Omit<C, 'id'> : never) : never;

/** A process full of agents. */
export class WorkerProcess {
  readonly #folder: string;
  readonly #hosts: readonly HostOrder[];
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  #child: ChildProcess | undefined;
  #nextId = 0;

  constructor(folder: string, hosts: readonly HostOrder[]) {
    this.#folder = folder;
    this.#hosts = hosts;
  }

  /** Starts the process and its agents; resolves when all that are not offline were connected once. */
  async start(): Promise<void> {
    // WARNING: thousands of certificates and sockets; the default heap would be spent on garbage collection.
    this.#child = fork(joinedProgram(WORKER), [this.#folder], { execArgv: ['--max-semi-space-size=64'] });
    this.#child.on('message', (answer: Answer) => this.#take(answer));
    this.#child.on('exit', () => this.#failAll(new Error('the worker ended')));
    await this.tell({ do: 'start', hosts: this.#hosts });
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  tell(command: CommandBody): Promise<Answer> {
    const id = this.#nextId++;
    const answer = Promise.withResolvers<Answer>();
    this.#waiting.set(id, answer);
    this.#child?.send({ ...command, id });
    return answer.promise;
  }

  /** SIGKILL: all its hosts crash at one moment. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  #take({ id, ...answer }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (answer.failed === undefined) waiting?.resolve({ id, ...answer });
    else waiting?.reject(new Error(answer.failed));
  }

  #failAll(error: Error): void {
    for (const { promise, reject } of this.#waiting.values()) {
      promise.catch(() => undefined);
      reject(error);
    }
    this.#waiting.clear();
  }
}
