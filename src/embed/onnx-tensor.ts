/** Converts the weights and constants of an `.onnx` file to typed arrays, and back. */

import { Float16Array } from '@petamoriken/float16';
import { OperatorError } from '../util/errors.ts';
import { DATA_TYPE, type Message } from './onnx-schema.ts';

/** Numbers in row-major order. 16-bit floats are read as 32-bit, 64-bit integers too; `stored` is the type in the file. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly stored: 'float' | 'float16' | 'int32' | 'int64';
  readonly data: Float32Array | Int32Array;
}

/**
 * @param place name of the tensor for errors.
 * @throws {OperatorError} when the numbers are in another file, have an unsupported type, or do not fit the tensor's shape.
 */
export function readTensor(tensor: Message<'TensorProto'>, place: string): OnnxTensor {
  if (tensor.data_location === 1) {
    throw new OperatorError(`${place} lies in another file. Export the model with its weights inside.`);
  }
  const dims = tensor.dims ?? [];
  const result = readNumbers(tensor, place);
  const expected = dims.reduce((size, length) => size * length, 1);
  if (result.data.length !== expected) {
    throw new OperatorError(`${place} should hold ${expected} numbers and holds ${result.data.length}.`);
  }
  return { dims, ...result };
}

export function writeTensor({ dims, stored, data }: OnnxTensor): Message<'TensorProto'> {
  const stores = {
    float: () => Float32Array.from(data),
    float16: () => new Uint16Array(new Float16Array(data).buffer),
    int32: () => Int32Array.from(data),
    int64: () => BigInt64Array.from(Array.from(data, BigInt)),
  };
  const { buffer } = stores[stored]();
  return { dims: [...dims], data_type: DATA_TYPE[stored], raw_data: new Uint8Array(buffer) };
}

// --- Internal helpers ---

function readNumbers(tensor: Message<'TensorProto'>, place: string): Pick<OnnxTensor, 'stored' | 'data'> {
  // A copy, because the bytes in the file may not be aligned for a typed array of wider numbers.
  const raw = tensor.raw_data?.length ? new Uint8Array(tensor.raw_data).buffer : undefined;
  switch (tensor.data_type) {
    case DATA_TYPE.float:
      return {
        stored: 'float',
        data: raw ? new Float32Array(raw) : Float32Array.from(tensor.float_data ?? []),
      };
    case DATA_TYPE.float16: {
      const halves = raw ?? Uint16Array.from(tensor.int32_data ?? []).buffer;
      return { stored: 'float16', data: widen(new Uint16Array(halves)) };
    }
    case DATA_TYPE.double:
      return {
        stored: 'float',
        data: Float32Array.from(raw ? new Float64Array(raw) : (tensor.double_data ?? [])),
      };
    case DATA_TYPE.int32:
      return { stored: 'int32', data: raw ? new Int32Array(raw) : Int32Array.from(tensor.int32_data ?? []) };
    case DATA_TYPE.int64: {
      const wide = raw ? Array.from(new BigInt64Array(raw), Number) : (tensor.int64_data ?? []);
      // The largest 64-bit integer often stands for "to the end".
      return {
        stored: 'int64',
        data: Int32Array.from(wide, (value) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value))),
      };
    }
    default:
      throw new OperatorError(`${place} is of data type ${tensor.data_type ?? 0}, which is not supported.`);
  }
}

let table: Float32Array | undefined;

/** There are only 65,536 half-precision floats, so looking them up in a table is faster than converting millions of them. */
function widen(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from(new Float16Array(Uint16Array.from({ length: 2 ** 16 }, (_, n) => n).buffer));
  const floats = new Float32Array(halves.length);
  for (let n = 0; n < halves.length; n++) floats[n] = table[halves[n]!]!;
  return floats;
}
