import { Chip, type Tone } from '@gridtally/shared/ui';
import type { ConcentratorState } from '../api';

const tones: Record<ConcentratorState, Tone> = { online: 'ok', offline: 'bad', refused: 'bad' };

export function ConcentratorChip({ state }: { state: ConcentratorState }) {
  return <Chip tone={tones[state]}>{state}</Chip>;
}
