import { after, test } from "node:test";
import type { TestContext } from "node:test";
import { closeBrowser, World } from "./world.js";

/** A test that hangs ends with what is known of it. */
const TIMEOUT_MS = 180_000;

/** A test with a world of its own. Any error of any page fails it. */
export function scenario(name: string, run: (world: World, t: TestContext) => Promise<void>): void {
  void test(name, { timeout: TIMEOUT_MS }, async (t) => {
    const world = new World();
    try {
      await run(world, t);
      const errors = world.people.flatMap((person) =>
        person.errors.map((error) => `${person.name}'s page: ${error}`),
      );
      if (errors.length > 0) throw new Error(errors.join("\n"));
    } catch (error) {
      t.diagnostic(`see ${await world.keepEvidence(name)}`);
      throw error;
    } finally {
      await world.end();
    }
  });
}

after(closeBrowser);
