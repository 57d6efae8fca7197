import type { TLSSocket } from 'node:tls';
import { printable } from '../file/printable.ts';

/** What a certificate says of itself, for people; not proof of anything. */
export interface SeenCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** `2026-01-01 to 2026-12-31`, where it is a date. */
  readonly validity: string;
  /** Whether the roots of the connection vouch for it. */
  readonly isTrusted: boolean;
}

/** The certificate that the other side of a connection has shown. */
export function certificateOf(socket: TLSSocket): SeenCertificate {
  const certificate = socket.getPeerX509Certificate();
  return {
    subject: nameIn(certificate?.subject) || nameIn(certificate?.subjectAltName),
    issuer: nameIn(certificate?.issuer),
    validity: `${dayOf(certificate?.validFrom)} to ${dayOf(certificate?.validTo)}`,
    isTrusted: socket.authorized,
  };
}

/** `Example CA (Example Ltd)` out of lines such as `CN=Example CA`. */
function nameIn(text: string | undefined): string {
  const lines = (text ?? '').slice(0, 4096).split('\n');
  const valueOf = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  const [common, organization] = [valueOf('CN'), valueOf('O')];
  const name =
    common !== undefined && organization !== undefined && !common.includes(organization)
      ? `${common} (${organization})`
      : (common ?? organization ?? lines.join(' '));
  return printable(name, 120);
}

function dayOf(text: string | undefined): string {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? 'unknown' : new Date(time).toISOString().slice(0, 10);
}
