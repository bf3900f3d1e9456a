export { type OidcProvider, oidcProvider } from './provider.ts';
export { signInSecrets } from './sign-in-secrets.ts';
