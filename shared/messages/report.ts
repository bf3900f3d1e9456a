import { z } from 'zod';
import { OUTCOME_NAMES } from '../outcome/index.ts';
import { messageCodec } from './codec.ts';
import { hostName, requestId } from './fields.ts';
import { hostReportSchema, outcomeCountSchema, REQUEST_STATES } from './operator.ts';
import { WAVES_LIMIT } from './request.ts';

/** The keys by which the hosts of a report can be grouped: members of {@link ReportGroup}. */
export const REPORT_KEYS = [
  'outcome',
  'value',
  'errno',
  'error',
  'message',
  'kernel',
  'arch',
  'wave',
] as const;

/** One of {@link REPORT_KEYS}. */
export type ReportKey = (typeof REPORT_KEYS)[number];

/** The outcome, in a filter, of hosts that have none yet. */
export const WAITING = 'waiting';

/** Most groups in one report. */
export const GROUPS_LIMIT = 1000;

const count = z.int().min(0);
const patterns = z.array(z.string().min(1).max(1024)).max(64);

const reportFilterSchema = z.object({
  outcomes: z.array(z.enum([...OUTCOME_NAMES, WAITING])).max(OUTCOME_NAMES.length + 1),
  waves: z.array(z.int().min(0).max(WAVES_LIMIT)).max(WAVES_LIMIT + 1),
  values: patterns,
  errnos: patterns,
  errors: patterns,
  kernels: patterns,
  archs: patterns,
  hosts: patterns,
});

/** The hosts that a report covers: they match each list that is not empty, by any of its members. */
export type ReportFilter = z.infer<typeof reportFilterSchema>;

/** The filter that matches every host. */
export const EVERY_HOST: ReportFilter = {
  outcomes: [],
  waves: [],
  values: [],
  errnos: [],
  errors: [],
  kernels: [],
  archs: [],
  hosts: [],
};

const reportQuerySchema = z.object({
  id: requestId,
  groupBy: z.array(z.enum(REPORT_KEYS)).max(REPORT_KEYS.length),
  filter: reportFilterSchema.optional(),
  limit: z.int().min(1).max(GROUPS_LIMIT),
});

/** Which hosts of a request to count, and by which keys to group them. */
export type ReportQuery = z.infer<typeof reportQuerySchema>;

const QUERY_LIMIT_BYTES = 1 << 19;

/** Codec of ReportQuery. */
export const reportQueryCodec = messageCodec('ReportQuery', reportQuerySchema, QUERY_LIMIT_BYTES);

/** Codec of ReportListQuery: lists the hosts of a request, in order of their names. */
export const reportListQueryCodec = messageCodec(
  'ReportListQuery',
  z.object({ id: requestId, filter: reportFilterSchema.optional(), afterHost: hostName.optional() }),
  QUERY_LIMIT_BYTES,
);

const reportGroupSchema = z.object({
  outcome: z.enum(OUTCOME_NAMES).optional(),
  value: z.string().max(1024).optional(),
  valueDigest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  errno: z.string().max(64).optional(),
  error: z.string().max(64).optional(),
  message: z.string().max(1024).optional(),
  kernel: z.string().max(128).optional(),
  arch: z.string().max(32).optional(),
  wave: count.optional(),
  hosts: z.int().min(1),
  examples: z.array(hostName).max(64),
});

/** Hosts that are equal in each key of the query. */
export type ReportGroup = z.infer<typeof reportGroupSchema>;

const reportViewSchema = z.object({
  id: requestId,
  state: z.enum(REQUEST_STATES),
  expectedHosts: count,
  outcomes: z.array(outcomeCountSchema),
  waiting: count,
  matchingHosts: count,
  groups: z.array(reportGroupSchema).max(GROUPS_LIMIT),
  otherGroups: count,
  otherHosts: count,
});

/** The expected hosts of a request in groups. report.proto says which sums hold. */
export type ReportView = z.infer<typeof reportViewSchema>;

/** Codec of ReportView: a thousand groups of a few KiB each. */
export const reportViewCodec = messageCodec('ReportView', reportViewSchema, 8 << 20);

/** Codec of HostReport; a report can contain two results of the largest size. */
export const hostReportCodec = messageCodec('HostReport', hostReportSchema, 3 << 20);

/** Most rows that are sorted; rows in the order of their hosts come without a limit. */
export const SORTED_ROWS_LIMIT = 10_000;

const columnText = z.string().min(1).max(128);

/** Codec of RowsQuery: which rows of a request to list, and how. */
export const rowsQueryCodec = messageCodec(
  'RowsQuery',
  z.object({
    id: requestId,
    /** Conditions such as `comm=nfsd*,age>30`; empty for all rows. */
    where: z.string().max(1024),
    /** A column, behind `-` for the largest first; empty for the order of hosts, or of the largest groups. */
    sort: z.string().max(130),
    /** Most rows; 0 for all of them, or where they are sorted {@link SORTED_ROWS_LIMIT}. */
    limit: z.int().min(0).max(SORTED_ROWS_LIMIT),
    groupBy: z.array(columnText).max(4),
    /** The column that is measured in each group; empty for none. */
    of: z.string().max(128),
    /** What programs wrote to kernel memory, in place of what they reported. */
    writes: z.boolean(),
  }),
  8 << 10,
);

/** Which rows of a request to list, and how. */
export type RowsQuery = ReturnType<typeof rowsQueryCodec.decode>;

const rowCountsSchema = z.object({
  /** Rows of the request, and those that meet the conditions; of how many hosts these are. */
  rows: count,
  matching: count,
  hosts: count,
  /** Rows that hosts dropped because a result had no room. */
  dropped: count,
  /** Groups that are left out. */
  others: count,
});

/** How many rows there are. */
export type RowCounts = z.infer<typeof rowCountsSchema>;

/** Codec of RowsPage. */
export const rowsPageCodec = messageCodec(
  'RowsPage',
  z.object({
    columns: z.array(z.string().max(200)).max(8192),
    /** What hosts reported, by which rows can be filtered, sorted and grouped. */
    reported: z.array(z.string().max(200)).max(8192),
    rows: z.string().max(4 << 20),
    counts: rowCountsSchema.optional(),
  }),
  16 << 20,
);

/** Rows of a table: columns in the first page, JSON of a list of lists of cells, counts in the last. */
export type RowsPage = ReturnType<typeof rowsPageCodec.decode>;
