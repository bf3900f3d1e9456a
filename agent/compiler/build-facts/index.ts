export { inputOf, permittedOf, type RecordedBuild, recordBuild, TEXT_START } from './build-facts.ts';
