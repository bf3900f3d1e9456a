export {
  inputOf,
  permittedOf,
  type RecordedBuild,
  type RecordedKernel,
  recordBuild,
  recordKernel,
  TEXT_START,
} from './build-facts.ts';
