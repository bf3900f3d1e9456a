import { FarcallError } from '../../../shared/errors/index.ts';
import type { MessageCodec } from '../../../shared/messages/index.ts';

/** Where each member of a draft comes from, as it is typed: `--expires`. */
export type OptionNames = Readonly<Record<string, string>>;

/**
 * `draft`, checked as the controller will check it, before anything is sent. Throws CONFIG_INVALID, which
 * names what was typed and not the member on the wire.
 */
export function checkDraft<T>(codec: MessageCodec<T>, draft: unknown, names: OptionNames): T {
  const parsed = codec.schema.safeParse(draft);
  if (parsed.success) return parsed.data as T;
  const [issue] = parsed.error.issues;
  const [member = '', ...inner] = (issue?.path ?? []).map(String);
  const name = names[member] ?? `--${[member, ...inner].join('.')}`;
  throw new FarcallError('CONFIG_INVALID', `${name}: ${issue?.message ?? 'it is not valid'}`);
}
