// 200 messages a second into an open room, for minutes: what a frame takes and what the heap keeps.
//   npm run figures -- <minutes, 10 unless told>
// Not a test; a machine that does something else meanwhile tells of that.

import { Crowd, FAST } from "./support/crowd.js";
import { frames, heap, mib } from "./support/meter.js";
import { closeBrowser, World } from "./support/world.js";

const minutes = Number(process.argv[2] ?? 10);
const world = new World();
try {
  await world.start(FAST);
  const crowd = await Crowd.come(world, "busy");
  const ada = await world.person("Ada");
  await ada.comeInto("busy");
  console.log("minute  frame median / p95 / worst   longest task   elements   heap");
  for (let minute = 1; minute <= minutes; minute++) {
    const seen = await frames(ada, () => crowd.talk(200, 60_000));
    const times = [seen.median, seen.p95, seen.worst].map((ms) => ms.toFixed(1)).join(" / ");
    console.log(
      `${String(minute).padStart(6)}  ${times.padEnd(27)} ${seen.longestTask.toFixed(0).padStart(9)} ms ` +
        `${String(seen.elements).padStart(10)}   ${mib(await heap(ada))}`,
    );
  }
} finally {
  await world.end();
  await closeBrowser();
}
