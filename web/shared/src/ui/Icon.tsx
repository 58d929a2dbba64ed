const paths = {
  add: 'M8 3v10M3 8h10',
  edit: 'M10.5 3.5l2 2L6 12l-2.6.6L4 10z',
  remove: 'M3.5 4.5h9M6.5 4.5v-1h3v1M5 4.5l.5 8h5l.5-8M7 7v3.5M9 7v3.5',
  read: 'M13 8a5 5 0 1 1-1.6-3.7M13 3v2.5h-2.5',
  download: 'M8 3v7M5 7.5L8 10.5l3-3M3.5 13h9',
  back: 'M10 3.5L5.5 8l4.5 4.5',
  forward: 'M6 3.5L10.5 8 6 12.5',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1M11.4 4.6l1-1',
  moon: 'M12.8 9.6A5.3 5.3 0 0 1 6.4 3.2a5.3 5.3 0 1 0 6.4 6.4z',
  alert: 'M8 2.5l6 11H2zM8 6.5v3.2M8 11.5v.3',
  user: 'M8 2.8a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2M3 13.4c.5-2.6 2.4-4 5-4s4.5 1.4 5 4',
  logout: 'M6.5 3H3.5v10h3M7 8h6M10.5 5.5L13 8l-2.5 2.5',
  zoomOut: 'M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8M10 10l3.5 3.5M5.2 7h3.6',
} as const;

export type IconName = keyof typeof paths;

/** A decorative line icon; the control that holds it has the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={paths[name]} fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

/** Gridtally's mark: a tally of five. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <g fill="none" stroke-linecap="round" stroke-width="2.8">
        <path class="mark-strokes" d="M7.5 7v18M13.2 7v18M18.8 7v18M24.5 7v18" />
        <path class="mark-cross" d="M3.5 23 28.5 9" />
      </g>
    </svg>
  );
}
