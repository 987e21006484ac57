import type { MessageRecord, Messenger } from "messenger";
import { contentOf, type FileVault } from "messenger/browser";
import { type Observable, type State, type Transfer, withEntry } from "./state.js";

/** A page holds a file in memory when it is saved. */
export const fileBytesMax = 100 * 2 ** 20;
const nameBytesMax = 255;

/** Files on their way, and those that arrived. */
export class Transfers {
  readonly #state: Observable<State>;
  readonly #messenger: Messenger;
  readonly #files: FileVault;

  constructor(state: Observable<State>, messenger: Messenger, files: FileVault) {
    this.#state = state;
    this.#messenger = messenger;
    this.#files = files;
    messenger.on("message", (message) => {
      if (message.file !== undefined && message.direction === "in") void this.#receive(message);
    });
    messenger.on("progress", (id, bytes) => this.#set(id, { phase: "running", bytes }));
  }

  async send(contact: string, file: File): Promise<void> {
    let id: string | null = null;
    const announced = this.#messenger.on("message", (message) => {
      if (id !== null || message.direction !== "out" || message.file?.name !== name) return;
      id = message.file.id;
      this.#set(id, { phase: "waiting", bytes: 0 });
    });
    const name = shortName(file.name);
    try {
      const sent = await this.#messenger.sendFile(contact, { name, size: file.size, content: contentOf(file) });
      this.#set(sent.file!.id, { phase: "done", bytes: file.size });
    } catch (error) {
      if (id === null) throw error;
      this.#set(id, { phase: "failed", bytes: 0 });
    } finally {
      announced();
    }
  }

  /** Finds out which files of these messages are here. */
  async look(messages: readonly MessageRecord[]): Promise<void> {
    for (const { file, direction } of messages) {
      if (file === undefined || direction === "out" || this.#state.value.transfers.has(file.id)) continue;
      const phase = (await this.#files.has(file.id)) ? "done" : "failed";
      this.#set(file.id, { phase, bytes: 0 });
    }
  }

  /** Hands a file that arrived to the user, who says where to. */
  async save({ file }: MessageRecord): Promise<void> {
    const content = file === undefined ? null : await this.#files.file(file.id);
    if (content === null) return;
    const url = URL.createObjectURL(content);
    const link = document.createElement("a");
    link.href = url;
    link.download = file!.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  async #receive(message: MessageRecord): Promise<void> {
    const { id, size } = message.file!;
    this.#set(id, { phase: "running", bytes: 0 });
    try {
      if (size > fileBytesMax) throw new RangeError("a file is larger than a page keeps");
      await this.#files.keep(id, this.#messenger.receiveFile(message));
      this.#set(id, { phase: "done", bytes: size });
    } catch {
      // Whatever it was: the file is not here, and the message says so.
      this.#set(id, { phase: "failed", bytes: 0 });
    }
  }

  #set(id: string, transfer: Transfer): void {
    this.#state.change({ transfers: withEntry(this.#state.value.transfers, id, transfer) });
  }
}

/** Cut at a character, with its ending. */
function shortName(name: string): string {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  if (bytes(name) <= nameBytesMax) return name;
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && bytes(name.slice(dot)) <= 16 ? name.slice(dot) : "";
  const kept = [...name.slice(0, name.length - ending.length)];
  while (bytes(kept.join("") + ending) > nameBytesMax) kept.pop();
  return kept.join("") + ending;
}
