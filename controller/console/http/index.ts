export { type ConsoleDeps, type ConsoleSettings, rpIdOf } from './console-deps.ts';
export { oidcCookie, secretIn, sessionCookie, setCookie } from './cookie.ts';
export { errorReply } from './error-reply.ts';
export { type SentEvent, sendEvents } from './events.ts';
export { checkHost, checkSameOrigin } from './same-origin.ts';
export { securityHeaders } from './security-headers.ts';
