export { Rows } from './rows.tsx';
