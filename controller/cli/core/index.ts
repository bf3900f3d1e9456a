export { checkDraft } from './check-draft.ts';
export { type AddCommand, type ExitWith, subcommandsOf } from './command.ts';
export type { ArgumentEntry, CommandEntry, OptionEntry } from './command-entry.ts';
export { addHelp, REMOTE_EXITS, REQUEST_EXITS, reflow } from './command-help.ts';
export {
  collect,
  KEY_HELP,
  withConfig,
  withJson,
  withOperatorOptions,
  withSigningOptions,
} from './command-options.ts';
export { commandTree } from './command-tree.ts';

export {
  EXIT,
  type ExitCode,
  exitCodeOf,
  exitCodeOfRequest,
  exitLines,
  exitTable,
} from './exit-codes.ts';
export { findRequest } from './find-request.ts';
export { hostsOf } from './hosts-of.ts';
export { knownBundle } from './known-bundle.ts';
export { fetchNewestBundle } from './newest-bundle.ts';

export { parseLimit, parseNumber, parseRequestId } from './option-values.ts';
export { toOutput, type WriteText } from './output-file.ts';
export { parseTime } from './parse-time.ts';
export { checkedReason, signNow } from './sign-now.ts';
