import {
  decodeBase64url,
  encodeBase64url,
  fileBytesMax,
  fileNameBytesMax,
  idBytes,
  MessengerError,
  openFile,
  sealedFileBytes,
  sealFile,
  utf8,
} from "../protocol/index.js";
import type { Core } from "./core.js";
import { offline } from "./link.js";
import type { MessageRecord } from "./records.js";
import { sendFileMessage } from "./sending.js";

/** A file to be sent. */
export interface FileSource {
  readonly name: string;
  readonly size: number;
  /** Asked once, for exactly `size` bytes. */
  readonly content: AsyncIterable<Uint8Array>;
}

const keyBytes = 32;
const streamWaitMs = 30_000;

/**
 * Sends a file to a contact that is on line. The key seals this file alone: sending again takes a new one.
 *
 * @throws {MessengerError} `OFFLINE`, `NOT_LINKED` or `TOO_LARGE`; whatever ends the stream where the contact is not on line
 */
export async function sendFile(core: Core, contact: string, source: FileSource): Promise<MessageRecord> {
  const { name, size, content } = source;
  if (!(Number.isSafeInteger(size) && size >= 0 && size <= fileBytesMax)) {
    throw new MessengerError("TOO_LARGE", `a file has at most ${fileBytesMax} bytes`);
  }
  if (utf8(name).length > fileNameBytesMax) {
    throw new MessengerError("TOO_LARGE", `the name of a file has at most ${fileNameBytesMax} bytes`);
  }
  if (core.link.session === null) throw offline();
  const [id, key] = [encodeBase64url(core.world.random(idBytes)), core.world.random(keyBytes)];
  const delivered = whenDelivered(core, id);
  // Whoever sends hears of it below; before that the sending itself may fail.
  delivered.catch(() => {});
  const record = await core.serial.run(() => sendFileMessage(core, contact, { id, key, size, name }));
  await delivered;
  const session = core.link.session;
  if (session === null) throw offline();
  await session.transaction.Stream(sealFile(key, content), {
    streamName: `file/${contact}/${id}`,
    size: BigInt(sealedFileBytes(size)),
    onProgress: (sent) => core.events.emit("progress", id, Math.min(Number(sent), size), size),
  });
  return record;
}

/**
 * The bytes of a file that a message announced, as they come. They are whole only if the iteration ends without an error. Call it
 * within 30 seconds of the message.
 */
export async function* receiveFile(core: Core, message: MessageRecord): AsyncGenerator<Uint8Array> {
  const { file } = message;
  if (file?.key === undefined) throw new MessengerError("MALFORMED", "this message brings no file");
  const session = core.link.session;
  if (session === null) throw offline();
  const name = `file/${core.identity.fingerprint}/${file.id}`;
  const stream = await session.transaction.WaitForStream(name, streamWaitMs);
  let received = 0;
  for await (const chunk of openFile(decodeBase64url(file.key), stream)) {
    received += chunk.length;
    if (received > file.size) throw new MessengerError("MALFORMED", "a file is longer than announced");
    core.events.emit("progress", file.id, received, file.size);
    yield chunk;
  }
  if (received !== file.size) throw new MessengerError("MALFORMED", "a file is shorter than announced");
}

/** The peer can wait for the stream only once it knows the key. */
function whenDelivered(core: Core, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      for (const end of ends) end();
      settle();
    };
    const ends = [
      core.events.on("status", ({ file, status, problem }) => {
        if (file?.id !== id) return;
        if (status === "delivered" || status === "read") done(resolve);
        else if (status === "failed")
          done(() => reject(new MessengerError("REFUSED", `the server refused: ${problem}`)));
      }),
      core.events.on("state", (state) => {
        if (state !== "online") done(() => reject(offline()));
      }),
    ];
  });
}
