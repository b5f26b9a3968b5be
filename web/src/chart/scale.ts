// The vertical scales. A price axis is nearly linear near zero and nearly logarithmic beyond, on both sides,
// so that a spike of 17,500 leaves the shape of the other hours visible, and neither is clipped.

/** Below this price the axis is nearly linear, above it nearly logarithmic, $/MWh. */
export const PRICE_LINEAR = 50;

/** From zero at least, with some air; never empty. */
export function linearRange(min: number | null, max: number | null): [number, number] {
  const low = Math.min(min ?? 0, 0);
  const high = Math.max(max ?? 0, 0);
  if (low === high) return [0, 1000];
  return [low * 1.08, high * 1.08];
}

/** What is drawn, with some air: for differences that zero would flatten. */
export function fitRange(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return linearRange(min, max);
  const air = (max - min || Math.abs(max) || 1) * 0.08;
  return [min - air, max + air];
}

function toAxis(price: number): number {
  return Math.asinh(price / PRICE_LINEAR);
}

/** Always from zero to 100 at least, so that a quiet day looks quiet. */
export function priceRange(min: number | null, max: number | null): [number, number] {
  const low = toAxis(Math.min(min ?? 0, 0));
  const high = toAxis(Math.max(max ?? 0, 100));
  const pad = (high - low) * 0.05;
  return [Math.sinh(low - pad) * PRICE_LINEAR, Math.sinh(high + pad) * PRICE_LINEAR];
}

/** Where [price] lies between [min], 0, and [max], 1. */
export function pricePosition(price: number, min: number, max: number): number {
  return (toAxis(price) - toAxis(min)) / (toAxis(max) - toAxis(min));
}

/** The same bend for drawings without an axis. */
export function bendPrice(price: number): number {
  return toAxis(price);
}
