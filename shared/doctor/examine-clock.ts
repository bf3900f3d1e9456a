import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Finding, ok, warning } from './finding.ts';

/** Whether something keeps the clock right, as far as systemd knows; nothing where there is no systemd. */
export async function examineClock(): Promise<readonly Finding[]> {
  try {
    const args = ['show', '--property=NTPSynchronized', '--value'];
    const { stdout } = await promisify(execFile)('timedatectl', args, { timeout: 5000 });
    if (stdout.trim() === 'yes') return [ok('clock', 'the clock is synchronised')];
    return [
      warning(
        'clock',
        'nothing synchronises the clock',
        'run chrony or systemd-timesyncd: orders do not count on a host whose clock is minutes off',
      ),
    ];
  } catch {
    return [];
  }
}
