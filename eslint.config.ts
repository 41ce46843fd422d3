import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['dist/', 'data/', 'assets/', 'coverage/'] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Numbers are safe to print; everything else in a template must be a string already.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      // fastify's and node's callbacks accept async functions that return void.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      // noUncheckedIndexedAccess makes loops over typed arrays need it; elsewhere, prefer a check.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.mjs', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
  { files: ['scripts/**', 'test/**'], rules: { 'no-console': 'off' } },
);
