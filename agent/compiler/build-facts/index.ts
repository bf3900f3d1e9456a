export { inputOf, type RecordedBuild, recordBuild, TEXT_START } from './build-facts.ts';
