export { channelTo } from './channel.ts';
export { errorFromStatus, statusFromError, wasSent } from './error-status.ts';
