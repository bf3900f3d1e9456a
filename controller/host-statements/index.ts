export {
  type AuthenticHostStatement,
  authenticHostStatement,
  type HostStatementDeps,
  type ReceivedHostStatement,
} from './authentic-host-statement.ts';
export { enrolledHost } from './enrolled-host.ts';
export { verifyHostStatement } from './verify-host-statement.ts';
