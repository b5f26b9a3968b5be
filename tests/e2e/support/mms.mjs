/* Writes files as AEMO does: MMS CSV with its C, I and D records and a footer that counts every line. */

function field(value) {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return /^\d{4}\/\d\d\/\d\d |[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/* [tables] are {table: 'DISPATCH.PRICE.5', columns, rows}; a row is an array or an object by column.
 * [published] is the time of the first line. [footer] is the last line when it isn't the right one,
 * or null for none. */
export function mmsFile({ report = 'REPORT', published, tables, lineEnd = '\r\n', footer }) {
  const [date, time] = published.split(' ');
  const lines = [`C,NEMP.WORLD,${report},AEMO,PUBLIC,${date},${time},0000000477155219,${report},0000000477155213`];
  for (const { table, columns, rows } of tables) {
    const [name, subtable, version] = table.split('.');
    lines.push(['I', name, subtable, version, ...columns].join(','));
    for (const row of rows) {
      const values = Array.isArray(row) ? row : columns.map((column) => row[column]);
      lines.push(['D', name, subtable, version, ...values.map(field)].join(','));
    }
  }
  const last = footer === undefined ? `C,"END OF REPORT",${lines.length + 1}` : footer;
  if (last !== null) lines.push(last);
  return Buffer.from(lines.map((line) => line + lineEnd).join(''));
}
