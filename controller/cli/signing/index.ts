export { enrolHelp } from './enrol-help.ts';
export { signingHosts } from './hosts-command.ts';
export {
  type ModuleKeyNewOptions,
  moduleKeyEnrolHelp,
  moduleKeyNew,
  moduleKeyShow,
} from './key-commands.ts';
