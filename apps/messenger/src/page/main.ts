import { h, render } from "preact";
import { App } from "./model/app.js";
import { takeInvitation } from "./model/invitation-link.js";
import { Root } from "./views/root.js";
import { installWorker } from "./worker-registration.js";

// First of all: nothing else that the page loads shall see it.
const invitation = takeInvitation();
const token = document.querySelector<HTMLMetaElement>("meta[name=messenger-token]")?.content;
const app = new App(invitation, token);
render(h(Root, { app }), document.getElementById("root")!);
void app.open();
installWorker((contact) => void app.select(contact));

window.addEventListener("popstate", ({ state }) => void app.went(state));
window.addEventListener("hashchange", () => {
  const link = takeInvitation();
  if (link !== null) app.show({ kind: "accept", link });
});
// Who comes back looks at the page: now is the time to connect.
window.addEventListener("online", () => app.wake());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") app.wake();
  else void app.saveDraft();
});
