import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  CognitoIdentityProviderClient,
  InvalidParameterException,
  UserNotFoundException,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { AddressRefused, type SignInAccounts } from '../core/members/member-ports.ts';
import { CLIENT_SETTINGS, lean } from './aws-client.ts';

/**
 * The accounts of our own user pool; where another issuer makes the tokens, its accounts are its own.
 * @param userPoolId undefined: another issuer does
 */
export const createSignInAccounts = (userPoolId: string | undefined): SignInAccounts =>
  userPoolId === undefined
    ? { create: () => Promise.resolve(), delete: () => Promise.resolve() }
    : new CognitoAccounts(lean(new CognitoIdentityProviderClient(CLIENT_SETTINGS)), userPoolId);

/** Accounts without a password: the only way in is the code that Cognito mails to the address. */
export class CognitoAccounts implements SignInAccounts {
  private readonly client: CognitoIdentityProviderClient;
  private readonly userPoolId: string;

  constructor(client: CognitoIdentityProviderClient, userPoolId: string) {
    this.client = client;
    this.userPoolId = userPoolId;
  }

  async create(email: string): Promise<void> {
    try {
      await this.client.send(
        new AdminCreateUserCommand({
          UserPoolId: this.userPoolId,
          Username: email,
          // Every sign-in proves it anew by the code; without this none would be mailed.
          UserAttributes: [
            { Name: 'email', Value: email },
            { Name: 'email_verified', Value: 'true' },
          ],
          // The invitation is ours. No temporary password: where codes are allowed, the account then has none.
          MessageAction: 'SUPPRESS',
        }),
      );
    } catch (fault) {
      if (fault instanceof UsernameExistsException) return;
      // All else in the request is the same for everybody. Cognito takes fewer addresses than e-mail does, such as none of more
      // than 128 characters.
      if (fault instanceof InvalidParameterException) throw new AddressRefused(fault.name, { cause: fault });
      throw fault;
    }
  }

  async delete(email: string): Promise<void> {
    try {
      await this.client.send(new AdminDeleteUserCommand({ UserPoolId: this.userPoolId, Username: email }));
    } catch (fault) {
      // An address that Cognito would not take has no account either.
      if (!(fault instanceof UserNotFoundException || fault instanceof InvalidParameterException))
        throw fault;
    }
  }
}
