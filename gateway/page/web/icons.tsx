/** Icons as outlines on a grid of 24, drawn in the colour of the text beside them. */
import type { JSX } from 'preact'

const paths = {
  check: ['M20 6.5 9.5 17.5 4 12'],
  clock: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M12 7v5l3.5 2'],
  warning: ['M12 4 2.8 20h18.4L12 4Z', 'M12 10v4.5', 'M12 17.4v.1'],
  cross: ['M6 6l12 12', 'M18 6 6 18'],
  question: [
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
    'M9.4 9.4a2.6 2.6 0 1 1 3.8 2.4c-.8.4-1.2.9-1.2 1.8',
    'M12 16.8v.1',
  ],
  info: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z', 'M12 11v5.5', 'M12 7.6v.1'],
  device: ['M4 5h16v11H4z', 'M7 11h2.5l1.5-3 2 5 1.5-2H17', 'M9 20h6'],
  cable: [
    'M7 3v5',
    'M11 3v5',
    'M5 8h8v2.5a4 4 0 0 1-8 0V8Z',
    'M9 14.5V17a4 4 0 0 0 8 0v-3',
    'M15 10h4v4h-4z',
  ],
  hospital: ['M4 21V6h16v15', 'M2.5 21h19', 'M12 9v6', 'M9 12h6', 'M10 21v-3h4v3'],
  store: [
    'M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3Z',
    'M4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6',
    'M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3',
  ],
  sent: ['M12 20V5', 'M5.5 11 12 4.5l6.5 6.5'],
  broker: ['M7.5 18.5a4 4 0 0 1-.6-7.9 5.5 5.5 0 0 1 10.5-1.2 4.6 4.6 0 0 1-.7 9.1Z'],
  keypad: [
    'M5 3h14v18H5z',
    'M8.5 7h7',
    'M8.5 11.5v.1',
    'M12 11.5v.1',
    'M15.5 11.5v.1',
    'M8.5 15.5v.1',
    'M12 15.5v.1',
    'M15.5 15.5v.1',
  ],
  list: ['M9 6h11', 'M9 12h11', 'M9 18h11', 'M4.5 6v.1', 'M4.5 12v.1', 'M4.5 18v.1'],
  download: ['M12 4v11', 'M6.5 10 12 15.5 17.5 10', 'M4.5 20h15'],
  wave: ['M2.5 12.5H7l2-7 4 13 2.5-6h6'],
  event: ['M6 17V11a6 6 0 0 1 12 0v6', 'M4 17h16', 'M10.5 20.5h3'],
  image: ['M4 4.5h16v15H4z', 'M4 16l4.5-4.5 4 4 2.5-2.5 5 5', 'M15.5 9v.1'],
  file: ['M6 3h8l5 5v13H6z', 'M14 3v5h5'],
  flask: [
    'M9.5 3h5',
    'M10.5 3v6L5 19a1.4 1.4 0 0 0 1.2 2h11.6a1.4 1.4 0 0 0 1.2-2L13.5 9V3',
    'M7.8 15h8.4',
  ],
  camera: ['M4 7.5h4L9.5 5h5L16 7.5h4v12H4z', 'M12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z'],
  network: ['M4.5 10.5a11 11 0 0 1 15 0', 'M7.5 14a6.6 6.6 0 0 1 9 0', 'M12 18v.1'],
  offline: [
    'M4.5 10.5a11 11 0 0 1 4-2.5',
    'M13 7.3a11 11 0 0 1 6.5 3.2',
    'M7.5 14a6.6 6.6 0 0 1 3.2-1.7',
    'M12 18v.1',
    'M4 4l16 16',
  ],
  key: ['M8 18a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z', 'M11 11.2 19.5 3', 'M16 6.4l2.6 2.6'],
  leave: ['M10 4H5v16h5', 'M14.5 8l4 4-4 4', 'M18.5 12H9.5'],
  back: ['M14.5 5.5 8 12l6.5 6.5'],
  next: ['M9.5 5.5 16 12l-6.5 6.5'],
  down: ['M5.5 9.5 12 16l6.5-6.5'],
  up: ['M5.5 14.5 12 8l6.5 6.5'],
  erase: ['M8.5 6H21v12H8.5L3 12z', 'M12 9.5l5 5', 'M17 9.5l-5 5'],
  noise: ['M3 12h2l1.5-4 2 9 2-12 2 10 1.5-6 1.5 5 1.5-2h3.5'],
  van: [
    'M2.5 6.5h11v10h-11z',
    'M13.5 10h4l4 3.5v3h-8',
    'M6.5 19a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z',
    'M17 19a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z',
  ],
  person: ['M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z', 'M4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6'],
  people: [
    'M9 12a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2Z',
    'M2.5 19.5c.5-3.5 3-5.3 6.5-5.3s6 1.8 6.5 5.3',
    'M15.5 5.2a3.4 3.4 0 0 1 0 6.4',
    'M17.6 14.6c2.2.7 3.5 2.3 3.9 4.9',
  ],
  plus: ['M12 5v14', 'M5 12h14'],
  pencil: ['M4.5 19.5l1-4L16 5l3 3L8.5 18.5z', 'M13.5 7.5l3 3'],
  search: ['M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z', 'M15.5 15.5 20.5 20.5'],
  stick: ['M7 9h10v12H7z', 'M9 9V3.5h6V9', 'M11 6v.1', 'M13 6v.1'],
  undo: ['M4 9.5h10a5.5 5.5 0 0 1 0 11h-4', 'M8 5.5l-4 4 4 4'],
  room: ['M4 19.5V4.5h16v15z', 'M4 14.5h16', 'M16.5 17v.1', 'M13.5 17v.1'],
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {paths[name].map((d) => (
        <path d={d} key={d} />
      ))}
    </svg>
  )
}

/** The knot that ties the van to the hospital. */
export function Mark({ size = 28 }: { size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#005f73" />
      <path
        d="M6 20c5 0 5-8 10-8s5 8 10 8M6 12c5 0 5 8 10 8s5-8 10-8"
        fill="none"
        stroke="#fff"
        stroke-width="2.6"
        stroke-linecap="round"
      />
    </svg>
  )
}
