export {
  errnoName,
  HOST_FILES,
  type HostFiles,
  hostFileError,
  readHostText,
  readOptionalHostText,
} from './host-files.ts';
