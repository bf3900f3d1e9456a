import { REPORT_KEYS, REQUEST_STATES, WAITING } from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
import { AUDIT_KINDS, FILTER_KEYS } from '../../views/index.ts';
import { TOPICS } from '../help/index.ts';
import { readIdentityFile } from '../session/index.ts';
import {
  type CandidateSource,
  type CompletionInput,
  fixedValues,
  listMembers,
  type ShellCandidate,
} from './candidate.ts';

const nothing: CandidateSource = () => [];
const files: CandidateSource = () => 'files';

/**
 * The source for each kind of value that the controller need not know, by its name in the help: `topic` of
 * `farcall help [topic]`. Every kind in the help of a command must be here or in `CONTROLLER_SOURCES`,
 * which a test checks. A value with a fixed list of choices needs no source.
 */
export const LOCAL_SOURCES: Readonly<Record<string, CandidateSource>> = {
  address: nothing,
  context: ({ context, operator }) => {
    const { contexts } = readIdentityFile({ configFile: operator.config, env: context.env });
    return [...contexts].flatMap(([value, { controller = '' }]) =>
      value === '' ? [] : [{ value, description: controller }],
    );
  },
  addresses: nothing,
  column: nothing,
  conditions: nothing,
  duration: fixedValues('30s', '1m', '5m', '30m', '1h', '6h', '7d'),
  effect: nothing,
  file: files,
  folder: files,
  format: nothing,
  'key=value': filters,
  key: files,
  keys: listMembers(REPORT_KEYS),
  kind: fixedValues(...AUDIT_KINDS),
  label: nothing,
  n: nothing,
  number: nothing,
  name: nothing,
  'name=file': nothing,
  outcomes: listMembers(OUTCOME_NAMES),
  'parameter=value': nothing,
  'policy=n': nothing,
  right: fixedValues('request', 'approve'),
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
  what: nothing,
  who: nothing,
  uri: nothing,
};

function filters({ typed }: CompletionInput): readonly ShellCandidate[] {
  const outcomes = /^(outcome=(?:.*,)?)[^,]*$/.exec(typed)?.[1];
  if (outcomes === undefined) return FILTER_KEYS.map(key => ({ value: `${key}=` }));
  return [...OUTCOME_NAMES, WAITING].map(outcome => ({ value: outcomes + outcome }));
}
