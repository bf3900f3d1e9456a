import { asciiJson } from '../../../shared/json/index.ts';
import { type HostView, hostFactsCodec } from '../../../shared/messages/index.ts';
import { enforcesSignatures } from '../../../shared/module-signing/index.ts';
import { formatDuration, hostToJson, printable, summaryToJson } from '../../views/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { labelList } from '../output/labels.ts';
import { outcomesText } from '../output/request-text.ts';
import { renderTable } from '../output/table.ts';
import { limitOf } from './history.ts';

/** Options of `farcall requests`. */
export interface RequestsOptions extends CommonOptions {
  readonly limit: string;
}

const HOSTS_LIMIT_MS = 60_000;

/** Lists the newest requests. */
export async function requests(context: CliContext, options: RequestsOptions): Promise<ExitCode> {
  const limit = limitOf(options.limit);
  return withSession(context, options, async ({ client }) => {
    const { terminal, clock } = context;
    const list = (await client.call('listRequests', { limit })).requests;
    if (options.json) {
      terminal.print(asciiJson(list.map(summaryToJson)));
      return EXIT.ok;
    }
    const rows = list.map(summary => [
      { text: summary.id },
      { text: summary.state },
      { text: summary.requester },
      { text: agoText(summary.createdAtMs, clock.nowMs()) },
      { text: printable(summary.selector) },
      { text: outcomesText(summary) },
      { text: printable(summary.reason) },
    ]);
    const headers = ['ID', 'STATE', 'BY', 'MADE', 'HOSTS', 'OUTCOMES', 'REASON'];
    for (const line of renderTable({ headers, rows, flexible: [6, 4, 5], width: terminal.columns }))
      terminal.print(line);
    return EXIT.ok;
  });
}

/** Lists the hosts that a selector means. */
export async function hosts(
  context: CliContext,
  selector: string,
  options: CommonOptions,
): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const { terminal, clock } = context;
    const views: HostView[] = [];
    for await (const view of client.stream('listHosts', { selector }, HOSTS_LIMIT_MS)) views.push(view);
    if (options.json) {
      terminal.print(asciiJson(views.map(hostToJson)));
      return EXIT.ok;
    }
    const rows = views.map(view => hostRow(view, clock.nowMs()));
    const headers = ['HOST', 'KERNEL', 'ARCH', 'SEEN', 'MODULES', 'LABELS'];
    for (const line of renderTable({ headers, rows, flexible: [5, 1], width: terminal.columns }))
      terminal.print(line);
    return EXIT.ok;
  });
}

/** How long ago; a clock that is behind the controller's makes nothing of the future. */
function agoText(atMs: number, nowMs: number): string {
  return `${formatDuration(Math.max(0, nowMs - atMs))} ago`;
}

function hostRow(view: HostView, nowMs: number) {
  const facts = hostFactsCodec.decode(view.facts);
  return [
    { text: facts.host },
    { text: printable(facts.kernelRelease) },
    { text: printable(facts.arch) },
    { text: agoText(view.lastSeenAtMs, nowMs) },
    { text: facts.modulesDisabled ? 'no' : enforcesSignatures(facts) ? 'signed' : 'yes' },
    { text: labelsText(view.labels, facts.labels) },
  ];
}

/** The labels that count, and those that the host believes it has where these are others: its file is out of date. */
function labelsText(enrolled: Labels, own: Labels): string {
  const { host: _name, ...said } = own;
  const [counts, says] = [labelList(enrolled), labelList(said)];
  return counts === says ? counts : `${counts} (the host says ${says || 'none'})`;
}

type Labels = Readonly<Record<string, string>>;
