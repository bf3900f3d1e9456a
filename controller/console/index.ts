export type { ConsoleDeps, ConsoleSettings } from './http/index.ts';
export { checkSameOrigin, oidcCookie, secretIn, sessionCookie, setCookie } from './http/index.ts';
export { oidcProvider } from './provider/index.ts';
export { secretId } from './secrets/index.ts';
export {
  beginSession,
  codeSignIn,
  findSession,
  isOver,
  newChallenge,
  newCode,
  passkeyFile,
} from './session/index.ts';
export { type ListeningConsole, startConsole } from './start-console.ts';
