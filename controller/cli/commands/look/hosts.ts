import { ownLabels } from '../../../../shared/host-labels/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { type HostFacts, type HostView, hostFactsCodec } from '../../../../shared/messages/index.ts';
import { enforcesSignatures } from '../../../../shared/module-signing/index.ts';
import {
  clockText,
  HELD,
  hostCount,
  hostToJson,
  labelList,
  printable,
  unfitReasons,
} from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  hostsOf,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { neverHeard, printStatus } from '../../interaction/index.ts';
import { agoText, type Cell, renderTable, wrapValue } from '../../output/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../../session/index.ts';

/** `farcall hosts`. */
export const addHosts: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('hosts'))
    .summary('list the hosts that match a selector')
    .description(
      'Lists the hosts that match a selector, with their kernels, labels and the time of last contact.',
    )
    .option('--unfit', 'only hosts that could run no call now, and why')
    .argument('[selector]', 'as in farcall request --hosts: see farcall help selectors', '*');
  addHelp(command, {
    examples: ['hosts', "hosts 'env=prod,role!=db'", "hosts 'kernel~6.1' --json", 'hosts --unfit'],
    exits: REMOTE_EXITS,
  }).action(async (selector: string, options: HostsOptions) =>
    exitWith(await hosts(context, selector, options)),
  );
};

interface HostsOptions extends CommonOptions {
  readonly unfit?: true;
}

async function hosts(context: CliContext, selector: string, options: HostsOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { client } = session;
    const { terminal, clock } = context;
    const views: HostView[] = [];
    for await (const view of hostsOf(client, selector)) views.push(view);
    await printStatus(context, session);
    if (options.unfit) return printUnfit(context, views, options);
    if (options.json) {
      terminal.print(asciiJson(views.map(hostToJson)));
      return EXIT.ok;
    }
    const rows = views.map(view => hostRow(view, clock.nowMs()));
    const headers = ['HOST', 'KERNEL', 'ARCH', 'SEEN', 'TRUST', 'MODULES', 'LABELS'];
    for (const line of renderTable({
      headers,
      rows,
      flexible: [6, 1],
      droppable: [2, 5, 4, 6, 1],
      width: terminal.columns,
    }))
      terminal.print(line);
    if (views.length === 0) terminal.warn(await emptyHint(session, selector));
    if (selector === '*')
      for (const { host, madeBy } of await neverHeard(session, views))
        terminal.warn(
          `${host} was enrolled by ${madeBy} and has never said hello: look whether its agent runs and reaches the broker.`,
        );
    return EXIT.ok;
  });
}

/** Hosts that could run no call now, a line for each reason. */
function printUnfit(
  { terminal, clock }: CliContext,
  views: readonly HostView[],
  { json }: HostsOptions,
): ExitCode {
  const unfit = views
    .map(view => {
      const facts = hostFactsCodec.decode(view.facts);
      return { host: facts.host, reasons: unfitReasons(view, facts, clock.nowMs()) };
    })
    .filter(({ reasons }) => reasons.length > 0);
  if (json) {
    terminal.print(asciiJson(unfit));
    return EXIT.ok;
  }
  for (const { host, reasons } of unfit)
    for (const reason of reasons)
      for (const line of wrapValue(`${host}: ${printable(reason)}`, { columns: terminal.columns, hang: 2 }))
        terminal.print(line);
  terminal.warn(
    unfit.length === 0
      ? `Nothing is known against any of ${hostCount(views.length)}.`
      : `${unfit.length} of ${hostCount(views.length)} could run no call now.`,
  );
  return EXIT.ok;
}

/** Why no host matches, as the controller says it of a request for the same hosts. */
async function emptyHint({ client }: Session, selector: string): Promise<string> {
  const known: HostView[] = [];
  if (selector !== '*') for await (const view of hostsOf(client)) known.push(view);
  if (known.length === 0) return 'No host has said hello to this controller yet.';
  const { whyNoHostMatches } = await import('../../../requests/index.ts');
  const hosts = known.map(({ facts, labels }) => ({
    host: hostFactsCodec.decode(facts).host,
    facts,
    labels,
  }));
  return printable(`${whyNoHostMatches(selector, hosts)}.`);
}

function hostRow(view: HostView, nowMs: number): Cell[] {
  const facts = hostFactsCodec.decode(view.facts);
  return [
    { text: facts.host },
    { text: printable(facts.kernelRelease) },
    { text: printable(facts.arch) },
    { text: view.hold ? HELD[view.hold.why] : seenText(view, nowMs) },
    { text: trustText(view.trust, nowMs) },
    { text: modulesText(facts, nowMs) },
    { text: labelsText(view, facts.labels) },
  ];
}

/** When a host was last heard from, or that it is locked; and who wants it removed. */
function seenText(view: HostView, nowMs: number): string {
  if (view.lockReason !== undefined) return `locked${removalText(view)}`;
  return `${agoText(view.lastSeenAtMs, nowMs)}${clockOf(view)}${droppedText(view)}${removalText(view)}`;
}

/** After this time without a statement, a host refuses old orders. */
const UNCONFIRMED_MS = 15 * 60_000;

/** The bundle that a host goes by, and whether newer ones seem to be withheld from it. */
function trustText(trust: HostView['trust'], nowMs: number): string {
  if (!trust) return '';
  const { version, confirmedAtMs, newerVersion } = trust;
  if (version === 0) return 'none';
  if (newerVersion !== undefined) return `${version}, lacks ${newerVersion}`;
  if (confirmedAtMs === 0) return `${version}, unconfirmed`;
  if (nowMs - confirmedAtMs > UNCONFIRMED_MS)
    return `${version}, unconfirmed since ${agoText(confirmedAtMs, nowMs)}`;
  return String(version);
}

/** Which modules the kernel takes, and how many calls left theirs in it, since when. */
function modulesText(facts: HostFacts, nowMs: number): string {
  const taken = facts.modulesDisabled ? 'no' : enforcesSignatures(facts) ? 'signed' : 'yes';
  const [oldest, ...others] = facts.leftModules ?? [];
  return oldest === undefined
    ? taken
    : `${taken}, ${1 + others.length} of ours left ${agoText(oldest.sinceMs, nowMs)}`;
}

/** Of a host whose clock is wrong; nothing for all others. */
function clockOf({ clockOffsetMs }: HostView): string {
  return clockOffsetMs === undefined ? '' : `, clock ${clockText(clockOffsetMs)}`;
}

/** Of a host that sends more than its budget; nothing for all others. */
function droppedText({ droppedMessages }: HostView): string {
  return droppedMessages === 0 ? '' : `, over its budget: ${droppedMessages} messages dropped`;
}

/** Of a host whose removal takes one more person; nothing for all others. */
function removalText({ removalSigners }: HostView): string {
  return removalSigners.length === 0 ? '' : `, removal proposed by ${removalSigners.join(', ')}`;
}

/**
 * The labels that people gave a host, and who wants others. If the host itself reports others, those are
 * shown too: it has not taken the new ones yet.
 */
function labelsText({ labels, labelSigners }: HostView, reported: HostFacts['labels']): string {
  const [givenText, reportedText] = [labelList(labels), labelList(ownLabels(reported))];
  const differs = givenText === reportedText ? '' : ` (the host reports ${reportedText || 'none'})`;
  const proposed = labelSigners.length === 0 ? '' : ` (others proposed by ${labelSigners.join(', ')})`;
  return `${givenText}${differs}${proposed}`;
}
