import { Duration } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { OrderEventsEnv } from '../../lambdas/order-events/env.ts';
import type { StageConfig, StageName } from '../config.ts';
import type { DeadLetters } from './dead-letters.ts';
import { LicensingFunction, type Given } from './licensing-function.ts';
import { grantTakeOrders, type OrderTaking } from './order-taking.ts';

export interface OrderBusProps extends OrderTaking {
  readonly stage: StageName;
  readonly config: StageConfig;
  readonly deadLetters: DeadLetters;
}

/** What an ERP calls an event with an order in it. */
const DETAIL_TYPE = 'ContractChanged';

/** How long events can be delivered again. What became of them is in the tables, so the archive goes with the stack. */
const ARCHIVE = Duration.days(90);

/** How long EventBridge goes on trying to start the function, and how often: the most that it takes. */
const DELIVERY = { maxEventAge: Duration.hours(24), retryAttempts: 185 };

/**
 * The bus on which an ERP sends orders, instead of requests that it would have to wait for. It has no policy of its own: who
 * may send is up to the account, by the policy that is made here.
 */
export class OrderBus extends Construct {
  readonly functions: Readonly<Record<'orderEvents', LicensingFunction>>;
  readonly bus: EventBus;
  /** To attach to the role of the ERP: put orders on the bus, and no other events. */
  readonly senderPolicy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: OrderBusProps) {
    super(scope, id);
    const name = `licensing-${props.stage}-orders`;
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: name,
      description: 'Orders of the ERP: contracts that are new or have changed',
    });
    this.senderPolicy = new ManagedPolicy(this, 'SenderPolicy', {
      description: `Put orders on the bus ${name}`,
      statements: [
        new PolicyStatement({
          sid: 'PutOrders',
          actions: ['events:PutEvents'],
          resources: [this.bus.eventBusArn],
          conditions: { StringEquals: { 'events:detail-type': DETAIL_TYPE } },
        }),
      ],
    });
    const orderEvents = this.orderEvents(props);
    this.functions = { orderEvents };

    new Rule(this, 'ContractChanged', {
      description: 'Contracts that are new or have changed go to the function that takes orders',
      eventBus: this.bus,
      eventPattern: { detailType: [DETAIL_TYPE] },
      targets: [
        // The cast: an Alias declares `role` as a possible undefined, which exactOptionalPropertyTypes tells from absent.
        new LambdaFunction(orderEvents.live as IFunction, {
          ...DELIVERY,
          deadLetterQueue: props.deadLetters.queue,
        }),
      ],
    });
    this.bus.archive('Archive', {
      archiveName: name,
      description: 'Orders of the last days, to deliver them again',
      eventPattern: { detailType: [DETAIL_TYPE] },
      retention: ARCHIVE,
    });
  }

  private orderEvents({ config, deadLetters, ...taking }: OrderBusProps): LicensingFunction {
    const orderEvents = new LicensingFunction(this, 'OrderEvents', {
      config,
      folder: 'order-events',
      description: 'Takes orders that come as events',
      memoryMiB: 1024,
      timeout: Duration.seconds(60),
      // The most that Lambda knows: two more tries after a fault, and 6 hours while it has no capacity for it.
      events: { retries: 2, maxAge: Duration.hours(6), deadLetters },
    });
    orderEvents.setEnvironment({
      ...grantTakeOrders(orderEvents, config, taking),
    } satisfies Given<OrderEventsEnv>);
    return orderEvents;
  }
}
