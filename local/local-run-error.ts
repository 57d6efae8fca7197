/** A fault that the person who runs the service can mend: shown as one line, without a stack. */
export class LocalRunError extends Error {
  override readonly name = 'LocalRunError';
}

/** The `code` of a system or LevelDB error, such as `EADDRINUSE`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
