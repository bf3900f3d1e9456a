import { randomUUID } from 'node:crypto';
import { Argument } from 'commander';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { LOCK_KINDS, type LockKind, type LockView } from '../../../../shared/messages/index.ts';
import { tokenDigest } from '../../../../shared/tokens/index.ts';
import {
  type AddCommand,
  addHelp,
  checkedReason,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  signNow,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../../session/index.ts';

interface LockOptions extends CommonOptions {
  readonly reason: string;
}

/** What a lock is on, as the command line names it. */
interface Target {
  readonly kind: LockKind;
  readonly name: string;
}

const whatArgument = (): Argument => new Argument('<what>', 'what is locked').choices([...LOCK_KINDS]);

/** `farcall lock`. It asks for no confirmation, so that a person who sees a theft can act at once. */
export const addLock: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('lock'))
    .summary('take rights away at once: of a host, person or controller')
    .description(
      'Locks a host, person or controller at once, until somebody unlocks it or a trust bundle lists other keys.',
    )
    .addArgument(whatArgument())
    .argument('<name>', 'name of the host, or of the person or controller in the trust bundle')
    .requiredOption('--reason <text>', 'the reason, which is signed too');
  addHelp(command, {
    notes: [
      'A locked host gets no orders, is not heard, and is off the broker. Of a locked person nothing counts at the',
      'controllers: approvals, requests, tokens and sessions. A locked controller orders nothing and is off the broker.',
      'Hosts learn of locked people only from the next trust bundle. Abort what was ordered already: farcall abort.',
    ],
    examples: [
      "lock host web-1 --reason 'disk was stolen'",
      "lock person bob --reason 'laptop was stolen'",
      "lock controller ctl-2 --reason 'credentials leaked'",
    ],
    exits: REMOTE_EXITS,
  }).action(async (kind: LockKind, name: string, options: LockOptions) =>
    exitWith(await change(context, { kind, name }, options, 'lock')),
  );
};

/** `farcall unlock`. */
export const addUnlock: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('unlock'))
    .summary('end a lock')
    .description(
      'Ends a lock. A host can connect again; a person or controller has the rights of the trust bundle.',
    )
    .addArgument(whatArgument())
    .argument('<name>', 'name of what is locked: see farcall locks')
    .requiredOption('--reason <text>', 'the reason, which is signed too');
  addHelp(command, {
    examples: ["unlock host web-1 --reason 'it was found'", "unlock person bob --reason 'false alarm'"],
    exits: REMOTE_EXITS,
  }).action(async (kind: LockKind, name: string, options: LockOptions) =>
    exitWith(await change(context, { kind, name }, options, 'unlock')),
  );
};

async function change(
  context: CliContext,
  { kind, name }: Target,
  options: LockOptions,
  method: 'lock' | 'unlock',
): Promise<ExitCode> {
  const reason = checkedReason(options.reason);
  return withSession(context, options, async session => {
    const token =
      method === 'lock'
        ? await signNow(context, session, 'lock', { jti: randomUUID(), what: kind, name, reason })
        : await signNow(context, session, 'unlock', { lock: await lockOn(session, { kind, name }), reason });
    const view = await session.client.call(method, { token });
    if (options.json) context.terminal.print(asciiJson(view));
    else context.terminal.print(`The ${kind} ${name} is ${method}ed.${brokerText(view)}`);
    return EXIT.ok;
  });
}

/**
 * The digest of the token by which this is locked, which names the lock. Throws NOT_FOUND if it is not
 * locked.
 */
async function lockOn({ client }: Session, { kind, name }: Target): Promise<string> {
  const { locks } = await client.call('listLocks', {});
  const found = locks.find(lock => lock.kind === kind && lock.name === name);
  if (found) return tokenDigest(found.token);
  throw new FarcallError('NOT_FOUND', `the ${kind} ${name} is not locked; farcall locks lists what is`);
}

function brokerText({ kind, broker }: LockView): string {
  if (kind === 'person' || broker === 'changed') return '';
  return broker === 'later'
    ? ' The broker cannot be told now; the controller tries again.'
    : ' This controller cannot change who is on the broker: its configuration has no nats.controlFile.';
}
