export { addHelpCommand, MAIN_HELP } from './help-command.ts';
export { ENVIRONMENT, TOPICS, type Topic } from './topics.ts';
