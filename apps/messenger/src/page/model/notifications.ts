/** Asks the browser whether notifications may be shown. */
export async function askForNotifications(): Promise<boolean> {
  if (!("Notification" in globalThis)) return false;
  return (await Notification.requestPermission()) === "granted";
}

/** Shows one per contact: the next replaces it. Only whom it is from, because a screen that is locked shows it, too. */
export async function notify(contact: string, title: string): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  const registration = await navigator.serviceWorker?.getRegistration();
  const options = { tag: contact, icon: "/icon.svg", data: { contact } };
  if (registration !== undefined) await registration.showNotification(title, options);
  else new Notification(title, options);
}
