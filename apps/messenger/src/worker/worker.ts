// Keeps the application's own files, so that it opens without a network. Messages are none of its business: the page keeps them.

/** What is kept, and a name that changes whenever any of it does. Put in when the application is bundled. */
declare const appFiles: readonly string[];
declare const appVersion: string;

const worker = globalThis as unknown as ServiceWorkerGlobalScope;

worker.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOld().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  const path = request.mode === "navigate" ? "/" : url.pathname;
  if (appFiles.includes(path)) event.respondWith(answer(path, request));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(showContact((event.notification.data as { contact: string }).contact));
});

async function keep(): Promise<void> {
  const cache = await caches.open(appVersion);
  // Past the browser's own cache: what is kept is what the server has now.
  await cache.addAll(appFiles.map((path) => new Request(path, { cache: "reload" })));
}

async function dropOld(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== appVersion).map((name) => caches.delete(name)));
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(appVersion);
  return (await cache.match(path)) ?? fetch(request);
}

async function showContact(contact: string): Promise<void> {
  const [open] = await worker.clients.matchAll({ type: "window" });
  if (open === undefined) {
    await worker.clients.openWindow("/");
    return;
  }
  open.postMessage({ contact });
  await open.focus();
}
