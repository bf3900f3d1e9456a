export { type Finding, findingOf, findingText, parseFinding } from './finding.ts';
