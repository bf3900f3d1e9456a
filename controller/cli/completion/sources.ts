import { REPORT_KEYS, REQUEST_STATES, WAITING } from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
import { AUDIT_KINDS, FILTER_KEYS, printable } from '../../views/index.ts';
import { readIdentityFile } from '../core/index.ts';
import { TOPICS } from '../help/index.ts';
import {
  type CandidateSource,
  type CompletionInput,
  fixedValues,
  listMembers,
  type ShellCandidate,
} from './candidate.ts';
import { emergencyIds, enrolmentIds, hostNames, requesters, requestIds, selectors } from './fleet-sources.ts';
import { functionNames, programNames } from './function-sources.ts';

const nothing: CandidateSource = () => [];
const files: CandidateSource = () => 'files';

/**
 * The source for each kind of value, by its name in the help: `selector` of `--hosts <selector>`. Every kind
 * in the help of a command must be here, which a test checks. A value with a fixed list of choices needs no
 * source.
 */
export const SOURCES: Readonly<Record<string, CandidateSource>> = {
  address: nothing,
  context: ({ context, operator }) => {
    const { contexts } = readIdentityFile({ configFile: operator.config, env: context.env });
    return [...contexts].flatMap(([value, { controller = '' }]) =>
      value === '' ? [] : [{ value, description: controller }],
    );
  },
  addresses: nothing,
  duration: fixedValues('30s', '1m', '5m', '30m', '1h', '6h', '7d'),
  effect: nothing,
  enrolment: enrolmentIds,
  file: files,
  folder: files,
  format: nothing,
  host: hostNames,
  id: input => (input.command === 'review' ? emergencyIds(input) : requestIds(input)),
  'key=value': filters,
  key: files,
  keys: listMembers(REPORT_KEYS),
  kind: fixedValues(...AUDIT_KINDS),
  label: nothing,
  n: nothing,
  name: nothing,
  'name=file': nothing,
  outcomes: listMembers(OUTCOME_NAMES),
  pattern: functionNames,
  'policy=n': nothing,
  program: programNames,
  requester: requesters,
  right: fixedValues('request', 'approve'),
  selector: selectors,
  seq: nothing,
  sha256: nothing,
  share: fixedValues('1%', '5%', '10%'),
  shell: nothing,
  states: listMembers(REQUEST_STATES),
  text: nothing,
  threshold: nothing,
  time: fixedValues('1d', '7d', '30d'),
  turns: nothing,
  topic: () => Object.entries(TOPICS).map(([value, { summary }]) => ({ value, description: summary })),
  wave: waves,
  what: nothing,
  who: nothing,
  uri: nothing,
};

/**
 * The candidates for a value of this kind.
 *
 * Threat: hosts choose their facts and people choose their reasons, and both appear on or beside the command
 * line of somebody else. A value with characters that a terminal interprets is not offered, and descriptions
 * are made printable.
 */
export async function candidatesOf(
  kind: string,
  input: CompletionInput,
): Promise<readonly ShellCandidate[] | 'files'> {
  const found = await (SOURCES[kind]?.(input) ?? []);
  if (found === 'files') return found;
  return found
    .filter(({ value }) => printable(value) === value)
    .map(({ value, description = '' }) => ({ value, description: printable(description) }));
}

/** The sizes of waves, and selectors of their hosts. */
async function waves(input: CompletionInput): Promise<readonly ShellCandidate[]> {
  const sizes = ['1', '5', '10%', '50%', 'rest'].map(value => ({ value, description: 'hosts' }));
  const count = /^(\d+ of )?/.exec(input.typed)?.[0] ?? '';
  if (/^\d*%?$/.test(input.typed) && input.typed !== '') return sizes;
  const labels = await selectors({ ...input, typed: input.typed.slice(count.length) });
  return [
    ...(input.typed === '' ? sizes : []),
    ...labels.map(each => ({ ...each, value: count + each.value })),
  ];
}

function filters({ typed }: CompletionInput): readonly ShellCandidate[] {
  const outcomes = /^(outcome=(?:.*,)?)[^,]*$/.exec(typed)?.[1];
  if (outcomes === undefined) return FILTER_KEYS.map(key => ({ value: `${key}=` }));
  return [...OUTCOME_NAMES, WAITING].map(outcome => ({ value: outcomes + outcome }));
}
