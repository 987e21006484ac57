import { RoundTripChart } from "./chart.js";
import { camp } from "./client/camp-client-browser.js";
import { PausableFile } from "./pausable-file.js";

const byId = (id) => document.getElementById(id);
const [connectForm, sendForm] = [byId("connect"), byId("send")];
const chart = new RoundTripChart(byId("chart"));

/** The session, while there is one. */
let session = null;
/** The file on its way: what can be paused, and what ends it. */
let transfer = null;

connectForm.elements.host.value = `${location.host}/camp`;

function showState(state, text) {
  byId("state").dataset.state = state;
  byId("state").textContent = text;
  const open = state === "open";
  byId("open").disabled = session !== null || state === "waiting";
  byId("close").disabled = session === null;
  byId("cut").disabled = !open;
  sendForm.querySelector("button").disabled = !open;
  byId("file").disabled = !open;
}

function say(text, kind = "theirs") {
  const line = document.createElement("li");
  line.className = kind;
  line.textContent = text; // never as markup: it is what somebody sent
  byId("log").append(line);
  byId("log").scrollTop = byId("log").scrollHeight;
}

connectForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { host, token } = connectForm.elements;
  showState("waiting", "connecting …");
  try {
    session = await camp(host.value, token.value, { tokenIn: "subprotocol" });
  } catch (error) {
    showState("failed", `${error.code ?? error.name}: ${error.message}`);
    return;
  }
  session.on("connected", () => showState("open", "connected"));
  session.on("disconnected", () => showState("waiting", "connection lost, trying again …"));
  session.on("reconnected", ({ resumed }) =>
    showState("open", resumed ? "connected, nothing was lost" : "connected again"),
  );
  session.on("message-utf8", (text) => say(text));
  session.on("closed", (code, reason) => {
    session = null;
    showState("closed", `closed (${code}${reason === "" ? "" : `, ${reason}`})`);
  });
  showState("waiting", "connecting …");
});

byId("close").addEventListener("click", () => session?.Close("the button was pressed"));

// As a bad network would: nobody says goodbye, and the session goes on where it was.
byId("cut").addEventListener("click", () => fetch("cut", { method: "POST" }));

sendForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { text } = sendForm.elements;
  const line = text.value;
  text.value = "";
  say(`you: ${line}`, "mine");
  try {
    await session.base.SendUTF8(line); // resolves when the server has acknowledged it
  } catch (error) {
    say(`not sent: ${error.message}`, "problem");
  }
});

setInterval(async () => {
  if (session?.state !== "open") return;
  const milliseconds = await session.base.Ping().catch(() => null);
  if (milliseconds === null) return;
  byId("trip").textContent = `${milliseconds.toFixed(1)} ms`;
  chart.add(milliseconds);
}, 1000);

async function upload(file) {
  if (session === null || transfer !== null) {
    say(`${file.name} was not sent: ${session === null ? "connect first" : "one file at a time"}`, "problem");
    return;
  }
  const source = new PausableFile(file);
  const abort = new AbortController();
  transfer = { source, abort };
  byId("transfer").hidden = false;
  byId("pause").disabled = byId("cancel").disabled = false;
  byId("name").textContent = file.name;
  byId("pause").textContent = "Pause";
  const show = (bytes) => {
    byId("progress").value = file.size === 0 ? 1 : bytes / file.size;
    byId("sent").textContent = `${megabytes(bytes)} of ${megabytes(file.size)} MB`;
  };
  show(0);
  try {
    await session.transaction.Stream(source.stream(), {
      streamName: "upload",
      size: file.size,
      signal: abort.signal,
      onProgress: (bytes) => show(Number(bytes)),
    });
    byId("sent").textContent = `${megabytes(file.size)} MB sent`;
  } catch (error) {
    byId("sent").textContent = abort.signal.aborted ? "cancelled" : error.message;
  }
  transfer = null;
  byId("pause").disabled = byId("cancel").disabled = true;
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

byId("pause").addEventListener("click", () => {
  if (transfer === null) return;
  transfer.source.paused = !transfer.source.paused;
  byId("pause").textContent = transfer.source.paused ? "Go on" : "Pause";
});
byId("cancel").addEventListener("click", () => transfer?.abort.abort());

byId("file").addEventListener("change", ({ target }) => {
  if (target.files.length > 0) void upload(target.files[0]);
  target.value = "";
});

const drop = byId("drop");
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  drop.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", type === "dragenter" || type === "dragover");
  });
}
drop.addEventListener("drop", ({ dataTransfer }) => {
  if (dataTransfer.files.length > 0) void upload(dataTransfer.files[0]);
});
