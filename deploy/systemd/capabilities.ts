import { readFileSync } from 'node:fs';

/**
 * The command that runs `command` with the capabilities of the agent's systemd unit, and no way to gain more.
 * For machines without systemd, such as those of tests.
 */
export function withRightsOfUnit(command: readonly string[]): string[] {
  const unit = readFileSync(new URL('farcall-agent.service', import.meta.url), 'utf8');
  const names = /^CapabilityBoundingSet=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  const set = ['-all', ...names.map(name => name.replace('CAP_', '+').toLowerCase())].join(',');
  return ['setpriv', '--no-new-privs', '--inh-caps', '-all', '--bounding-set', set, '--', ...command];
}
