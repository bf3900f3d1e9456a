export { Btf, type BtfEnumerator, type BtfMember, type BtfParam, type TypeId } from './btf.ts';
export { BTF_KIND, type BtfKind } from './kinds.ts';
