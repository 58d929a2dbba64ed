import { href } from '@gridtally/shared/router';

export const meterHref = (meterNo: string) => href('archive', meterNo);
