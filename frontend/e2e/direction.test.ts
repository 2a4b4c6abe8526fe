// A text that is read from right to left, in a page that is not.

import assert from "node:assert/strict";
import { scenario } from "./support/scenario.js";
import { sees, until } from "./support/until.js";

scenario(
  "what is written from right to left stands there, in the box and in the room",
  async (world) => {
    await world.start();
    const ada = await world.person("Ada");
    await ada.comeInto("lobby");
    const direction = () => ada.box.evaluate((box) => getComputedStyle(box).direction);
    await ada.write("hello");
    assert.equal(await direction(), "ltr");
    await ada.write("שלום");
    await sees(direction, "rtl");
    await ada.say("שלום לכולם:\n- אחד\n- שניים\n\n1. ראשון\n2. שני\n\n> ציטוט");
    await until("the list shows", () => ada.by("body").locator("li").first().isVisible());
    const room = await ada.by("body").evaluate((body) => {
      const of = (selector: string) => {
        const style = getComputedStyle(body.querySelector(selector) ?? body);
        return [parseFloat(style.paddingLeft), parseFloat(style.paddingRight)];
      };
      return { ul: of("ul"), ol: of("ol"), quote: of("blockquote") };
    });
    // Bullets, numbers and the quote's line stand within the text's own edge.
    for (const [left = 0, right = 0] of Object.values(room)) {
      assert.equal(left, 0);
      assert.ok(right >= 8, `${right} px`);
    }
    assert.equal(await ada.overflow(), null);
  },
);
