export { goTo, hrefTo, type Place, replaceWith, usePlace } from './router.ts';
export { mayApprove, mayAsk, SessionContext, useMe } from './session.ts';
