/**
 * onnxruntime-node's install script fetches 300 MB of CUDA libraries from outside the registry, unless a variable says
 * otherwise. Some versions of npm run that script and some do not, and npm 11 warns of a setting for it in .npmrc.
 * The script imports this package before it looks at the variable. docs/operations.md, "Engines" says how to fetch the libraries.
 */
process.env.ONNXRUNTIME_NODE_INSTALL ||= process.env.npm_config_onnxruntime_node_install || 'skip';

exports.bootstrap = () => undefined;
