import type { Format } from './format.ts';
import { googleChatFormat } from './google-chat.ts';
import { mattermostFormat } from './mattermost.ts';
import { opsgenieFormat } from './opsgenie.ts';
import { pagerdutyFormat } from './pagerduty.ts';
import { slackFormat } from './slack.ts';
import { teamsFormat } from './teams.ts';

export type { EventMessage, Posting } from './format.ts';
export { PAGER_KINDS } from './incident.ts';

/** The formats of other people's tools, by the name that a configuration gives. */
export const TOOL_FORMATS = {
  slack: slackFormat,
  mattermost: mattermostFormat,
  teams: teamsFormat,
  'google-chat': googleChatFormat,
  pagerduty: pagerdutyFormat,
  opsgenie: opsgenieFormat,
} as const satisfies Record<string, Format>;

/** The name of a format of a tool. */
export type ToolFormat = keyof typeof TOOL_FORMATS;

/** Their names. */
export const TOOL_FORMAT_NAMES = Object.keys(TOOL_FORMATS) as [ToolFormat, ...ToolFormat[]];

/** The tools that know a sender by a key, and not by the address alone. */
export const KEYED_TOOLS: ReadonlySet<ToolFormat> = new Set(['pagerduty', 'opsgenie']);

/** The tools that wake people. */
export const PAGERS: ReadonlySet<ToolFormat> = new Set(['pagerduty', 'opsgenie']);
