import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const RUNTIMES = /docker|kubepods|kubelet|containerd|libpod|containers\/storage|crio/;

/** What of a container matters for an id: which places do not come from its image. */
export interface Container {
  isMounted(path: string): boolean;
}

/**
 * The application container that this process runs in, by the marks of Docker, Podman and Kubernetes; undefined on a machine, and
 * in a system container such as of LXC, which keeps its machine id like a machine.
 * @param root what `/` is, for tests
 */
export async function findContainer(root = '/'): Promise<Container | undefined> {
  const [mounts, groups, ...marks] = await Promise.all([
    textOf(join(root, 'proc/self/mountinfo')),
    textOf(join(root, 'proc/1/cgroup')),
    exists(join(root, '.dockerenv')),
    exists(join(root, 'run/.containerenv')),
  ]);
  // proc(5): the mount point is the fifth field, with spaces as \040.
  const points = new Map(mounts.split('\n').map((line) => [line.split(' ')[4] ?? '', line] as const));
  const isContainer =
    marks.includes(true) ||
    RUNTIMES.test(groups) ||
    RUNTIMES.test(points.get('/') ?? '') ||
    points.has('/dev/termination-log');
  return isContainer ? { isMounted: (path) => points.has(path) } : undefined;
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
