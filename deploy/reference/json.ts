import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { farcallProgram, leavesOf } from './command-line.ts';
import { code, page, table } from './markdown.ts';

const FOLDER = join(import.meta.dirname, '../../controller/views/json');

const REQUEST = '`RequestJson`, as it is afterwards';
const DRAFT = '`file`, `digest`, `bundle`: the draft';

/** What each command prints with --json. The page cannot be written if one is missing. */
const SHAPES: Readonly<Record<string, string>> = {
  'farcall undo': REQUEST,
  'farcall request': REQUEST,
  'farcall plan': '`PlanJson`',
  'farcall functions': '`FunctionsJson`',
  'farcall approve': REQUEST,
  'farcall reject': REQUEST,
  'farcall withdraw': REQUEST,
  'farcall review': REQUEST,
  'farcall watch':
    'one object in each line: `event` is `request`, with `RequestJson`, or `host`, with `HostResultJson`',
  'farcall pause': REQUEST,
  'farcall resume': REQUEST,
  'farcall promote': REQUEST,
  'farcall retry': REQUEST,
  'farcall abort': REQUEST,
  'farcall inbox':
    'a list of `kind` (`approve`, `promote`, `decide`, `review`, `remove`, `label`), `subject` (a request or host), `text`, and `command`, which the person can type',
  'farcall requests': 'a list of `RequestSummaryJson`',
  'farcall report':
    '`request` (`RequestJson`), `sums` (`SumsJson`) and `hosts` (a list of `HostResultJson`); with --group-by `groups` (of `ReportGroupJson`), `matchingHosts` and `otherHosts` instead of `hosts`; with --rows or --writes `columns`, `rows` (lists of cells) and `counts` (`RowCounts`)',
  'farcall timeline': 'one `TimelineEvent` in each line, with `sinceMs`, the time since the first',
  'farcall reviews': 'a list of `RequestSummaryJson`, each with `approvers` and `emergency`',
  'farcall hosts': 'a list of `HostJson`; with --unfit a list of `host` and `reasons`',
  'farcall probes':
    'a list, each with `host`, `module` and `callers`, and, unless the host does not know the module, `requestId`, `function`, `text`, `sinceMs`, `expiresAtMs`; `hits`, `missed` and `abandoned` where the host can read them',
  'farcall versions':
    '`farcall` and `controller`, their versions, and `agents`, a list of `version`, `hosts` (names) and `lastSeenAtMs`',
  'farcall console': '`origin`, `code`, `address`, `expiresAtMs`',
  'farcall audit show': 'one `AuditEntryJson` in each line',
  'farcall audit follow':
    'one entry in each line, as --format json writes it: see the guide about the audit log',
  'farcall audit verify':
    'one object in each line: `event` is `finding`, with what is wrong, and last `summary`, with counts',
  'farcall audit witness':
    '`seq`, `hash`, `entryAtMs` of what was signed; with --check what each witness agrees to',
  'farcall lock': '`kind`, `name`, `reason`, `lockedBy`, `lockedAtMs`, `broker`',
  'farcall unlock': 'as `farcall lock`, of the lock that was ended',
  'farcall locks': 'a list of what `farcall lock` prints',
  'farcall host enrol':
    'the enrolment (`id`, `host`, `labels`, `replace`, `state`, `madeBy`, `madeAtMs`, `expiresAtMs`, `address`) with `token`, or with `out`, the file that has it; for several hosts a list',
  'farcall host enrolments':
    'a list of enrolments, as `farcall host enrol` prints them, without tokens, and with `neverHeard`',
  'farcall host revoke': 'the enrolment',
  'farcall host label':
    '`host`, `kid`, `labels`, `number`, `proposals`, `needed`, `able`, and `isTaken` once they are changed',
  'farcall host remove':
    '`host`, `kid`, `labels`, `signatures`, `needed`, `others`, and `removed` once it is',
  'farcall host accept': '`host`, `acceptedAtMs`',
  'farcall key new': '`name`, `kid`, `keyFile` (or `key`, the URI, with `--pkcs11`), `publicJwk`',
  'farcall key show': '`kid`, `key`, `publicJwk`',
  'farcall context list': 'a list of `context`, `isCurrent`, `controller`, `name`, `key`',
  'farcall context use': '`context`, the current one now, and `file`',
  'farcall context show': 'the members in use, and `file`',
  'farcall completion': '`shell`, `script`',
  'farcall trust init': DRAFT,
  'farcall trust add': DRAFT,
  'farcall trust remove': DRAFT,
  'farcall trust team': DRAFT,
  'farcall trust scope': DRAFT,
  'farcall trust emergency': DRAFT,
  'farcall trust sign': '`file`, `digest`, `signers`',
  'farcall trust publish': '`version`, `digest`, `newly`',
  'farcall trust show': '`digest`, `bundle`, `signers`, `threshold`, `discounted`, `before`',
  'farcall signing key new': '`name`, `keyId`, `fingerprint`, `keyFile`, `certificateFile`',
  'farcall signing key show': '`name`, `keyId`, `fingerprint`, `algorithm`, `validFrom`, `validTo`',
  'farcall signing key enrol-help': '`name`, `keyId`, `fingerprint`, `text`',
  'farcall doctor':
    'a list of `check`, `verdict` (`ok`, `warning`, `unfit`), `text` and, where something is wrong, `remedy`',
  'farcall release verify': '`release`, what its maker signed of it, and `files`',
  'farcall signing hosts': 'counts, `certificate`, and `each`, a list of hosts',
};

/** docs/reference/json.md. */
export function jsonPage(): string {
  const rows = leavesOf(farcallProgram()).map(({ path }) => {
    const shape = SHAPES[path];
    if (shape === undefined)
      throw new Error(`deploy/reference/json.ts does not say what ${path} --json prints`);
    return [code(path), shape];
  });
  return page('JSON', [
    'What `--json` prints on stdout. Texts that others wrote are escaped to ASCII. Times are milliseconds since 1970, digests are hexadecimal, and whole numbers in values\nof programs are strings. Scripts must ignore members that they do not know.',
    'An error is one line on stderr, and the exit code is `exit`: `{"error": {"code": "NOT_FOUND", "message": "…", "hints": ["…"], "exit": 4}}`. The codes are in [Errors](errors.md);\n`USAGE` is a mistake in the command line.',
    'A script approves with the `digest` of the `RequestJson` or `RequestSummaryJson` that was reviewed: `farcall approve ID --yes --digest sha256:DIGEST`.',
    table(['command', 'with `--json`'], rows),
    '## Shapes',
    ...['requests.ts', 'results.ts', 'fleet.ts', 'plans.ts', 'programs.ts'].map(declarationsIn),
  ]);
}

/** The exported types in a file, with their comments, as they are in the source. */
function declarationsIn(file: string): string {
  const source = readFileSync(join(FOLDER, file), 'utf8');
  const body = source.replace(/^(import[\s\S]*?;\n)+/, '').trim();
  return ['```ts', body, '```'].join('\n');
}
