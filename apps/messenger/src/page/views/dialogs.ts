import { type ComponentChild, h } from "preact";
import { AboutDialog } from "./about-dialog.js";
import { AcceptDialog } from "./accept-dialog.js";
import { ContactDialog } from "./contact-dialog.js";
import { useScreen } from "./context.js";
import { InviteDialog } from "./invite-dialog.js";
import { SettingsDialog } from "./settings-dialog.js";

/** The window that is open over the rest, if any. */
export function Dialogs(): ComponentChild {
  const { dialog } = useScreen().state;
  switch (dialog?.kind) {
    case "invite":
      return h(InviteDialog, { made: dialog.made });
    case "accept":
      return h(AcceptDialog, { given: dialog.link });
    case "contact":
      return h(ContactDialog, dialog);
    case "settings":
      return h(SettingsDialog, null);
    case "about":
      return h(AboutDialog, null);
    default:
      return null;
  }
}
