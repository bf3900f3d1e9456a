/**
 * The rooms in which trust is decided, each with the folders of the tests that hold it. They are unit tests
 * only: every test that reaches a mutant runs for it.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'shared/tokens': ['test/shared/tokens', 'test/shared/trust'],
  'shared/trust': ['test/shared/trust', 'test/agent/verify'],
  'shared/targets': ['test/shared/targets', 'test/shared/waves'],
  'shared/enrolment': ['test/shared/enrolment'],
  'agent/verify': ['test/agent/verify', 'test/agent/run-order'],
  'agent/policy': ['test/agent/policy'],
  'agent/trust': ['test/agent/trust'],
  'agent/journal': ['test/agent/journal', 'test/agent/run-order'],
  'controller/approval': ['test/controller/approval', 'test/controller/locks', 'test/controller/emergency'],
  'controller/emergency': ['test/controller/emergency'],
  'controller/abort': ['test/controller/abort'],
  'controller/locks': ['test/controller/locks'],
  'controller/scopes': ['test/controller/scopes'],
  'controller/module-signing': ['test/controller/module-signing'],
  'controller/console/session': ['test/controller/console/session'],
};

/** The room that Stryker and vitest were started for; {@link mutateRoom} sets it. */
export const ROOM = process.env['FARCALL_MUTANTS'] ?? '';

/** Where Stryker writes what became of the mutants of `room`, below the root. */
export function reportOf(room: string): string {
  return `.cache/mutants/${room.replaceAll('/', '-')}.json`;
}
