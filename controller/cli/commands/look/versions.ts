import { asciiJson } from '../../../../shared/json/index.ts';
import { type HostView, hostFactsCodec } from '../../../../shared/messages/index.ts';
import { agentVersion, compareVersions, minorDistance } from '../../../../shared/version/index.ts';
import { grouped, printable } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  hostsOf,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { printStatus } from '../../interaction/index.ts';
import { agoText, renderTable } from '../../output/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

/** The hosts whose agents have one version. */
interface Version {
  readonly version: string;
  readonly hosts: readonly string[];
  /** When the one of them that was heard last was heard. */
  readonly lastSeenAtMs: number;
}

const HOSTS_NAMED = 3;

/** `farcall versions`. */
export const addVersions: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('versions'))
    .summary('list which versions of the agent the hosts run')
    .description(
      'Lists the versions of the agents of the hosts that match a selector, beside those here and at the controller.',
    )
    .argument('[selector]', 'as in farcall request --hosts: see farcall help selectors', '*');
  addHelp(command, {
    notes: [
      'Each host tells its version when it connects. What is more than one minor version from the controller is not supported.',
      '--json has the names of all hosts.',
    ],
    examples: ['versions', "versions 'env=prod'", 'versions --json'],
    exits: REMOTE_EXITS,
  }).action(async (selector: string, options: CommonOptions) =>
    exitWith(await versions(context, selector, options)),
  );
};

function versions(context: CliContext, selector: string, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal } = context;
    const views: HostView[] = [];
    for await (const view of hostsOf(session.client, selector)) views.push(view);
    const { controller, version: ofController } = await session.client.call('getStatus', {});
    await printStatus(context, session);
    const agents = byVersion(views);
    if (options.json) {
      terminal.print(asciiJson({ farcall: agentVersion(), controller: ofController, agents }));
      return EXIT.ok;
    }
    terminal.print(
      `farcall ${agentVersion()} here, ${printable(ofController ?? 'unknown')} at controller ${controller}`,
    );
    printAgents(context, agents, ofController);
    return EXIT.ok;
  });
}

/** The newest version first. */
function byVersion(views: readonly HostView[]): Version[] {
  const told = views.map(({ facts, lastSeenAtMs }) => {
    const { host, agentVersion: version } = hostFactsCodec.decode(facts);
    return { host, version, lastSeenAtMs };
  });
  return [...Map.groupBy(told, ({ version }) => version)]
    .map(([version, all]) => ({
      version,
      hosts: all.map(({ host }) => host).sort(),
      lastSeenAtMs: Math.max(...all.map(({ lastSeenAtMs }) => lastSeenAtMs)),
    }))
    .sort((one, other) => compareVersions(other.version, one.version));
}

function printAgents(
  { terminal, clock }: CliContext,
  agents: readonly Version[],
  ofController: string | undefined,
): void {
  if (agents.length === 0) return terminal.warn('No host matches.');
  const rows = agents.map(({ version, hosts, lastSeenAtMs }) => [
    { text: printable(version) },
    { text: grouped(hosts.length) },
    { text: agoText(lastSeenAtMs, clock.nowMs()) },
    { text: ofController === undefined ? '' : standingOf(version, ofController) },
    { text: namesOf(hosts) },
  ]);
  const headers = ['AGENT', 'HOSTS', 'SEEN', 'IS', 'SUCH AS'];
  for (const line of renderTable({
    headers,
    rows,
    flexible: [4],
    droppable: [4, 2],
    width: terminal.columns,
  }))
    terminal.print(line);
}

/** How an agent stands to its controller. */
function standingOf(version: string, ofController: string): string {
  const order = compareVersions(version, ofController);
  if (order === 0) return 'as the controller';
  const side = order < 0 ? 'older' : 'newer';
  return minorDistance(version, ofController) <= 1 ? side : `${side}, not supported`;
}

function namesOf(hosts: readonly string[]): string {
  const more = hosts.length > HOSTS_NAMED ? ', …' : '';
  return `${hosts
    .slice(0, HOSTS_NAMED)
    .map(name => printable(name))
    .join(', ')}${more}`;
}
