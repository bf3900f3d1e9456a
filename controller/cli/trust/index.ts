export { type TrustEditOptions, trustAdd, trustRemove } from './edit.ts';
export { type TrustInitOptions, trustInit } from './init.ts';
export { fetchNewest } from './newest.ts';
export { trustPublish } from './publish.ts';
export { type TrustShowOptions, trustShow } from './show.ts';
export { type TrustSignOptions, trustSign } from './sign.ts';
