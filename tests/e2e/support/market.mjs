/* A small market: files of the four feeds, as AEMO would have published them, with everything in them
 * that has tripped a reader before. Numbers are made from what they stand for, so they are the same in
 * every run and nowhere equal by chance. */
import { mmsFile } from './mms.mjs';
import { zipOf } from './zip.mjs';

export const folders = {
  dispatch: 'DispatchIS_Reports',
  scada: 'Dispatch_SCADA',
  trading: 'TradingIS_Reports',
  rooftop: 'ROOFTOP_PV/ACTUAL',
};
export const regions = ['NSW1', 'QLD1', 'SA1', 'TAS1', 'VIC1'];
export const links = ['N-Q-MNSP1', 'NSW1-QLD1', 'T-V-MNSP1', 'V-S-MNSP1', 'V-SA', 'VIC1-NSW1'];
/* Coal; a name with '/' and '#'; pumps and half a battery, which count as load; batteries as one unit;
 * wind; and those that are in no sum. */
export const duids = ['BW01', 'W/HOE#2', 'PUMP1', 'SNOWYP', 'HPRL1', 'HPR1', 'TB2BG1', 'ARWF1', 'TUMUT3', 'YWPS4',
  'DG_NSW1', 'RT_VIC1', 'DRXNDA01'];

const minute = 60000;
/* Times are milliseconds, as if AEST were UTC. */
export const at = (text) => Date.parse(`${text.replace(' ', 'T')}:00Z`);
const iso = (time) => new Date(time).toISOString();
export const mms = (time) => iso(time).slice(0, 19).replaceAll('-', '/').replace('T', ' ');
const digits = (time) => iso(time).slice(0, 16).replace(/\D/g, '');

/* A number in [low, high) with up to five decimals, from the text of what it is. */
export function number(what, low, high) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < what.length; i++) hash = Math.imul(hash ^ what.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39) >>> 0;
  const decimals = [0, 1, 2, 3, 5, 5][hash % 6];
  const text = (low + ((hash >>> 3) / 2 ** 29) * (high - low)).toFixed(decimals);
  return /^-0(\.0*)?$/.test(text) ? '0' : text;
}

const serial = (time, salt) => String(477000000 + ((time / minute) % 999999) + salt).padStart(16, '0');
const packed = (folder, name, csv, options) => ({ folder, name: `${name}.zip`, bytes: zipOf([{ name: `${name}.CSV`, data: csv }], options) });

/* -- DISPATCHIS ------------------------------------------------------------------------------- */

const services = ['6SEC', '60SEC', '5MIN', 'REG'];
const fcasColumns = ['RAISE', 'LOWER'].flatMap((d) => services.flatMap((s) => [`${d}${s}RRP`, `${d}${s}ROP`, `${d}${s}APCFLAG`]));
const oneSecond = ['RAISE1SECRRP', 'RAISE1SECROP', 'RAISE1SECAPCFLAG', 'LOWER1SECRRP', 'LOWER1SECROP', 'LOWER1SECAPCFLAG'];
const runColumns = (key) => ['SETTLEMENTDATE', 'RUNNO', key, 'DISPATCHINTERVAL', 'INTERVENTION'];
const priceStart = [...runColumns('REGIONID'), 'RRP', 'EEP', 'ROP', 'APCFLAG', 'MARKETSUSPENDEDFLAG', 'LASTCHANGED', ...fcasColumns];

const priceColumns = {
  4: [...priceStart, 'PRICE_STATUS', 'PRE_AP_ENERGY_PRICE', 'CUMUL_PRE_AP_ENERGY_PRICE'],
  5: [...priceStart, 'PRICE_STATUS', 'PRE_AP_ENERGY_PRICE', 'CUMUL_PRE_AP_ENERGY_PRICE', 'OCD_STATUS', 'MII_STATUS', ...oneSecond],
  '5b': [...priceStart, 'PRICE_STATUS', 'PRE_AP_ENERGY_PRICE', ...oneSecond, 'CUMUL_PRE_AP_ENERGY_PRICE', 'OCD_STATUS', 'MII_STATUS'],
};
const sumStart = [...runColumns('REGIONID'), 'TOTALDEMAND', 'AVAILABLEGENERATION', 'AVAILABLELOAD', 'DEMANDFORECAST',
  'DISPATCHABLEGENERATION', 'DISPATCHABLELOAD', 'NETINTERCHANGE', 'AGGEGATEDISPATCHERROR', 'AGGREGATEDISPATCHERROR',
  'LASTCHANGED', 'INITIALSUPPLY', 'CLEAREDSUPPLY', 'TOTALINTERMITTENTGENERATION', 'DEMAND_AND_NONSCHEDGEN', 'UIGF'];
const sumColumns = {
  4: sumStart,
  5: [...sumStart, 'SEMISCHEDULE_CLEAREDMW', 'SEMISCHEDULE_COMPLIANCEMW', 'SS_SOLAR_UIGF', 'SS_WIND_UIGF',
    'SS_SOLAR_CLEAREDMW', 'SS_WIND_CLEAREDMW', 'SS_SOLAR_AVAILABILITY', 'SS_WIND_AVAILABILITY',
    'BDU_ENERGY_STORAGE', 'BDU_CLEAREDMW_LOAD', 'BDU_CLEAREDMW_GEN', 'BDU_INITIAL_ENERGY_STORAGE'],
};
sumColumns['5b'] = sumColumns[5];
const linkStart = [...runColumns('INTERCONNECTORID'), 'METEREDMWFLOW', 'MWFLOW', 'MWLOSSES', 'MARGINALVALUE',
  'VIOLATIONDEGREE', 'LASTCHANGED', 'EXPORTLIMIT', 'IMPORTLIMIT', 'MARGINALLOSS', 'EXPORTGENCONID', 'IMPORTGENCONID'];
const constraintColumns = [...runColumns('CONSTRAINTID'), 'RHS', 'MARGINALVALUE', 'VIOLATIONDEGREE', 'LASTCHANGED', 'DUID', 'LHS'];
/* One that has room, one that sets the price, one that is violated. */
const constraints = {
  'F_I+BIP_ML_L5': { MARGINALVALUE: '0', VIOLATIONDEGREE: '0' },
  '#R012345_001': { VIOLATIONDEGREE: '0' },
  'V^^V_NIL': { MARGINALVALUE: '0' },
};
const linkColumns = { 4: linkStart, 5: [...linkStart, 'FCASEXPORTLIMIT', 'FCASIMPORTLIMIT'], '5b': linkStart };

const texts = {
  PRICE_STATUS: 'FIRM', OCD_STATUS: 'NOT_OCD', MII_STATUS: 'NOT_MII', RUNNO: '1', APCFLAG: '0', MARKETSUSPENDEDFLAG: '0',
};

/* One row: what [given] says, else a number of its own. Each eleventh is blank: AEMO's null. */
function row(columns, given, salt, blanks = []) {
  const out = {};
  for (const column of columns) {
    const what = `${salt}|${column}`;
    const blank = blanks.includes(column) && Number(number(`${what}|blank`, 0, 1000)) % 1000 < 250;
    out[column] = given[column] ?? (blank ? null : texts[column] ?? number(what, -400, 1500));
  }
  return out;
}

const orderedRuns = (interventions, keys, make) =>
  interventions.flatMap((intervention) => keys.map((key) => make(key, intervention)));

/* The csv of one dispatch interval. [version] picks the columns; [interventions] is the order of the
 * runs' rows by table; [rrp] gives prices by region, [status] what kind of price they are; [change] adds seconds to LASTCHANGED. */
export function dispatchCsv(time, { version = 5, price = [0], sum = price, flow = price, rrp = {}, status = {}, change = 0, salt = '', published } = {}) {
  const lastchanged = mms(time - 5 * minute + (4 + change) * 1000);
  const given = (key, id, intervention) => ({
    SETTLEMENTDATE: mms(time), [key]: id, INTERVENTION: intervention, LASTCHANGED: lastchanged,
    DISPATCHINTERVAL: digits(time),
  });
  const table = (name, columns, rows) => ({ table: name, columns, rows });
  const saltOf = (name, id, intervention) => `${name}|${id}|${time}|${intervention}|${salt}`;
  return mmsFile({
    report: 'DISPATCHIS',
    published: published ?? mms(time - 5 * minute + (13 + change) * 1000),
    tables: [
      table('DISPATCH.CASE_SOLUTION.2', ['SETTLEMENTDATE', 'RUNNO', 'INTERVENTION', 'CASESUBTYPE', 'LASTCHANGED'],
        [[mms(time), 1, price[0], 'a text, with "quotes"', lastchanged]]),
      table(`DISPATCH.PRICE.${parseInt(version, 10)}`, priceColumns[version], orderedRuns(price, regions, (id, i) =>
        row(priceColumns[version], { ...given('REGIONID', id, i), ...(rrp[id] !== undefined && i === 0 ? { RRP: rrp[id] } : {}),
          ...(status[id] ? { PRICE_STATUS: status[id] } : {}) },
          saltOf('PRICE', id, i), oneSecond))),
      table(`DISPATCH.REGIONSUM.${version === 4 ? 4 : 9}`, sumColumns[version], orderedRuns(sum, regions, (id, i) =>
        row(sumColumns[version], given('REGIONID', id, i), saltOf('REGIONSUM', id, i), ['UIGF', 'INITIALSUPPLY', 'SS_SOLAR_UIGF']))),
      table('DISPATCH.INTERCONNECTORRES.3', linkColumns[version], orderedRuns(flow, links, (id, i) =>
        row(linkColumns[version], {
          ...given('INTERCONNECTORID', id, i), EXPORTGENCONID: number(`${saltOf('G', id, i)}`, 0, 9) < 4 ? '' : `${id}>NIL_${i}`,
          IMPORTGENCONID: `#${id}_I_E`,
        }, saltOf('FLOW', id, i), ['MARGINALVALUE']))),
      table('DISPATCH.CONSTRAINT.5', constraintColumns, orderedRuns(price, Object.keys(constraints), (id, i) =>
        row(constraintColumns, { ...given('CONSTRAINTID', id, i), ...constraints[id] }, saltOf('CONSTRAINT', id, i)))),
    ],
  });
}

export const dispatchName = (time, salt = 0) => `PUBLIC_DISPATCHIS_${digits(time)}_${serial(time, salt)}`;
export const dispatch = (time, options = {}) =>
  packed(folders.dispatch, dispatchName(time, options.serial), dispatchCsv(time, options), options.zip);

/* -- Dispatch_SCADA --------------------------------------------------------------------------- */

/* Every unit reports, but for YWPS4, which skips every third interval, and ARWF1, whose value is now and
 * then blank. HPR1 charges every other interval. */
export function scadaValue(duid, time) {
  const step = time / (5 * minute);
  if (duid.startsWith('DG_') || duid.startsWith('RT_')) return '0';
  if (duid === 'YWPS4' && step % 3 === 0) return undefined;
  if (duid === 'ARWF1' && step % 4 === 1) return null;
  if (duid === 'HPR1') return number(`HPR1|${time}`, ...(step % 2 ? [-100, -1] : [1, 100]));
  if (duid === 'TUMUT3') return number(`TUMUT3|${time}`, -2, 0);
  return number(`${duid}|${time}`, 0, 600);
}

export function scadaCsv(time, { lastchanged = true, values = {}, change = 0, published, units = duids } = {}) {
  const columns = ['SETTLEMENTDATE', 'DUID', 'SCADAVALUE', ...(lastchanged ? ['LASTCHANGED'] : [])];
  const rows = [];
  for (const duid of units) {
    const value = duid in values ? values[duid] : scadaValue(duid, time);
    if (value !== undefined) rows.push([mms(time), duid, value, mms(time - 5 * minute + (5 + change) * 1000)].slice(0, columns.length));
  }
  return mmsFile({
    report: 'DISPATCHSCADA',
    published: published ?? mms(time - 5 * minute + (15 + change) * 1000),
    tables: [{ table: 'DISPATCH.UNIT_SCADA.1', columns, rows }],
  });
}

export const scadaName = (time, salt = 0) => `PUBLIC_DISPATCHSCADA_${digits(time)}_${serial(time, salt)}`;
export const scada = (time, options = {}) =>
  packed(folders.scada, scadaName(time, options.serial), scadaCsv(time, options), options.zip);

/* -- TradingIS -------------------------------------------------------------------------------- */

const tradingStart = ['SETTLEMENTDATE', 'RUNNO', 'REGIONID', 'PERIODID', 'RRP', 'EEP', 'INVALIDFLAG', 'LASTCHANGED', 'ROP',
  ...['RAISE', 'LOWER'].flatMap((d) => services.flatMap((s) => [`${d}${s}RRP`, `${d}${s}ROP`]))];
const tradingSeconds = ['RAISE1SECRRP', 'RAISE1SECROP', 'LOWER1SECRRP', 'LOWER1SECROP'];
const tradingColumns = {
  2: [...tradingStart, 'PRICE_STATUS'],
  3: [...tradingStart, 'PRICE_STATUS', ...tradingSeconds],
  '3b': [...tradingStart, ...tradingSeconds, 'PRICE_STATUS'],
};

export function tradingCsv(time, { version = 3, rrp = {}, change = 0, published } = {}) {
  const lastchanged = mms(time - 5 * minute + (6 + change) * 1000);
  return mmsFile({
    report: 'TRADINGIS',
    published: published ?? mms(time - 5 * minute + (20 + change) * 1000),
    tables: [
      {
        table: 'TRADING.INTERCONNECTORRES.2',
        columns: ['SETTLEMENTDATE', 'RUNNO', 'INTERCONNECTORID', 'PERIODID', 'METEREDMWFLOW', 'MWFLOW', 'MWLOSSES', 'LASTCHANGED'],
        rows: links.map((id) => [mms(time), 1, id, 1, 99999, 99999, 99999, lastchanged]),
      },
      {
        table: `TRADING.PRICE.${parseInt(version, 10)}`,
        columns: tradingColumns[version],
        rows: regions.map((id) => row(tradingColumns[version], {
          SETTLEMENTDATE: mms(time), REGIONID: id, PERIODID: '7', INVALIDFLAG: '0', LASTCHANGED: lastchanged,
          ...(rrp[id] !== undefined ? { RRP: rrp[id] } : {}),
        }, `TRADING|${id}|${time}`, tradingSeconds)),
      },
    ],
  });
}

export const trading = (time, options = {}) =>
  packed(folders.trading, `PUBLIC_TRADINGIS_${digits(time)}_${serial(time, options.serial ?? 0)}`, tradingCsv(time, options), options.zip);

/* -- ROOFTOP_PV/ACTUAL ------------------------------------------------------------------------ */

const areas = ['NSW1', 'QLD1', 'QLDC', 'QLDN', 'QLDS', 'SA1', 'TAS1', 'TASN', 'TASS', 'VIC1'];

export function rooftopCsv(time, { type = 'MEASUREMENT', change = 0, swapped = false } = {}) {
  const lastchanged = mms(time + 19 * minute + (13 + change) * 1000);
  const columns = swapped
    ? ['INTERVAL_DATETIME', 'REGIONID', 'POWER', 'LASTCHANGED', 'TYPE', 'QI']
    : ['INTERVAL_DATETIME', 'REGIONID', 'POWER', 'QI', 'TYPE', 'LASTCHANGED'];
  return mmsFile({
    report: 'ROOFTOP_PV_ACTUAL',
    published: mms(time + 30 * minute + (3 + change) * 1000),
    tables: [{
      table: 'ROOFTOP.ACTUAL.2',
      columns,
      rows: areas.map((id) => ({
        INTERVAL_DATETIME: mms(time), REGIONID: id, TYPE: type, LASTCHANGED: lastchanged,
        POWER: number(`ROOFTOP|${id}|${time}|${type}`, 0, 4000),
        QI: id === 'SA1' && type !== 'DAILY' ? null : type === 'SATELLITE' ? '0.6' : '1',
      })),
    }],
  });
}

export const rooftop = (time, options = {}) =>
  packed(folders.rooftop, `PUBLIC_ROOFTOP_PV_ACTUAL_${options.type ?? 'MEASUREMENT'}_${digits(time + 30 * minute)}00_${serial(time, 0)}`,
    rooftopCsv(time, options), options.zip);

/* -- the tree --------------------------------------------------------------------------------- */

export function* intervals(from, to) {
  for (let time = at(from); time <= at(to); time += 5 * minute) yield time;
}

const inDuplicate = (file) => ({ ...file, folder: `${file.folder}/DUPLICATE` });
const asCsv = (folder, name, csv) => ({ folder, name, bytes: csv });

/* Two days around a midnight, and single intervals of other times. 12:10 has no dispatch file and no
 * SCADA, 12:15 has them in DUPLICATE/ only. */
export function smallTree() {
  const files = [];
  const noon = at('2025-08-20 12:00');
  const times = [...intervals('2025-08-20 12:00', '2025-08-20 12:15'), ...intervals('2025-08-20 23:35', '2025-08-21 00:30')];
  for (const time of times) {
    const rrp = { SA1: number(`SA1|${time}`, -1000, 17500) };
    const i = time / (5 * minute);
    if (time !== at('2025-08-20 12:10')) {
      const options = { version: [4, 5, '5b'][i % 3], rrp };
      if (time === at('2025-08-20 23:40')) Object.assign(options, { price: [1, 0], sum: [0, 1], flow: [1, 0] });
      if (time === at('2025-08-20 23:45')) Object.assign(options, { price: [0, 1], sum: [1, 0], flow: [0, 1] });
      if (time === at('2025-08-20 23:50')) options.rrp = { NSW1: '-1000', QLD1: '17500', SA1: '0', TAS1: '-0.00001', VIC1: '299.99999' };
      const published = { lastchanged: i % 2 === 0, zip: { descriptor: i % 4 === 0, stored: i % 5 === 0 } };
      const both = [dispatch(time, { ...options, zip: published.zip }), scada(time, published)];
      files.push(...(time === at('2025-08-20 12:15') ? both.map(inDuplicate) : both));
    }
    const rounded = Object.fromEntries(regions.map((id) => [id, number(`TRADING|${id}|${time}`, -50, 300)]));
    files.push(trading(time, { version: i % 2 ? 3 : '3b', rrp: rounded }));
  }
  /* published twice: newer, older, and as new with other values */
  files.push(inDuplicate(dispatch(noon, { rrp: { NSW1: '111.11' }, change: 90, salt: 'again' })));
  files.push(inDuplicate(scada(noon + 5 * minute, { change: -90, values: { BW01: '1', PUMP1: '2' } })));
  files.push(inDuplicate(scada(at('2025-08-21 00:00'), { values: { BW01: '-1', 'W/HOE#2': '1e2', HPR1: null } })));

  for (const [time, types] of [['2025-08-20 12:00', ['MEASUREMENT', 'SATELLITE']], ['2025-08-20 23:30', ['SATELLITE']],
    ['2025-08-21 00:00', ['MEASUREMENT', 'SATELLITE', 'DAILY']], ['2025-08-21 00:30', ['MEASUREMENT']]])
    for (const type of types)
      files.push(rooftop(at(time), { type, swapped: type === 'SATELLITE', change: { SATELLITE: 600, DAILY: -600 }[type] ?? 0 }));

  /* other times: before five-minute settlement, its very border, SCADA of three columns, plain and odd CSVs */
  files.push(dispatch(at('2019-05-16 18:00'), { version: 4 }));
  files.push(trading(at('2019-07-04 11:30'), { version: 2, rrp: { NSW1: '86.36' } }));
  files.push(trading(at('2021-10-01 00:00'), { version: 3 }), trading(at('2021-10-01 00:05'), { version: 3 }));
  files.push(asCsv(folders.scada, `${scadaName(at('2019-04-29 16:30'))}.csv`,
    Buffer.from(scadaCsv(at('2019-04-29 16:30'), { lastchanged: false }).toString().replaceAll('\r\n', '\n'))));
  const old = intervals('2021-09-02 12:50', '2021-09-02 13:00');
  files.push({ folder: folders.scada, name: 'PUBLIC_DISPATCHSCADA_20210902.zip', bytes: zipOf([...old].map((time) =>
    ({ name: `${scadaName(time)}.zip`, data: zipOf([{ name: `${scadaName(time)}.CSV`, data: scadaCsv(time, { lastchanged: false }) }]) }))) });
  return files;
}
