// The clients of `@aws-sdk/client-sts`. An entry point sets the platform.
import { commandOf } from "./commands.js";
import { abortError, toError } from "./errors.js";
import { OPERATIONS } from "./operations.js";

// `load` returns the class `Machine` or a promise of it, `connect` the settings of a new client that only the platform knows.
let platform;
export function run(on) {
  platform = on;
}

export class STSClient {
  #settings;
  #machine;
  // What the credentials function has thrown last. The caller gets the very same error.
  #thrown;

  constructor(config = {}) {
    this.#settings = { ...platform.connect(), ...config };
    const { region, credentials, maxAttempts } = this.#settings;
    this.config = { ...config };
    if (region) this.config.region = provider(region);
    if (credentials) this.config.credentials = provider(credentials);
    if (maxAttempts) this.config.maxAttempts = provider(maxAttempts);
  }

  send(command, options, callback) {
    if (typeof options === "function") [options, callback] = [undefined, options];
    const promise = this.#send(command, options);
    if (!callback) return promise;
    promise.then(
      (output) => callback(null, output),
      (error) => callback(error),
    );
  }

  destroy() {
    this.#settings.close?.();
  }

  async #send({ operation, input }, options) {
    const machine = await this.#start();
    const signal = options?.abortSignal;
    if (signal?.aborted) throw abortError(signal);
    let abort;
    const aborted = signal && new Promise((_, reject) => signal.addEventListener("abort", (abort = reject), { once: true }));
    try {
      if (typeof this.#settings.credentials === "function") await this.#find(machine, operation, aborted);
      return await machine.send(operation, input, aborted);
    } catch (description) {
      if (description === undefined) throw abortError(signal);
      throw description instanceof Error ? description : toError(description);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async #find(machine, operation, aborted) {
    try {
      await machine.find(operation, aborted);
    } catch (description) {
      throw description && (this.#thrown ?? description);
    }
  }

  // Loads the module with the first call. What fails is tried again with the next.
  #start() {
    this.#machine ??= this.#load().catch((error) => {
      this.#machine = undefined;
      throw error;
    });
    return this.#machine;
  }

  async #load() {
    const Machine = await platform.load();
    const settings = { requestTimeout: this.#settings.requestHandler?.requestTimeout, ...this.#settings };
    for (const name of ["region", "endpoint", "maxAttempts", "retryMode", "useFipsEndpoint", "useDualstackEndpoint", "userAgentAppId"]) {
      settings[name] = await provider(settings[name])();
    }
    settings.endpoint = toUrl(settings.endpoint);
    const { credentials } = settings;
    if (typeof credentials === "function") {
      settings.credentials = async () => {
        try {
          this.#thrown = undefined;
          return await credentials();
        } catch (error) {
          this.#thrown = error;
          throw error;
        }
      };
    }
    try {
      return new Machine(settings);
    } catch (description) {
      throw description instanceof Error ? description : toError(description);
    }
  }
}

// The client with a method for each operation.
export class STS extends STSClient {}
for (const operation of OPERATIONS) {
  const method = operation[0].toLowerCase() + operation.slice(1);
  const { [method]: value } = {
    [method](input, options, callback) {
      return this.send(new (commandOf(operation))(input), options, callback);
    },
  };
  Object.defineProperty(STS.prototype, method, { value, writable: true, configurable: true });
}

function provider(value) {
  return typeof value === "function" ? value : async () => value;
}

// An endpoint is a URL as text, an object that has one in `url`, or an object with its parts.
function toUrl(endpoint) {
  if (!endpoint || typeof endpoint === "string") return endpoint;
  const url = endpoint.url ?? endpoint;
  if (url.href) return url.href;
  const { protocol = "https:", hostname, port, path = "/" } = url;
  return `${protocol}//${hostname}${port ? `:${port}` : ""}${path}`;
}
