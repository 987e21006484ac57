import { decodeQR } from "qr/decode.js";

/** How often a picture is looked at. */
const lookMs = 120;
const widthMax = 800;

/**
 * Looks for a QR code in what the camera sees, until one is found that fits, or `signal` ends it.
 *
 * @throws {DOMException} where there is no camera, or the user does not let the page use it
 */
export async function scan(
  video: HTMLVideoElement,
  fits: (text: string) => boolean,
  signal: AbortSignal,
): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  try {
    video.srcObject = stream;
    await video.play();
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
    while (!signal.aborted) {
      const text = look(video, canvas);
      if (text !== null && fits(text)) return text;
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

function look(video: HTMLVideoElement, context: CanvasRenderingContext2D): string | null {
  const scale = Math.min(1, widthMax / (video.videoWidth || widthMax));
  const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
  if (width === 0 || height === 0) return null;
  Object.assign(context.canvas, { width, height });
  context.drawImage(video, 0, 0, width, height);
  try {
    return decodeQR(context.getImageData(0, 0, width, height));
  } catch {
    // Most pictures have none.
    return null;
  }
}
