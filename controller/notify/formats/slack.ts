import { cut, type Format, factsOf, linkOf, titleOf, toneOf } from './format.ts';

/** Characters that begin markup in Slack's text (docs.slack.dev, "Formatting message text"). */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const SIGNS = { bad: '🔴', waits: '🟠', good: '🟢', news: '⚪' } as const;
const HEADER_LIMIT = 150;
const TEXT_LIMIT = 3000;

/**
 * A message of Slack's incoming webhooks in Block Kit (docs.slack.dev). It has a link to the request and no
 * button.
 *
 * Threat: a button in a chat would approve with the login of a chat tool. People approve with a key of their
 * own, after they have compared the digest, so messages only lead to the page that asks for it.
 */
export const slackFormat: Format = ({ message }) => {
  const { text, type } = message;
  const link = linkOf(message);
  const open = link === undefined ? '' : `\n<${link}|Open the request>`;
  const facts = factsOf(message).map(([name, value]) => `*${name}* \`${escaped(value)}\``);
  const title = cut(`${SIGNS[toneOf(type)]} ${titleOf(type)}`, HEADER_LIMIT);
  return {
    body: {
      text: escaped(text),
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: title, emoji: true } },
        { type: 'section', text: { type: 'mrkdwn', text: cut(`${escaped(text)}${open}`, TEXT_LIMIT) } },
        ...(facts.length > 0
          ? [{ type: 'context', elements: [{ type: 'mrkdwn', text: cut(facts.join('  '), TEXT_LIMIT) }] }]
          : []),
      ],
      unfurl_links: false,
      unfurl_media: false,
    },
  };
};
