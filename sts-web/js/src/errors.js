// Errors of a call.
import { classOf } from "./exceptions.js";

// The error that an object of the machine describes.
export function toError({ message, ...properties }) {
  const { name: Code, $fault } = properties;
  if (!$fault) return Object.assign(new Error(message), properties);
  const Type = $fault === "server" ? "Receiver" : "Sender";
  const details = { ...properties, message, Type, Code, Error: { Type, Code, Message: message } };
  return new (classOf(Code))(details);
}

export function abortError(signal) {
  return Object.assign(new Error("Request aborted", { cause: signal.reason }), { name: "AbortError" });
}
