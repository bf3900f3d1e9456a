export { type UsedToken, type UsedTokenStore, usedTokenStoreOn } from './used-token-store.ts';
