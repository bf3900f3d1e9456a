export { enrolledHost } from './enrolled-host.ts';
export { verifyStatement } from './verify-statement.ts';
