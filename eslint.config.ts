import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** `Intl` and `Date` read the machine's clock when they are called without an argument. */
const clockReaders = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'now is an argument.',
  },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'now is an argument.' },
  {
    selector: "CallExpression[callee.property.name='format'][arguments.length=0]",
    message: 'Intl formatters without an argument read the real clock.',
  },
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'The environment is parsed in env.ts.',
  },
];

export default defineConfig(
  { ignores: ['node_modules', 'cdk.out', '.local', '.cache', 'agent/dist', 'agent/bundle'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Leaving a member out by naming it beside a rest is how an object is narrowed.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['lambdas/core/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...clockReaders],
      'no-restricted-imports': [
        'error',
        { patterns: ['@aws-sdk/*', '@aws-lambda-powertools/*', '../adapters/*'] },
      ],
    },
  },
  {
    // CDK constructs are made for their side effect on the tree.
    files: ['lib/**/*.ts', 'bin/**/*.ts'],
    rules: { 'no-new': 'off' },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
);
