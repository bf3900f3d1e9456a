import { type Format, factsOf, linkOf, requestOf, titleOf } from './format.ts';

/**
 * A message of Google Chat's incoming webhooks: a card (developers.google.com/chat, cards v2), in one thread
 * for each request.
 */
export const googleChatFormat: Format = ({ message, url, id }) => {
  const { text, type } = message;
  const link = linkOf(message);
  const request = requestOf(message);
  const facts = factsOf(message).map(([topLabel, value]) => ({
    decoratedText: { topLabel, text: value, wrapText: true },
  }));
  const open =
    link === undefined
      ? []
      : [{ buttonList: { buttons: [{ text: 'Open the request', onClick: { openLink: { url: link } } }] } }];
  const widgets = [{ textParagraph: { text } }, ...facts, ...open];
  const card = { header: { title: titleOf(type), subtitle: 'farcall' }, sections: [{ widgets }] };
  const threaded = new URL(url);
  if (request !== undefined)
    threaded.searchParams.set('messageReplyOption', 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD');
  return {
    url: threaded.href,
    body: {
      cardsV2: [{ cardId: id, card }],
      ...(request !== undefined && { thread: { threadKey: request } }),
    },
  };
};
