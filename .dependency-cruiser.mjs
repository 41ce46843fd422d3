/** `npm run layers`: who may import whom. ARCHITECTURE.md says why; test/import-rules.test.ts holds what imports cannot show. */

/** From the lowest to the highest. A layer imports itself and the layers above it in this list. */
const LAYERS = [
  ['util', '^src/util/'],
  ['config', '^src/config/'],
  ['store', '^src/store/'],
  ['embed', '^src/embed/'],
  ['photo', '^src/photo/'],
  ['garments', '^src/garments/'],
  ['catalogue', '^src/catalogue/'],
  ['search', '^src/search/'],
  ['sources', '^src/sources/'],
  ['reindex', '^src/reindex/'],
  ['metrics', '^src/metrics/'],
  ['recommend', '^src/recommend/'],
  ['chat', '^src/chat/'],
  ['commands', '^commands/'],
  ['adapters', '^src/adapters/'],
  ['create-app', '^src/create-app\\.ts$'],
  ['main', '^src/main\\.ts$'],
  ['scripts', '^scripts/'],
];

/** A library, and the only files of the bot that may import it. */
const HOMES = {
  'discord.js': '^src/adapters/discord/',
  telegraf: '^src/adapters/telegram/',
  fastify: '^src/adapters/web/',
  'onnxruntime-node': '^src/embed/onnx-worker\\.ts$',
  '@tensorflow': '^src/embed/tensorflow-',
  protobufjs: '^src/embed/onnx-schema\\.ts$',
  'hnswlib-node': '^src/search/hnsw-',
  sharp: '^src/photo/',
  'classic-level': '^src/store/',
  dotenv: '^src/config/',
  'prom-client': '^src/metrics/',
  croner: '^src/(config|reindex/triggers)/',
  chokidar: '^src/reindex/triggers/',
};

const BOT = '^(src|commands)/';

const layering = LAYERS.map(([name, path], level) => {
  const above = LAYERS.slice(level + 1).map(([, higher]) => higher);
  return {
    name: `${name}-imports-no-higher-layer`,
    severity: 'error',
    comment: `${name} imports nothing that is built on it.`,
    from: { path },
    to: { path: [...above, '^test/'] },
  };
});

const homes = Object.entries(HOMES).map(([library, home]) => {
  return {
    name: `${library}-in-its-place`,
    severity: 'error',
    comment: `Only ${home} knows ${library}.`,
    from: { path: BOT, pathNot: home },
    to: { path: `(^|/)node_modules/${library.replaceAll('.', '\\.')}/` },
  };
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle of imports, imports of types included.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      comment: 'An import that is not found here escapes all other rules.',
      from: {},
      to: { couldNotResolve: true },
    },
    ...layering,
    {
      name: 'recommend-does-not-reindex',
      severity: 'error',
      comment: 'Answering a photo needs no source and no reindex.',
      from: { path: '^src/recommend/' },
      to: { path: '^src/(sources|reindex)/' },
    },
    {
      name: 'metrics-as-types',
      severity: 'error',
      comment: 'Only the app creates metrics; the parts that record are handed them.',
      from: { pathNot: '^(src/metrics/|src/create-app\\.ts$|test/)' },
      to: { path: '^src/metrics/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-are-islands',
      severity: 'error',
      comment: 'An adapter imports no other adapter; what two of them need is in kit/.',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/[^/]+/', pathNot: '^src/adapters/($1|kit)/' },
    },
    {
      name: 'adapters-are-composed-in-main',
      severity: 'error',
      comment: 'Nothing else knows which adapters there are. (A benchmark serves the web chat by itself.)',
      from: { pathNot: '^(src/adapters/|src/main\\.ts$|scripts/benchmark/|test/)' },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'commands-are-handed-in',
      severity: 'error',
      comment: 'Chat and adapters are given the commands.',
      from: { pathNot: '^(commands/|src/create-app\\.ts$|src/main\\.ts$|scripts/|test/)' },
      to: { path: '^commands/' },
    },
    {
      name: 'nothing-imports-main',
      severity: 'error',
      comment: 'It starts the bot as it loads.',
      from: {},
      to: { path: '^src/main\\.ts$' },
    },
    ...homes,
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    // Sees `import type` too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
