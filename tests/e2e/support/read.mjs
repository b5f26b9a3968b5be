/* Reads AEMO's files, in as few words as possible and sharing nothing with what writes them here:
 * it is the second opinion on what nemd should have read. */
import { inflateRawSync } from 'node:zlib';

/* The CSVs in [bytes], which are one, or a zip of them, or a zip of such zips. */
export function csvsIn(bytes) {
  if (bytes.readUInt16LE(0) !== 0x4b50) return [bytes.toString('latin1')];
  let end = bytes.length - 22;
  while (bytes.readUInt32LE(end) !== 0x06054b50) end--;
  const csvs = [];
  for (let i = 0, at = bytes.readUInt32LE(end + 16); i < bytes.readUInt16LE(end + 10); i++) {
    const method = bytes.readUInt16LE(at + 10);
    const packed = bytes.readUInt32LE(at + 20);
    const [name, extra, comment] = [28, 30, 32].map((o) => bytes.readUInt16LE(at + o));
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + packed);
    csvs.push(...csvsIn(method === 8 ? inflateRawSync(data) : data));
    at += 46 + name + extra + comment;
  }
  return csvs;
}

function fieldsOf(line) {
  const fields = [];
  for (const match of line.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)) {
    fields.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match.index + match[0].length === line.length && !match[0].endsWith(',')) break;
  }
  return fields;
}

/* {published, rows}: the rows of the tables ("DISPATCH.PRICE") that [wanted] says, as
 * {table, get(column)}. The tables that nemd reads have no line ends inside of quotes. */
export function readCsv(csv, wanted) {
  const lines = csv.split(/\r?\n/);
  const [, , , , , date, time] = fieldsOf(lines[0]);
  const rows = [];
  let table = null;
  let columns = null;
  for (const line of lines) {
    if (line.startsWith('I,')) {
      const fields = fieldsOf(line);
      table = `${fields[1]}.${fields[2]}`.toUpperCase();
      columns = wanted(table) ? new Map(fields.slice(4).map((name, i) => [name.toUpperCase(), i + 4])) : null;
    } else if (columns && line.startsWith('D,')) {
      const fields = fieldsOf(line);
      const of = columns;
      rows.push({ table, get: (column) => fields[of.get(column.toUpperCase())] ?? '' });
    }
  }
  return { published: `${date} ${time}`, rows };
}
