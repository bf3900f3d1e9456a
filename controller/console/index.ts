export type { ConsoleConfig, ConsoleDeps } from './console-deps.ts';
export { oidcProvider } from './oidc/index.ts';
export { newCode } from './sign-in.ts';
export { type ListeningConsole, startConsole } from './start-console.ts';
