/* Writes zips, good ones and such as nobody should. */
import { deflateRawSync } from 'node:zlib';

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const u16 = (...values) => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values) => Buffer.from(Uint32Array.from(values).buffer);

/* [members] are {name, data}. With [descriptor], sizes stand behind the data and in the directory
 * only, as in MMSDM's zips since 2024-08. [declaredSize] is what the directory says instead of the
 * truth: beyond 4 GB it goes into a zip64 field. */
export function zipOf(members, { descriptor = false, stored = false, declaredSize } = {}) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, data } of members) {
    const nameBytes = Buffer.from(name);
    const packed = stored ? data : deflateRawSync(data);
    const crc = crc32(data);
    const method = stored ? 0 : 8;
    const flags = descriptor ? 0x0808 : 0;
    const sizes = [crc, packed.length, data.length];
    const local = Buffer.concat([
      u32(0x04034b50), u16(20, flags, method, 0x9020, 0x5b14), u32(...(descriptor ? [0, 0, 0] : sizes)),
      u16(nameBytes.length, 0), nameBytes, packed,
      descriptor ? u32(0x08074b50, ...sizes) : Buffer.alloc(0),
    ]);
    const size = declaredSize ?? data.length;
    const extra = size > 0xffffffff
      ? Buffer.concat([u16(1, 8), u32(size % 2 ** 32, Math.floor(size / 2 ** 32))])
      : Buffer.alloc(0);
    directory.push(Buffer.concat([
      u32(0x02014b50), u16(45, 45, flags, method, 0x9020, 0x5b14),
      u32(crc, packed.length, Math.min(size, 0xffffffff)), u16(nameBytes.length, extra.length, 0, 0, 0),
      u32(0, offset), nameBytes, extra,
    ]));
    parts.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.concat([
    u32(0x06054b50), u16(0, 0, members.length, members.length), u32(index.length, offset), u16(0),
  ]);
  return Buffer.concat([...parts, index, end]);
}

export const flipped = (bytes, at, bits = 0x55) => {
  const copy = Buffer.from(bytes);
  copy[at] ^= bits;
  return copy;
};
