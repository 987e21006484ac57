/** Twice, with turns in between: what finalizers let go in the first round is collected in the second. */
export async function collectGarbage() {
  for (let round = 0; round < 2; round++) {
    globalThis.gc();
    await new Promise((done) => setTimeout(done, 20));
  }
}
