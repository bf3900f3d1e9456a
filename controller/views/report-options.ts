import { FarcallError } from '../../shared/errors/index.ts';
import {
  EVERY_HOST,
  REPORT_KEYS,
  type ReportFilter,
  type ReportKey,
  reportListQueryCodec,
  WAITING,
} from '../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../shared/outcome/index.ts';

/** The keys of `--group-by outcome,kernel`. Throws CONFIG_INVALID. */
export function parseGroupBy(text: string): readonly ReportKey[] {
  const keys = text.split(',').map(key => key.trim());
  const wrong = keys.find(key => !(REPORT_KEYS as readonly string[]).includes(key));
  if (wrong !== undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      `--group-by: '${wrong}' is not one of ${REPORT_KEYS.join(', ')}`,
    );
  return [...new Set(keys as ReportKey[])];
}

const LISTS = {
  outcome: 'outcomes',
  wave: 'waves',
  value: 'values',
  errno: 'errnos',
  error: 'errors',
  kernel: 'kernels',
  arch: 'archs',
  host: 'hosts',
} as const satisfies Record<string, keyof ReportFilter>;

/** The keys of `--filter KEY=VALUE`. */
export const FILTER_KEYS = Object.keys(LISTS);

/** Help for `--filter`. */
export const FILTER_HELP =
  `KEY=VALUE with KEY ${Object.keys(LISTS).join(', ')}; outcome and wave take several (refused,load-error), the others ` +
  'a pattern with * and ?; may be repeated: hosts must match each key, by any of its values';

/** The filter that several `--filter KEY=VALUE` make together. Throws CONFIG_INVALID. */
export function parseFilter(texts: readonly string[]): ReportFilter {
  const lists: Record<string, (string | number)[]> = {};
  for (const text of texts) {
    const [, key = '', value = ''] = /^(\w+)=(.+)$/s.exec(text) ?? [];
    if (!Object.hasOwn(LISTS, key))
      throw new FarcallError('CONFIG_INVALID', `--filter: '${text}' is not ${FILTER_HELP}`);
    const list = LISTS[key as keyof typeof LISTS];
    lists[list] = [...(lists[list] ?? []), ...membersOf(key, value)];
  }
  const filter = { ...EVERY_HOST, ...lists } as ReportFilter;
  // Throws where the filter is too long, before anything is sent.
  reportListQueryCodec.encode({ id: 'some', filter });
  return filter;
}

function membersOf(key: string, value: string): (string | number)[] {
  if (key === 'outcome') return value.split(',').map(outcomeOf);
  if (key === 'wave') return value.split(',').map(waveOf);
  return [value];
}

function outcomeOf(text: string): string {
  if (text === WAITING || (OUTCOME_NAMES as readonly string[]).includes(text)) return text;
  throw new FarcallError(
    'CONFIG_INVALID',
    `--filter: '${text}' is not an outcome; the outcomes are ${[...OUTCOME_NAMES, WAITING].join(', ')}`,
  );
}

function waveOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new FarcallError('CONFIG_INVALID', `--filter: '${text}' is not the number of a wave`);
}
