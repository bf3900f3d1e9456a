export { ProbesPage } from './probes.tsx';
