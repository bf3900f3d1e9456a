export { addOidc } from './add-oidc.ts';
