import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHost, upgradeUrl } from "./host.js";
import { OptionsError } from "./options.js";

const understood: [host: string, url: string][] = [
  ["localhost:8080", "ws://localhost:8080/"],
  ["localhost", "ws://localhost/"],
  ["127.0.0.1:1/a/b?c=d", "ws://127.0.0.1:1/a/b?c=d"],
  ["[::1]:8080", "ws://[::1]:8080/"],
  ["ws://example.org", "ws://example.org/"],
  ["WSS://example.org:444/chat", "wss://example.org:444/chat"],
  ["http://example.org?a=1", "ws://example.org/?a=1"],
  ["https://example.org/x#part", "wss://example.org/x"],
  ["bücher.example", "ws://xn--bcher-kva.example/"],
];
for (const [host, url] of understood) {
  test(`${host} means ${url}`, () => assert.equal(parseHost(host).toString(), url));
}

test("without a scheme the page decides whether the connection is secure", () => {
  assert.equal(parseHost("example.org", {}, true).toString(), "wss://example.org/");
  assert.equal(parseHost("ws://example.org", {}, true).toString(), "ws://example.org/");
});

for (const host of [
  "",
  " ",
  "/path",
  "ws://",
  "ws:///path",
  "ws://?a=b",
  "ftp://example.org",
  "a b",
  "host:99999",
  "::1",
]) {
  test(`refuses ${JSON.stringify(host)} without quoting it`, () => {
    assert.throws(
      () => parseHost(host),
      (error) => error instanceof OptionsError && error.option === "host" && error.cause === undefined,
    );
  });
}

test("query parameters are added to those of the host and escaped", () => {
  assert.equal(parseHost("h/?a=1", { "b c": "d&e", f: "ü" }).search, "?a=1&b+c=d%26e&f=%C3%BC");
});

for (const name of ["authorization", "Authorization", "x-CAMP-sid", "x-cryo-sid"]) {
  test(`the query must not contain ${name}`, () => {
    assert.throws(() => parseHost("h", { [name]: "1" }), /must not contain/);
    assert.throws(() => parseHost(`h?${name}=secret`), /must not contain (?!.*secret)/);
  });
}

test("the upgrade carries token and id, the id in both spellings, spaces as %20", () => {
  const url = parseHost("h:1/p?q=a+b");
  assert.equal(
    upgradeUrl(url, "t+ö &=", 18_446_744_073_709_551_615n, ["x-camp-sid", "x-CAMP-sid"]).toString(),
    "ws://h:1/p?q=a%20b&authorization=Bearer%20t%2B%C3%B6%20%26%3D" +
      "&x-camp-sid=18446744073709551615&x-CAMP-sid=18446744073709551615",
  );
  assert.equal(url.toString(), "ws://h:1/p?q=a+b");
});
