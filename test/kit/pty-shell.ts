import { spawn } from 'node:child_process';

/** An interactive shell on a terminal of its own, driven key by key. */
export interface PtyShell {
  /** Types. */
  send(keys: string): void;
  /**
   * Resolves to the match of `wanted` in what was shown since the last match, without colours and cursor
   * movements.
   */
  until(wanted: RegExp, retry?: Retry): Promise<RegExpExecArray>;
  end(): Promise<void>;
}

/** Keys that are typed again until what is wanted is shown: a shell on a busy machine may drop some. */
export interface Retry {
  readonly keys: string;
  readonly everyMs: number;
}

/** ECMA-48 control sequences, those that set titles, and single control characters but for line feed. */
const ESCAPES = new RegExp(
  [
    '\\u001b\\[[0-9;?<=>]*[ -/]*[@-~]',
    '\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)',
    '\\u001b[()][A-Z0-9]',
    '\\u001b[=>78]',
    '[\\u0000-\\u0009\\u000b-\\u001a]',
  ].join('|'),
  'g',
);

/** Starts `command` on a pseudo terminal, which script(1) of util-linux makes. */
export function ptyShell(
  command: string,
  { cwd, env }: { readonly cwd: string; readonly env: Record<string, string> },
): PtyShell {
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    ...{ cwd, env, stdio: ['pipe', 'pipe', 'inherit'] },
  });
  let shown = '';
  let look = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    shown += piece;
    look();
  });
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  return {
    send: keys => void child.stdin.write(keys),
    until: (wanted, retry) =>
      new Promise((resolve, reject) => {
        const again = retry && setInterval(() => child.stdin.write(retry.keys), retry.everyMs);
        void ended.then(() => clearInterval(again));
        look = () => {
          const found = wanted.exec(shown.replace(ESCAPES, ''));
          if (!found) return;
          clearInterval(again);
          shown = '';
          look = () => {};
          resolve(found);
        };
        void ended.then(() => reject(new Error(`the shell ended; it showed ${JSON.stringify(shown)}`)));
        look();
      }),
    async end() {
      child.stdin.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
