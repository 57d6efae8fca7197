import { Duration, Stack } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { HostedZone, RecordSet, RecordTarget, RecordType } from 'aws-cdk-lib/aws-route53';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  DkimIdentity,
  EasyDkimSigningKeyLength,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { MailEventsEnv } from '../../lambdas/mail-events/env.ts';
import { domainOf, type StageConfig } from '../config.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { LicenseTables } from './license-tables.ts';
import { LicensingFunction } from './licensing-function.ts';

/** A record of the sender's domain. */
export interface DnsRecord {
  /** Word for it, for ids: `Dkim1`. */
  readonly id: string;
  readonly name: string;
  readonly type: 'CNAME' | 'MX' | 'TXT';
  readonly value: string;
}

/** What senders are told; the portal only where there is one. */
type SenderEnvironment = Record<
  'MAIL_FROM' | 'MAIL_REPLY_TO' | 'MAIL_VENDOR' | 'MAIL_CONFIGURATION_SET' | 'DAILY_MAIL_LIMIT',
  string
> &
  Partial<Record<'PORTAL_URL', string>>;

export interface MailProps {
  readonly config: StageConfig;
  readonly tables: LicenseTables;
  readonly deadLetters: DeadLetters;
}

/** The sender: the domain with its DNS records, how mail is sent, and what happens when it comes back. */
export class Mail extends Construct {
  readonly functions: Readonly<Record<'mailEvents', LicensingFunction>>;
  /** The records that nobody has made: somebody has to, before mail arrives. */
  readonly missingRecords: readonly DnsRecord[];
  private readonly config: StageConfig;
  private readonly configurationSet: ConfigurationSet;
  private readonly identity: EmailIdentity;

  constructor(scope: Construct, id: string, props: MailProps) {
    super(scope, id);
    this.config = props.config;
    const domain = domainOf(this.config.mail.from);
    const mailFromDomain = `bounce.${domain}`;
    this.configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      // Alerts name hosts and contracts: not for everybody on the way.
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });
    this.identity = new EmailIdentity(this, 'Identity', {
      identity: Identity.domain(domain),
      dkimIdentity: DkimIdentity.easyDkim(EasyDkimSigningKeyLength.RSA_2048_BIT),
      mailFromDomain,
      // What comes back goes to the function and not to the sender's mailbox, which nobody may read.
      feedbackForwarding: false,
    });
    this.missingRecords = this.publish(this.recordsOf(domain, mailFromDomain));
    this.functions = { mailEvents: this.mailEvents(props) };
    this.report(this.functions.mailEvents, props.deadLetters);
  }

  /** Lets a function send, in the name of the one address. */
  grantSend(grantee: LicensingFunction): SenderEnvironment {
    const { mail, portalUrl } = this.config;
    const resources = {
      SendMail: this.identity.emailIdentityArn,
      SendWithConfigurationSet: Stack.of(this).formatArn({
        service: 'ses',
        resource: 'configuration-set',
        resourceName: this.configurationSet.configurationSetName,
      }),
    };
    for (const [sid, resource] of Object.entries(resources)) {
      grantee.allow({
        sid,
        actions: ['ses:SendRawEmail'],
        resources: [resource],
        conditions: { StringEquals: { 'ses:FromAddress': mail.from } },
      });
    }
    return {
      MAIL_FROM: mail.from,
      MAIL_REPLY_TO: mail.replyTo ?? mail.from,
      MAIL_VENDOR: mail.vendor,
      MAIL_CONFIGURATION_SET: this.configurationSet.configurationSetName,
      DAILY_MAIL_LIMIT: String(mail.dailyLimitPerRecipient),
      ...(portalUrl === undefined ? {} : { PORTAL_URL: portalUrl }),
    };
  }

  /** DKIM signs, SPF allows SES to send for the MAIL FROM domain, where bounces go, and DMARC asks receivers to insist on it. */
  private recordsOf(domain: string, mailFromDomain: string): DnsRecord[] {
    const dkim = this.identity.dkimRecords.map(({ name, value }, index): DnsRecord => {
      return { id: `Dkim${index + 1}`, name, type: 'CNAME', value };
    });
    return [
      ...dkim,
      {
        id: 'MailFrom',
        name: mailFromDomain,
        type: 'MX',
        value: `10 feedback-smtp.${Stack.of(this).region}.amazonses.com`,
      },
      { id: 'Spf', name: mailFromDomain, type: 'TXT', value: 'v=spf1 include:amazonses.com ~all' },
      {
        id: 'Dmarc',
        name: `_dmarc.${domain}`,
        type: 'TXT',
        value: `v=DMARC1; p=${this.config.mail.dmarcPolicy}`,
      },
    ];
  }

  /** Writes the records where the stage names the zone; answers those that it did not write. */
  private publish(records: readonly DnsRecord[]): readonly DnsRecord[] {
    const { hostedZone } = this.config.mail;
    if (!hostedZone) return records;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    });
    for (const { id, name, type, value } of records) {
      new RecordSet(this, `${id}Record`, {
        zone,
        // With a dot at its end it is a whole name; the CDK would put the zone behind one that it cannot read yet.
        recordName: `${name}.`,
        recordType: RecordType[type],
        target: RecordTarget.fromValues(type === 'TXT' ? `"${value}"` : value),
        ttl: Duration.hours(1),
      });
    }
    return [];
  }

  private mailEvents({ config, tables, deadLetters }: MailProps): LicensingFunction {
    const mailEvents = new LicensingFunction(this, 'MailEvents', {
      config,
      folder: 'mail-events',
      description: 'Stops sending to addresses that mail came back from',
      memoryMiB: 256,
      timeout: Duration.seconds(30),
      events: { retries: 2, maxAge: Duration.hours(6), deadLetters },
    });
    mailEvents.setEnvironment({
      ...tables.recipients.grantDisable(mailEvents),
    } satisfies Record<keyof MailEventsEnv, string>);
    return mailEvents;
  }

  /** Bounces and complaints about mail of this configuration set go to the function, by way of the default bus: SES knows no other. */
  private report(target: LicensingFunction, { queue }: DeadLetters): void {
    this.configurationSet.addEventDestination('Events', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'DefaultBus', 'default')),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
    });
    new Rule(this, 'Returned', {
      description: 'Mail that bounced or that somebody complained about',
      eventPattern: {
        source: ['aws.ses'],
        detailType: ['Email Bounced', 'Email Complaint Received'],
        detail: {
          mail: { tags: { 'ses:configuration-set': [this.configurationSet.configurationSetName] } },
        },
      },
      targets: [
        // The cast: an Alias declares `role` as a possible undefined, which exactOptionalPropertyTypes tells from absent.
        new LambdaFunction(target.live as IFunction, {
          deadLetterQueue: queue,
          retryAttempts: 8,
          maxEventAge: Duration.hours(6),
        }),
      ],
    });
  }
}
