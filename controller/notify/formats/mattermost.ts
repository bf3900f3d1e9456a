import { COLOURS, type Format, factsOf, linkOf, titleOf, toneOf } from './format.ts';

/** A message of Mattermost's incoming webhooks, as an attachment (docs.mattermost.com). */
export const mattermostFormat: Format = ({ message }) => {
  const { text, type } = message;
  const link = linkOf(message);
  return {
    body: {
      username: 'farcall',
      attachments: [
        {
          fallback: text,
          color: COLOURS[toneOf(type)],
          title: titleOf(type),
          ...(link !== undefined && { title_link: link }),
          text,
          fields: factsOf(message).map(([title, value]) => ({
            ...{ title, value: `\`${value}\``, short: value.length < 40 },
          })),
        },
      ],
    },
  };
};
