import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  signNow,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

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
  return withSession(context, options, async session => {
    const { client } = session;
    const known = (await client.call('listEnrolments', {})).enrolments.find(each => each.id === id);
    if (!known)
      throw new FarcallError('NOT_FOUND', `there is no enrolment ${id}; farcall host enrolments lists them`);
    const token = await signNow(context, session, 'enrolmentRevocation', { enrolment: id, host: known.host });
    const view = await client.call('revokeEnrolment', { id, token });
    const text = `Enrolment ${id} of ${view.host} is revoked.`;
    context.terminal.print(options.json ? asciiJson(view) : text);
    return EXIT.ok;
  });
}
