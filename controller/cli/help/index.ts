export { helpAbout, MAIN_HELP } from './help-text.ts';
export { TOPICS } from './topics.ts';
