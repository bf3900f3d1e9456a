export { HostResultPage } from './host-result.tsx';
export { Results } from './results.tsx';
