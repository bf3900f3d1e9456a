export { newSecret, secretId } from './secrets.ts';
