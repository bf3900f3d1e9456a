export { type MacComparison, macComparison } from './compare-macs.ts';
