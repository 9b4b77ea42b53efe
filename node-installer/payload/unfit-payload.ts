// A payload that cannot be used, thrown from inside streams and told as a refusal by the step that opened them.

/** *Shape*: one reason word, one sentence, and what to do about it. */
export class UnfitPayload extends Error {
  readonly reason: string;
  readonly hint: string | undefined;

  constructor(reason: string, message: string, hint?: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
    this.hint = hint;
  }
}
