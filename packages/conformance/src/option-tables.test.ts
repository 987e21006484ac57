import assert from "node:assert/strict";
import { it } from "node:test";
import { optionTables } from "./option-tables.js";

it("a table of options is read by its heading", () => {
  const page = `## Servers

| option | default | unit | range | meaning |
| --- | --- | --- | --- | --- |
| \`port\` | 8080 | | 0 … 65 535 | the port |
| \`policy\` | oldest | | oldest, newest | what is dropped |

## Others

| option | default | unit | range | meaning |
| --- | --- | --- | --- | --- |
| \`count\` | none | pieces | 1 … | how many |
`;
  assert.deepEqual(optionTables(page).get("Servers"), [
    { name: "port", absent: 8080, min: 0, max: 65_535, choices: [] },
    { name: "policy", absent: "oldest", min: null, max: null, choices: ["oldest", "newest"] },
  ]);
  assert.deepEqual(optionTables(page).get("Others"), [{ name: "count", absent: null, min: 1, max: null, choices: [] }]);
});
