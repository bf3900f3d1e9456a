import { errnoName } from '../../../../shared/errno/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { type HostProbe, hostFactsCodec } from '../../../../shared/messages/index.ts';
import { formatDuration, hostCount, printable } from '../../../views/index.ts';
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
import { agoText, renderTable, wrapValue } from '../../output/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

interface ProbesOptions extends CommonOptions {
  readonly callers?: true;
}

/** A probe, and the host that tells of it. */
interface Told {
  readonly host: string;
  readonly probe: HostProbe;
}

/** `farcall probes`. */
export const addProbes: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('probes'))
    .summary('list what is denied on hosts')
    .description(
      'Lists the denies that are in force on the hosts that match a selector: their request, hits and end.',
    )
    .option('--callers', 'also who was denied last')
    .argument('[selector]', 'as in farcall request --hosts: see farcall help selectors', '*');
  addHelp(command, {
    notes: [
      'Each host tells of its own kernel when it connects, when something changed, and at least every half a minute.',
      'farcall abort REQUEST takes the denies of a request out before their end.',
    ],
    examples: ['probes', "probes 'env=prod' --callers", 'probes --json'],
    exits: REMOTE_EXITS,
  }).action(async (selector: string, options: ProbesOptions) =>
    exitWith(await probes(context, selector, options)),
  );
};

async function probes(context: CliContext, selector: string, options: ProbesOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { terminal, clock } = context;
    const told: Told[] = [];
    let hosts = 0;
    for await (const view of hostsOf(session.client, selector)) {
      const facts = hostFactsCodec.decode(view.facts);
      hosts++;
      told.push(...(facts.probes ?? []).map(probe => ({ host: facts.host, probe })));
    }
    await printStatus(context, session);
    if (options.json) {
      terminal.print(asciiJson(told.map(({ host, probe }) => ({ host, ...probe }))));
      return EXIT.ok;
    }
    const nowMs = clock.nowMs();
    const headers = ['HOST', 'REQUEST', 'HITS', 'SINCE', 'ENDS', 'DENY'];
    const rows = told.map(each => rowOf(each, nowMs));
    if (told.length > 0)
      for (const line of renderTable({
        headers,
        rows,
        flexible: [5],
        droppable: [3],
        width: terminal.columns,
      }))
        terminal.print(line);
    if (options.callers)
      for (const line of told.flatMap(each => callersOf(each, nowMs)))
        for (const part of wrapValue(line, { columns: terminal.columns, hang: 2 })) terminal.print(part);
    if (told.length === 0) terminal.warn(`Nothing is denied on ${hostCount(hosts)}.`);
    return EXIT.ok;
  });
}

function rowOf({ host, probe }: Told, nowMs: number) {
  const { requestId = '', hits, missed = 0, abandoned = 0, sinceMs, expiresAtMs } = probe;
  const passed = missed + abandoned === 0 ? '' : `, ${missed + abandoned} passed`;
  const unread = probe.text === undefined ? '' : 'unread';
  const text = probe.text ?? `the module ${probe.module}, which the host does not know`;
  return [
    { text: host },
    { text: printable(requestId) },
    { text: hits === undefined ? unread : `${hits}${passed}${notDenied(probe)}` },
    { text: sinceMs === undefined ? '' : agoText(sinceMs, nowMs) },
    { text: expiresAtMs === undefined ? '' : endText(expiresAtMs, nowMs) },
    { text: printable(text) },
  ];
}

function notDenied({ waiting, error }: HostProbe): string {
  if (error !== undefined) return `, refused by the kernel (${errnoName(error) ?? error})`;
  return waiting ? ', waits for its module' : '';
}

function endText(expiresAtMs: number, nowMs: number): string {
  return expiresAtMs <= nowMs ? 'over' : `in ${formatDuration(expiresAtMs - nowMs)}`;
}

function callersOf({ host, probe }: Told, nowMs: number): string[] {
  return probe.callers.map(({ comm, pid, uid, atMs }) =>
    printable(
      `${host}: ${probe.function} denied to ${comm} (process ${pid}, user ${uid}) ${agoText(atMs, nowMs)}`,
    ),
  );
}
