import {
  type AddCommand,
  addHelp,
  type CliContext,
  type CommonOptions,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withOperatorOptions,
  withSession,
} from '../../core/index.ts';

/** `farcall host revoke`. */
export const addHostRevoke: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('revoke'))
    .summary('revoke an enrolment that nobody has used yet')
    .description('Revokes an enrolment that nobody has used yet. Its token becomes invalid.')
    .argument('<enrolment>', 'id of the enrolment: see farcall host enrolments');
  addHelp(command, {
    examples: ['host revoke 4fj2kq9x', 'host revoke 4fj2kq9x --json'],
    exits: REMOTE_EXITS,
  }).action(async (id: string, options: CommonOptions) =>
    exitWith(await revokeEnrolment(context, id, options)),
  );
};

async function revokeEnrolment(context: CliContext, id: string, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const view = await client.call('revokeEnrolment', { id });
    const text = `Enrolment ${id} of ${view.host} is revoked.`;
    context.terminal.print(options.json ? JSON.stringify(view) : text);
    return EXIT.ok;
  });
}
