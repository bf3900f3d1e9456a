export { type HostDenies, type HostDeniesOptions, hostDenies } from './host-denies.ts';
