// One client for each service of AWS's, made when first asked, for the session that is in force.
// A page sends with `send`: it waits for keys, and asks once more where the server forgot them.

import { region } from "~/session/exchange";
import { session } from "~/session/session";
import { connection } from "./connection";
import { problemOf } from "./problem";

/** What every client of the SDK is made with: our own origin, short keys, the server's clock. */
export interface Config {
  region: string;
  endpoint: string;
  credentials: typeof session.keys;
  systemClockOffset: number;
  maxAttempts: number;
}

/** What we ask of a client: the SDK's own types are the contract (`CommandOf`, `OutputOf`). */
interface Client {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's send is overloaded for each command
  send(command: any, options?: any): Promise<any>;
}

// biome-ignore lint/suspicious/noExplicitAny: inferred by whoever uses it
export type CommandOf = new (input: any) => any;
export type InputOf<C extends CommandOf> = ConstructorParameters<C>[0];
export type OutputOf<C extends CommandOf> =
  InstanceType<C> extends {
    // biome-ignore lint/suspicious/noExplicitAny: only the output is asked for
    resolveMiddleware: (...given: any[]) => (...given: any[]) => Promise<{ output: infer O }>;
  }
    ? O
    : never;

export interface Service {
  /** As IAM spells it, such as `sagemaker`; part of the cache's keys. */
  name: string;
  send<C extends CommandOf>(
    command: C,
    input: InputOf<C>,
    signal?: AbortSignal,
  ): Promise<OutputOf<C>>;
}

const ATTEMPTS_MAX = 4; // the SDK's standard strategy: throttled and broken calls wait and repeat

export function service(name: string, make: (config: Config) => Client): Service {
  let made: { generation: number; client: Client } | null = null;

  function client(): Client {
    if (made?.generation !== session.generation()) {
      const config = {
        region: region(),
        endpoint: location.origin,
        credentials: session.keys,
        systemClockOffset: session.clockOffset(),
        maxAttempts: ATTEMPTS_MAX,
      };
      made = { generation: session.generation(), client: make(config) };
    }
    return made.client;
  }

  async function once<C extends CommandOf>(command: C, input: InputOf<C>, signal?: AbortSignal) {
    await session.keys(); // before the client: it may wait for a new sign-in
    try {
      const answer = await client().send(new command(input), { abortSignal: signal });
      connection.reached();
      return answer as OutputOf<C>;
    } catch (error) {
      if (!signal?.aborted) noteConnection(error);
      throw error;
    }
  }

  return {
    name,
    async send(command, input, signal) {
      try {
        return await once(command, input, signal);
      } catch (error) {
        if (signal?.aborted || problemOf(error).kind !== "session") throw error;
        await session.refused();
        return await once(command, input, signal);
      }
    },
  };
}

function noteConnection(error: unknown): void {
  if (problemOf(error).kind === "network") connection.lost();
  else connection.reached();
}
