/** What stops the agent before it could ask the service. */
export type FaultCode =
  | 'usage'
  | 'settings'
  | 'file-missing'
  | 'file-unreadable'
  | 'file-damaged'
  | 'keys'
  | 'host-id'
  | 'locked'
  | 'not-written';

/** A fault that people can do something about: shown as one line, without a stack. */
export class AgentFault extends Error {
  readonly code: FaultCode;
  /** What to do, in one sentence. */
  readonly advice: string;

  constructor(code: FaultCode, message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentFault';
    this.code = code;
    this.advice = advice;
  }
}
