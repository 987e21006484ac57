const path = "/worker.js";

/** With it the application opens without a network. `chosen` is called when a notification was clicked. */
export function installWorker(chosen: (contact: string) => void): void {
  if (!("serviceWorker" in navigator)) return;
  // The page's policy takes no script's address but from here, and here is only this one.
  const policy = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: () => path });
  const url = (policy?.createScriptURL(path) ?? path) as string;
  navigator.serviceWorker.register(url).catch(() => {
    // Without it the application needs the network, and works.
  });
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    chosen((data as { contact: string }).contact);
  });
}

declare global {
  interface TrustedTypePolicyFactory {
    createPolicy(
      name: string,
      rules: { createScriptURL(url: string): string },
    ): { createScriptURL(url: string): unknown };
  }
  var trustedTypes: TrustedTypePolicyFactory | undefined;
}
