import { setTimeout as delay } from 'node:timers/promises';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { labelsText, ownLabels } from '../../../../shared/host-labels/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { fields, type HostLabelsView, hostFactsCodec } from '../../../../shared/messages/index.ts';
import { firstIssue } from '../../../../shared/schema/index.ts';
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

type Labels = Readonly<Record<string, string>>;

interface LabelOptions extends CommonOptions {
  readonly reason?: string;
  readonly yes?: boolean;
}

/** How long a signature counts, here and on a host that is away. */
const LABELS_LIFE_S = 30 * 24 * 3600;

/** How long the command waits for the host to say that it has the labels, in milliseconds. */
const TAKEN_WITHIN_MS = 10_000;
const ASK_AGAIN_MS = 500;

/** `farcall host label`. */
export const addHostLabel: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('label'))
    .summary('show or change the labels of a host, by two approvers')
    .description(
      'Signs for other labels of a host. Once two approvers have signed for the same labels, the controller has them, ' +
        'and sends them to the host, which verifies the signatures itself. Without a label, it shows them.',
    )
    .argument('<host>', 'name of the host')
    .argument('[label...]', 'role=db sets a label, role- takes it away; the others stay')
    .option('--reason <text>', 'the reason, which is signed too; required to change labels')
    .option('--yes', 'sign without asking, for scripts');
  addHelp(command, {
    notes: [
      'The second person runs the same command. Where there is only one approver, one is enough.',
      'Labels decide which requests and which scopes mean a host. So a person whose scopes do not cover every program on this host, with its labels before and after, cannot sign.',
      'An open request keeps its list of hosts. A host whose new labels its selector does not mean will not run it.',
    ],
    examples: [
      'host label web-1',
      "host label web-1 role=db team- --reason 'became a database'",
      "host label web-1 role=db --reason 'became a database' --yes --json",
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (name: string, labels: readonly string[], options: LabelOptions) =>
    exitWith(await labelHost(context, { name, edits: labels }, options)),
  );
};

function labelHost(
  context: CliContext,
  { name, edits }: { readonly name: string; readonly edits: readonly string[] },
  options: LabelOptions,
): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal } = context;
    const { client, identity } = session;
    const before = await client.call('getHostLabels', { host: name });
    if (edits.length === 0) {
      if (options.json) terminal.print(asciiJson(before));
      else for (const line of labelLines(before, undefined, terminal.columns)) terminal.print(line);
      return EXIT.ok;
    }
    const { reason } = options;
    if (reason === undefined)
      throw new FarcallError(
        'CONFIG_INVALID',
        'say why, for the readers of the audit log: add --reason TEXT',
      );
    const labels = editedLabels(before.labels, edits);
    // With --json, stdout is for the answer. The operator still sees what they sign.
    const print = options.json ? terminal.warn : terminal.print;
    for (const line of labelLines(before, labels, terminal.columns)) print(line);
    if (!(await isConfirmation(context, options, { text: `Sign for these labels of ${name}`, identity }))) {
      terminal.warn('Not signed.');
      return EXIT.declined;
    }
    const token = await signLabels(context, session, { before, labels, reason });
    const after = await client.call('signHostLabels', { host: name, token });
    const isTaken = after.number > before.number ? await takenInTime(session, after) : undefined;
    terminal.print(options.json ? asciiJson({ ...after, isTaken }) : outcomeText(after, labels, isTaken));
    return EXIT.ok;
  });
}

/**
 * The labels after `role=db` and `role-`. Throws CONFIG_INVALID if an edit is neither, or changes nothing.
 */
function editedLabels(before: Labels, edits: readonly string[]): Labels {
  const labels: Record<string, string> = { ...before };
  for (const edit of edits) {
    const [, name = '', value] = /^([^=]+?)(?:-|=(.*))$/.exec(edit) ?? [];
    if (name === '')
      throw new FarcallError(
        'CONFIG_INVALID',
        `'${edit}' is neither LABEL=VALUE nor LABEL-, which takes it away`,
      );
    if (value !== undefined) labels[name] = value;
    else if (name in labels) delete labels[name];
    else throw new FarcallError('CONFIG_INVALID', `it has no label ${name}: ${labelList(before) || 'none'}`);
  }
  const parsed = fields.hostLabels.safeParse(labels);
  if (!parsed.success) throw new FarcallError('CONFIG_INVALID', firstIssue(parsed.error, 'labels'));
  if (labelsText(labels) === labelsText(before))
    throw new FarcallError('CONFIG_INVALID', `it has these labels already: ${labelList(before) || 'none'}`);
  return labels;
}

function signLabels(
  { clock }: CliContext,
  { identity, key }: Session,
  {
    before: { host, kid, number },
    labels,
    reason,
  }: { readonly before: HostLabelsView; readonly labels: Labels; readonly reason: string },
): Promise<string> {
  const iat = Math.floor(clock.nowMs() / 1000);
  const { name: iss, site } = identity;
  const claims = { iss, site, iat, exp: iat + LABELS_LIFE_S, host, kid, number: number + 1, reason };
  return signToken('hostLabels', { ...claims, labels: { ...labels } }, key);
}

/** Whether the host says in time that it has these labels. */
async function takenInTime({ client }: Session, { host, labels }: HostLabelsView): Promise<boolean> {
  const endMs = performance.now() + TAKEN_WITHIN_MS;
  for (;;) {
    for await (const view of client.stream('listHosts', { selector: `@${host}` }, TAKEN_WITHIN_MS)) {
      const reported = ownLabels(hostFactsCodec.decode(view.facts).labels);
      if (labelsText(reported) === labelsText(labels)) return true;
    }
    if (performance.now() > endMs) return false;
    await delay(ASK_AGAIN_MS);
  }
}

function labelLines(
  { host, kid, labels, proposals, needed }: HostLabelsView,
  wanted: Labels | undefined,
  columns: number,
): string[] {
  const signed = proposals.map(
    each =>
      `${each.signer}, ${formatTime(each.signedAtMs)}: ${labelList(each.labels) || 'none'} (${printable(each.reason)})`,
  );
  return [
    `host     ${host}`,
    `key      ${printable(kid)}`,
    `labels   ${labelList(labels) || 'none'}`,
    ...(wanted ? [`new      ${labelList(wanted) || 'none'}`] : []),
    ...(signed.length > 0 || wanted ? (signed.length > 0 ? signed : ['nobody yet']) : []).map(
      line => `signed   ${line}`,
    ),
    `needed   ${people(needed)}, who sign for the same labels`,
    ...(wanted ? [] : proposals.map(each => `to sign  ${commandFor({ host, labels }, each.labels)}`)),
  ].flatMap(line => wrapValue(line, { columns, hang: 9 }));
}

/** What somebody types who signs for the labels `wanted` too. */
function commandFor({ host, labels }: Pick<HostLabelsView, 'host' | 'labels'>, wanted: Labels): string {
  const gone = Object.keys(labels).filter(name => !(name in wanted));
  const set = Object.entries(wanted).filter(([name, value]) => labels[name] !== value);
  const edits = [...gone.map(name => `${name}-`), ...set.map(([name, value]) => `${name}=${value}`)];
  return printable(`farcall host label ${host} ${edits.join(' ')} --reason TEXT`);
}

function outcomeText(after: HostLabelsView, wanted: Labels, isTaken: boolean | undefined): string {
  const { host, labels, proposals, needed, able } = after;
  const list = labelList(isTaken === undefined ? wanted : labels) || 'no labels';
  if (isTaken === true) return `${host} has ${list}, and says so itself.`;
  if (isTaken === false)
    return `${host} has ${list} here. The host itself has not said so yet: it gets them when it reaches the broker.`;
  const alike = proposals.filter(each => labelsText(each.labels) === labelsText(wanted));
  const names = alike.map(({ signer }) => signer);
  const others = able.filter(name => !names.includes(name));
  const until = formatTime(Math.min(...alike.map(({ endsAtMs }) => endsAtMs)));
  return `${names.join(' and ')} signed for ${list}. It takes ${people(needed - names.length)} more, until ${until}:
${others.join(', ') || 'nobody else may at the moment'}`;
}

function people(count: number): string {
  return count === 1 ? 'one person' : `${count} people`;
}
