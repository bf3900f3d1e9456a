import { FarcallError } from '../../../../shared/errors/index.ts';
import { emergencyRules, type TrustBundle } from '../../../../shared/trust/index.ts';
import { parseDuration } from '../../../views/index.ts';
import { type AddCommand, addHelp, parseNumber } from '../../core/index.ts';
import { type DraftOptions, editDraft, withDraft } from './edit-draft.ts';

interface EmergencyOptions extends DraftOptions {
  readonly ticket?: string;
  readonly reviewWithin?: string;
  readonly reviewers?: string;
  readonly remove?: boolean;
}

/** Most people who must review an emergency. */
const REVIEWERS_LIMIT = 16;

/** `farcall trust emergency`. */
export const addTrustEmergency: AddCommand = (parent, context, exitWith) => {
  const command = withDraft(parent.command('emergency'))
    .summary('say which ticket and which reviews an emergency takes')
    .description(
      'Sets the rules for requests of the policy emergency, beside their threshold. What is not named stays as it is.',
    )
    .option('--ticket <pattern>', 'a word that the reason must have, such as INC-*')
    .option('--review-within <duration>', 'how long after its approval it must be reviewed')
    .option('--reviewers <n>', 'how many people who were not in it must review it')
    .option('--remove', 'go back to the rules without this command: no ticket, one review within 3 days');
  addHelp(command, {
    examples: [
      "trust emergency trust-1.json --ticket 'INC-*' --review-within 24h --reviewers 2 --out trust-2.json",
      'trust emergency trust-2.json --remove',
    ],
  }).action((file: string, options: EmergencyOptions) =>
    exitWith(editDraft(context, file, options, bundle => withRules(bundle, options))),
  );
};

function withRules(before: TrustBundle, options: EmergencyOptions): TrustBundle {
  const { ticket, reviewWithin, reviewers, remove } = options;
  const { emergency: _rules, ...bundle } = before;
  if (remove) return bundle;
  if (ticket === undefined && reviewWithin === undefined && reviewers === undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      'nothing to set: --ticket, --review-within, --reviewers or --remove',
    );
  return {
    ...bundle,
    emergency: {
      ...emergencyRules(before),
      ...(ticket !== undefined && { ticket }),
      ...(reviewWithin !== undefined && { reviewWithinMs: parseDuration('--review-within', reviewWithin) }),
      ...(reviewers !== undefined && {
        reviewers: parseNumber('--reviewers', reviewers, { least: 1, most: REVIEWERS_LIMIT }),
      }),
    },
  };
}
