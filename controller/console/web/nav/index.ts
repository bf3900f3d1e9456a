export { goTo, hrefTo, type Route, useRoute } from './router.ts';
export { mayApprove, mayRequest, SessionContext, useMe } from './session.ts';
