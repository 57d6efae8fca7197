import type { ApiRequest } from '../api-client.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The request as a command for a shell. The body goes in base64: it may be anything. */
export function curlOf(url: string, { method, path, caller, headers = {}, body }: ApiRequest): string {
  const parts = ['curl', '-i', '-X', method, quoted(url + path)];
  for (const [name, value] of Object.entries(headers)) parts.push('-H', quoted(`${name}: ${value}`));
  if ('token' in caller) parts.push('-H', quoted(`authorization: Bearer ${caller.token}`));
  else if (caller.as === 'vendor') {
    parts.push('--aws-sigv4', 'aws:amz:eu-west-1:execute-api', '--user', 'local:local');
  }
  if (body === undefined) return parts.join(' ');
  return `base64 -d <<< ${body.toString('base64')} | ${parts.join(' ')} --data-binary @-`;
}
