// A command for a client of our own making, in the SDK's form: so that `useCall` and `send` take it.

export class Command<I, O> {
  constructor(readonly input: I) {}

  /** Only a type: tells what the answer is, as the SDK's commands do. */
  // biome-ignore lint/suspicious/noExplicitAny: as the SDK has it
  declare resolveMiddleware: (...given: any[]) => (...given: any[]) => Promise<{ output: O }>;
}
