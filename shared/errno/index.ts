export { errnoName, MAX_ERRNO } from './names.ts';
