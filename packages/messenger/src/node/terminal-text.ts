/** Control characters, and those that turn the direction of a line round: a stranger's text must not steer the terminal. */
const steering = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text of a stranger as one line that shows what is in it. */
export function terminalText(text: string): string {
  return text.replace(steering, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
