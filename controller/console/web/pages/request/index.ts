export { RequestPage } from './request.tsx';
