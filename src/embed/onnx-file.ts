/** Reads and writes `.onnx` files: the graph as plain data, the weights as typed arrays. */

import { messageOf, OperatorError } from '../util/errors.ts';
import { ATTRIBUTE_TYPE, DATA_TYPE, type Message, ModelProto } from './onnx-schema.ts';
import { type OnnxTensor, readTensor, writeTensor } from './onnx-tensor.ts';

export type OnnxAttribute =
  | { readonly kind: 'float' | 'int'; readonly value: number }
  | { readonly kind: 'floats' | 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor };

export interface OnnxNode {
  readonly name: string;
  /** For example `Conv`. */
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** The name is empty for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** An input or output of the graph. Each dimension is a number, or a name if the caller chooses its size. */
export interface OnnxValue {
  readonly name: string;
  readonly dims: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly opset: number;
  readonly producer: string;
  /** Values that the caller must supply; initialisers, which old files also list as inputs, are left out. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** In topological order. */
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: ReadonlyMap<string, OnnxTensor>;
}

/**
 * @param source name of the file for errors.
 * @throws {OperatorError} when the bytes are not an ONNX model, or use something that is not supported.
 */
export function readOnnx(bytes: Uint8Array, source = 'The model'): OnnxModel {
  const { message, graph } = decode(bytes, source);
  const initialisers = readInitialisers(graph, source);
  return {
    name: graph.name ?? '',
    opset: message.opset_import?.find(({ domain = '' }) => domain === '')?.version ?? 1,
    producer: message.producer_name ?? '',
    inputs: (graph.input ?? []).map(readValue).filter(({ name }) => !initialisers.has(name)),
    outputs: (graph.output ?? []).map(readValue),
    nodes: graph.node.map((node) => readNode(node, source)),
    initialisers,
  };
}

/**
 * Reads only some weights: converting all 16-bit weights would take as long as everything else at startup.
 * @param names those that are not in the file are left out.
 * @throws {OperatorError} as `readOnnx`.
 */
export function readOnnxWeights(
  bytes: Uint8Array,
  names: ReadonlySet<string>,
  source = 'The model',
): OnnxModel['initialisers'] {
  const { graph } = decode(bytes, source);
  const initializer = graph.initializer?.filter(({ name = '' }) => names.has(name)) ?? [];
  return readInitialisers({ initializer }, source);
}

/** Writes a model so that `readOnnx` returns the same one (IR version 8). */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const message: Message<'ModelProto'> = {
    ir_version: 8,
    producer_name: model.producer,
    opset_import: [{ domain: '', version: model.opset }],
    graph: {
      name: model.name,
      node: model.nodes.map(writeNode),
      initializer: [...model.initialisers].map(([name, tensor]) => ({ name, ...writeTensor(tensor) })),
      input: model.inputs.map(writeValue),
      output: model.outputs.map(writeValue),
    },
  };
  return ModelProto.encode(ModelProto.fromObject(message)).finish();
}

// --- Internal helpers ---

type GraphMessage = Message<'GraphProto'>;

function decode(
  bytes: Uint8Array,
  source: string,
): { message: Message<'ModelProto'>; graph: GraphMessage & { node: readonly Message<'NodeProto'>[] } } {
  let message: Message<'ModelProto'>;
  try {
    message = ModelProto.toObject(ModelProto.decode(bytes), { longs: Number });
  } catch (error) {
    throw new OperatorError(`${source} is not an ONNX file: ${messageOf(error)}.`);
  }
  const { graph } = message;
  if (!graph?.node?.length) throw new OperatorError(`${source} is not an ONNX file: it holds no graph.`);
  return { message, graph: { ...graph, node: graph.node } };
}

function readInitialisers(
  { initializer = [] }: Pick<GraphMessage, 'initializer'>,
  source: string,
): OnnxModel['initialisers'] {
  return new Map(
    initializer.map((tensor) => {
      const name = tensor.name ?? '';
      return [name, readTensor(tensor, `${source}: initialiser "${name}"`)];
    }),
  );
}

function readNode(node: Message<'NodeProto'>, source: string): OnnxNode {
  const operator = node.op_type ?? '';
  const attributes = (node.attribute ?? []).map((attribute) => {
    const place = `${source}: attribute "${attribute.name ?? ''}" of ${operator} "${node.name ?? ''}"`;
    return [attribute.name ?? '', readAttribute(attribute, place)] as const;
  });
  return {
    name: node.name ?? '',
    operator,
    domain: node.domain ?? '',
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    attributes: new Map(attributes),
  };
}

function readAttribute(attribute: Message<'AttributeProto'>, place: string): OnnxAttribute {
  switch (attribute.type) {
    case ATTRIBUTE_TYPE.float:
      return { kind: 'float', value: attribute.f ?? 0 };
    case ATTRIBUTE_TYPE.int:
      return { kind: 'int', value: attribute.i ?? 0 };
    case ATTRIBUTE_TYPE.floats:
      return { kind: 'floats', value: attribute.floats ?? [] };
    case ATTRIBUTE_TYPE.ints:
      return { kind: 'ints', value: attribute.ints ?? [] };
    case ATTRIBUTE_TYPE.string:
      return { kind: 'string', value: Buffer.from(attribute.s ?? []).toString('utf8') };
    case ATTRIBUTE_TYPE.tensor:
      return { kind: 'tensor', value: readTensor(attribute.t ?? {}, place) };
    default:
      throw new OperatorError(`${place} is of type ${attribute.type ?? 0}, which is not supported.`);
  }
}

function readValue({ name = '', type }: Message<'ValueInfoProto'>): OnnxValue {
  const dims = type?.tensor_type?.shape?.dim ?? [];
  return { name, dims: dims.map(({ dim_value, dim_param }) => dim_param ?? dim_value ?? '') };
}

function writeNode({ name, operator, domain, inputs, outputs, attributes }: OnnxNode): Message<'NodeProto'> {
  return {
    input: [...inputs],
    output: [...outputs],
    name,
    op_type: operator,
    domain,
    attribute: [...attributes].map(([key, attribute]) => ({ name: key, ...writeAttribute(attribute) })),
  };
}

function writeAttribute(attribute: OnnxAttribute): Message<'AttributeProto'> {
  const type = ATTRIBUTE_TYPE[attribute.kind];
  switch (attribute.kind) {
    case 'float':
      return { type, f: attribute.value };
    case 'int':
      return { type, i: attribute.value };
    case 'floats':
      return { type, floats: [...attribute.value] };
    case 'ints':
      return { type, ints: [...attribute.value] };
    case 'string':
      return { type, s: Buffer.from(attribute.value) };
    case 'tensor':
      return { type, t: writeTensor(attribute.value) };
  }
}

function writeValue({ name, dims }: OnnxValue): Message<'ValueInfoProto'> {
  const dim = dims.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: DATA_TYPE.float, shape: { dim } } } };
}
