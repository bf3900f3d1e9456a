import { REPORT_KEYS, REQUEST_STATES, WAITING } from '../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';
import { AUDIT_KINDS, FILTER_KEYS } from '../../views/index.ts';
import { TOPICS } from '../help/index.ts';
import { readIdentityFile } from '../identity-file.ts';
import { type Candidate, members, type Source, words } from './candidate.ts';
import { enrolmentIds, hostNames, requesters, requestIds, selectors } from './fleet-sources.ts';
import { functionNames, programNames } from './function-sources.ts';

const nothing: Source = () => [];
const files: Source = () => 'files';

/**
 * Where the values come from that can stand somewhere, by what help calls them: `selector` of `--hosts <selector>`. Every name in
 * the help of a command is here (a test looks), so a new kind of value is one more line. Words that are one of few (`choices`)
 * need none.
 */
export const SOURCES: Readonly<Record<string, Source>> = {
  address: nothing,
  context: ({ context, as }) => {
    const { contexts } = readIdentityFile({ configFile: as.config, env: context.env });
    return [...contexts].flatMap(([value, { controller = '' }]) =>
      value === '' ? [] : [{ value, description: controller }],
    );
  },
  duration: words('30s', '1m', '5m', '30m', '1h', '6h', '7d'),
  effect: nothing,
  enrolment: enrolmentIds,
  file: files,
  format: nothing,
  host: hostNames,
  id: requestIds,
  'key=value': filters,
  keys: members(REPORT_KEYS),
  kind: words(...AUDIT_KINDS),
  label: nothing,
  n: nothing,
  name: nothing,
  'name=file': nothing,
  outcomes: members(OUTCOME_NAMES),
  pattern: functionNames,
  program: programNames,
  requester: requesters,
  selector: selectors,
  seq: nothing,
  sha256: nothing,
  share: words('1%', '5%', '10%'),
  shell: nothing,
  states: members(REQUEST_STATES),
  text: nothing,
  threshold: nothing,
  time: words('1d', '7d', '30d'),
  topic: () => Object.entries(TOPICS).map(([value, { summary }]) => ({ value, description: summary })),
  wave: waves,
  what: nothing,
};

/** Sizes of waves, and labels that a wave can take. */
async function waves(asked: Parameters<Source>[0]): Promise<readonly Candidate[]> {
  const sizes = ['1', '5', '10%', '50%', 'rest'].map(value => ({ value, description: 'hosts' }));
  const taken = /^(\d+ of )?/.exec(asked.typed)?.[0] ?? '';
  if (/^\d*%?$/.test(asked.typed) && asked.typed !== '') return sizes;
  const labels = await selectors({ ...asked, typed: asked.typed.slice(taken.length) });
  return [
    ...(asked.typed === '' ? sizes : []),
    ...labels.map(each => ({ ...each, value: taken + each.value })),
  ];
}

function filters({ typed }: Parameters<Source>[0]): readonly Candidate[] {
  const outcomes = /^(outcome=(?:.*,)?)[^,]*$/.exec(typed)?.[1];
  if (outcomes === undefined) return FILTER_KEYS.map(key => ({ value: `${key}=` }));
  return [...OUTCOME_NAMES, WAITING].map(outcome => ({ value: outcomes + outcome }));
}
