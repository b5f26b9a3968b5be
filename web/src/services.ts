// The ten ancillary services (FCAS) in the order in which they act, with the colours that five of a direction have.

export interface Service {
  /** As the API names it. */
  id: string;
  label: string;
  color: string;
}

const SPEEDS: readonly (readonly [id: string, label: string, color: string])[] = [
  ['reg', 'regulation', '--ink'],
  ['1sec', '1 s', '--nsw1'],
  ['6sec', '6 s', '--qld1'],
  ['60sec', '60 s', '--tas1'],
  ['5min', '5 min', '--sa1'],
];

export const SERVICES: readonly Service[] = [
  ['raise', 'Raise'],
  ['lower', 'Lower'],
].flatMap(([way, word]) => SPEEDS.map(([id, label, color]) => ({ id: `${way}${id}`, label: `${word} ${label}`, color })));
