import { href } from '@gridtally/shared/router';

export const meterHref = (meterNo: string) => href('meters', meterNo);
export const concentratorHref = (serial: string) => href('concentrators', serial);
