export { controllerStatus, type StatusDeps } from './controller-status.ts';
