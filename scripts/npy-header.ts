/** The header of a NumPy array file; the values follow it in memory order. */

/**
 * Format version 1.0 for a little-endian float32 array in C order.
 * Magic, version, header length (little-endian uint16), then a Python dictionary padded with spaces to a multiple of 64 bytes.
 * Source: numpy.lib.format, "Format Version 1.0".
 */
export function npyHeader(shape: readonly number[]): Uint8Array {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const prefix = 10;
  const padded = Math.ceil((prefix + dictionary.length + 1) / 64) * 64;
  const header = Buffer.alloc(padded, ' ');
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(padded - prefix, 8);
  header.write(dictionary, prefix, 'latin1');
  header.write('\n', padded - 1, 'latin1');
  return header;
}
