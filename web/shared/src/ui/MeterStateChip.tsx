import type { MeterState } from '../contract';
import { Chip, type Tone } from './basics';

const tones: Record<MeterState, Tone> = { reachable: 'ok', unreachable: 'bad', unknown: 'warn', disabled: 'idle' };

export const meterStates: Record<MeterState, string> = { reachable: 'reachable', unreachable: 'unreachable', unknown: 'never reached', disabled: 'disabled' };

export function MeterStateChip({ state }: { state: MeterState }) {
  return <Chip tone={tones[state]}>{meterStates[state]}</Chip>;
}
