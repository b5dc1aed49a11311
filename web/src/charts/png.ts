/** Texts in PNG files, as image programs show them: https://www.w3.org/TR/png-3/#11iTXt */

const HEAD = 8 + 25; // bytes of the signature and of the chunk IHDR, which comes first

/** The file with an `iTXt` chunk for each text, by keywords of the specification; an empty text has none. */
export function withTexts(png: Uint8Array<ArrayBuffer>, texts: Readonly<Record<string, string>>): Blob {
  const chunks = Object.entries(texts)
    .filter(([, text]) => text)
    .map(([keyword, text]) => chunk("iTXt", new TextEncoder().encode(`${keyword}\0\0\0\0\0${text}`)));
  return new Blob([png.subarray(0, HEAD), ...chunks, png.subarray(HEAD)], { type: "image/png" });
}

/** Length, type, data and checksum of the last two. */
function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(data.length + 12);
  const view = new DataView(made.buffer);
  view.setUint32(0, data.length);
  made.set(new TextEncoder().encode(type), 4);
  made.set(data, 8);
  view.setUint32(made.length - 4, crc32(made.subarray(4, -4)));
  return made;
}

/** The CRC-32 of ISO 3309, bit by bit: texts are short. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
