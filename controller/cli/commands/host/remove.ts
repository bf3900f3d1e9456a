import { asciiJson } from '../../../../shared/json/index.ts';
import type { HostRemovalView } from '../../../../shared/messages/index.ts';
import { signToken } from '../../../../shared/tokens/index.ts';
import { formatTime, labelList, printable } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { isConfirmation } from '../../interaction/index.ts';
import { wrapValue } from '../../output/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../../session/index.ts';

interface RemoveOptions extends CommonOptions {
  readonly reason: string;
  readonly yes?: boolean;
}

/** How long a signature counts: the second person has a week. */
const REMOVAL_LIFE_S = 7 * 24 * 3600;

/** `farcall host remove`. */
export const addHostRemove: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('remove'))
    .summary('remove a host, together with another approver')
    .description(
      'Signs for the removal of a host. Once two approvers have signed, the host is removed: ' +
        'the controller accepts nothing from it, and gives it no new credential.',
    )
    .argument('<host>', 'name of the host')
    .requiredOption('--reason <text>', 'the reason, which is signed too')
    .option('--yes', 'sign without asking, for scripts');
  addHelp(command, {
    notes: [
      'The second person runs the same command, within a week. Where there is only one approver, one is enough.',
      'If it must be at once, farcall lock host takes one person.',
    ],
    examples: [
      "host remove web-1 --reason 'was scrapped'",
      "host remove web-1 --reason 'was scrapped' --yes --json",
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (name: string, options: RemoveOptions) =>
    exitWith(await removeHost(context, name, options)),
  );
};

function removeHost(context: CliContext, host: string, options: RemoveOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal } = context;
    const { client, identity } = session;
    const before = await client.call('getHostRemoval', { host });
    // With --json, stdout is for the answer. The operator still sees what they sign.
    const print = options.json ? terminal.warn : terminal.print;
    for (const line of removalLines(before, terminal.columns)) print(line);
    const text = `Sign for the removal of ${host}`;
    if (!(await isConfirmation(context, options, { text, identity }))) {
      terminal.warn('Not signed.');
      return EXIT.declined;
    }
    const token = await signRemoval(context, session, before, options.reason);
    const after = await client.call('removeHost', { host, token });
    terminal.print(options.json ? asciiJson(after) : outcomeText(after));
    return EXIT.ok;
  });
}

function signRemoval(
  { clock }: CliContext,
  { identity, key }: Session,
  { host, kid }: HostRemovalView,
  reason: string,
): Promise<string> {
  const iat = Math.floor(clock.nowMs() / 1000);
  const { name: iss, site } = identity;
  return signToken('hostRemoval', { iss, site, iat, exp: iat + REMOVAL_LIFE_S, host, kid, reason }, key);
}

function removalLines({ host, kid, labels, signatures, needed }: HostRemovalView, columns: number): string[] {
  const signed = signatures.map(
    ({ signer, reason, signedAtMs }) => `${signer}, ${formatTime(signedAtMs)}: ${printable(reason)}`,
  );
  return [
    `host     ${host}`,
    `key      ${printable(kid)}`,
    `labels   ${labelList(labels) || 'none'}`,
    ...(signed.length > 0 ? signed : ['nobody yet']).map(line => `signed   ${line}`),
    `needed   ${people(needed)}`,
  ].flatMap(line => wrapValue(line, { columns, hang: 9 }));
}

function outcomeText({ host, signatures, needed, others, removed }: HostRemovalView): string {
  const names = signatures.map(({ signer }) => signer).join(' and ');
  if (removed)
    return `${host} is removed, by ${names}. The controller no longer accepts anything from it.
${brokerText(removed)}`;
  const until = formatTime(Math.min(...signatures.map(({ endsAtMs }) => endsAtMs)));
  return `${names} signed for the removal of ${host}. It takes ${people(needed - signatures.length)} more, until ${until}:
${others.join(', ') || 'nobody else may at the moment'}`;
}

function brokerText({ broker, credentialUntilMs }: NonNullable<HostRemovalView['removed']>): string {
  if (broker === 'changed') return 'The broker has ended its connections, and refuses its credential.';
  const then = `Its credential for the broker ends at ${formatTime(credentialUntilMs)}. Until then it can read orders, and do nothing else.`;
  return broker === 'later' ? `The broker cannot be told now; the controller tries again. ${then}` : then;
}

function people(count: number): string {
  return count === 1 ? 'one person' : `${count} people`;
}
