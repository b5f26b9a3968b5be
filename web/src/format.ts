// Numbers as the field writes them: MW whole; $/MWh with two decimals under 1,000 and none from there on;
// thousands separated; a real minus sign; a dash where there is no value, which is not zero.

export const NONE = '–';
const MINUS = '−';

export type Value = number | null | undefined;

const whole = new Intl.NumberFormat('en-AU', { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat('en-AU', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** [size] is not negative. Decided on the rounded value, so that 999.999 is "1,000" and not "1,000.00". */
function priceDigits(size: number): string {
  return Math.round(size * 100) / 100 < 1000 ? cents.format(size) : whole.format(size);
}

/** A minus sign only before digits that are not all zero: no "−0". */
function signed(value: number, digits: string, unit = ''): string {
  return (value < 0 && /[1-9]/.test(digits) ? MINUS : '') + unit + digits;
}

export function isNumber(value: Value): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function megawatts(value: Value): string {
  return isNumber(value) ? signed(value, whole.format(Math.abs(value))) : NONE;
}

/** $/MWh without the dollar sign, for columns whose heading names the unit. */
export function price(value: Value): string {
  return isNumber(value) ? signed(value, priceDigits(Math.abs(value))) : NONE;
}

export function dollars(value: Value): string {
  return isNumber(value) ? signed(value, priceDigits(Math.abs(value)), '$') : NONE;
}

/** The size of a change, without sign: an arrow says which way. */
export function priceSize(value: number): string {
  return priceDigits(Math.abs(value));
}

export function count(value: number): string {
  return whole.format(value);
}

/** A tick on an axis: as many decimals as the number has, up to two. */
export function tick(value: number): string {
  return signed(value, Math.abs(value).toLocaleString('en-AU', { maximumFractionDigits: 2 }));
}
