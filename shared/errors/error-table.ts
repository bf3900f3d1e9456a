import { ERROR_CODES } from './codes.ts';

/** The page that lists every error code, as Markdown. A test compares shared/errors/README.md with it. */
export function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { summary, grpcStatus, retryable }]) =>
      `| \`${code}\` | ${summary} | ${grpcStatus} | ${retryable ? 'yes' : 'no'} |`,
  );
  return [
    '# Error codes',
    '',
    'Every error of farcall has one of these codes. They are stable: scripts may match on them. The message beside a code says',
    'what is wrong, where, and what to do. Made from `codes.ts` by `node shared/errors/write-table.ts`.',
    '',
    '| code | what happened | gRPC status | worth trying again |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
