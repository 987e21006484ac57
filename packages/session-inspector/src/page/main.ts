import { el } from "./dom.js";
import { Feed } from "./feed.js";
import { Inspector } from "./inspector.js";

const tokenName = "inspector-token";

/** The token stands behind `#` at first; then it is out of sight, and a reload still knows it. */
function takeToken(): string | null {
  const token = location.hash.slice(1);
  if (token === "") return sessionStorage.getItem(tokenName);
  history.replaceState(null, "", location.pathname);
  sessionStorage.setItem(tokenName, token);
  return token;
}

const token = takeToken();
if (token === null) {
  document.body.append(el("p", { class: "trouble" }, "Open the whole address that was printed: its end lets you in."));
} else {
  const feed = new Feed(token);
  const inspector = new Inspector(() => feed.again());
  document.body.append(inspector.element);
  void feed.follow(inspector);
}
