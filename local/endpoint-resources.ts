import { ConflictException, CreateScheduleGroupCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import {
  ConfigurationSetAlreadyExistsException,
  CreateConfigurationSetCommand,
  SESClient,
  VerifyDomainIdentityCommand,
  VerifyEmailIdentityCommand,
} from '@aws-sdk/client-ses';
import type { AwsCredentials } from './endpoints.ts';
import type { Template } from './template.ts';

/** Makes at an outside endpoint what e-mail and schedules need there: identities, configuration sets, groups. */
export async function ensureMailAndSchedules(
  endpoint: string,
  template: Template,
  region: string,
  credentials: AwsCredentials,
): Promise<void> {
  const ses = new SESClient({ endpoint, region, credentials });
  const scheduler = new SchedulerClient({ endpoint, region, credentials });
  try {
    for (const identity of template.namesOf('AWS::SES::EmailIdentity')) {
      await (identity.includes('@')
        ? ses.send(new VerifyEmailIdentityCommand({ EmailAddress: identity }))
        : ses.send(new VerifyDomainIdentityCommand({ Domain: identity })));
    }
    for (const Name of template.namesOf('AWS::SES::ConfigurationSet')) {
      await unless(
        ConfigurationSetAlreadyExistsException,
        ses.send(new CreateConfigurationSetCommand({ ConfigurationSet: { Name } })),
      );
    }
    for (const Name of template.namesOf('AWS::Scheduler::ScheduleGroup')) {
      await unless(ConflictException, scheduler.send(new CreateScheduleGroupCommand({ Name })));
    }
  } finally {
    ses.destroy();
    scheduler.destroy();
  }
}

type ErrorClass = abstract new (...given: never[]) => Error;

/** What is there already is taken as it is. */
async function unless(there: ErrorClass, made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!(error instanceof there)) throw error;
  }
}
