// The load generator. One line of JSON on stdin says what to do, the last line on stdout what was measured.
import { createInterface } from "node:readline";
import { chat } from "./load/chat.mjs";
import { idle } from "./load/idle.mjs";
import { reads } from "./load/reads.mjs";
import { search } from "./load/search.mjs";
import { storm } from "./load/storm.mjs";

const modes = { chat, idle, reads, search, storm };
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const line = async () => (await lines.next()).value;

const scenario = JSON.parse(await line());
const measured = await modes[scenario.mode](scenario, line);
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
