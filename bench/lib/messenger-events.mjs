/** Resolves at the next event of a messenger that fits. */
export function heard(messenger, name, fits = () => true) {
  return new Promise((resolve) => {
    const end = messenger.on(name, (...args) => {
      if (!fits(...args)) return;
      end();
      resolve(args);
    });
  });
}
