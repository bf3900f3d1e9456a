import { exitTable } from '../../controller/cli/core/index.ts';
import { ERROR_CODES } from '../../shared/errors/codes.ts';
import { OUTCOMES } from '../../shared/outcome/index.ts';
import { code, page, table } from './markdown.ts';

/** docs/reference/outcomes.md. */
export function outcomesPage(): string {
  return page('Outcomes', [
    'Each host that a request expects ends in exactly one of these. A host signs its own outcome. Of a host that it does not hear,\nthe controller says the outcome. A gate may name other outcomes as failed than those marked here.',
    table(
      ['outcome', 'meaning', 'may have run', 'fails a gate', 'can be retried', 'said by'],
      Object.entries(OUTCOMES).map(([outcome, { meaning, mayHaveRun, fails, retryable, saidBy }]) => [
        ...[code(outcome), meaning, yesOrNo(mayHaveRun), yesOrNo(fails), yesOrNo(retryable), `the ${saidBy}`],
      ]),
    ),
  ]);
}

/** docs/reference/errors.md. */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(([name, { summary, grpcStatus, retryable }]) => [
    ...[code(name), summary, grpcStatus, yesOrNo(retryable)],
  ]);
  return page('Errors', [
    'Every error has one of these codes. The codes are stable, so scripts may match on them. The message beside a code says what\nis wrong, where, and what to do.',
    table(['code', 'what happened', 'gRPC status', 'retry may help'], rows),
    '## How programs end',
    '`farcall`:',
    exitTable(),
    '`farcall-controller` and `farcall-agent`:',
    table(
      ['code', 'meaning'],
      [
        ['0', 'done, or stopped by a signal'],
        ['1', 'failed; for `farcall-agent call`: the program neither returned nor was skipped'],
        ['2', 'the configuration or the command line is wrong; starting it again would not help'],
      ],
    ),
  ]);
}

function yesOrNo(flag: boolean): string {
  return flag ? 'yes' : 'no';
}
