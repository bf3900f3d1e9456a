import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { joinedProgram } from '../joined-program.ts';
import type { AgentHome } from './agent-home.ts';

const STAND_IN = fileURLToPath(new URL('./stand-in-agent.ts', import.meta.url));

/** An agent in a process of its own. */
export interface AgentProcess {
  readonly child: ChildProcess;
  /** All that it has logged so far. */
  log(): string;
  /** Sends a signal and waits for the end; returns the exit code, or the signal that ended it. */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** Waits for the end. */
  ended(): Promise<number | NodeJS.Signals>;
}

/** How an agent is started. */
export interface AgentProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** For Node. */
  readonly nodeArgs?: readonly string[];
  /** Whether it serves several tests, and the test that started it ends it. */
  readonly lasting?: boolean;
}

/** Starts the agent of `home`; it is killed when the test has ended, unless it is to last. */
export function startAgentProcess(
  home: AgentHome,
  { env = {}, nodeArgs = [], lasting = false }: AgentProcessOptions = {},
): AgentProcess {
  const child = spawn(process.execPath, [...nodeArgs, joinedProgram(STAND_IN), '--config', home.configFile], {
    env: { ...process.env, FARCALL_TEST_LOADS: loadsFile(home), ...env },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const lines: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => lines.push(text));
  const exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  if (!lasting) onTestFinished(() => void child.kill('SIGKILL'));
  return {
    child,
    log: () => lines.join(''),
    ended: () => exit,
    kill(signal) {
      child.kill(signal);
      return exit;
    },
  };
}

/** Names of the modules that agents of `home` have loaded, in order. */
export function loadsOf(home: AgentHome): string[] {
  const path = loadsFile(home);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}

function loadsFile(home: AgentHome): string {
  return join(home.directory, 'loads');
}
