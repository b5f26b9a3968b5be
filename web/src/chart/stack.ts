// Stacking: what is above zero piles up from zero, what is below zero piles down from it, in the order of the
// series. A missing value adds nothing, and where all are missing there is a gap.

import { isNumber, type Value } from '../ui/format';

export interface Layer {
  /** The edges of the band, null in a gap: [from] is the one nearer to zero. */
  from: Value[];
  to: Value[];
  /** Whether the band hangs below zero there. A nought lies where the series lies otherwise. */
  below: boolean[];
}

/** One layer for each of [values]; hidden ones, and those that are lines over the stack, lie flat. */
export function stack(values: Value[][], stacked: boolean[], length: number): Layer[] {
  const above = new Float64Array(length);
  const under = new Float64Array(length);
  return values.map((series, k) => {
    const layer: Layer = {
      from: new Array<Value>(length).fill(null),
      to: new Array<Value>(length).fill(null),
      below: new Array<boolean>(length).fill(false),
    };
    if (!stacked[k]) return layer;
    const hangs = series.some((value) => isNumber(value) && value < 0) && !series.some((value) => isNumber(value) && value > 0);
    for (let i = 0; i < length; i++) {
      const value = series[i];
      if (!isNumber(value)) continue;
      const below = value < 0 || (value === 0 && hangs);
      const pile = below ? under : above;
      layer.below[i] = below;
      layer.from[i] = pile[i];
      pile[i] = (pile[i] ?? 0) + value;
      layer.to[i] = pile[i];
    }
    return layer;
  });
}
