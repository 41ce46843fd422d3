/** The Python wheels that contain TensorFlow, each pinned by its digest. pip downloads them from its configured index. */

export interface Wheel {
  /** Name on the Python package index. */
  readonly name: string;
  readonly version: string;
  /** SHA-256, hex. */
  readonly sha256: string;
  /** Path prefixes of the files and folders to extract. */
  readonly take: readonly string[];
}

/** `process.platform-process.arch` for which the wheels below exist and were tested. */
export const PLATFORM = 'linux-x64';

/** Tags by which pip finds the wheels; they need glibc 2.27 or newer. */
export const PIP_TAGS = [
  '--only-binary=:all:',
  '--python-version=3.11',
  '--implementation=cp',
  ...[27, 17].map((minor) => `--platform=manylinux_2_${minor}_x86_64`),
  '--platform=manylinux2014_x86_64',
];
export const GLIBC = '2.27';

export const TENSORFLOW = '2.21.0';

const LIBRARIES = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  // Headers that the addon's source includes.
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/platform/',
  'tensorflow/include/xla/tsl/c/',
];

export const CPU_WHEELS: readonly Wheel[] = [
  {
    name: 'tensorflow-cpu',
    version: TENSORFLOW,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    take: LIBRARIES,
  },
];

/**
 * TensorFlow for CUDA 12 and what its extra `and-cuda` names, each in the oldest version that it accepts: the one that it was built
 * with, and the one that asks least of the driver.
 */
export const GPU_WHEELS: readonly Wheel[] = [
  {
    name: 'tensorflow',
    version: TENSORFLOW,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    take: LIBRARIES,
  },
  cuda('cublas', '12.5.3.2', 'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b'),
  cuda('cuda-cupti', '12.5.82', 'bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953'),
  cuda('cuda-nvcc', '12.5.82', 'b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0'),
  cuda('cuda-nvrtc', '12.5.82', '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd'),
  cuda('cuda-runtime', '12.5.82', '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115'),
  cuda('cudnn', '9.3.0.75', '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d'),
  cuda('cufft', '11.2.3.61', '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8'),
  cuda('curand', '10.3.6.82', '2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536'),
  cuda('cusolver', '11.6.3.83', '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b'),
  cuda('cusparse', '12.5.1.3', '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752'),
  cuda('nccl', '2.27.7', 'de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa'),
  cuda('nvjitlink', '12.5.82', 'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212'),
];

// --- Internal helpers ---

function cuda(library: string, version: string, sha256: string): Wheel {
  return { name: `nvidia-${library}-cu12`, version, sha256, take: ['nvidia/'] };
}
