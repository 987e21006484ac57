/** For how long a test waits for anything before it says what is missing. */
export const patienceMs = 10_000;

export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

export function deferred<Value>(): Deferred<Value> {
  let settle!: Omit<Deferred<Value>, "promise">;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

/** The promise, unless it takes longer than anybody should wait. */
export async function within<Value>(promise: Promise<Value>, late: () => Error): Promise<Value> {
  const { promise: tooLate, reject } = deferred<never>();
  const timer = setTimeout(() => reject(late()), patienceMs);
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** The error with which a promise rejects. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  const { promise: failed, resolve, reject } = deferred<Error>();
  promise.then(
    () => reject(new Error("it was expected to reject")),
    (error: Error) => resolve(error),
  );
  return within(failed, () => new Error("it does not settle"));
}
