import { createCipheriv, createHash } from "node:crypto";
import { open } from "node:fs/promises";

const blockBytes = 1_000_000;

/**
 * Writes a file of random bytes that are the same for the same seed: the key stream of a cipher, which no compression and
 * no cache can make smaller. Resolves to its SHA-256.
 */
export async function makeRandomFile(
  path: string,
  bytes: number,
  seed: string,
  onProgress: (written: number) => void,
): Promise<string> {
  const key = createHash("sha256").update(seed).digest();
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const zeros = Buffer.alloc(blockBytes);
  const hash = createHash("sha256");
  const file = await open(path, "wx");
  try {
    for (let written = 0; written < bytes; ) {
      const block = cipher.update(zeros.subarray(0, Math.min(blockBytes, bytes - written)));
      hash.update(block);
      await file.write(block);
      written += block.length;
      onProgress(written);
    }
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}
