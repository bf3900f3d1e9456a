export { enrolledHost } from './enrolled-host.ts';
export { verifyHostStatement } from './verify-host-statement.ts';
