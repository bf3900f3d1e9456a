import { Option } from 'commander';
import { REPORT_KEYS } from '../../../../shared/messages/index.ts';
import { FILTER_HELP, parseFilter, parseGroupBy } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  collect,
  type ExitCode,
  exitCodeOfRequest,
  findRequest,
  parseRequestId,
  REQUEST_EXITS,
  toOutput,
  withOperatorOptions,
} from '../../core/index.ts';
import { printStatus } from '../../interaction/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';
import { type ReportQuery, reportLines, writeReportJson, writeReportRows } from './report-lines.ts';

interface ReportOptions extends CommonOptions {
  readonly groupBy?: string;
  readonly filter: readonly string[];
  readonly format: 'table' | 'jsonl' | 'csv';
  readonly output?: string;
}

/** `farcall report`. */
export const addReport: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('report'))
    .summary('the status of a request: sums, groups, hosts')
    .description(
      'Prints or exports the status of a request: its sums, and its hosts in groups or one by one.',
    )
    .argument('<id>', 'request id, or its first letters', parseRequestId)
    .option('--group-by <keys>', `some of ${REPORT_KEYS.join(',')}`)
    .option('--filter <key=value>', FILTER_HELP, collect, [])
    .addOption(
      new Option('--format <format>', 'a table for people, JSON lines, or CSV (RFC 4180)')
        .choices(['table', 'jsonl', 'csv'])
        .default('table'),
    )
    .option('--output <file>', 'write to this file (0600), which must not exist');
  addHelp(command, {
    notes: [
      'A table has a line for each host. With many hosts, or with --group-by, it has groups.',
      'jsonl and csv have every matching host, or with --group-by every group. The values of a host come from the',
      'bytes that the host signed, and are marked (saidBy). The controller counts groups and sums, and this command',
      'checks the sums. To verify the signatures of hosts, use farcall audit verify.',
      'In CSV, a cell that a spreadsheet would evaluate as a formula begins with an apostrophe.',
    ],
    examples: [
      'report 7k2m9x4qw8rt --group-by outcome,kernel',
      'report 7k2m9x4qw8rt --filter outcome=load-error,unreachable --filter wave=2',
      'report 7k2m9x4qw8rt --format csv --output hosts.csv',
    ],
    exits: REQUEST_EXITS,
  }).action(async (id: string, options: ReportOptions) => exitWith(await report(context, id, options)));
};

async function report(context: CliContext, typed: string, options: ReportOptions): Promise<ExitCode> {
  const { filter, groupBy, format, output, json } = options;
  const grouping = {
    filter: parseFilter(filter),
    groupBy: groupBy === undefined ? undefined : parseGroupBy(groupBy),
  };
  return withSession(context, options, async session => {
    const { terminal } = context;
    const request = await findRequest(session, typed);
    const query: ReportQuery = { id: request.request.id, ...grouping };
    await printStatus(context, session, query.id);
    await toOutput(terminal, output, async write => {
      if (json) await writeReportJson(session, request, query, write);
      else if (format !== 'table')
        await writeReportRows(session, query, { format, write, warn: terminal.warn });
      else {
        const width = output === undefined ? terminal.columns : Number.POSITIVE_INFINITY;
        const style = { width, hasColours: output === undefined && terminal.hasColours };
        for (const line of await reportLines(session, request, query, style)) write(`${line}\n`);
      }
    });
    return exitCodeOfRequest(request.view);
  });
}
