export { AuditPage } from './audit.tsx';
export { HostPage } from './host.tsx';
export { NewRequestPage } from './new-request/index.ts';
export { OverviewPage } from './overview/index.ts';
export { ProbesPage } from './probes/index.ts';
export { RequestPage } from './request/index.ts';
export { RequestsPage } from './requests.tsx';
export { TrustPage } from './trust.tsx';
