export { channelTo } from './channel.ts';
export { errorFromStatus, statusFromError } from './error-status.ts';
