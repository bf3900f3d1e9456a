export { helpAbout, mainHelp } from './help-text.ts';
export { TOPICS } from './topics.ts';
