import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { AckTimeoutError, SessionClosedError } from "camp-server";
import { ends } from "./meeting.js";
import { failureOf } from "./patience.js";

const limits = { timeout: 20_000 };

for (const [name, meet] of ends) {
  describe(`messages between ${name} and a plain CAMP v1 peer`, () => {
    it("go both ways, text and binary", limits, async (context) => {
      const { session, peer } = await meet(context);
      const text = once(session, "message-utf8");
      const binary = once(session, "message-binary");
      await peer.takeAck(peer.utf8("grüße 😀"));
      await peer.takeAck(peer.binary(Buffer.of(0, 255, 1)));
      assert.deepEqual(await text, ["grüße 😀"]);
      assert.deepEqual(await binary, [Buffer.of(0, 255, 1)]);

      assert.equal(await session.base.SendUTF8("zurück"), true);
      assert.equal(await session.base.SendBinary(Buffer.of(9)), true);
      assert.equal(await session.base.SendUTF8(""), true);
      assert.equal((await peer.take("utf8")).text, "zurück");
      assert.deepEqual((await peer.take("binary")).bytes, Buffer.of(9));
      assert.equal((await peer.take("utf8")).text, "");
    });

    it("take numbers from 1 upward, after ENDPOINT_INFO", limits, async (context) => {
      const { session, peer } = await meet(context);
      await Promise.all([
        session.base.SendUTF8("a"),
        session.base.SendBinary(Buffer.of(1)),
        session.base.SendUTF8("b"),
      ]);
      const frames = peer.log.filter((frame) => frame.name === "utf8" || frame.name === "binary");
      assert.deepEqual(
        frames.map(({ ack }) => ack),
        [1, 2, 3],
      );
    });

    it("wait for the ACK, however late and in whatever order", limits, async (context) => {
      const { session, peer } = await meet(context, { acknowledges: false });
      const order: string[] = [];
      const sent = ["a", "b", "c"].map((text) => session.base.SendUTF8(text).then(() => order.push(text)));
      const frames = [await peer.take("utf8"), await peer.take("utf8"), await peer.take("utf8")];
      await peer.settled();
      assert.deepEqual(order, []);
      for (const frame of frames.reverse()) {
        peer.acknowledge(frame);
        await peer.settled();
      }
      await Promise.all(sent);
      assert.deepEqual(order, ["c", "b", "a"]);
    });

    it("reject when no ACK comes, and the session lives on", limits, async (context) => {
      const { session, peer } = await meet(context, { acknowledges: false }, { ackTimeoutMs: 40 });
      assert.ok((await failureOf(session.base.SendUTF8("unheard"))) instanceof AckTimeoutError);
      peer.acknowledge(await peer.take("utf8"));
      const second = session.base.SendUTF8("heard");
      peer.acknowledge(await peer.take("utf8"));
      assert.equal(await second, true);
    });

    it("tell of errors, which take a number as well", limits, async (context) => {
      const { session, peer } = await meet(context);
      const heard = once(session, "message-error");
      await peer.takeAck(peer.tracked((ack) => peer.make.error(ack, "it broke")));
      assert.deepEqual(await heard, ["it broke"]);
      assert.equal(await session.base.SendError("here, too"), true);
      assert.equal((await peer.take("error")).text, "here, too");
    });
  });

  describe(`the heartbeat between ${name} and a plain CAMP v1 peer`, () => {
    it("answers PING with PONG and PONG with nothing", limits, async (context) => {
      const { peer } = await meet(context);
      peer.send(peer.make.pong());
      await peer.settled();
      peer.send(peer.make.pong());
      await peer.settled();
      const words = peer.log.filter((frame) => frame.name === "pingPong").map(({ text }) => text);
      assert.deepEqual(words, ["pong", "pong"]);
    });

    it("does not loop with a peer that answers PONG with PING", limits, async (context) => {
      const { peer, session } = await meet(context, {
        onFrame: (frame, self) => {
          if (frame.text === "pong") self.send(self.make.ping());
        },
      });
      peer.send(peer.make.ping());
      await peer.take("pingPong", (frame) => frame.text === "pong");
      for (let round = 0; round < 200; round++) assert.equal(await session.base.SendUTF8(`${round}`), true);
      assert.ok(peer.count("pingPong") <= 12, `${peer.count("pingPong")} answers`);
    });

    it("pings, and takes any sign of life for one", limits, async (context) => {
      const { peer, session } = await meet(context, { answersPings: false }, { keepAliveIntervalMs: 40 });
      for (let beat = 0; beat < 5; beat++) {
        await peer.take("pingPong", (frame) => frame.text === "ping");
        peer.utf8("no pong, but a sign");
      }
      assert.equal(session.state, "open");
    });

    it("closes with 4001 when nothing at all comes", limits, async (context) => {
      const { peer, ended } = await meet(
        context,
        { answersPings: false, acknowledges: false },
        { keepAliveIntervalMs: 40 },
      );
      await peer.take("pingPong", (frame) => frame.text === "ping");
      assert.equal((await peer.ended()).code, 4001);
      assert.equal((await ended)[0], 4001);
    });

    it("measures a Ping by its PONG", limits, async (context) => {
      const { peer, session } = await meet(context, { answersPings: false });
      const pings = [session.base.Ping(), session.base.Ping()];
      await peer.take("pingPong");
      await peer.take("pingPong");
      peer.send(peer.make.pong());
      peer.send(peer.make.pong());
      for (const rtt of await Promise.all(pings)) assert.ok(rtt >= 0 && rtt < 10_000);
    });
  });

  describe(`the end between ${name} and a plain CAMP v1 peer`, () => {
    it("is a BYE of the peer: ACK, then 4000", limits, async (context) => {
      const { peer, ended } = await meet(context);
      await peer.takeAck(peer.bye("enough for today"));
      assert.equal((await peer.ended()).code, 4000);
      assert.deepEqual(await ended, [4000, "enough for today"]);
    });

    it("is a BYE without a reason", limits, async (context) => {
      const { peer, ended } = await meet(context);
      await peer.takeAck(peer.bye());
      assert.equal((await peer.ended()).code, 4000);
      assert.deepEqual(await ended, [4000, ""]);
    });

    it("is a close with 4000 without BYE", limits, async (context) => {
      const { peer, ended } = await meet(context);
      peer.socket.close(4000, "gone");
      assert.equal((await ended)[0], 4000);
      assert.equal(peer.count("bye"), 0);
    });

    it("is ours: BYE with its reason, then 4000", limits, async (context) => {
      const { peer, session, ended } = await meet(context);
      await session.Close("our turn");
      assert.equal((await peer.take("bye")).text, "our turn");
      assert.equal((await peer.ended()).code, 4000);
      assert.deepEqual(await ended, [4000, "our turn"]);
      assert.ok((await failureOf(session.base.SendUTF8("late"))) instanceof SessionClosedError);
    });

    it("flushes what was sent before BYE and waits for its ACKs", limits, async (context) => {
      const { peer, session } = await meet(context, { acknowledges: false });
      const sent = session.base.SendUTF8("last words");
      const closed = session.Close("done");
      const words = await peer.take("utf8");
      await peer.settled();
      assert.equal(peer.count("bye"), 0, "BYE must not overtake the ACK");
      peer.acknowledge(words);
      assert.equal(await sent, true);
      peer.acknowledge(await peer.take("bye"));
      assert.equal((await peer.ended()).code, 4000);
      await closed;
    });

    it("comes in time though the peer acknowledges nothing", limits, async (context) => {
      const { peer, session, ended } = await meet(context, { acknowledges: false }, { closeTimeoutMs: 60 });
      const sent = failureOf(session.base.SendUTF8("unheard"));
      await session.Close("no patience");
      assert.ok((await sent) instanceof SessionClosedError);
      assert.equal((await peer.ended()).code, 4000);
      assert.equal((await ended)[0], 4000);
    });

    it("acknowledges crossing BYEs and closes once", limits, async (context) => {
      const { peer, session, ended } = await meet(context, { acknowledges: false });
      let times = 0;
      session.on("closed", () => times++);
      const closed = session.Close("ours");
      const bye = await peer.take("bye");
      const ack = peer.bye("theirs");
      await peer.takeAck(ack);
      peer.send(peer.make.ack(bye.ack!));
      assert.equal((await peer.ended()).code, 4000);
      await closed;
      await ended;
      assert.equal(times, 1);
    });

    it("cuts a long reason to 123 bytes at a character", limits, async (context) => {
      const { peer, session } = await meet(context);
      await session.Close("é".repeat(100));
      assert.equal((await peer.take("bye")).text, "é".repeat(61));
      assert.equal((await peer.ended()).code, 4000);
    });

    it("takes the close code that the application gives", limits, async (context) => {
      const { peer, session, ended } = await meet(context);
      await session.Close("ours alone", { code: 4123 });
      assert.equal((await peer.ended()).code, 4123);
      assert.deepEqual(await ended, [4123, "ours alone"]);
      assert.equal(peer.count("bye"), 0, "other close codes send no BYE");
    });

    it("terminates the socket on Destroy, without BYE", limits, async (context) => {
      const { peer, session, ended } = await meet(context);
      session.Destroy();
      assert.deepEqual(await ended, [1006, "destroyed"]);
      assert.equal((await peer.ended()).code, 1006);
      assert.equal(peer.count("bye"), 0);
    });
  });
}
