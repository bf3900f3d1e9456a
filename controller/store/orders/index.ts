export { insertOrder, type NewOrder, type OrderStore, orderStoreOn } from './order-store.ts';
