// Writes the built dashboard as C source, so that the server carries its own pages.
//
//   node embed.mjs dist OUTPUT.c
//
// The output defines `web_assets`, declared in src/api/assets.h, one entry per file and a last one whose
// path is NULL. An asset is held in one form only: gzipped where that is smaller. Its etag is taken from
// the content before compression, so it does not change with the version of zlib that built it.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const CONTENT_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const BYTES_PER_LINE = 20;

// Vite puts a hash of the content into the name of everything under assets/: such a name never changes meaning.
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/;

/** Paths of all files under [folder], with a leading slash, sorted so that the output is reproducible. */
function listFiles(folder, prefix = '') {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory()
        ? listFiles(join(folder, entry.name), `${prefix}/${entry.name}`)
        : [`${prefix}/${entry.name}`],
    )
    .sort();
}

function compress(content) {
  const gzipped = gzipSync(content, { level: 9 });
  gzipped[9] = 255; // the header's operating system byte, "unknown": the same output on every machine
  return gzipped;
}

function cString(text) {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error(`not plain ASCII: ${text}`);
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function cArray(name, bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    lines.push(`${[...bytes.subarray(at, at + BYTES_PER_LINE)].join(',')},`);
  }
  return `static const unsigned char ${name}[] = {\n${lines.join('\n')}\n};\n`;
}

const [folder, output] = process.argv.slice(2);
if (!folder || !output) {
  console.error('usage: node embed.mjs DIST OUTPUT.c');
  process.exit(2);
}

const arrays = [];
const entries = [];
listFiles(folder).forEach((path, index) => {
  const contentType = CONTENT_TYPES[extname(path)];
  if (!contentType) throw new Error(`embed.mjs: ${path}: no content type known for this extension`);
  const content = readFileSync(join(folder, path));
  if (content.length === 0) throw new Error(`embed.mjs: ${path}: is empty`);

  const gzipped = compress(content);
  const smaller = gzipped.length < content.length;
  const etag = createHash('sha256').update(content).digest('hex').slice(0, 32);
  const name = `asset_${index}`;
  arrays.push(cArray(name, smaller ? gzipped : content));
  entries.push(
    [
      '    {',
      `        .path = ${cString(path)},`,
      `        .content_type = ${cString(contentType)},`,
      `        .etag = ${cString(`"${etag}"`)},`,
      `        .content_encoding = ${smaller ? '"gzip"' : 'NULL'},`,
      `        .cache_control = ${cString(HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache')},`,
      `        .size = sizeof ${name},`,
      `        .bytes = ${name},`,
      '    },',
    ].join('\n'),
  );
});

writeFileSync(
  output,
  `/* Written by web/embed.mjs from the built dashboard. */
#include "api/assets.h"

#include <stddef.h>

${arrays.join('\n')}
const struct asset web_assets[] = {
${entries.join('\n')}
    {.path = NULL},
};
`,
);
