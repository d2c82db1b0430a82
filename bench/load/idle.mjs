// Connections that do nothing. Whoever measures the server writes a line when it is done with one step.
import { connectAll } from "./client.mjs";

const FIRST = 100; // what the server loads with its first connections is not the price of a connection

export const idle = async ({ url, cast }, done) => {
  const tokens = cast.people.map((person) => person.token);
  for (const some of [tokens.slice(0, FIRST), tokens.slice(FIRST)]) {
    await connectAll(url, some);
    console.log(JSON.stringify({ connected: some.length }));
    await done();
  }
  return {};
};
