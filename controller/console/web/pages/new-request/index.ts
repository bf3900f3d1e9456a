export { NewRequestPage } from './new-request.tsx';
