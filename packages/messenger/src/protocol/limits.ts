// What the messenger allows at most. Each number says what it keeps in bounds.

/** UTF-8 of one JSON object, each way. */
export const messageBytesMax = 4096;

/** The random numbers of the protocol, in bytes. */
export const nonceBytes = 32;
export const connIdBytes = 16;
export const idBytes = 16;
export const inviteBytes = 16;
export const secretBytes = 32;
export const replyKeyIdBytes = 8;

export const fingerprintBytes = 32;
export const publicKeyBytes = 182;
/** An uncompressed point of P-256. */
export const pointBytes = 65;
export const signatureBytes = 64;

/** suite 1, enc 65, sealed 16 + 16. */
export const encryptedTimestampBytes = 98;

/** Who has not registered by then is closed. */
export const registrationMs = 10_000;
/** Refused responses from one address in a minute before the next are refused unread: each costs the server signatures. */
export const refusalsPerMinute = 10;

export const inviteMsDefault = 24 * 3_600_000;
export const inviteMsMax = 7 * 24 * 3_600_000;
/** Scanned in person no later than so long after the making: the link cannot have travelled far. */
export const inPersonMs = 10 * 60_000;
/** Open invitations of one identity, so that a link that leaks is one of few. */
export const openInvitesMax = 256;

export const greetingBytes = 256;
export const nameBytesMax = 64;

export const bodyBytesMax = 2700;
/** What a plaintext may be padded to: the server learns one of four sizes. */
export const plaintextSizes = [512, 1024, 2048, 2816] as const;
/** A long text goes in parts; more than this is a file. */
export const partsMax = 16;
/** group 8, index 2, count 2. */
export const partHeaderBytes = 12;

/** How far back a message may arrive late, in messages. */
export const windowBits = 1024;
/** Received messages whose hashes are remembered to tell a cloned contact. */
export const chainMax = 64;

export const replyKeysMax = 8;
/** A fresh reply key is issued after so long even if the last one was not used. */
export const replyKeyFreshMs = 24 * 3_600_000;
export const replyKeyMsMax = 14 * 24 * 3_600_000;

/** Of what is not acknowledged. */
export const mailboxMs = 7 * 24 * 3_600_000;
export const mailboxMessagesMax = 500;
export const mailboxBytesMax = 1 << 20;
/** Waiting from one sender to one recipient: nobody fills a mailbox alone. */
export const mailboxPairMax = 64;

/** How long an id is remembered after it was accepted, and how many of a sender at least. */
export const rememberedMs = 7 * 24 * 3_600_000;
export const rememberedPerSender = 10_000;

/** Messages a second and at once per identity, counting all but acks. */
export const ratePerSecond = 20;
export const rateBurst = 60;

/** Plain bytes of one record of a file. */
export const fileRecordBytes = 65_536;
/** One key seals at most so much: 2^32 records are far beyond it. */
export const fileBytesMax = 2 ** 40;
/** A name of a file must leave room for the rest of the body. */
export const fileNameBytesMax = 255;
