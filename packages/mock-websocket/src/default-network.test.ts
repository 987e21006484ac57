import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { network, WebSocket } from "./index.js";

describe("the exported WebSocket", () => {
  it("stands where the standard one does, and lives by the timers of the platform, faked ones too", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    const end = network.listen("ws://named.test/", (socket) => {
      socket.onmessage = ({ data }) => socket.send(`echo ${data}`);
    });
    t.after(end);
    const socket = new WebSocket("ws://named.test/");
    const texts: unknown[] = [];
    socket.onopen = () => socket.send("hello");
    socket.onmessage = ({ data }) => texts.push(data);
    assert.equal(socket.constructor.name, "WebSocket");
    for (let step = 0; step < 20; step++) t.mock.timers.tick(1);
    assert.deepEqual([texts, socket.readyState], [["echo hello"], 1]);
    socket.close();
    for (let step = 0; step < 20; step++) t.mock.timers.tick(1);
    assert.equal(socket.readyState, socket.CLOSED);
  });
});
