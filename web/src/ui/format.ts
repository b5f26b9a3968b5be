// Numbers as the field writes them: MW whole; $/MWh with two decimals under 1,000 and none from there on;
// thousands separated; a real minus sign; a dash where there is no value, which is not zero.

export const NONE = '–';
const MINUS = '−';

export type Value = number | null | undefined;


/**
 * [size], which is not negative, with so many decimals, as Intl.NumberFormat writes it, whose first use alone takes longer
 * than the page has. Rounded as it reads in decimals: 1.005 is 1.01.
 */
export function digits(size: number, decimals: number): string {
  const scaled = Math.round(Number(`${size}e${decimals}`));
  const [before = '', after] = (Number.isNaN(scaled) ? size : scaled / 10 ** decimals).toFixed(decimals).split('.');
  const grouped = before.replace(/\B(?=(\d{3})+$)/g, ',');
  return after === undefined ? grouped : `${grouped}.${after}`;
}

/** [size] is not negative. Decided on the rounded value, so that 999.999 is "1,000" and not "1,000.00". */
function priceDigits(size: number): string {
  return digits(size, Math.round(size * 100) / 100 < 1000 ? 2 : 0);
}

/** A minus sign only before digits that are not all zero: no "−0". */
function signed(value: number, digits: string, unit = ''): string {
  return (value < 0 && /[1-9]/.test(digits) ? MINUS : '') + unit + digits;
}

export function isNumber(value: Value): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function megawatts(value: Value): string {
  return isNumber(value) ? signed(value, digits(Math.abs(value), 0)) : NONE;
}

/** From MWh, one decimal. */
export function gigawattHours(megawattHours: Value): string {
  return isNumber(megawattHours) ? decimal(megawattHours / 1000) : NONE;
}

/** A share, of which 1 is all, one decimal and without the sign of per cent. */
export function share(value: Value): string {
  return isNumber(value) ? decimal(value * 100) : NONE;
}

/** "38.2 %" */
export function percent(value: Value): string {
  return isNumber(value) ? `${share(value)} %` : NONE;
}

/** "+3.1 %", of a change. */
export function signedPercent(value: Value): string {
  return isNumber(value) && value > 0 ? `+${percent(value)}` : percent(value);
}

function decimal(value: number): string {
  return signed(value, digits(Math.abs(value), 1));
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
  return digits(value, 0);
}

/** Millions of dollars: two decimals under ten, one from there on. */
export function millions(value: Value): string {
  if (!isNumber(value)) return NONE;
  const size = Math.abs(value);
  return signed(value, digits(size, size < 9.995 ? 2 : 1), '$');
}

/** How a number of this unit is written, without the unit. */
export function byUnit(unit: string | undefined): (value: Value) => string {
  return UNITS.get(unit ?? '') ?? plain;
}

function plain(value: Value): string {
  return isNumber(value) ? tick(value) : NONE;
}

const UNITS = new Map<string, (value: Value) => string>([
  ['MW', megawatts],
  ['MWh', megawatts],
  ['t', megawatts],
  ['GWh', (value) => (isNumber(value) ? decimal(value) : NONE)],
  ['$/MWh', price],
  ['t/MWh', (value) => (isNumber(value) ? signed(value, digits(Math.abs(value), 2)) : NONE)],
  ['$', (value) => (isNumber(value) ? signed(value, digits(Math.abs(value), 0), '$') : NONE)],
  ['$M', millions],
  ['%', (value) => (isNumber(value) ? decimal(value) : NONE)],
  ['share', share],
]);

/** A tick on an axis of shares, of which 1 is 100 %. */
export function shareTick(value: number): string {
  return tick(value * 100);
}

/** A tick on an axis: as many decimals as the number has, up to two. */
export function tick(value: number): string {
  return signed(value, digits(Math.abs(value), 2).replace(/\.?0+$/, ''));
}
