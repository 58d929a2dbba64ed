import type { MeterState } from '../contract';
import { Chip, type Tone } from './basics';

const tones: Record<MeterState, Tone> = { reachable: 'ok', unreachable: 'bad', unknown: 'warn', disabled: 'idle' };

const labels: Record<MeterState, string> = { reachable: 'reachable', unreachable: 'unreachable', unknown: 'never reached', disabled: 'disabled' };

export function MeterStateChip({ state }: { state: MeterState }) {
  return <Chip tone={tones[state]}>{labels[state]}</Chip>;
}

/** Choices of a filter: the states, and `silent` for every enabled meter that is not reached. */
export const stateOptions = [{ value: 'silent', label: 'not reached' }, ...Object.entries(labels).map(([value, label]) => ({ value, label }))];

export function isInState(state: MeterState, option: string): boolean {
  return option === 'silent' ? state === 'unreachable' || state === 'unknown' : state === option;
}
