/** Load profile status word, DTSD545 manual 5.2.5. */
const bits: { bit: number; key: string; meaning: string }[] = [
  { bit: 7, key: 'PDN', meaning: 'power down during the interval' },
  { bit: 5, key: 'CAD', meaning: 'clock adjusted' },
  { bit: 3, key: 'DST', meaning: 'daylight saving time' },
  { bit: 2, key: 'DNV', meaning: 'data not valid' },
  { bit: 1, key: 'CIV', meaning: 'clock invalid' },
  { bit: 0, key: 'ERR', meaning: 'critical error' },
];

export interface StatusFlag {
  key: string;
  meaning: string;
}

/** The flags set in a status word, highest bit first; a reserved bit is shown by its number. */
export function statusFlags(word: number): StatusFlag[] {
  const flags: StatusFlag[] = [];
  for (let bit = 31; bit >= 0; bit -= 1) {
    if (((word >>> bit) & 1) === 0) continue;
    const known = bits.find((entry) => entry.bit === bit);
    flags.push(known ?? { key: `bit ${bit}`, meaning: 'reserved' });
  }
  return flags;
}
