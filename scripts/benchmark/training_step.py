"""The training step of `npm run train` in PyTorch, for comparison: `training_step.py MODEL.onnx FROZEN_UNTIL SIDE BATCH STEPS CLASSES`.

The same network from the same file, frozen up to the same value, the same losses, AdamW and clipping, on random pixels.
CLASSES: comma-separated class counts, one per classifier. Prints the seconds of each step as JSON. Needs torch, onnx and numpy.
"""

import json
import sys
import time

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

path, frozen_until, side, batch, steps, classes = sys.argv[1:]
side, batch, steps = int(side), int(batch), int(steps)
classes = [int(count) for count in classes.split(",")]
WEIGHTS = [1, 0.5, 0.4, 0.15, 0.1, 0.5]

torch.manual_seed(1)
graph = onnx.load(path).graph
constants = {i.name: torch.tensor(numpy_helper.to_array(i)).float() for i in graph.initializer}
for node in graph.node:
    if node.op_type == "Cast" and node.input[0] in constants:
        constants[node.output[0]] = constants[node.input[0]]
nodes = [n for n in graph.node if n.op_type != "Cast" and not n.output[0].startswith("label.")]
cut = next(index for index, node in enumerate(nodes) if frozen_until in node.output) + 1
attributes = [{a.name: onnx.helper.get_attribute_value(a) for a in node.attribute} for node in nodes]


def execute(values, first, last):
    for node, own in list(zip(nodes, attributes))[first:last]:
        x, *rest = [values[name] if name in values else constants[name] for name in node.input if name]
        if node.op_type == "Conv":
            top, left, bottom, right = own.get("pads", [0, 0, 0, 0])
            if (top, left) == (bottom, right):
                padding = (top, left)
            else:
                x, padding = F.pad(x, (left, right, top, bottom)), 0
            result = F.conv2d(x, *rest, stride=own.get("strides", 1), padding=padding, groups=own.get("group", 1))
        elif node.op_type == "Clip":
            result = torch.clamp(x, rest[0].item(), rest[1].item())
        elif node.op_type == "Add":
            result = x + rest[0]
        elif node.op_type == "GlobalAveragePool":
            result = x.mean((2, 3), keepdim=True)
        elif node.op_type == "Flatten":
            result = x.flatten(1)
        elif node.op_type == "Gemm":
            weight = rest[0] if own.get("transB") else rest[0].t()
            result = F.linear(x, weight, *rest[1:])
        elif node.op_type == "LpNormalization":
            result = F.normalize(x, dim=own.get("axis", -1))
        else:
            raise SystemExit(f"no operator {node.op_type}")
        values[node.output[0]] = result
    return values[nodes[last - 1].output[0]]


trained = {name for node in nodes[cut:] for name in node.input if name in constants and constants[name].ndim > 0}
for name in trained:
    constants[name].requires_grad_()
dimension = 256
heads = [(torch.randn(dimension, count) / dimension**0.5).requires_grad_() for count in classes]
log_scale = torch.tensor(16.0).log().requires_grad_()
parameters = [constants[name] for name in trained] + heads + [log_scale]
optimiser = torch.optim.AdamW(parameters, lr=3e-4, weight_decay=1e-4)


def step():
    pixels = torch.randint(0, 256, (2 * batch, 3, side, side), dtype=torch.uint8)
    started = time.perf_counter()
    x = ((pixels.float() / 255 - 0.498039) / 0.501961).contiguous(memory_format=FORMAT)
    with torch.no_grad():
        features = execute({graph.input[0].name: x}, 0, cut)
    vectors = execute({frozen_until: features}, cut, len(nodes))
    catalogue, shopper = vectors[:batch], vectors[batch:]
    similarity, own = catalogue @ shopper.t() / 0.1, torch.arange(batch)
    loss = 0.5 * (F.cross_entropy(similarity, own) + F.cross_entropy(similarity.t(), own)) / 2
    for weight, directions in zip(WEIGHTS, heads):
        scores = vectors @ F.normalize(directions, dim=0) * log_scale.exp()
        targets = torch.randint(0, directions.shape[1], (batch,)).repeat(2)
        loss = loss + weight * F.cross_entropy(scores, targets, label_smoothing=0.05)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 5)
    optimiser.step()
    loss.item()
    return time.perf_counter() - started


seconds = {}
for name, FORMAT in [("contiguous", torch.contiguous_format), ("channels last", torch.channels_last)]:
    if FORMAT == torch.channels_last:
        for constant in constants.values():
            if constant.ndim == 4:
                constant.data = constant.data.contiguous(memory_format=FORMAT)
    step()
    seconds[name] = [step() for _ in range(steps)]
print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(), "seconds": seconds}))
