import type { CandidateSource, CompletionInput, ShellCandidate } from './candidate.ts';
import { emergencyIds, enrolmentIds, hostNames, requesters, requestIds, selectors } from './fleet-sources.ts';
import { functionNames, programNames } from './function-sources.ts';

/** The source for each kind of value that the controller knows, by its name in the help. */
export const CONTROLLER_SOURCES: Readonly<Record<string, CandidateSource>> = {
  enrolment: enrolmentIds,
  host: hostNames,
  id: input => (input.command === 'review' ? emergencyIds(input) : requestIds(input)),
  pattern: functionNames,
  program: programNames,
  requester: requesters,
  selector: selectors,
  wave: waves,
};

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
