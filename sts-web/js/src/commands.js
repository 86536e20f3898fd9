// A command for each operation.
import { OPERATIONS } from "./operations.js";

class Command {
  constructor(input) {
    this.input = input ?? {};
  }
}

const commands = {};
for (const operation of OPERATIONS) {
  const name = `${operation}Command`;
  // The braces give the class its name.
  commands[operation] = { [name]: class extends Command {} }[name];
  Object.defineProperty(commands[operation].prototype, "operation", { value: operation });
}

export const {
  AssumeRole: AssumeRoleCommand,
  AssumeRoleWithSAML: AssumeRoleWithSAMLCommand,
  AssumeRoleWithWebIdentity: AssumeRoleWithWebIdentityCommand,
  AssumeRoot: AssumeRootCommand,
  DecodeAuthorizationMessage: DecodeAuthorizationMessageCommand,
  GetAccessKeyInfo: GetAccessKeyInfoCommand,
  GetCallerIdentity: GetCallerIdentityCommand,
  GetDelegatedAccessToken: GetDelegatedAccessTokenCommand,
  GetFederationToken: GetFederationTokenCommand,
  GetScopedCredentials: GetScopedCredentialsCommand,
  GetSessionToken: GetSessionTokenCommand,
  GetWebIdentityToken: GetWebIdentityTokenCommand,
} = commands;

export { Command as $Command };

export function commandOf(operation) {
  return commands[operation];
}
