export { type End, ends, examineCertificate } from './ends.ts';
export { type BrokersToReach, examineBrokers } from './examine-brokers.ts';
export { examineClock } from './examine-clock.ts';
export { examineDisk } from './examine-disk.ts';
export { type Finding, ok, orUnfit, unfit, type Verdict, warning } from './finding.ts';
export { findingLines, isUnfit, refuseSupportFile, writeSupportFile } from './report.ts';
export { orProblem, supportArchive } from './support-archive.ts';
