import { asciiJson } from '../../../shared/json/index.ts';
import { REPORT_KEYS, WAITING } from '../../../shared/messages/index.ts';
import { type HostResult, hostResultToJson, type ReportGroupJson } from '../../views/index.ts';
import { csvRecord } from './csv.ts';

/** A format of exports: the text before the first row, and each row with its line end. */
export interface ExportFormat {
  readonly head: (of: 'hosts' | 'groups') => string;
  readonly host: (host: HostResult) => string;
  readonly group: (group: ReportGroupJson) => string;
}

const HOST_COLUMNS = [
  'host',
  'wave',
  'attempt',
  'outcome',
  'said_by',
  'value',
  'errno',
  'error',
  'message',
  'kernel_release',
  'arch',
  'total_us',
  'finished_at_ms',
  'unhealthy',
  'late_outcome',
  'late_value',
] as const;

const GROUP_COLUMNS = ['hosts', ...REPORT_KEYS, 'value_sha256', 'examples'] as const;

/** The formats by name: JSON with one object per line, and CSV with a header line. */
export const EXPORT_FORMATS: Readonly<Record<'jsonl' | 'csv', ExportFormat>> = {
  jsonl: {
    head: () => '',
    host: host => `${asciiJson(hostResultToJson(host))}\n`,
    group: group => `${asciiJson(group)}\n`,
  },
  csv: {
    head: of => csvRecord(of === 'hosts' ? HOST_COLUMNS : GROUP_COLUMNS),
    host: hostRecord,
    group: group =>
      csvRecord([
        group.hosts,
        ...REPORT_KEYS.map(key => group[key]),
        group.valueDigest,
        group.examples.join(' '),
      ]),
  },
};

function hostRecord({ report, result, late, errno }: HostResult): string {
  return csvRecord([
    report.host,
    report.wave,
    report.attempt,
    report.outcome ?? WAITING,
    result ? 'host' : 'controller',
    result?.value?.text,
    errno,
    result?.error?.code,
    result?.error?.message,
    result?.kernelRelease || report.kernelRelease,
    report.arch,
    result?.timings.totalUs,
    result?.finishedAtMs,
    report.unhealthy,
    late?.outcome,
    late?.value?.text,
  ]);
}
