export { addOidc } from './add-oidc.ts';
export { type OidcProvider, oidcProvider } from './provider.ts';
