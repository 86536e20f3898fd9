// The classes of errors of `@aws-sdk/client-sts`.
import { CODES } from "./operations.js";

export class STSServiceException extends Error {
  constructor({ message, ...properties }) {
    super(message);
    Object.assign(this, { name: "STSServiceException" }, properties);
    Object.defineProperty(this, "message", { value: message, enumerable: true, writable: true, configurable: true });
  }
}

// By error code. A class is named after the code, with `Exception` at its end.
const classes = {};
for (const code of CODES) {
  const name = code.endsWith("Exception") ? code : `${code}Exception`;
  // The braces give the class its name.
  classes[code] = {
    [name]: class extends STSServiceException {
      constructor(properties) {
        super({ $fault: "client", ...properties, name });
        if (code === "IDPCommunicationError") this.$retryable = {};
      }
    },
  }[name];
}

export const {
  ExpiredTokenException,
  ExpiredTradeInTokenException,
  IDPCommunicationError: IDPCommunicationErrorException,
  IDPRejectedClaim: IDPRejectedClaimException,
  InsufficientSessionLifetime: InsufficientSessionLifetimeException,
  InvalidAuthorizationMessageException,
  InvalidContextAssertion: InvalidContextAssertionException,
  InvalidIdentityToken: InvalidIdentityTokenException,
  InvalidSubjectCredentials: InvalidSubjectCredentialsException,
  JWTPayloadSizeExceededException,
  MalformedPolicyDocument: MalformedPolicyDocumentException,
  OutboundWebIdentityFederationDisabledException,
  PackedPolicyTooLarge: PackedPolicyTooLargeException,
  RegionDisabledException,
  SessionDurationEscalationException,
} = classes;

export function classOf(code) {
  return Object.hasOwn(classes, code) ? classes[code] : STSServiceException;
}
