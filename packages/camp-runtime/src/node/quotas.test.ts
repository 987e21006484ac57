import assert from "node:assert/strict";
import { test } from "node:test";
import { Quotas } from "./quotas.js";

const none = Number.MAX_SAFE_INTEGER;

function fill(quotas: Quotas, address: string, count: number): void {
  for (let entered = 0; entered < count; entered++) quotas.enter(address);
}

for (const address of ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"]) {
  test(`by default the public address ${address} has 1000`, () => {
    const quotas = new Quotas({ maxSessionsPerAddress: undefined, maxSessionsPerToken: none });
    fill(quotas, address, 999);
    assert.equal(quotas.isAddressFull(address), false);
    const place = quotas.enter(address);
    assert.equal(quotas.isAddressFull(address), true);
    place.leave();
    assert.equal(quotas.isAddressFull(address), false);
  });
}

for (const address of [
  "127.0.0.1",
  "10.1.2.3",
  "172.31.0.1",
  "192.168.1.1",
  "::1",
  "::ffff:10.0.0.1",
  "fd00::1",
  "fe80::1%eth0",
]) {
  test(`by default the private address ${address} has no limit, but the option gives it one`, () => {
    const quotas = new Quotas({ maxSessionsPerAddress: undefined, maxSessionsPerToken: none });
    fill(quotas, address, 2000);
    assert.equal(quotas.isAddressFull(address), false);
    const limited = new Quotas({ maxSessionsPerAddress: 2, maxSessionsPerToken: none });
    fill(limited, address, 2);
    assert.equal(limited.isAddressFull(address), true);
  });
}

for (const [one, other, same] of [
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
  ["2001:DB8:1:2::1", "2001:db8:1:2::2", true],
  ["2001:db8::1", "2001:db8:0:0:1::", true],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
  ["192.0.2.1", "::ffff:192.0.2.1", true],
  ["192.0.2.1", "192.0.2.2", false],
] as const) {
  test(`${one} and ${other} are ${same ? "one client" : "two clients"}`, () => {
    const quotas = new Quotas({ maxSessionsPerAddress: 1, maxSessionsPerToken: none });
    quotas.enter(one);
    assert.equal(quotas.isAddressFull(other), same);
  });
}
