/**
 * Starts the program in its arguments and ends it when its own parent ends, even by kill -9: for programs that, unlike the
 * processes of functions, do not notice that themselves.
 */
import { spawn } from 'node:child_process';

const [command = '', ...options] = process.argv.slice(2);
const child = spawn(command, options, { stdio: 'inherit' });

child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code) => process.exit(code ?? 1));
process.on('disconnect', () => child.kill('SIGKILL'));
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGINT', () => undefined);
