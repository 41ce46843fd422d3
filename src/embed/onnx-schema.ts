/**
 * The part of the ONNX file format that a convolutional network needs (field numbers of onnx.proto, IR version 8).
 * One description gives both the protobuf types and the TypeScript types.
 */

import protobuf from 'protobufjs';

/** TypeScript's type for each scalar; 64-bit integers are narrowed when a file is decoded. */
interface Scalars {
  int32: number;
  int64: number;
  float: number;
  double: number;
  string: string;
  bytes: Uint8Array;
}

/** `packed`: repeated, with the numbers of one field stored side by side. */
type Rule = 'repeated' | 'packed';
type Field = readonly [id: number, type: string] | readonly [id: number, type: string, rule: Rule];

/** By message, each field's number, type and, unless it is optional, rule. */
const MESSAGES = {
  ModelProto: {
    ir_version: [1, 'int64'],
    producer_name: [2, 'string'],
    graph: [7, 'GraphProto'],
    opset_import: [8, 'OperatorSetIdProto', 'repeated'],
  },
  OperatorSetIdProto: {
    domain: [1, 'string'],
    version: [2, 'int64'],
  },
  GraphProto: {
    node: [1, 'NodeProto', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto', 'repeated'],
    input: [11, 'ValueInfoProto', 'repeated'],
    output: [12, 'ValueInfoProto', 'repeated'],
  },
  NodeProto: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    op_type: [4, 'string'],
    attribute: [5, 'AttributeProto', 'repeated'],
    domain: [7, 'string'],
  },
  AttributeProto: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'TensorProto'],
    floats: [7, 'float', 'repeated'],
    ints: [8, 'int64', 'repeated'],
    type: [20, 'int32'],
  },
  TensorProto: {
    dims: [1, 'int64', 'repeated'],
    data_type: [2, 'int32'],
    float_data: [4, 'float', 'packed'],
    int32_data: [5, 'int32', 'packed'],
    int64_data: [7, 'int64', 'packed'],
    name: [8, 'string'],
    raw_data: [9, 'bytes'],
    double_data: [10, 'double', 'packed'],
    data_location: [14, 'int32'],
  },
  ValueInfoProto: {
    name: [1, 'string'],
    type: [2, 'TypeProto'],
  },
  TypeProto: {
    tensor_type: [1, 'TensorTypeProto'],
  },
  /** Nested in TypeProto and called Tensor there; names are not part of the file. */
  TensorTypeProto: {
    elem_type: [1, 'int32'],
    shape: [2, 'TensorShapeProto'],
  },
  TensorShapeProto: {
    dim: [1, 'DimensionProto', 'repeated'],
  },
  /** Nested in TensorShapeProto and called Dimension there. */
  DimensionProto: {
    dim_value: [1, 'int64'],
    dim_param: [2, 'string'],
  },
} as const satisfies Record<string, Record<string, Field>>;

type Messages = typeof MESSAGES;

/** A decoded message; every member may be missing. */
export type Message<Name extends keyof Messages> = {
  -readonly [Key in keyof Messages[Name]]?: MemberOf<Messages[Name][Key]>;
};

type MemberOf<F> = F extends readonly [number, infer Type, Rule]
  ? ValueOf<Type>[]
  : F extends readonly [number, infer Type]
    ? ValueOf<Type>
    : never;

type ValueOf<Type> = Type extends keyof Scalars
  ? Scalars[Type]
  : Type extends keyof Messages
    ? Message<Type>
    : never;

/** Numbers of TensorProto.DataType. */
export const DATA_TYPE = { float: 1, int32: 6, int64: 7, float16: 10, double: 11 } as const;

/** Numbers of AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

/** The type of a whole file. */
export const ModelProto = buildTypes().lookupType('ModelProto');

// --- Internal helpers ---

function buildTypes(): protobuf.Root {
  const root = new protobuf.Root();
  for (const [message, fields] of Object.entries<Record<string, Field>>(MESSAGES)) {
    const type = new protobuf.Type(message);
    for (const [name, [id, fieldType, rule]] of Object.entries(fields)) {
      const fieldRule = rule && 'repeated';
      type.add(
        new protobuf.Field(name, id, fieldType, fieldRule, undefined, rule && { packed: rule === 'packed' }),
      );
    }
    root.add(type);
  }
  return root;
}
