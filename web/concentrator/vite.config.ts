import { product } from '../vite.product.ts';
import { handler } from './dev/mock.ts';

export default product('concentrator', handler);
