import { InvalidArgumentError, Option } from 'commander';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { REPORT_KEYS, type RowsQuery, SORTED_ROWS_LIMIT } from '../../../../shared/messages/index.ts';
import { FILTER_HELP, parseFilter, parseGroupBy, type ReadRequest } from '../../../views/index.ts';
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
import { type CliContext, type CommonOptions, type Session, withSession } from '../../session/index.ts';
import { type ReportQuery, reportLines, writeReportJson, writeReportRows } from './report-lines.ts';
import { rowLines, writeRows, writeRowsJson } from './report-rows.ts';

interface ReportOptions extends CommonOptions {
  readonly groupBy?: string;
  readonly filter: readonly string[];
  readonly format: 'table' | 'jsonl' | 'csv';
  readonly output?: string;
  readonly rows?: boolean;
  readonly writes?: boolean;
  readonly where?: string;
  readonly sort?: string;
  readonly top?: number;
  readonly of?: string;
}

/** `farcall report`. */
export const addReport: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('report'))
    .summary('the status of a request: sums, groups, hosts')
    .description(
      'Prints or exports the status of a request: its sums, and its hosts in groups or one by one.',
    )
    .argument('<id>', 'request id, or its first letters', parseRequestId)
    .option('--group-by <keys>', `some of ${REPORT_KEYS.join(',')}; with --rows, columns`)
    .option('--rows', 'the rows of all hosts as one table')
    .option('--writes', 'instead, what the program wrote to the memory of each kernel')
    .option('--where <conditions>', 'only rows that meet these: comm=nfsd*,age>30')
    .option('--sort <column>', 'the rows by this column; -COLUMN for the largest first')
    .option('--top <number>', `at most so many rows or groups, up to ${SORTED_ROWS_LIMIT}`, parseTop)
    .option('--of <column>', 'sum, min, median, p99 and max of this column in each group')
    .option('--filter <key=value>', FILTER_HELP, collect, [])
    .addOption(
      new Option('--format <format>', 'a table for people, JSON lines, or CSV (RFC 4180)')
        .choices(['table', 'jsonl', 'csv'])
        .default('table'),
    )
    .option('--output <file>', 'write to this file (0600), which must not exist');
  addHelp(command, {
    notes: [
      'With --rows, a column goes by its whole name, or by its last word: comm is t->comm. host, kernel, arch and wave',
      'are columns too.',
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
      "report 7k2m9x4qw8rt --rows --where 'comm=nfsd*,age>30' --sort -age --top 20",
      'report 7k2m9x4qw8rt --rows --group-by comm --of age',
      'report 7k2m9x4qw8rt --writes --group-by written,before,after',
    ],
    exits: REQUEST_EXITS,
  }).action(async (id: string, options: ReportOptions) => exitWith(await report(context, id, options)));
};

async function report(context: CliContext, typed: string, options: ReportOptions): Promise<ExitCode> {
  const { filter, groupBy, format, output, json } = options;
  refuseMixedOptions(options);
  const grouping = {
    filter: parseFilter(filter),
    groupBy: groupBy === undefined || options.rows || options.writes ? undefined : parseGroupBy(groupBy),
  };
  return withSession(context, options, async session => {
    const { terminal } = context;
    const request = await findRequest(session, typed);
    if (options.rows || options.writes) return reportRows(context, session, request, options);
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

/** The rows of all hosts. */
async function reportRows(
  { terminal }: CliContext,
  session: Session,
  request: ReadRequest,
  { where = '', sort = '', top = 0, groupBy = '', of = '', ...options }: ReportOptions,
): Promise<ExitCode> {
  const keys = groupBy === '' ? [] : splitColumns(groupBy);
  const { format, output, json, writes = false } = options;
  const { id } = request.request;
  const query: RowsQuery = { id, where, sort, limit: top, groupBy: keys, of, writes };
  await toOutput(terminal, output, async write => {
    if (json) await writeRowsJson(session, query, write);
    else if (format !== 'table') await writeRows(session, query, { format, write });
    else {
      const width = output === undefined ? terminal.columns : Number.POSITIVE_INFINITY;
      for (const line of await rowLines(session, query, width)) write(`${line}\n`);
    }
  });
  return exitCodeOfRequest(request.view);
}

const ROW_OPTIONS = ['where', 'sort', 'top', 'of'] as const;

function refuseMixedOptions(options: ReportOptions): void {
  const alone = ROW_OPTIONS.find(name => options[name] !== undefined);
  const isTable = options.rows || options.writes;
  if (alone !== undefined && !isTable)
    throw new FarcallError('CONFIG_INVALID', `--${alone} is about rows; add --rows or --writes`);
  if (isTable && options.filter.length > 0)
    throw new FarcallError(
      'CONFIG_INVALID',
      'with --rows, use --where instead of --filter: --where host=web*',
    );
  if (options.of !== undefined && options.groupBy === undefined)
    throw new FarcallError('CONFIG_INVALID', '--of measures a column in groups; add --group-by');
}

/** Names of columns, with commas between them; one with a comma stands in double quotes. */
function splitColumns(text: string): string[] {
  return [...text.matchAll(/\s*(?:"([^"]*)"|([^,]+))\s*(?:,|$)/g)].map(
    ([, quoted, plain = '']) => quoted ?? plain.trim(),
  );
}

function parseTop(text: string): number {
  const number = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= SORTED_ROWS_LIMIT) return number;
  throw new InvalidArgumentError(`write a number from 1 to ${SORTED_ROWS_LIMIT}`);
}
