import { MessengerError } from "../protocol/index.js";

/** What a store cannot do now, in words for who runs it. */
export class StoreError extends MessengerError {
  constructor(message: string, options?: ErrorOptions) {
    super("STORE", message, options);
  }

  static from(error: unknown, path: string): StoreError {
    const told = error instanceof StoreError ? error.message : reasonOf(error);
    return new StoreError(`the store ${path} ${told}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) return "is in use by another process";
  if (code.startsWith("SQLITE_FULL") || code === "ENOSPC") return "cannot be written: the disk is full";
  if (code.startsWith("SQLITE_NOTADB")) return "is no database of this program";
  if (code.startsWith("SQLITE_CORRUPT")) return "is damaged; restore it from a backup";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code.startsWith("SQLITE_READONLY")) {
    return "cannot be written: permission denied";
  }
  if (code === "ENOENT" || code === "ENOTDIR") return "cannot be opened: its folder does not exist";
  return `failed: ${message}`;
}
