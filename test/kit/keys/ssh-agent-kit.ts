import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';

/** The ssh-agent of OpenSSH. */
export interface SshAgent {
  readonly socket: string;
  /** Makes a key with that comment, and adds it; its fingerprint. */
  add(comment: string, type?: 'ed25519' | 'ecdsa'): string;
  /** `ssh-add ARGS`, with a line of standard input. */
  sshAdd(args: readonly string[], input?: string): void;
  end(): void;
}

/** Starts an agent with its socket and keys in `folder`. */
export async function sshAgent(folder: string): Promise<SshAgent> {
  const socket = join(folder, 'agent.sock');
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  await eventually('the ssh-agent listens', () => existsSync(socket));
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  let made = 0;
  const sshAdd: SshAgent['sshAdd'] = (args, input = '') =>
    void execFileSync('ssh-add', args, { env, input, stdio: 'pipe' });
  return {
    socket,
    sshAdd,
    add(comment, type = 'ed25519') {
      const file = join(folder, `key-${made++}`);
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', comment, '-f', file]);
      sshAdd(['-q', file]);
      const listed = execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' });
      return listed.split(' ')[1] ?? '';
    },
    end: () => void child.kill('SIGKILL'),
  };
}
