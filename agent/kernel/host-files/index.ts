export {
  HOST_FILES,
  type HostFiles,
  hostFileError,
  readHostText,
  readOptionalHostText,
  systemErrorCode,
} from './host-files.ts';
