/** Puts a decoder on a backbone: from pixels to a score of every class at stride 4, and to what is in the photo as a whole. */

import type { OnnxAttribute, OnnxModel, OnnxNode } from '../../../src/embed/onnx-file.ts';
import type { OnnxTensor } from '../../../src/embed/onnx-tensor.ts';
import { createRandom } from '../random.ts';

export interface FinderGraphOptions {
  readonly backbone: OnnxModel;
  /** Values of the backbone at strides 4, 8, 16 and 32. */
  readonly taps: readonly string[];
  /** Channels of the decoder. */
  readonly width: number;
  /** How many classes of pixels there are. */
  readonly classes: number;
  /** Number of outputs that describe the whole photo. */
  readonly presences: number;
  readonly seed: number;
}

/** Names of what the graph computes. */
export const FINDER_OUTPUTS = {
  /** `[n, classes, side / 4, side / 4]`, before a softmax over the classes. */
  scores: 'finder.scores',
  /** `[n, presences, 1, 1]`, before a sigmoid. */
  presence: 'finder.presence',
  /** Both as one row, `[n, classes * (side / 4) ** 2 + presences]`. */
  row: 'finder.row',
} as const;

/** Of the summary of the whole photo. */
const CONTEXT = 128;

/**
 * A feature pyramid (Lin et al., Feature pyramid networks for object detection, 2017) with depthwise blocks and a gate from the
 * pooled coarsest map (Hu et al., Squeeze-and-excitation networks, 2018). What is known of the whole photo is added to the scores of
 * each of its pixels, so that "a dress" or "a top and a skirt" is decided for the whole body.
 */
export function finderGraph(options: FinderGraphOptions): OnnxModel {
  const { backbone, taps, width, classes, presences, seed } = options;
  const channels = channelsOf(backbone);
  const graph = startGraph(backbone, seed);
  const { node, convolution, upsample } = graph;

  const coarsest = taps.at(-1)!;
  const pooled = node('GlobalAveragePool', 'finder.pooled', [coarsest]);
  const context = node('Relu', 'finder.context', [
    convolution('finder.context.conv', pooled, channels(coarsest), CONTEXT),
  ]);
  const gate = node('Sigmoid', 'finder.gate', [convolution('finder.gate.conv', context, CONTEXT, width)]);

  const lateral = (level: number): string =>
    convolution(`finder.lateral${level}`, taps[level]!, channels(taps[level]!), width);
  let level = taps.length - 1;
  let map = node('Mul', `finder.level${level}`, [
    node('Relu', `finder.lateral${level}.relu`, [lateral(level)]),
    gate,
  ]);
  const levels = [map];
  for (level--; level >= 0; level--) {
    const finer = upsample(`finder.up${level}`, map);
    const sum = node('Relu', `finder.sum${level}`, [
      node('Add', `finder.sum${level}.add`, [finer, lateral(level)]),
    ]);
    const depthwise = convolution(`finder.depthwise${level}`, sum, width, width, { size: 5, group: width });
    const refined = node('Relu', `finder.refined${level}`, [
      convolution(`finder.pointwise${level}`, depthwise, width, width),
    ]);
    map = node('Add', `finder.level${level}`, [sum, refined]);
    levels.push(map);
  }

  const second = levels.at(-2)!; // a stride of 8 is fine enough for what is said of the whole
  const summary = node(
    'Concat',
    'finder.summary',
    [
      context,
      node('GlobalAveragePool', 'finder.mean', [second]),
      node('GlobalMaxPool', 'finder.most', [second]),
    ],
    { axis: { kind: 'int', value: 1 } },
  );
  const summarised = CONTEXT + 2 * width;
  const presence = convolution(FINDER_OUTPUTS.presence, summary, summarised, presences, { last: true });
  const scores = node('Add', FINDER_OUTPUTS.scores, [
    convolution('finder.local', map, width, classes, { last: true }),
    convolution('finder.whole', summary, summarised, classes, { last: true }),
  ]);
  node(
    'Concat',
    FINDER_OUTPUTS.row,
    [scores, presence].map((name) =>
      node('Flatten', `${name}.flat`, [name], { axis: { kind: 'int', value: 1 } }),
    ),
    { axis: { kind: 'int', value: 1 } },
  );
  return graph.build(FINDER_OUTPUTS.row);
}

/** Names of the convolutions inside of the decoder that give maps, in the order in which they are computed. */
export function decoderConvolutions(model: OnnxModel): string[] {
  return model.nodes.flatMap(({ operator, name }) =>
    operator === 'Conv' && /^finder\.(lateral|depthwise|pointwise)/.test(name) ? [name] : [],
  );
}

// --- Internal helpers ---

interface ConvolutionOptions {
  /** Of the kernel's sides; default 1. */
  readonly size?: number;
  readonly group?: number;
  /** It gives scores, which begin near zero. */
  readonly last?: boolean;
}

/** What the backbone's convolutions give, also behind their activations. */
function channelsOf({ nodes, initialisers }: OnnxModel): (value: string) => number {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  return (value) => {
    let maker = makers.get(value);
    while (maker && maker.operator !== 'Conv') maker = makers.get(maker.inputs[0] ?? '');
    const bias = initialisers.get(maker?.inputs[2] ?? '');
    if (!bias) throw new RangeError(`The backbone has no convolution that gives "${value}".`);
    return bias.data.length;
  };
}

function startGraph(backbone: OnnxModel, seed: number) {
  const nodes: OnnxNode[] = [...backbone.nodes];
  const initialisers = new Map<string, OnnxTensor>(backbone.initialisers);
  const random = createRandom(seed, 0xf17de4);
  initialisers.set('finder.twice', { dims: [4], stored: 'float', data: Float32Array.of(1, 1, 2, 2) });

  const node = (
    operator: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string => {
    nodes.push({
      name,
      operator,
      domain: '',
      inputs,
      outputs: [name],
      attributes: new Map(Object.entries(attributes)),
    });
    return name;
  };

  return {
    node,

    /** Weights of He et al., Delving deep into rectifiers, 2015, stored in 16 bits; as wide and high as what it reads. */
    convolution: (
      name: string,
      input: string,
      from: number,
      to: number,
      { size = 1, group = 1, last = false }: ConvolutionOptions = {},
    ): string => {
      const dims = [to, from / group, size, size];
      const fanIn = (from / group) * size * size;
      const deviation = last ? 0.01 : Math.sqrt(2 / fanIn);
      const data = Float32Array.from({ length: to * fanIn }, () => random.normal(deviation));
      initialisers.set(`${name}.weight.half`, { dims, stored: 'float16', data });
      initialisers.set(`${name}.bias`, { dims: [to], stored: 'float', data: new Float32Array(to) });
      node('Cast', `${name}.weight`, [`${name}.weight.half`], { to: { kind: 'int', value: 1 } });
      const pad = (size - 1) / 2;
      return node('Conv', name, [input, `${name}.weight`, `${name}.bias`], {
        group: { kind: 'int', value: group },
        kernel_shape: { kind: 'ints', value: [size, size] },
        pads: { kind: 'ints', value: [pad, pad, pad, pad] },
        strides: { kind: 'ints', value: [1, 1] },
      });
    },

    /** Each pixel becomes four. */
    upsample: (name: string, input: string): string =>
      node('Resize', name, [input, '', 'finder.twice'], {
        mode: { kind: 'string', value: 'nearest' },
        coordinate_transformation_mode: { kind: 'string', value: 'asymmetric' },
        nearest_mode: { kind: 'string', value: 'floor' },
      }),

    /** What the output does not need is left out. */
    build(output: string): OnnxModel {
      const needed = new Set([output]);
      const kept = nodes
        .toReversed()
        .filter(({ inputs, outputs }) => {
          if (!outputs.some((name) => needed.has(name))) return false;
          for (const name of inputs) needed.add(name);
          return true;
        })
        .reverse();
      return {
        ...backbone,
        name: 'garment finder',
        producer: 'finder-graph.ts',
        outputs: [{ name: output, dims: ['n', 'row'] }],
        nodes: kept,
        initialisers: new Map([...initialisers].filter(([name]) => needed.has(name))),
      };
    },
  };
}
